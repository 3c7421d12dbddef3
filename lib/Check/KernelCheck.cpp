//===- KernelCheck.cpp - Each kernel alone against Exact/ -----------------===//

#include "finngl/Check/KernelCheck.h"
#include "FinnOps.h"
#include "Ports.h"
#include "QuantiserCheck.h"
#include "Views.h"
#include "finngl/Engine/GraphWalk.h"
#include "finngl/Support/CodeTag.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::check;
using exact::gridOf;
using exact::Polynomial;
using exact::ValueGrid;

static constexpr size_t kMaxFindings = 10;

void KernelComparison::mismatch(std::string finding) {
  ++mismatches;
  if (findings.size() < kMaxFindings)
    findings.push_back(std::move(finding));
}

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

namespace {
class Checker {
public:
  Checker(func::FuncOp qonnx, func::FuncOp finn) : qonnx(qonnx), finn(finn) {}
  KernelComparison run();

private:
  void collectTags();
  bool inferRanges();
  void block(Block &exact, Block &integer);
  void quantiser(qonnx::QuantOp op);
  void port(qonnx::QuantOp op, Value code);
  void scan(qonnx::ScanOp exact, finn::ScanOp integer);
  void enterState(qonnx::ScanOp exact, finn::ScanOp integer, unsigned state);
  void initialState(qonnx::ScanOp exact, finn::ScanOp integer, unsigned state,
                    const ValueGrid &grid);
  void enterInput(qonnx::ScanOp exact, finn::ScanOp integer, unsigned input);
  void leaveOutput(qonnx::ScanOp exact, finn::ScanOp integer, unsigned output);
  void graphOutputs();
  void uncovered();

  /// The integers `code` stand for `value` on the grid.
  /// `order`: element of `value` for each of `code`, if not the same.
  void link(Value value, Value code, ValueGrid grid, Indices order = {});
  ValueGrid gridBehindViews(Value value);
  Value linked(Value value) const { return follow(links, value); }
  Value follow(const llvm::DenseMap<Value, Value> &map, Value value) const;
  /// `value` is `grid` of the integers, as polynomials.
  void expectEqual(Value value, Value integer, const ValueGrid &grid,
                   const std::string &what);
  std::optional<Ranges> rangeOf(Value value) const {
    auto found = ranges.find(value);
    return found == ranges.end() ? std::nullopt
                                 : std::optional<Ranges>(found->second);
  }
  void note(Operation *op, const std::string &text) {
    result.notes.push_back({describe(op->getLoc()), text});
  }

  func::FuncOp qonnx, finn;
  KernelComparison result;
  exact::Symbolic symbolic;
  FinnOps ops;
  IntegerGraph graph{ops};
  RangeMap ranges;
  std::vector<Interval> atomRanges{{1, 1}}; // atoms are numbered from 1
  llvm::DenseMap<Operation *, unsigned> numbers;
  llvm::DenseMap<unsigned, Value> tagged;
  llvm::DenseMap<Value, Value> links, ports;
  llvm::DenseMap<Value, qonnx::QuantiserAttr> records; // of ports, finn side
  llvm::DenseMap<Value, Indices> orders; // the same; empty: as in ONNX
  llvm::DenseMap<Value, ValueGrid> grids;
  SmallVector<finn::ScanOp> scans;
};
} // namespace

//===----------------------------------------------------------------------===//
// Links
//===----------------------------------------------------------------------===//

void Checker::collectTags() {
  qonnx.walk([&](qonnx::QuantOp op) {
    numbers.insert({op, unsigned(numbers.size())});
  });
  auto collect = [&](Value value) {
    for (unsigned number : codeTags(value.getLoc()))
      tagged.insert({number, value});
  };
  auto collectBlock = [&](Block &block) {
    llvm::for_each(block.getArguments(), collect);
    for (Operation &op : block)
      if (op.getNumResults() == 1 && op.getNumRegions() == 0)
        collect(op.getResult(0));
  };
  collectBlock(finn.getBody().front());
  for (auto scan : finn.getOps<finn::ScanOp>()) {
    scans.push_back(scan);
    collectBlock(scan.getBody().front());
  }
}

