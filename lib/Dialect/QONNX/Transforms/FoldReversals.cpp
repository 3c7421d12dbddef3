//===- FoldReversals.cpp - A reversed sequence turns a scan round ---------===//
//
//   scan(gather(x, [T - 1 ... 0]))         ->  the scan of x in the other
//                                              direction
//   gather(output of a scan, [T - 1 ... 0]) -> the output stacked in the other
//                                              direction
//
// A stream is turned round only where all of it is held, a scan reads what it
// holds in any direction. Through Transposes and Reshapes that keep the axis of
// steps, and quantisers of one scale a step.
//
//===----------------------------------------------------------------------===//

#include "OuterGraph.h"
#include "ScanBody.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"

using namespace mlir;

namespace finngl::qonnx {
#define GEN_PASS_DEF_FOLDREVERSALS
#include "finngl/Dialect/QONNX/Transforms/Passes.h.inc"

namespace {
class FoldReversalsPass : public impl::FoldReversalsBase<FoldReversalsPass> {
  void runOnOperation() override;
};
} // namespace

/// True for all positions of dimension `axis`, backwards.
static bool reverses(GatherOp op, int64_t axis) {
  ArrayRef<int64_t> indices = op.getIndices();
  int64_t extent = shapeOf(op.getInput())[size_t(axis)];
  bool reversed = int64_t(op.getAxis()) == axis && extent > 1 &&
                  int64_t(indices.size()) == extent;
  for (size_t i = 0; reversed && i < indices.size(); ++i)
    reversed = indices[i] == extent - 1 - int64_t(i);
  return reversed;
}

/// `value` without the reversal of dimension `axis` that made it; null if none
/// did.
static Value withoutReversal(Value value, int64_t axis) {
  Operation *maker = value.getDefiningOp();
  if (auto gather = dyn_cast_or_null<GatherOp>(maker))
    return reverses(gather, axis) ? gather.getInput() : Value();
  std::optional<int64_t> before = axis;
  if (auto transpose = dyn_cast_or_null<TransposeOp>(maker))
    before = transpose.getPerm()[size_t(axis)];
  else if (auto reshape = dyn_cast_or_null<ReshapeOp>(maker))
    before = axisBefore(reshape, axis);
  else if (auto quant = dyn_cast_or_null<QuantOp>(maker);
           !quant || quant.getQuantiser().getAxis() == axis)
    return {};
  Value inner =
      before ? withoutReversal(maker->getOperand(0), *before) : Value();
  if (!inner)
    return {};
  OpBuilder builder(maker);
  Operation *copy = builder.clone(*maker);
  copy->setOperand(0, inner);
  return copy->getResult(0);
}

static void turnInputs(ScanOp scan) {
  llvm::SmallVector<int64_t> directions(scan.getInputDirections());
  for (auto [i, axis] : llvm::enumerate(scan.getInputAxes())) {
    OpOperand &operand = scan.getInputsMutable()[unsigned(i)];
    Value forwards = withoutReversal(operand.get(), axis);
    if (!forwards)
      continue;
    Value old = operand.get();
    operand.set(forwards);
    directions[i] = 1 - directions[i];
    eraseDead({old});
  }
  scan.setInputDirections(directions);
}

/// Turns the scan output that `gather` reverses if nothing else reads it.
static void turnOutput(GatherOp gather) {
  int64_t axis = int64_t(gather.getAxis());
  if (!reverses(gather, axis))
    return;
  Value value = gather.getInput();
  std::optional<int64_t> at = axis;
  for (; at && value.hasOneUse(); value = value.getDefiningOp()->getOperand(0))
    if (auto transpose = value.getDefiningOp<TransposeOp>())
      at = transpose.getPerm()[size_t(*at)];
    else if (auto reshape = value.getDefiningOp<ReshapeOp>())
      at = axisBefore(reshape, *at);
    else
      break;
  auto scan = value.getDefiningOp<ScanOp>();
  if (!at || !scan || !value.hasOneUse())
    return;
  unsigned number = cast<OpResult>(value).getResultNumber();
  unsigned states = scan.getStates().size();
  if (number < states || scan.getOutputAxes()[number - states] != *at)
    return;
  llvm::SmallVector<int64_t> directions(scan.getOutputDirections());
  directions[number - states] = 1 - directions[number - states];
  scan.setOutputDirections(directions);
  gather.replaceAllUsesWith(gather.getInput());
  gather.erase();
}

void FoldReversalsPass::runOnOperation() {
  llvm::SmallVector<ScanOp> scans;
  llvm::SmallVector<GatherOp> gathers;
  getOperation().walk([&](ScanOp op) { scans.push_back(op); });
  for (ScanOp scan : scans)
    turnInputs(scan);
  getOperation().walk([&](GatherOp op) { gathers.push_back(op); });
  for (GatherOp gather : gathers)
    turnOutput(gather);
}

} // namespace finngl::qonnx
