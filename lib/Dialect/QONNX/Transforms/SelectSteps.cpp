//===- SelectSteps.cpp - One step of a scan's output becomes a state ------===//
//
//   gather(all_h, [T - 1])          ->  the final state that yields the same
//   gather(all_h, [T - 1]) of a     ->  the final state of a scan in the other
//   scan in reverse                     direction whose steps all start anew
//
// Streams have no way to drop steps, a final state leaves a region once. The
// step that is executed first depends on the initial states and on that step's
// inputs alone: with its states replaced by the initial ones, the body gives
// it wherever that step is executed, so also last.
//
// Through operators that keep the axis of steps: Transpose, Reshape, Concat.
//
//===----------------------------------------------------------------------===//

#include "OuterGraph.h"
#include "ScanBody.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"

using namespace mlir;

namespace finngl::qonnx {
#define GEN_PASS_DEF_SELECTSTEPS
#include "finngl/Dialect/QONNX/Transforms/Passes.h.inc"

namespace {
/// One gather along one dimension, looked for from its end.
class StepSelection {
public:
  explicit StepSelection(GatherOp op) : op(op), graph(op), builder(op) {}

  /// `value` at `index` of `axis`, which stays with extent 1. Null if that is
  /// no first or last executed step of a scan.
  Value select(Value value, int64_t axis, int64_t index);

private:
  Value ofTranspose(TransposeOp transpose, int64_t axis, int64_t index);
  Value ofReshape(ReshapeOp reshape, int64_t axis, int64_t index);
  Value ofConcat(ConcatOp concat, int64_t axis, int64_t index);
  Value ofScan(OpResult result, int64_t axis, int64_t index);
  Value firstStep(ScanOp scan, unsigned yielded);

