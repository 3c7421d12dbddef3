//===- Schedule.cpp - When each core of a region works --------------------===//

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// Position of a state or input among the MVU's columns, or -1.
static int64_t columnOf(MvuOp mvu, Value value) {
  int64_t column = 0;
  if (mvu)
    for (Value operand : mvu.getOperands()) {
      if (operand == value)
        return column;
      column += vectorSize(operand);
    }
  return -1;
}

RegionShape df::scheduleTail(RegionOp region) {
  Block &body = region.getBody().front();
  MvuOp mvu = region.getMvu();
  DenseMap<Value, int64_t> ready;
  // The tail reads a state or an input one cycle after the beat at the
  // earliest: its memory answers one cycle after the address.
  for (BlockArgument argument : body.getArguments())
    ready[argument] = 1;
  DenseMap<Value, int64_t> firstRead;
  auto read = [&](Value value, int64_t when) {
    if (!isa<BlockArgument>(value))
      return;
    auto [it, isNew] = firstRead.try_emplace(value, when);
    if (!isNew)
      it->second = std::min(it->second, when);
  };
  for (Operation &op : body.without_terminator()) {
    auto core = dyn_cast<CoreOpInterface>(op);
    if (!core) {
      for (Value block : op.getResults())
        ready[block] = 0;
      continue;
    }
    int64_t start = 0;
    for (Value operand : op.getOperands())
      start = std::max(start, ready.lookup(operand));
    for (Value operand : op.getOperands())
      read(operand, start);
    op.setAttr("start",
               IntegerAttr::get(IntegerType::get(op.getContext(), 64), start));
    ready[op.getResult(0)] = start + core.latency();
  }
  for (Value value : region.getEmit().getOperands())
    read(value, 1);

  RegionShape shape;
  shape.units = region.getUnits();
  shape.blocks = mvu ? mvu.getRowBlocks() : 0;
  shape.split = mvu ? int64_t(mvu.getSplit().value_or(0)) : 0;
  shape.mvuDsp = mvu && mvu.getImpl() != "lut";
  auto operandOf = [&](BlockArgument argument) {
    auto found = firstRead.find(argument);
    return RegionShape::Operand{vectorSize(argument), columnOf(mvu, argument),
                                found == firstRead.end() ? -1 : found->second,
                                -1};
  };
  auto emitted = [&](size_t i) {
    Value value = region.getEmit().getOperand(i);
    auto found = firstRead.find(value);
    return found == firstRead.end() ? ready.lookup(value) : found->second;
  };
  size_t states = region.getStates().size();
  for (size_t i = 0; i < body.getNumArguments(); ++i) {
    RegionShape::Operand operand = operandOf(body.getArgument(i));
    if (i < states) {
      operand.writeAt = emitted(i);
      shape.states.push_back(operand);
    } else {
      shape.inputs.push_back(operand);
    }
  }
  for (size_t i = 0; i < region.getNumResults(); ++i)
    shape.outputAt.push_back(emitted(i));
  return shape;
}

RegionSchedule df::scheduleOf(RegionOp region) {
  return RegionSchedule(scheduleTail(region),
                        {int64_t(region.getPe().value_or(1)),
                         int64_t(region.getSimd().value_or(1)),
                         int64_t(region.getLanes().value_or(1))});
}

const RegionShape::Operand &df::operandOf(const RegionSchedule &schedule,
                                          OpOperand &use) {
  size_t states = schedule.shape().states.size();
  size_t i = use.getOperandNumber();
  return i < states ? schedule.shape().states[i]
                    : schedule.shape().inputs[i - states];
}

int64_t df::graphInputLanes(BlockArgument argument) {
  // As the region that was written last reads it; converters serve the others.
  for (OpOperand &use : argument.getUses())
    if (auto region = dyn_cast<RegionOp>(use.getOwner())) {
      RegionSchedule schedule = scheduleOf(region);
      return schedule.inputLanes(operandOf(schedule, use));
    }
  return 1;
}

bool df::isStreamed(RegionOp region, size_t state) {
  return !region.getStates()[state].getDefiningOp<finn::ConstantOp>();
}

static bool isGraphOutput(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<func::ReturnOp>(user);
  });
}

static int64_t stepsOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == 2 ? type.getDimSize(0) : 1;
}

NetworkShape df::networkShape(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  NetworkShape network;
  DenseMap<Value, int64_t> portOf;
  auto addPort = [&](Value value, NetworkShape::Port port) {
    port.beats = vectorSize(value) / port.lanes;
    port.steps = stepsOf(value);
    port.graphOutput = isGraphOutput(value);
    portOf[value] = network.ports.size();
    network.ports.push_back(port);
  };
  for (BlockArgument argument : main.getArguments())
    if (!argument.use_empty())
      addPort(argument, {.lanes = graphInputLanes(argument)});
  for (RegionOp region : main.getOps<RegionOp>()) {
    NetworkShape::Region entry{scheduleOf(region), region.getSteps(), {}, {}};
    for (Value input : region.getInputs())
      entry.inputs.push_back(portOf.lookup(input));
    for (auto [i, state] : llvm::enumerate(region.getStates()))
      if (isStreamed(region, i))
        entry.initialStates.push_back({int64_t(i), portOf.lookup(state)});
    const RegionSchedule &schedule = entry.schedule;
    for (auto [i, result] : llvm::enumerate(region.getResults()))
      if (!result.use_empty())
        addPort(result, {.region = int64_t(network.regions.size()),
                         .lanes = schedule.folding().lanes,
                         .ready = schedule.shape().outputAt[i],
                         .capacity = schedule.outputSteps(i),
                         .lastOnly = i < region.getStates().size()});
    network.regions.push_back(std::move(entry));
  }
  return network;
}
