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

NetworkShape df::networkShape(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  NetworkShape network;
  DenseMap<Value, int64_t> portOf;
  for (RegionOp region : main.getOps<RegionOp>()) {
    NetworkShape::Region entry{
        scheduleOf(region), region.getSteps(), {}, {}, 0};
    for (Value input : region.getInputs()) {
      auto found = portOf.find(input);
      entry.inputs.push_back(found == portOf.end() ? -1 : found->second);
    }
    for (auto [i, state] : llvm::enumerate(region.getStates()))
      if (isa<BlockArgument>(state))
        entry.portStates.push_back(i);
    entry.firstPort = network.ports.size();
    for (auto [i, result] : llvm::enumerate(region.getResults())) {
      if (result.use_empty())
        continue;
      portOf[result] = network.ports.size();
      bool graphOutput = llvm::any_of(result.getUsers(), [](Operation *user) {
        return isa<func::ReturnOp>(user);
      });
      network.ports.push_back({int64_t(network.regions.size()),
                               entry.schedule.shape().outputAt[i],
                               entry.schedule.outputSteps(i),
                               i < region.getStates().size(), graphOutput});
    }
    network.regions.push_back(std::move(entry));
  }
  return network;
}