Value Checker::follow(const llvm::DenseMap<Value, Value> &map,
                      Value value) const {
  while (true) {
    if (auto found = map.find(value); found != map.end())
      return found->second;
    Operation *op = value.getDefiningOp();
    if (!isa_and_nonnull<qonnx::ReshapeOp, qonnx::TransposeOp>(op))
      return {};
    value = op->getOperand(0);
  }
}

void Checker::link(Value value, Value code, ValueGrid grid, Indices order) {
  int64_t count = cast<RankedTensorType>(code.getType()).getNumElements();
  auto range = rangeOf(code);
  if (count != int64_t(grid.scale.size()) || !range)
    return result.mismatch(describe(value.getLoc()) + ": " +
                           std::to_string(grid.scale.size()) +
                           " elements, level int has " + std::to_string(count));
  std::optional<uint32_t> first = graph.atomsOf(code);
  if (!first) {
    first = uint32_t(atomRanges.size());
    atomRanges.resize(atomRanges.size() + count);
    for (int64_t i = 0; i < count; ++i)
      atomRanges[*first + (order.empty() ? i : order[i])] =
          (*range)[i % range->size()];
    graph.bindAtoms(code, *first, std::move(order));
  }
  links[value] = code;
  grids[value] = grid;
  symbolic.bindAtoms(value, *first, std::move(grid));
}

void Checker::expectEqual(Value value, Value integer, const ValueGrid &grid,
                          const std::string &what) {
  const exact::PolynomialTensor *exact = symbolic.polynomial(value);
  const Polynomials *got = graph.polynomials(integer);
  if (!exact || !got) {
    result.notes.push_back({what, "not alone between codes, not checked"});
    return;
  }
  if (exact->elements.size() != got->size() || got->size() != grid.scale.size())
    return result.mismatch(what + ": sizes differ");
  for (size_t e = 0; e < got->size(); ++e) {
    Polynomial offset = Polynomial::constant(grid.offset[e]);
    std::vector<exact::WeightedPolynomial> parts{{grid.scale[e], &(*got)[e]},
                                                 {Rational(1), &offset}};
    result.elements += std::max<size_t>((*got)[e].terms.size(), 1);
    Polynomial difference = sum(parts);
    if (difference == exact->elements[e])
      continue;
    parts = {{Rational(1), &difference}, {Rational(-1), &exact->elements[e]}};
    Polynomial rest = sum(parts);
    const auto &[monomial, by] = rest.terms.front();
    bool constant = monomial == exact::Monomial{};
    result.mismatch(what + ", element " + std::to_string(e) + ": " +
                    (constant ? "the constant"
                              : "the coefficient of code " +
                                    std::to_string(monomial.high)) +
                    " is off by " + by.get_str());
  }
}

//===----------------------------------------------------------------------===//
// Quantisers
//===----------------------------------------------------------------------===//

/// The same record, wherever its axis is.
static bool sameRecord(qonnx::QuantiserAttr a, qonnx::QuantiserAttr b) {
  return a.getScale() == b.getScale() && a.getZeroPoint() == b.getZeroPoint() &&
         a.getLo() == b.getLo() && a.getHi() == b.getHi() &&
         a.getRounding() == b.getRounding() &&
         a.getZpAfterRounding() == b.getZpAfterRounding() &&
         a.getBipolar() == b.getBipolar();
}

/// A graph input's quantiser runs before level int: codes are codes.
void Checker::port(qonnx::QuantOp op, Value code) {
  qonnx::QuantiserAttr record = records.lookup(code);
  ++result.elements;
  if (!record || !sameRecord(record, op.getQuantiser()))
    result.mismatch(describe(op.getLoc()) +
                    ": the graph input has another quantiser");
  Quantiser quantiser = qonnx::toQuantiser(op.getQuantiser());
  ValueGrid grid;
  for (int64_t channel :
       channelIndices(shapeOf(op.getResult()), quantiser.axis)) {
    Rational scale = toRational(quantiser.scaleAt(channel));
    Rational zero =
        quantiser.bipolar ? 0 : toRational(quantiser.zeroPointAt(channel));
    grid.scale.push_back(scale);
    grid.offset.push_back(-scale * zero);
  }
  Value source = op.getInput();
  SmallVector<qonnx::TransposeOp> transposes;
  while (Operation *view = source.getDefiningOp()) {
    if (auto transpose = dyn_cast<qonnx::TransposeOp>(view))
      transposes.push_back(transpose);
    source = view->getOperand(0);
  }
  Indices order = orders.lookup(code);
  for (qonnx::TransposeOp transpose : llvm::reverse(transposes))
    order = renamed(order, transpose);
  link(op.getResult(), code, std::move(grid), std::move(order));
}

