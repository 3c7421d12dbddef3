//===- Streams.cpp - Widths of streams and the network that they make -----===//

#include "FoldingSearch.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// What the first region among the readers takes, through elastic modules.
static int64_t wantedLanes(Value stream) {
  // The last use is the one that was written first.
  for (OpOperand &use : stream.getUses()) {
    if (isa<RegionOp>(use.getOwner()))
      return takenLanes(use);
    if (auto module = dyn_cast<StreamOpInterface>(use.getOwner())) {
      int64_t wanted = wantedLanes(module->getResult(0));
      return module.taken(module.lanes(wanted, wanted));
    }
  }
  return 1;
}

static int64_t statePortLanes(func::FuncOp main) {
  int64_t lanes = 0;
  for (RegionOp region : main.getOps<RegionOp>()) {
    if (region.getLoads().empty())
      continue;
    RegionSchedule schedule = scheduleOf(region);
    for (size_t k = 0; k < region.getLoads().size(); ++k) {
      size_t state = region.stateOfLoad(k);
      lanes = std::gcd(lanes, schedule.outputLanes(state));
      lanes =
          std::gcd(lanes, schedule.inputLanes(schedule.shape().states[state]));
    }
  }
  return lanes;
}

int64_t df::lanesOf(Value stream) {
  Operation *source = stream.getDefiningOp();
  if (isa_and_nonnull<SplitOp, JoinOp>(source) ||
      llvm::any_of(stream.getUsers(), llvm::IsaPred<SplitOp>))
    return statePortLanes(
        stream.getParentRegion()->getParentOfType<func::FuncOp>());
  if (!source)
    return std::gcd(wantedLanes(stream), vectorSize(stream));
  if (auto module = dyn_cast<StreamOpInterface>(source))
    return module.lanes(lanesOf(source->getOperand(0)), wantedLanes(stream));
  return scheduleOf(cast<RegionOp>(source))
      .outputLanes(cast<OpResult>(stream).getResultNumber());
}

int64_t df::takenLanes(OpOperand &use) {
  if (auto region = dyn_cast<RegionOp>(use.getOwner())) {
    RegionSchedule schedule = scheduleOf(region);
    return schedule.inputLanes(operandOf(schedule, use));
  }
  int64_t lanes = lanesOf(use.getOwner()->getResult(0));
  auto module = dyn_cast<StreamOpInterface>(use.getOwner());
  return module ? module.taken(lanes) : lanes;
}

int64_t df::elementsOf(Value stream) {
  return cast<RankedTensorType>(stream.getType()).getNumElements();
}

/// Cycles that so many elements take between beats of `a` and of `b`.
static int64_t conversion(int64_t elements, int64_t a, int64_t b) {
  bool divide = a % b == 0 || b % a == 0;
  return elements / (divide ? std::min(a, b) : 1);
}

/// True if what reads `stream` first, which decides on its beats, is `user`.
static bool readsFirst(Operation *user, Value stream) {
  // The last use is the one that was written first.
  Operation *first = nullptr;
  for (Operation *reader : stream.getUsers())
    first = reader;
  return first == user;
}

Streams df::streamsInto(RegionOp region, const Candidate &candidate,
                        ArrayRef<int64_t> sourceLanes) {
  Streams all;
  for (auto [input, wanted, given] :
       llvm::zip(region.getInputs(), candidate.inputLanes, sourceLanes)) {
    Value stream = input;
    Operation *reader = region;
    int64_t taken = wanted;
    while (auto module = stream.getDefiningOp<StreamOpInterface>()) {
      // A module that keeps its source's beats has no width of its own.
      int64_t lanes = module.lanes(/*offered=*/0, taken);
      if (readsFirst(reader, stream))
        all.resources += module.resources(lanes ? lanes : taken);
      if (lanes) {
        all.pace =
            std::max(all.pace, conversion(elementsOf(stream), lanes, taken));
        all.wait = std::max(all.wait, vectorSize(stream) / lanes - 1);
        taken = module.taken(lanes);
      }
      reader = module;
      stream = module->getOperand(0);
    }
    int64_t lanes = given ? given : std::gcd(taken, vectorSize(stream));
    all.pace = std::max(all.pace, conversion(elementsOf(stream), lanes, taken));
  }
  return all;
}

static bool isGraphOutput(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<func::ReturnOp>(user);
  });
}

namespace {
/// Ports and regions of a network in order of the function.
class NetworkBuilder {
public:
  NetworkShape run(func::FuncOp main);

private:
  NetworkShape network;
  DenseMap<Value, int64_t> portOf;
  DenseMap<Value, int64_t> beatOf; ///< first beat of a split's part
  void addPort(Value value, NetworkShape::Port port);
  void addModule(StreamOpInterface module);
  void addRegion(RegionOp region);
  void addSplit(SplitOp split);
  void addJoin(JoinOp join);
};
} // namespace

