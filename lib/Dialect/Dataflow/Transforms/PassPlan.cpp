//===- PassPlan.cpp - The passes of a region's step -----------------------===//

#include "finngl/Dialect/Dataflow/Transforms/PassPlan.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

int64_t PassPlan::mvuReader(BlockArgument argument) const {
  for (Operation *user : argument.getUsers())
    if (isa<MvuOp>(user))
      return of(user);
  return -1;
}

namespace {
/// Stage and vector length; in order of stages.
struct PassKey {
  int64_t stage, units;
  bool operator==(const PassKey &) const = default;
};

class Planner {
public:
  explicit Planner(RegionOp region) : body(region.getBody().front()) {}
  std::vector<PassKey> keys;
  DenseMap<Operation *, size_t> keyOf;
  DenseMap<Value, size_t> homeOf; ///< index of a key
  void run();

private:
  Block &body;
  DenseMap<Value, int64_t> stageOf; ///< of computed values

  size_t key(PassKey wanted) {
    auto found = llvm::find(keys, wanted);
    if (found == keys.end())
      found = keys.insert(keys.end(), wanted);
    return found - keys.begin();
  }
  int64_t stage(Operation &op);
  void readArguments(ValueRange values, size_t reader);
};
} // namespace

int64_t Planner::stage(Operation &op) {
  int64_t latest = 0;
  for (Value operand : op.getOperands())
    if (!isa<BlockArgument>(operand))
      latest =
          std::max(latest, stageOf.lookup(operand) + int64_t(isa<MvuOp>(op)));
  return latest;
}

/// The first tail that reads an argument is its home.
void Planner::readArguments(ValueRange values, size_t reader) {
  for (Value value : values)
    if (isa<BlockArgument>(value)) {
      auto [it, isNew] = homeOf.try_emplace(value, reader);
      if (!isNew && keys[reader].stage < keys[it->second].stage)
        it->second = reader;
    }
}

void Planner::run() {
  for (Operation &op : body.without_terminator()) {
    int64_t at = stage(op);
    size_t pass = key({at, vectorSize(op.getResult(0))});
    keyOf[&op] = pass;
    for (Value result : op.getResults()) {
      stageOf[result] = at;
      homeOf[result] = pass;
    }
    if (!isa<MvuOp>(op))
      readArguments(op.getOperands(), pass);
  }
  // An argument that is only emitted goes with any pass of its length.
  for (Value value : body.getTerminator()->getOperands())
    if (!homeOf.count(value)) {
      auto same = llvm::find_if(keys, [&](const PassKey &candidate) {
        return candidate.units == vectorSize(value);
      });
      homeOf[value] = same == keys.end() ? key({0, vectorSize(value)})
                                         : size_t(same - keys.begin());
    }
}

PassPlan df::planPasses(RegionOp region) {
  Planner planner(region);
  planner.run();
  auto order = llvm::to_vector(llvm::seq<size_t>(0, planner.keys.size()));
  llvm::stable_sort(order, [&](size_t a, size_t b) {
    return planner.keys[a].stage < planner.keys[b].stage;
  });
  SmallVector<int64_t> indexOf(order.size());
  PassPlan plan;
  for (auto [index, pass] : llvm::enumerate(order)) {
    indexOf[pass] = index;
    plan.passes.push_back({MvuOp(), planner.keys[pass].units});
  }
  for (auto [value, pass] : planner.homeOf)
    plan.homeOf[value] = indexOf[pass];
  for (Operation &op : region.getBody().front().without_terminator()) {
    int64_t pass = plan.passOf[&op] = indexOf[planner.keyOf[&op]];
    if (auto mvu = dyn_cast<MvuOp>(op)) {
      plan.passes[pass].mvu = mvu;
      continue;
    }
    for (Value operand : op.getOperands())
      if (plan.home(operand) != pass &&
          llvm::none_of(plan.handovers, [&](const PassPlan::Handover &h) {
            return h.value == operand && h.to == pass;
          }))
        plan.handovers.push_back({operand, pass});
  }
  return plan;
}
