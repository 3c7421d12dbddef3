//===- JoinPaths.cpp - FIFOs where paths of different lag meet ------------===//

#include "JoinPaths.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace finngl;
using df::stepsOf;

namespace {
/// When a stream's rows are there: row r after `packets` whole packets and row
/// `r * stride + reach` of the graph's input. A row is a step of time, of one
/// or more positions.
struct Arrival {
  int64_t packets = 0, rows = 1, stride = 1, reach = 0;

  /// The rows become so many, one of them for `rows / count` of before.
  Arrival grouped(int64_t count) const {
    // Without a common border all of them are awaited.
    int64_t into = rows % count ? 1 : count, group = rows / into;
    return {packets, into, stride * group, reach + (group - 1) * stride};
  }
  bool before(const Arrival &other) const {
    return std::pair(packets, reach) < std::pair(other.packets, other.reach);
  }
};

class PathJoiner {
public:
  PathJoiner(func::FuncOp main, int64_t maxSteps)
      : main(main), maxSteps(maxSteps) {}
  void run();

private:
  func::FuncOp main;
  int64_t maxSteps, bound = 0;
  DenseMap<Value, Arrival> arrivals;

  Arrival throughModule(Operation &op);
  Arrival latestOf(df::RegionOp region);
  void noteResults(df::RegionOp region);
  void joinAt(df::RegionOp region);
  int64_t stepsToHold(Value value, const Arrival &latest);
  int64_t longest(Value sequence) {
    return std::max(cast<RankedTensorType>(sequence.getType()).getDimSize(0),
                    maxSteps);
  }
};
} // namespace

Arrival PathJoiner::throughModule(Operation &op) {
  Arrival arrival = arrivals.lookup(op.getOperand(0));
  if (auto reverse = dyn_cast<df::ReverseOp>(op)) {
    ++arrival.packets;
    bound = std::max(bound, int64_t(reverse.getMaxSteps()));
  } else if (auto swg = dyn_cast<df::SwgOp>(op)) {
    if (arrival.rows != swg.axis(0).extent)
      arrival = arrival.grouped(1);
    StreamWindow::Axis rows = swg.axis(0);
    arrival.reach += (rows.span() - 1 - rows.padBegin) * arrival.stride;
    arrival.stride *= rows.stride;
    arrival.rows = rows.count();
  } else if (int64_t steps = stepsOf(op.getResult(0)); steps % arrival.rows) {
    arrival = arrival.grouped(steps);
  }
  return arrival;
}

Arrival PathJoiner::latestOf(df::RegionOp region) {
  Arrival latest = arrivals.lookup(region.getInputs().front());
  for (Value operand : region.getOperands())
    if (Arrival arrival = arrivals.lookup(operand); latest.before(arrival))
      latest = arrival;
  return latest;
}

/// A last state answers after its packet's end.
void PathJoiner::noteResults(df::RegionOp region) {
  Arrival latest = latestOf(region);
  for (OpResult result : region.getResults()) {
    bool lastState = region.isSequence() &&
                     result.getResultNumber() < region.getStates().size();
    arrivals[result] = lastState ? Arrival{latest.packets + 1} : latest;
  }
}

/// How many of the value's steps come before the latest path needs the first.
int64_t PathJoiner::stepsToHold(Value value, const Arrival &latest) {
  Arrival arrival = arrivals.lookup(value);
  int64_t steps = stepsOf(value);
  bool sequence = cast<RankedTensorType>(value.getType()).getRank() == 2;
  if (int64_t packets = latest.packets - arrival.packets) {
    if (sequence)
      bound = std::max(bound, longest(value));
    return packets * (sequence ? longest(value) : 1);
  }
  if (latest.reach <= arrival.reach)
    return 0;
  // And one more row, so that neither path waits for the other's latency.
  int64_t rows =
      (latest.reach - arrival.reach + arrival.stride - 1) / arrival.stride + 1;
  return std::min(steps, rows * ((steps + arrival.rows - 1) / arrival.rows));
}

void PathJoiner::joinAt(df::RegionOp region) {
  Arrival latest = latestOf(region);
  for (OpOperand &use : region->getOpOperands()) {
    Value value = use.get();
    if (value.getDefiningOp<finn::ConstantOp>())
      continue;
    int64_t steps = stepsToHold(value, latest);
    if (!steps)
      continue;
    OpBuilder builder(region);
    use.set(builder.create<df::FifoOp>(value.getLoc(), value.getType(), value,
                                       builder.getI64IntegerAttr(steps)));
  }
}

void PathJoiner::run() {
  for (BlockArgument argument : main.getArguments())
    arrivals[argument] = {0, stepsOf(argument)};
  for (Operation &op : llvm::make_early_inc_range(main.getBody().front())) {
    if (isa<df::StreamOpInterface>(op)) {
      arrivals[op.getResult(0)] = throughModule(op);
    } else if (auto region = dyn_cast<df::RegionOp>(op)) {
      joinAt(region);
      noteResults(region);
    }
  }
  if (bound)
    main->setAttr(df::kMaxStepsAttr,
                  Builder(main.getContext()).getI64IntegerAttr(bound));
}

void finngl::joinPaths(func::FuncOp main, int64_t maxSteps) {
  PathJoiner(main, maxSteps).run();
}