  GatherOp op;
  OuterGraph graph;
  OpBuilder builder;
};

class SelectStepsPass : public impl::SelectStepsBase<SelectStepsPass> {
  void runOnOperation() override;
};
} // namespace

/// The state that is yielded as scan output `output` too (counted with the
/// states); null if there is none.
static Value stateOf(ScanOp scan, unsigned output) {
  ValueRange yielded = scan.getBody().front().getTerminator()->getOperands();
  for (unsigned i = 0; i < scan.getStates().size(); ++i)
    if (yielded[i] == yielded[output])
      return scan.getResult(i);
  return {};
}

/// True for a constant of zeros only.
static bool isZero(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto data = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                       : DenseElementsAttr();
  return data && data.getElementType().isF32() &&
         llvm::all_of(data.getValues<float>(), [](float x) { return x == 0; });
}

/// What an operator gives beside a zero, as the states are before a first step:
/// an operand, which is a zero or what the zero is added to. Null otherwise.
static Value besideZero(Operation *op) {
  if (!isa<AddOp, MulOp, MatMulOp>(op))
    return {};
  for (unsigned i : {0, 1}) {
    Value zero = op->getOperand(i), other = op->getOperand(1 - i);
    if (!isZero(zero))
      continue;
    Value result = isa<AddOp>(op) ? other : zero;
    if (result.getType() == op->getResult(0).getType())
      return result;
  }
  return {};
}

Value StepSelection::ofTranspose(TransposeOp transpose, int64_t axis,
                                 int64_t index) {
  Value inner =
      select(transpose.getInput(), transpose.getPerm()[size_t(axis)], index);
  if (!inner)
    return {};
  llvm::SmallVector<int64_t> shape(shapeOf(transpose));
  shape[size_t(axis)] = 1;
  auto type = cast<RankedTensorType>(transpose.getType()).clone(shape);
  return builder.create<TransposeOp>(transpose.getLoc(), type, inner,
                                     transpose.getPerm());
}

Value StepSelection::ofReshape(ReshapeOp reshape, int64_t axis, int64_t index) {
  auto before = axisBefore(reshape, axis);
  Value inner = before ? select(reshape.getInput(), *before, index) : Value();
  if (!inner)
    return {};
  llvm::SmallVector<int64_t> shape(shapeOf(reshape));
  shape[size_t(axis)] = 1;
  return graph.reshape(inner, shape);
}

Value StepSelection::ofConcat(ConcatOp concat, int64_t axis, int64_t index) {
  if (int64_t(concat.getAxis()) == axis)
    return {};
  llvm::SmallVector<Value> parts;
  for (Value input : concat.getInputs())
    if (Value part = select(input, axis, index))
      parts.push_back(part);
    else
      return {};
  return graph.concat(parts, int64_t(concat.getAxis()));
}

/// The value that the first executed step yields.
Value StepSelection::firstStep(ScanOp scan, unsigned yielded) {
  Block &body = scan.getBody().front();
  auto yield = cast<YieldOp>(body.getTerminator());
  Type type = yield.getOperand(yielded).getType();
  unsigned states = scan.getStates().size(), inputs = scan.getInputs().size();
  llvm::SmallVector<Type> steps;
  for (unsigned i = 0; i < inputs; ++i)
    steps.push_back(body.getArgument(states + i).getType());
  ScanBody fresh(scan.getLoc(), type, steps);
  IRMapping inside;
  for (auto [i, argument] : llvm::enumerate(body.getArguments()))
    inside.map(argument, i < states ? fresh.outer(scan.getStates()[i])
                         : i < states + inputs
                             ? fresh.argument(unsigned(i) - states + 1)
                             : fresh.outer(scan->getOperand(unsigned(i))));
  for (Operation &inner : body.without_terminator()) {
    Operation *copy = fresh.clone(inner, inside);
    if (Value known = besideZero(copy)) {
      inside.map(inner.getResult(0), known);
      copy->erase();
    }
  }
  llvm::SmallVector<int64_t> directions;
  for (int64_t direction : scan.getInputDirections())
    directions.push_back(1 - direction);
  Value start = graph.filled(cast<RankedTensorType>(type).getShape(), 0.0f);
  return fresh
      .finish(op, start, scan.getInputs(), scan.getInputAxes(), directions,
              inside.lookup(yield.getOperand(yielded)))
      .getResult(0);
}

Value StepSelection::ofScan(OpResult result, int64_t axis, int64_t index) {
  auto scan = cast<ScanOp>(result.getOwner());
  unsigned states = scan.getStates().size(), number = result.getResultNumber();
  if (number < states || scan.getOutputAxes()[number - states] != axis)
    return {};
  int64_t last = scan.getSteps() - 1;
  int64_t step =
      scan.getOutputDirections()[number - states] == 0 ? index : last - index;
  Value found = step == last ? stateOf(scan, number)
                : step == 0  ? firstStep(scan, number)
                             : Value();
  if (!found)
    return {};
  llvm::SmallVector<int64_t> shape(shapeOf(result));
  shape[size_t(axis)] = 1;
  return graph.reshape(found, shape);
}

Value StepSelection::select(Value value, int64_t axis, int64_t index) {
  Operation *maker = value.getDefiningOp();
  if (auto transpose = dyn_cast_or_null<TransposeOp>(maker))
    return ofTranspose(transpose, axis, index);
  if (auto reshape = dyn_cast_or_null<ReshapeOp>(maker))
    return ofReshape(reshape, axis, index);
  if (auto concat = dyn_cast_or_null<ConcatOp>(maker))
    return ofConcat(concat, axis, index);
  if (isa_and_nonnull<ScanOp>(maker))
    return ofScan(cast<OpResult>(value), axis, index);
  return {};
}

void SelectStepsPass::runOnOperation() {
  llvm::SmallVector<GatherOp> gathers;
  getOperation().walk([&](GatherOp op) { gathers.push_back(op); });
  for (GatherOp op : gathers) {
    if (op.getIndices().size() != 1)
      continue;
    Value step = StepSelection(op).select(op.getInput(), int64_t(op.getAxis()),
                                          op.getIndices()[0]);
    if (!step)
      continue;
    op.replaceAllUsesWith(step);
    eraseDead({op.getResult()});
  }
}

} // namespace finngl::qonnx