void Checker::quantiser(qonnx::QuantOp op) {
  if (symbolic.isConstant(op.getResult()))
    return;
  if (Value code = follow(ports, op.getInput()))
    return port(op, code);
  Value code = tagged.lookup(numbers.lookup(op));
  if (!code)
    return note(op,
                "no value of level int carries its codes' tag, not checked; "
                "compile the model again");
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  SmallVector<int64_t> dimensions =
      codeOrder(code.getLoc(), numbers.lookup(op));
  Indices order;
  if (dimensions.empty()) {
    QuantiserCheck(symbolic, graph, atomRanges, result)
        .run(op, code, [&](Value value) { return rangeOf(value); });
  } else if (isPermutation(dimensions, shape.size())) {
    note(op, "codes of an image, not checked alone");
    order = transposeIndices(shape, dimensions);
  } else {
    return result.mismatch(describe(op.getLoc()) + ": its codes' tag names "
                                                   "other dimensions");
  }
  link(op.getResult(), code,
       gridOf(qonnx::toQuantiser(op.getQuantiser()), shape), std::move(order));
}

void Checker::block(Block &exact, Block &) {
  unsigned nextScan = 0;
  for (Operation &op : exact.without_terminator()) {
    if (auto quant = dyn_cast<qonnx::QuantOp>(op)) {
      quantiser(quant);
    } else if (auto inner = dyn_cast<qonnx::ScanOp>(op)) {
      if (nextScan == scans.size() || isa<qonnx::ScanOp>(exact.getParentOp())) {
        note(&op, "no scan of level int, not checked");
        continue;
      }
      scan(inner, scans[nextScan++]);
    }
  }
}

//===----------------------------------------------------------------------===//
// Scans
//===----------------------------------------------------------------------===//

void Checker::initialState(qonnx::ScanOp exact, finn::ScanOp integer,
                           unsigned state, const ValueGrid &grid) {
  Value value = exact.getStates()[state], code = integer.getStates()[state];
  std::string what =
      describe(exact.getLoc()) + ", initial state " + std::to_string(state);
  if (Value port = follow(ports, value)) {
    qonnx::QuantiserAttr record = records.lookup(port);
    ++result.elements;
    ValueGrid own;
    if (record)
      own = gridOf(qonnx::toQuantiser(record), shapeOf(code));
    if (port != code || own.scale != grid.scale || own.offset != grid.offset)
      result.mismatch(what + ": the graph input has another grid");
    return;
  }
  if (!symbolic.isConstant(value))
    return expectEqual(value, code, grid, what);
  const auto &want = symbolic.polynomial(value)->elements;
  const Polynomials *got = graph.polynomials(code);
  if (!got || got->size() != want.size())
    return result.mismatch(what + ": is constant, but not at level int");
  for (size_t e = 0; e < want.size(); ++e) {
    ++result.elements;
    Rational exactly =
        grid.scale[e] * (*got)[e].constantTerm() + grid.offset[e];
    Rational given = want[e].constantTerm();
    // The file's float32 number may stand for the code's value.
    if (exactly != given && float(exactly.get_d()) != float(given.get_d()))
      result.mismatch(what + ", element " + std::to_string(e) + ", code " +
                      (*got)[e].constantTerm().get_str() + ": exactly " +
                      std::to_string(given.get_d()) + ", level int has " +
                      std::to_string(exactly.get_d()));
  }
}

/// Where a constant initial value lies beside a quantiser's grid, a state's is
/// finer: the least one that holds both, of at most 256 times the steps.
static ValueGrid finerFor(ValueGrid grid, const Polynomials &initial) {
  Integer by = 1;
  for (size_t e = 0; e < initial.size() && by <= 256; ++e)
    by = lcm(by, Rational((initial[e].constantTerm() - grid.offset[e]) /
                          grid.scale[e])
                     .get_den());
  if (by > 1 && by <= 256)
    for (Rational &scale : grid.scale)
      scale /= by;
  return grid;
}

