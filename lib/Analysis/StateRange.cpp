//===- StateRange.cpp - Ranges of functions and their scans ---------------===//

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace finngl;

/// Rounds of widening by joins before the stated number of steps is used.
static constexpr unsigned kRounds = 8;

std::optional<StateRanges>
finngl::reachedStates(Block &body, const std::vector<Interval> &initial,
                      const std::vector<Interval> &bound, int64_t steps,
                      RangeMap map) {
  StateRanges reached{initial, false};
  for (int64_t step = 0;; ++step) {
    for (size_t i = 0; i < bound.size(); ++i) {
      if (!contains({bound[i]}, {reached.states[i]}))
        return std::nullopt;
      map[body.getArgument(i)] = {reached.states[i]};
    }
    if (step == steps)
      return reached;
    if (!inferBlock(body, map))
      return std::nullopt;
    bool grew = false;
    for (size_t i = 0; i < bound.size(); ++i) {
      Interval &state = reached.states[i];
      Interval next = hull(
          joinRanges({state}, map.at(body.getTerminator()->getOperand(i))));
      grew |= next != state;
      state = next;
    }
    reached.inductive = !grew;
    if (!grew)
      return reached;
  }
}

void finngl::matchStateTypes(Block &body, unsigned states) {
  Operation *yield = body.getTerminator();
  OpBuilder builder(yield);
  SmallVector<Value, 4> settled;
  for (unsigned i = 0; i < states; ++i) {
    Value value = yield->getOperand(i);
    Type type = body.getArgument(i).getType();
    if (value.getType() != type) {
      Operation *maker = value.getDefiningOp();
      if (!maker || isa<finn::ConstantOp>(maker) ||
          llvm::is_contained(settled, value)) {
        // Its own type is fixed: a copy of the state's type.
        value = builder.create<finn::LincombOp>(value.getLoc(), type, value,
                                                ArrayRef<int64_t>{1},
                                                ArrayRef<int64_t>{0});
        yield->setOperand(i, value);
      }
      value.setType(type);
    }
    settled.push_back(value);
  }
}

/// Whether one step leads from the ranges into themselves.
static bool isInductive(Block &body, const std::vector<Interval> &ranges,
                        const RangeMap &map) {
  auto reached = reachedStates(body, ranges, ranges, 1, map);
  return reached && reached->inductive;
}

/// Ranges of the states: joined rounds, else those that the op states if they
/// contain themselves or the number of steps proves them.
static LogicalResult inferScan(finn::ScanOp scan, RangeMap &map) {
  Block &body = scan.getBody().front();
  size_t states = scan.getStates().size();
  std::vector<Interval> initial, stated;
  for (size_t i = 0; i < states; ++i) {
    initial.push_back(hull(map.at(scan.getStates()[i])));
    stated.push_back(
        {scan.getStateRanges()[2 * i], scan.getStateRanges()[2 * i + 1]});
  }
  for (size_t i = states; i < body.getNumArguments(); ++i)
    map[body.getArgument(i)] = Ranges(map.at(scan.getInputs()[i - states]));
  std::vector<Interval> range = initial;
  bool stable = false;
  for (unsigned round = 0; round < kRounds && !stable; ++round) {
    for (size_t i = 0; i < states; ++i)
      map[body.getArgument(i)] = {range[i]};
    if (!inferBlock(body, map))
      break;
    stable = true;
    for (size_t i = 0; i < states; ++i) {
      Interval next = hull(
          joinRanges({range[i]}, map.at(body.getTerminator()->getOperand(i))));
      stable &= next == range[i];
      range[i] = next;
    }
  }
  if (!stable) {
    range = stated;
    for (size_t i = 0; i < states; ++i)
      if (!contains({stated[i]}, {initial[i]}))
        return scan.emitError() << "expects 'state_ranges' that hold the "
                                   "initial states";
    if (!isInductive(body, stated, map) &&
        !reachedStates(body, initial, stated, scan.getSteps(), map))
      return scan.emitError() << "expects 'state_ranges' that hold for "
                              << scan.getSteps() << " steps";
    for (size_t i = 0; i < states; ++i)
      map[body.getArgument(i)] = {range[i]};
    if (!inferBlock(body, map))
      return scan.emitError() << "expects values of at most 63 bits";
  }
  for (size_t i = 0; i < scan.getNumResults(); ++i)
    map[scan.getResult(i)] =
        i < states ? Ranges{range[i]}
                   : Ranges(map.at(body.getTerminator()->getOperand(i)));
  return success();
}

/// All codes of the port's quantiser, else of its type.
static Interval portRange(func::FuncOp function, BlockArgument argument) {
  auto type = cast<IntegerType>(getElementTypeOrSelf(argument.getType()));
  auto quantiser = function.getArgAttrOfType<qonnx::QuantiserAttr>(
      argument.getArgNumber(), finn::kQuantiserAttr);
  if (!quantiser)
    return finn::rangeOf(type);
  return quantiser.getBipolar()
             ? Interval{-1, 1}
             : Interval{quantiser.getLo(), quantiser.getHi()};
}

LogicalResult finngl::inferFunction(func::FuncOp function, RangeMap &map) {
  Block &block = function.getBody().front();
  for (BlockArgument argument : block.getArguments())
    map[argument] = {portRange(function, argument)};
  for (Operation &op : block.without_terminator()) {
    if (auto scan = dyn_cast<finn::ScanOp>(op)) {
      if (failed(inferScan(scan, map)))
        return failure();
      continue;
    }
    std::optional<Ranges> ranges = inferRange(&op, map);
    if (!ranges)
      return op.emitError() << "expects a finn op whose result needs at most "
                            << finn::kMaxWidth << " bits and whose operand "
                            << "stays within its table";
    map[op.getResult(0)] = std::move(*ranges);
  }
  return success();
}
