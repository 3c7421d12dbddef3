//===- ConvertQuantToQCDQ.cpp - One quant becomes Q, Clip, DQ -------------===//
//
//   quant x by {scale, zero point, lo, hi}  ->  dq(clip(q(x)))
//
// The way back of convert-qcdq-to-quant, for tools that know ONNX' own
// operators only. Codes are int8 or uint8; a Clip stands where the bounds are
// not those of the type.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"

using namespace mlir;

namespace finngl::qonnx {
#define GEN_PASS_DEF_CONVERTQUANTTOQCDQ
#include "finngl/Dialect/QONNX/Transforms/Passes.h.inc"

namespace {
class ConvertQuantToQCDQPass
    : public impl::ConvertQuantToQCDQBase<ConvertQuantToQCDQPass> {
  void runOnOperation() override;
};

/// The codes of one of ONNX' types.
struct CodeType {
  bool isSigned;
  int64_t lo, hi;
};
constexpr CodeType kInt8 = {true, -128, 127}, kUInt8 = {false, 0, 255};
} // namespace

static LogicalResult refuse(QuantOp op, const Twine &what) {
  InFlightDiagnostic error = op.emitError()
                             << "has no form in QuantizeLinear and "
                                "DequantizeLinear: "
                             << what;
  error.attachNote() << "8 bits at most, rounding half to even; QONNX' Quant "
                        "says all others";
  return failure();
}

static LogicalResult convertQuant(QuantOp op) {
  Quantiser q = toQuantiser(op.getQuantiser());
  bool zero = llvm::all_of(q.zeroPoint, [](float z) { return z == 0.0f; });
  if (q.bipolar)
    return refuse(op, "its codes are -1 and 1");
  if (q.rounding != Rounding::HalfEven)
    return refuse(op, "it rounds by " + Twine(stringify(q.rounding)));
  // Quant adds a zero point before rounding, QuantizeLinear after it.
  if (!zero && !q.zeroPointAfterRounding)
    return refuse(op, "its zero point is added before rounding");
  const CodeType &type = q.lo < 0 ? kInt8 : kUInt8;
  if (q.lo < type.lo || q.hi > type.hi)
    return refuse(op, "its codes are " + Twine(q.lo) + " to " + Twine(q.hi));
  OpBuilder builder(op);
  auto codes = op.getType().clone(builder.getIntegerType(8, type.isSigned));
  llvm::SmallVector<int64_t> zeroPoint(q.zeroPoint.begin(), q.zeroPoint.end());
  Value value = builder.create<QuantizeLinearOp>(
      op.getLoc(), codes, op.getInput(), q.scale, zeroPoint, q.axis);
  if (q.lo > type.lo || q.hi < type.hi)
    value = builder.create<ClipOp>(op.getLoc(), codes, value,
                                   builder.getF64FloatAttr(double(q.lo)),
                                   builder.getF64FloatAttr(double(q.hi)));
  auto dequantised = builder.create<DequantizeLinearOp>(
      op.getLoc(), op.getType(), value, q.scale, zeroPoint, q.axis);
  op.replaceAllUsesWith(dequantised.getResult());
  op.erase();
  return success();
}

void ConvertQuantToQCDQPass::runOnOperation() {
  llvm::SmallVector<QuantOp> quants;
  getOperation().walk([&](QuantOp op) { quants.push_back(op); });
  bool good = true;
  for (QuantOp op : quants)
    good &= succeeded(convertQuant(op));
  if (!good)
    signalPassFailure();
}

} // namespace finngl::qonnx