void Checker::enterState(qonnx::ScanOp exact, finn::ScanOp integer,
                         unsigned state) {
  qonnx::QuantiserAttr attr = gridOfState(exact, state);
  if (!attr)
    return note(exact, "state " + std::to_string(state) +
                           " is on no quantiser's grid, not checked");
  Value inside = exact.getBody().front().getArgument(state);
  ValueGrid grid = gridOf(qonnx::toQuantiser(attr), shapeOf(inside));
  if (Value start = exact.getStates()[state]; symbolic.isConstant(start))
    grid = finerFor(std::move(grid), symbolic.polynomial(start)->elements);
  link(inside, integer.getBody().front().getArgument(state), grid);
  initialState(exact, integer, state, grid);
}

/// The grid of a linked value behind reshapes and transposes.
ValueGrid Checker::gridBehindViews(Value value) {
  if (auto found = grids.find(value); found != grids.end())
    return found->second;
  Operation *op = value.getDefiningOp();
  ValueGrid grid = gridBehindViews(op->getOperand(0));
  if (auto transpose = dyn_cast<qonnx::TransposeOp>(op))
    return gathered(grid, transposeIndices(shapeOf(op->getOperand(0)),
                                           transpose.getPerm()));
  return grid;
}

void Checker::enterInput(qonnx::ScanOp exact, finn::ScanOp integer,
                         unsigned input) {
  size_t states = exact.getStates().size();
  Value outer = exact.getInputs()[input];
  Value inside = exact.getBody().front().getArgument(states + input);
  Value port = follow(ports, outer), code = port ? port : linked(outer);
  bool reversed = exact.getInputDirections()[input] == 1;
  for (auto [slot, operand] : llvm::enumerate(integer.getInputs())) {
    if (operand != code || (integer.getReverseInputs()[slot] != 0) != reversed)
      continue;
    Value step = integer.getBody().front().getArgument(states + slot);
    if (port) {
      ports[inside] = step;
      records[step] = records.lookup(port);
      return;
    }
    return link(
        inside, step,
        gathered(gridBehindViews(outer),
                 sliceIndices(shapeOf(outer), exact.getInputAxes()[input], 0)));
  }
  note(exact, "scan input " + std::to_string(input) +
                  " is no code of level int, not checked");
}

void Checker::leaveOutput(qonnx::ScanOp exact, finn::ScanOp integer,
                          unsigned output) {
  size_t states = exact.getStates().size();
  Operation *yields = exact.getBody().front().getTerminator();
  Operation *emits = integer.getBody().front().getTerminator();
  Value inside = yields->getOperand(states + output), code = linked(inside);
  bool reversed = exact.getOutputDirections()[output] == 1;
  Value whole = exact.getResult(states + output);
  for (size_t i = states; i < emits->getNumOperands(); ++i) {
    if (emits->getOperand(i) != code ||
        (integer.getReverseOutputs()[i - states] != 0) != reversed)
      continue;
    while (!grids.count(inside))
      inside = inside.getDefiningOp()->getOperand(0);
    Indices indices =
        stackIndices(shapeOf(whole), exact.getOutputAxes()[output]);
    for (int64_t &index : indices)
      index %= int64_t(grids[inside].scale.size());
    return link(whole, integer.getResult(i), gathered(grids[inside], indices));
  }
  note(exact, "scan output " + std::to_string(output) +
                  " is no code of level int, not checked");
}

