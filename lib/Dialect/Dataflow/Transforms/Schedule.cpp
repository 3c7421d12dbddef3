//===- Schedule.cpp - When each core of a region works --------------------===//

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// First column of an operand of the MVU.
static int64_t columnOf(MvuOp mvu, Value value) {
  int64_t column = 0;
  for (Value operand : mvu.getOperands()) {
    if (operand == value)
      break;
    column += vectorSize(operand);
  }
  return column;
}

namespace {
/// Assigns each core of a region its start and collects the region's shape.
class TailScheduler {
public:
  explicit TailScheduler(RegionOp region)
      : region(region), plan(planPasses(region)) {}
  RegionShape run();

private:
  RegionOp region;
  PassPlan plan;
  RegionShape shape;
  DenseMap<Value, int64_t> ready; ///< after the beat of the value's pass
  /// First reads of what a memory holds: an argument or a handover.
  DenseMap<std::pair<Value, int64_t>, int64_t> firstRead;

  /// A memory answers one cycle after the address.
  static constexpr int64_t kMemoryRead = 1;

  bool inMemory(Value value, int64_t pass) {
    return isa<BlockArgument>(value) || plan.home(value) != pass;
  }
  void read(Value value, int64_t pass, int64_t when);
  int64_t firstReadOf(Value value, int64_t pass) {
    auto found = firstRead.find({value, pass});
    return found == firstRead.end() ? -1 : found->second;
  }
  void scheduleCore(Operation &op, CoreOpInterface core);
  void addPasses();
  void addOperands();
  int64_t emittedAt(Value value) {
    int64_t memory = firstReadOf(value, plan.home(value));
    return isa<BlockArgument>(value) ? memory : ready.lookup(value);
  }
};
} // namespace

void TailScheduler::read(Value value, int64_t pass, int64_t when) {
  if (!inMemory(value, pass))
    return;
  auto [it, isNew] = firstRead.try_emplace({value, pass}, when);
  if (!isNew)
    it->second = std::min(it->second, when);
}

void TailScheduler::scheduleCore(Operation &op, CoreOpInterface core) {
  int64_t pass = plan.of(&op), start = 0;
  for (Value operand : op.getOperands())
    start = std::max(start, inMemory(operand, pass) ? kMemoryRead
                                                    : ready.lookup(operand));
  for (Value operand : op.getOperands()) {
    read(operand, pass, start);
    if (isa<BlockArgument>(operand)) // a handover takes it from its home
      read(operand, plan.home(operand), kMemoryRead);
  }
  op.setAttr("start",
             IntegerAttr::get(IntegerType::get(op.getContext(), 64), start));
  ready[op.getResult(0)] = start + core.latency();
}

void TailScheduler::addPasses() {
  shape.passes.clear();
  for (const PassPlan::Pass &pass : plan.passes) {
    RegionShape::Pass &added = shape.passes.emplace_back();
    added.units = pass.units;
    MvuOp mvu = pass.mvu;
    if (!mvu)
      continue;
    added.blocks = mvu.getRowBlocks();
    added.split = int64_t(mvu.getSplit().value_or(0));
    added.mvuDsp = mvu.getImpl() != "lut";
    for (Value operand : mvu.getOperands())
      if (!isa<BlockArgument>(operand))
        added.vectors.push_back({vectorSize(operand), columnOf(mvu, operand),
                                 plan.home(operand), ready.lookup(operand)});
  }
  for (const PassPlan::Handover &h : plan.handovers) {
    int64_t from = plan.home(h.value);
    int64_t readyAt = isa<BlockArgument>(h.value) ? firstReadOf(h.value, from)
                                                  : ready.lookup(h.value);
    shape.handovers.push_back(
        {from, readyAt, h.to, firstReadOf(h.value, h.to)});
  }
}

