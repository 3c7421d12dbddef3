//===- SiteRules.cpp - Which values an operator wants quantised -----------===//

#include "SiteFinder.h"
#include "ValueBounds.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

unsigned SiteFinder::mark(Value source, Role role) {
  auto [place, isNew] = index.try_emplace(source, unsigned(sites.size()));
  if (!isNew)
    return place->second;
  Site &site = sites.emplace_back();
  site.value = source;
  site.role = role;
  return place->second;
}

Site &SiteFinder::markFor(Operation *reader, unsigned operand, Role role) {
  Site &site = sites.emplace_back();
  site.value = reader->getOperand(operand);
  site.role = role;
  site.reader = reader;
  site.operand = operand;
  return site;
}

/// Columns of a right operand, rows of a left one; a convolution's first
/// dimension.
void SiteFinder::markWeights(Operation *product, unsigned operand) {
  Site &site = markFor(product, operand, Role::Weight);
  int64_t rank = cast<RankedTensorType>(site.value.getType()).getRank();
  site.axis = isa<qonnx::ConvOp>(product) ? 0
              : rank < 2                  ? -1
                                          : rank - (operand == 1 ? 1 : 2);
}

void SiteFinder::need(Value value) {
  for (Value source : sourcesOf(value))
    mark(source, Role::Activation);
}

/// A sum of several terms has no codes of its own.
void SiteFinder::needIfSeveral(Value value) {
  if (leavesOf(value).terms() > 1)
    need(value);
}

void SiteFinder::shareQuantiser(llvm::ArrayRef<Value> sources) {
  for (Value source : sources)
    same.unionSets(mark(sources.front(), Role::Activation),
                   mark(source, Role::Activation));
}

void SiteFinder::markStates(qonnx::ScanOp scan) {
  Operation *yield = scan.getBody().front().getTerminator();
  for (auto [i, state] : llvm::enumerate(scan.getStates())) {
    Values sources = sourcesOf(yield->getOperand(i));
    sources.append(sourcesOf(state));
    shareQuantiser(sources);
    if (sources.empty() || !isConstant(state))
      continue;
    markFor(scan, unsigned(i), Role::InitialState);
    same.unionSets(index.at(sources.front()), unsigned(sites.size() - 1));
  }
}

void SiteFinder::visitSum(Operation *op) {
  if (variableOperand(op))
    return;
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  Leaves both = leavesOf(lhs), right = leavesOf(rhs);
  both.products.append(right.products);
  both.sites.append(right.sites);
  if (both.terms() <= 2)
    return;
  needIfSeveral(lhs);
  needIfSeveral(rhs);
}

void SiteFinder::refuse(Operation *op) {
  refused = true;
  InFlightDiagnostic error = op->emitError()
                             << "has no rule for its quantisers: "
                             << op->getName().getStringRef();
  error.attachNote()
      << "finngl quantize takes recurrences, convolutions, pools "
         "and dense layers; train others with quantisers";
}

/// Vectors that a step of a scan multiplies by the weights, images that a
/// convolution takes: sequences side by side.
static int64_t sequencesOf(Operation *product) {
  if (auto conv = dyn_cast<qonnx::ConvOp>(product))
    return cast<RankedTensorType>(conv.getInput().getType()).getDimSize(0);
  if (!isa<qonnx::MatMulOp>(product) ||
      !product->getParentOfType<qonnx::ScanOp>())
    return 1;
  Value value = variableOperand(product);
  if (!value)
    return 1;
  auto type = cast<RankedTensorType>(value.getType());
  bool isRight = value == product->getOperand(1);
  int64_t rank = type.getRank(),
          contracted =
              rank ? type.getDimSize(isRight && rank > 1 ? rank - 2 : rank - 1)
                   : 1;
  return contracted ? type.getNumElements() / contracted : 1;
}

int64_t finngl::ptq::sequencesAtOnce(func::FuncOp main) {
  int64_t most = 1;
  main.walk([&](Operation *op) { most = std::max(most, sequencesOf(op)); });
  return most;
}

void SiteFinder::refuseBatch(Operation *product) {
  int64_t sequences = sequencesOf(product);
  if (sequences <= 1 || refused)
    return;
  refused = true;
  InFlightDiagnostic error = product->emitError()
                             << "takes a batch of " << sequences
                             << " sequences: expects 1";
  error.attachNote() << "integers and hardware take one sequence at a time, "
                        "and no graph input has a dimension that could be 1 "
                        "instead; a constant shape or state may hold the "
                        "batch: export the model with a batch of 1";
}

/// What a Softmax makes stays real, as does what it reads.
void SiteFinder::visitSoftmax(Operation *softmax) {
  for (Operation *user : softmax->getUsers())
    if (!isa<func::ReturnOp>(user)) {
      refused = true;
      InFlightDiagnostic error = softmax->emitError()
                                 << "is read by "
                                 << user->getName().getStringRef()
                                 << ": expects a Softmax to make a graph "
                                    "output, for the host to compute";
      error.attachNote() << "export the model without it: the largest of what "
                            "it reads is the largest of its results";
      return;
    }
}

void SiteFinder::visit(Operation *op) {
  if (op->getNumResults() == 1 && isConstant(op->getResult(0)))
    return;
  llvm::TypeSwitch<Operation *>(op)
      .Case<qonnx::MatMulOp, qonnx::ConvOp>([&](auto) {
        refuseBatch(op);
        for (unsigned i : {0, 1})
          if (isConstant(op->getOperand(i)))
            markWeights(op, i);
          else
            need(op->getOperand(i));
      })
      .Case([&](qonnx::MulOp) {
        if (!variableOperand(op))
          llvm::for_each(op->getOperands(), [&](Value v) { need(v); });
        mark(op->getResult(0), Role::Activation);
      })
      .Case([&](qonnx::MaxPoolOp) { need(op->getOperand(0)); })
      .Case<qonnx::ArgMaxOp, qonnx::TopKOp>(
          [&](auto) { needIfSeveral(op->getOperand(0)); })
      .Case([&](qonnx::SoftmaxOp) { visitSoftmax(op); })
      .Case([&](qonnx::AveragePoolOp) {
        need(op->getOperand(0));
        mark(op->getResult(0), Role::Activation);
      })
      .Case<qonnx::SigmoidOp, qonnx::TanhOp, qonnx::SoftsignOp, qonnx::EluOp,
            qonnx::LeakyReluOp>([&](auto) {
        need(op->getOperand(0));
        mark(op->getResult(0), Role::Activation);
      })
      .Case<qonnx::ReluOp, qonnx::ClipOp>([&](auto) {
        needIfSeveral(op->getOperand(0));
        mark(op->getResult(0), Role::Activation);
      })
      .Case<qonnx::AddOp, qonnx::SubOp>([&](auto) { visitSum(op); })
      .Case(
          [&](qonnx::ConcatOp) { shareQuantiser(sourcesOf(op->getResult(0))); })
      .Case<qonnx::NegOp, qonnx::ReshapeOp, qonnx::TransposeOp, qonnx::GatherOp,
            qonnx::BatchNormOp, qonnx::ScanOp, qonnx::YieldOp, func::FuncOp,
            func::ReturnOp>([](auto) {})
      .Default([&](Operation *) { refuse(op); });
}