void Checker::scan(qonnx::ScanOp exact, finn::ScanOp integer) {
  Block &body = exact.getBody().front(), &inner = integer.getBody().front();
  size_t states = exact.getStates().size();
  if (states != integer.getStates().size())
    return result.mismatch(describe(exact.getLoc()) + ": " +
                           std::to_string(states) + " states, level int has " +
                           std::to_string(integer.getStates().size()));
  for (unsigned i = 0; i < states; ++i)
    enterState(exact, integer, i);
  for (unsigned i = 0; i < exact.getInputs().size(); ++i)
    enterInput(exact, integer, i);
  for (auto [i, capture] : llvm::enumerate(exact.getCaptures()))
    symbolic.bindAlias(body.getArgument(states + exact.getInputs().size() + i),
                       capture);
  block(body, inner);
  for (unsigned i = 0; i < states; ++i) {
    Value inside = body.getArgument(i);
    auto grid = grids.find(inside);
    if (grid == grids.end())
      continue;
    ValueGrid own = grid->second;
    expectEqual(body.getTerminator()->getOperand(i),
                inner.getTerminator()->getOperand(i), own,
                describe(exact.getLoc()) + ", next state " + std::to_string(i));
    link(exact.getResult(i), integer.getResult(i), own);
  }
  for (unsigned i = 0; i < exact.getNumResults() - states; ++i)
    leaveOutput(exact, integer, i);
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

void Checker::graphOutputs() {
  Operation *exact = qonnx.getBody().front().getTerminator();
  Operation *integer = finn.getBody().front().getTerminator();
  for (unsigned i = 0; i < exact->getNumOperands(); ++i) {
    std::string what = "graph output " + std::to_string(i);
    auto scale = rationals(finn.getResultAttrDict(i), finn::kScaleAttr);
    auto offset = rationals(finn.getResultAttrDict(i), finn::kOffsetAttr);
    if (i >= integer->getNumOperands() || scale.empty() || offset.empty()) {
      result.mismatch(what + ": level int has no such output");
      continue;
    }
    Value code = integer->getOperand(i);
    ValueGrid grid;
    size_t channels = shapeOf(code).back();
    for (int64_t e = 0; e < ShapedType::getNumElements(shapeOf(code)); ++e) {
      size_t channel = e % channels;
      grid.scale.push_back(scale[scale.size() == 1 ? 0 : channel]);
      grid.offset.push_back(offset[offset.size() == 1 ? 0 : channel]);
    }
    expectEqual(exact->getOperand(i), code, grid, what);
  }
}

/// Proved ranges, which every type must hold.
bool Checker::inferRanges() {
  if (failed(inferFunction(finn, ranges))) {
    result.mismatch("the ranges of level int cannot be proved");
    return false;
  }
  for (const auto &[value, range] : ranges) {
    auto [lo, hi] = hull(range);
    auto type = cast<IntegerType>(getElementTypeOrSelf(value.getType()));
    auto [least, most] = finn::rangeOf(type);
    if (lo >= least && hi <= most)
      continue;
    // A state that grows has a range for its last step, which is not fed back.
    auto scan = dyn_cast_or_null<finn::ScanOp>(
        Value(value).getParentBlock()->getParentOp());
    if (scan && scan->hasAttr(finn::kMaxStepsAttr))
      result.notes.push_back(
          {describe(value.getLoc()), "range of a growing state, not checked"});
    else
      result.mismatch(describe(value.getLoc()) + ": [" + std::to_string(lo) +
                      ", " + std::to_string(hi) + "] leaves its type");
  }
  return true;
}

void Checker::uncovered() {
  finn.walk([&](Operation *op) {
    if (op->getDialect() && isa<finn::FinnDialect>(op->getDialect()) &&
        !isa<finn::ScanOp, finn::YieldOp>(op) && !graph.visited.count(op) &&
        !op->use_empty())
      note(op, "'" + op->getName().getStringRef().str() +
                   "' is part of no kernel that was checked");
  });
}

KernelComparison Checker::run() {
  collectTags();
  if (!inferRanges())
    return result;
  for (auto [i, argument] : llvm::enumerate(qonnx.getArguments())) {
    if (i >= finn.getNumArguments())
      break;
    ports[argument] = finn.getArgument(i);
    records[finn.getArgument(i)] = recordOf(finn, i);
    orders[finn.getArgument(i)] = orderOf(finn, i, shapeOf(argument));
  }
  block(qonnx.getBody().front(), finn.getBody().front());
  graphOutputs();
  uncovered();
  return result;
}

KernelComparison check::checkKernels(func::FuncOp qonnx, func::FuncOp finn) {
  return Checker(qonnx, finn).run();
}
