//===- LastSteps.cpp - The last step of a sequence is a state -------------===//
//
// A head that reads the last step of a recurrence (`y[-1]`, Gather, Slice)
// reads what the scan ends with, where the body yields one value as state and
// as output. The state needs no sequence to be kept.
//
//===----------------------------------------------------------------------===//

#include "ScanBody.h"

using namespace mlir;

namespace finngl::qonnx {

int64_t stateOf(ScanOp scan, size_t output) {
  ValueRange yielded = scan.getBody().front().getTerminator()->getOperands();
  for (size_t i = 0; i < scan.getStates().size(); ++i)
    if (yielded[i] == yielded[output])
      return int64_t(i);
  return -1;
}

/// The state that `value`'s elements are, in their order; null if it is none.
static Value finalState(Value value) {
  Indices elements;
  for (Operation *op = value.getDefiningOp(); op;) {
    if (auto scan = dyn_cast<ScanOp>(op)) {
      size_t index = cast<OpResult>(value).getResultNumber();
      if (index < scan.getStates().size() || stateOf(scan, index) < 0)
        return {};
      size_t output = index - scan.getStates().size();
      bool reverse = scan.getOutputDirections()[output] != 0;
      auto shape = cast<RankedTensorType>(value.getType()).getShape();
      Indices last = sliceIndices(shape, scan.getOutputAxes()[output],
                                  reverse ? 0 : scan.getSteps() - 1);
      return elements == last ? scan.getResult(unsigned(stateOf(scan, index)))
                              : Value();
    }
    std::optional<Indices> moved = movedElements(op);
    if (!moved)
      return {};
    if (elements.empty())
      elements = std::move(*moved);
    else
      for (int64_t &element : elements)
        element = (*moved)[size_t(element)];
    value = op->getOperand(0);
    op = value.getDefiningOp();
  }
  return {};
}

void readLastSteps(Operation *function) {
  llvm::SmallVector<GatherOp> gathers;
  function->walk([&](GatherOp op) { gathers.push_back(op); });
  for (GatherOp op : gathers) {
    Value state = finalState(op.getResult());
    if (!state)
      continue;
    OpBuilder builder(op);
    Value same = builder.create<ReshapeOp>(op.getLoc(), op.getType(), state);
    op.replaceAllUsesWith(same);
    eraseDead({op.getResult()});
  }
}

} // namespace finngl::qonnx