void TailScheduler::addOperands() {
  Block &body = region.getBody().front();
  size_t states = region.getStates().size();
  for (BlockArgument argument : body.getArguments()) {
    RegionShape::Operand operand;
    operand.size = vectorSize(argument);
    operand.given = vectorSize(region.getOperand(argument.getArgNumber()));
    if (int64_t reader = plan.mvuReader(argument); reader >= 0) {
      operand.mvu = reader;
      operand.column = columnOf(plan.passes[reader].mvu, argument);
    }
    operand.tail = plan.home(argument);
    operand.readAt = firstReadOf(argument, operand.tail);
    if (argument.getArgNumber() >= states) {
      shape.inputs.push_back(operand);
      continue;
    }
    Value next = region.getEmit().getOperand(argument.getArgNumber());
    operand.writer = plan.home(next);
    operand.writeAt = emittedAt(next);
    shape.states.push_back(operand);
  }
}

RegionShape TailScheduler::run() {
  for (Operation &op : region.getBody().front().without_terminator()) {
    if (auto core = dyn_cast<CoreOpInterface>(op))
      scheduleCore(op, core);
    else
      for (Value block : op.getResults())
        ready[block] = 0;
  }
  for (Value value : region.getEmit().getOperands())
    if (isa<BlockArgument>(value))
      read(value, plan.home(value), kMemoryRead);
  addPasses();
  addOperands();
  for (auto [value, result] :
       llvm::zip(region.getEmit().getOperands(), region.getResults()))
    shape.outputs.push_back(
        {emittedAt(value), plan.home(value), vectorSize(result)});
  return std::move(shape);
}

RegionShape df::scheduleTail(RegionOp region) {
  return TailScheduler(region).run();
}

Folding df::foldingOf(RegionOp region) {
  Folding folding;
  folding.passes.clear();
  if (auto pe = region.getPe(), simd = region.getSimd(); pe && simd)
    for (auto [rows, columns] : llvm::zip(*pe, *simd))
      folding.passes.push_back({rows, columns});
  else
    folding.passes.resize(planPasses(region).passes.size());
  folding.lanes = int64_t(region.getLanes().value_or(1));
  return folding;
}

RegionSchedule df::scheduleOf(RegionOp region) {
  return RegionSchedule(scheduleTail(region), foldingOf(region),
                        interleaveOf(region));
}

const RegionShape::Operand &df::operandOf(const RegionSchedule &schedule,
                                          OpOperand &use) {
  const RegionShape &shape = schedule.shape();
  size_t i = use.getOperandNumber(), states = shape.states.size();
  if (i < states)
    return shape.states[i];
  if (i -= states; i < shape.inputs.size())
    return shape.inputs[i];
  auto region = cast<RegionOp>(use.getOwner());
  return shape.states[region.stateOfLoad(i - shape.inputs.size())];
}

/// An attribute of the op or of the function that it is in; or null.
static Attribute attrOf(Operation *op, StringRef name) {
  if (Attribute own = op->getAttr(name))
    return own;
  auto main = dyn_cast<func::FuncOp>(op);
  if (!main)
    main = op->getParentOfType<func::FuncOp>();
  return main ? main->getAttr(name) : Attribute();
}

static int64_t numberOf(Operation *op, StringRef name) {
  auto number = dyn_cast_or_null<IntegerAttr>(attrOf(op, name));
  return number ? number.getInt() : 1;
}

bool df::hasStatePorts(Operation *op) {
  return bool(attrOf(op, kStatePortsAttr));
}

int64_t df::contextsOf(Operation *op) { return numberOf(op, kContextsAttr); }

int64_t df::interleaveOf(Operation *op) {
  return numberOf(op, kInterleaveAttr);
}

bool df::servesWindows(RegionOp region) {
  return region->hasAttr(kContextsAttr);
}

int64_t df::windowOf(Operation *op) {
  auto samples = dyn_cast_or_null<IntegerAttr>(attrOf(op, kWindowAttr));
  return samples ? samples.getInt() : 0;
}

bool df::isEndless(Operation *op) { return bool(attrOf(op, kStreamAttr)); }
