//===- VerifyInteger.cpp - The pass finn-verify-integer -------------------===//
//
// The last gate before hardware: no float, no op of another dialect, no integer
// without a sign.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"

namespace finngl::finn {
#define GEN_PASS_DEF_VERIFYINTEGER
#include "finngl/Dialect/Finn/Transforms/Passes.h.inc"
} // namespace finngl::finn

using namespace mlir;
using namespace finngl;

/// The first type that is no tensor of finn integers, or null.
static Type foreignType(TypeRange types) {
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !finn::isFinnInteger(tensor.getElementType()))
      return type;
  }
  return {};
}

static LogicalResult check(Operation *op) {
  if (!isa<func::FuncOp, func::ReturnOp>(op) &&
      !isa_and_nonnull<finn::FinnDialect>(op->getDialect())) {
    InFlightDiagnostic error = op->emitError() << "expects finn ops only, got '"
                                               << op->getName() << "'";
    error.attachNote(op->getLoc())
        << "every float op must reach a quantiser; see convert-qonnx-to-finn";
    return failure();
  }
  Type foreign = foreignType(op->getResultTypes());
  for (Region &region : op->getRegions())
    for (Block &block : region)
      if (!foreign)
        foreign = foreignType(block.getArgumentTypes());
  if (foreign)
    return op->emitError() << "expects tensors of si<1..63> or ui<1..63>, got "
                           << foreign;
  return success();
}

namespace {
struct VerifyIntegerPass
    : finngl::finn::impl::VerifyIntegerBase<VerifyIntegerPass> {
  void runOnOperation() override {
    bool good = true;
    getOperation().walk([&](Operation *op) { good &= succeeded(check(op)); });
    if (!good)
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
