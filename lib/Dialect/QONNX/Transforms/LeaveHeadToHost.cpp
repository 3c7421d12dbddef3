//===- LeaveHeadToHost.cpp - The last function of a classifier ------------===//

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"

using namespace mlir;

namespace finngl::qonnx {
#define GEN_PASS_DEF_LEAVEHEADTOHOST
#include "finngl/Dialect/QONNX/Transforms/Passes.h.inc"

namespace {
class LeaveHeadToHostPass
    : public impl::LeaveHeadToHostBase<LeaveHeadToHostPass> {
  void runOnOperation() override;
};
} // namespace

/// The ONNX operator and its axis; null if the value is made by no head.
static DictionaryAttr headOf(Operation *op) {
  if (!isa_and_nonnull<SoftmaxOp, SigmoidOp>(op))
    return {};
  Builder builder(op->getContext());
  StringRef name = "Sigmoid";
  int64_t axis = -1;
  if (auto softmax = dyn_cast<SoftmaxOp>(op)) {
    name = softmax.getLog() ? "LogSoftmax" : "Softmax";
    axis = int64_t(softmax.getAxis());
  }
  return builder.getDictionaryAttr(
      {builder.getNamedAttr(kHostFunction, builder.getStringAttr(name)),
       builder.getNamedAttr(kHostAxis, builder.getI64IntegerAttr(axis))});
}

void LeaveHeadToHostPass::runOnOperation() {
  func::FuncOp function = getOperation();
  Operation *terminator = function.getBody().front().getTerminator();
  bool found = false;
  for (OpOperand &result : terminator->getOpOperands()) {
    Operation *head = result.get().getDefiningOp();
    DictionaryAttr host = headOf(head);
    if (!host)
      continue;
    found = true;
    function.setResultAttr(result.getOperandNumber(), kHostAttr, host);
    result.set(head->getOperand(0));
    if (head->use_empty())
      head->erase();
  }
  if (found)
    return;
  InFlightDiagnostic error = function.emitError()
                             << "no graph output is a Softmax, LogSoftmax or "
                                "Sigmoid that could be left to the host";
  error.attachNote() << "compile the model without --head logits";
  signalPassFailure();
}

} // namespace finngl::qonnx