void NetworkBuilder::addPort(Value value, NetworkShape::Port port) {
  port.beats = vectorSize(value) / port.lanes;
  port.steps = stepsOf(value);
  port.graphOutput = isGraphOutput(value);
  portOf[value] = network.ports.size();
  if (port.graphOutput && port.made)
    network.answers = port.made;
  network.ports.push_back(port);
}

void NetworkBuilder::addModule(StreamOpInterface module) {
  Value result = module->getResult(0);
  NetworkShape::Port port{.source = portOf.lookup(module->getOperand(0)),
                          .lanes = lanesOf(result)};
  module.describe(port);
  const NetworkShape::Port &source = network.ports[port.source];
  port.slid = port.slide || source.slid;
  port.made = source.made;
  if (port.rows)
    port.made = port.rows->behind(*source.made);
  if (port.slide) {
    network.slide = port.slide;
    network.answers = {port.slide->maxAge, 1};
  }
  if (!port.wires)
    return addPort(result, port);
  portOf[result] = port.source;
  network.ports[port.source].graphOutput |= isGraphOutput(result);
  if (network.ports[port.source].graphOutput && port.made)
    network.answers = port.made;
}

void NetworkBuilder::addRegion(RegionOp region) {
  NetworkShape::Region entry{scheduleOf(region), region.getSteps(), {}, {}};
  for (Value input : region.getInputs())
    entry.inputs.push_back(portOf.lookup(input));
  entry.slid = network.ports[entry.inputs.front()].slid;
  entry.made = network.ports[entry.inputs.front()].made;
  for (auto [i, state] : llvm::enumerate(region.getStates()))
    if (region.isStreamed(i))
      entry.initialStates.push_back(
          {.state = int64_t(i), .port = portOf.lookup(state)});
    else if (Value load = region.loadOf(i))
      entry.initialStates.push_back({.state = int64_t(i),
                                     .port = portOf.lookup(load),
                                     .load = true,
                                     .beat = beatOf.lookup(load)});
  const RegionSchedule &schedule = entry.schedule;
  for (auto [i, result] : llvm::enumerate(region.getResults())) {
    if (result.use_empty())
      continue;
    NetworkShape::Port port{.region = int64_t(network.regions.size()),
                            .lanes = schedule.folding().lanes,
                            .slid = entry.slid,
                            .made = entry.made,
                            .pass = schedule.shape().outputs[i].pass,
                            .ready = schedule.shape().outputs[i].at,
                            .capacity = schedule.outputSteps(i),
                            .lastOnly = i < region.getStates().size()};
    if (schedule.packs(i)) {
      port.beats = schedule.outputBeats(i);
      port.steps = stepsOf(result);
      network.ports.push_back(port);
      port = {.source = int64_t(network.ports.size()) - 1,
              .packs = true,
              .lanes = schedule.outputLanes(i),
              .slid = entry.slid,
              .made = entry.made};
    }
    addPort(result, port);
  }
  network.regions.push_back(std::move(entry));
}

void NetworkBuilder::addSplit(SplitOp split) {
  int64_t beat = 0, port = portOf.lookup(split.getInput());
  network.ports[port].load = true;
  for (Value part : split.getParts()) {
    portOf[part] = port;
    beatOf[part] = beat;
    beat += vectorSize(part) / network.ports[port].lanes;
  }
}

void NetworkBuilder::addJoin(JoinOp join) {
  for (Value part : join.getParts())
    network.finalStates.push_back(portOf.lookup(part));
  network.finalStateLanes = lanesOf(join.getResult());
}

NetworkShape NetworkBuilder::run(func::FuncOp main) {
  std::optional<SampleRows> samples;
  if (isEndless(main))
    samples.emplace();
  for (BlockArgument argument : main.getArguments())
    if (!argument.use_empty())
      addPort(argument, {.lanes = lanesOf(argument), .made = samples});
  for (Operation &op : main.getBody().front()) {
    if (auto module = dyn_cast<StreamOpInterface>(op))
      addModule(module);
    if (auto region = dyn_cast<RegionOp>(op))
      addRegion(region);
    if (auto split = dyn_cast<SplitOp>(op))
      addSplit(split);
    if (auto join = dyn_cast<JoinOp>(op))
      addJoin(join);
  }
  return std::move(network);
}

NetworkShape df::networkShape(ModuleOp module) {
  return NetworkBuilder().run(module.lookupSymbol<func::FuncOp>("main"));
}
