//===- ConvertQCDQToQuant.cpp - Q, Clip, DQ become one quant --------------===//
//
//   dq(clip(q(x)))  ->  quant x by {scale, zero point, lo, hi}
//
// QuantizeLinear saturates to [a, b] of its type, a Clip to [l, h] after it
// gives clamp(clamp(q, a, b), l, h) = clamp(q, clamp(a, l, h), clamp(b, l, h)),
// also where the two ranges do not meet.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"
#include <cmath>

using namespace mlir;

namespace finngl::qonnx {
#define GEN_PASS_DEF_CONVERTQCDQTOQUANT
#include "finngl/Dialect/QONNX/Transforms/Passes.h.inc"

namespace {
/// Code bounds of a chain, in exact integers.
struct Bounds {
  int64_t lo, hi;

  void clamp(int64_t l, int64_t h) {
    lo = std::clamp(lo, l, h);
    hi = std::clamp(hi, l, h);
  }
};

class ConvertQCDQToQuantPass
    : public impl::ConvertQCDQToQuantBase<ConvertQCDQToQuantPass> {
  void runOnOperation() override;
};
} // namespace

static Bounds typeBounds(Type type) {
  auto integer =
      cast<IntegerType>(cast<RankedTensorType>(type).getElementType());
  unsigned width = integer.getWidth();
  if (integer.isUnsigned())
    return {0, (int64_t(1) << width) - 1};
  return {-(int64_t(1) << (width - 1)), (int64_t(1) << (width - 1)) - 1};
}

/// The bounds of a Clip on codes as integers: a fraction between two codes
/// clamps to a value that is no code, which no file may ask for.
static LogicalResult clipBounds(ClipOp clip, Bounds &bounds) {
  double lo = clip.getMin().convertToDouble();
  double hi = clip.getMax().convertToDouble();
  Bounds type = typeBounds(clip.getType());
  lo = std::max(lo, double(type.lo));
  hi = std::min(hi, double(type.hi));
  if (lo != std::floor(lo) || hi != std::floor(hi) || lo > hi)
    return clip.emitError()
           << "expects code bounds that are integers of " << clip.getType()
           << ", got " << clip.getMin().convertToDouble() << " and "
           << clip.getMax().convertToDouble();
  bounds.clamp(int64_t(lo), int64_t(hi));
  return success();
}

template <typename OpTy>
static void printParameters(Diagnostic &note, StringRef what, OpTy op) {
  note << what << ": scale [";
  llvm::interleaveComma(op.getScale(), note, [&](float s) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", double(s));
    note << Twine(text); // of a plain array only the address would be kept
  });
  note << "], zero point [";
  llvm::interleaveComma(op.getZeroPoint(), note, [&](int64_t z) { note << z; });
  note << "]";
}

/// One value that stands for all, else the list: a list of equal entries is per
/// tensor.
template <typename T> static T entry(ArrayRef<T> list, size_t i) {
  return list.size() == 1 ? list[0] : list[i];
}

static LogicalResult checkPair(QuantizeLinearOp q, DequantizeLinearOp dq) {
  size_t count = std::max({q.getScale().size(), dq.getScale().size(),
                           q.getZeroPoint().size(), dq.getZeroPoint().size()});
  int64_t qAxis = q.getAxis(), dqAxis = dq.getAxis();
  bool equal = qAxis == dqAxis || qAxis < 0 || dqAxis < 0;
  for (size_t i = 0; equal && i < count; ++i)
    equal = entry(q.getScale(), i) == entry(dq.getScale(), i) &&
            entry(q.getZeroPoint(), i) == entry(dq.getZeroPoint(), i);
  if (equal)
    return success();
  InFlightDiagnostic error =
      dq.emitError()
      << "expects the scale and zero point of its QuantizeLinear";
  printParameters(error.attachNote(), "QuantizeLinear", q);
  printParameters(error.attachNote(), "DequantizeLinear", dq);
  error.attachNote() << "requantise with a pair of equal parameters";
  return failure();
}

static QuantiserAttr makeQuantiser(QuantizeLinearOp q, Bounds bounds) {
  Quantiser record;
  record.scale.assign(q.getScale().begin(), q.getScale().end());
  record.zeroPoint.assign(q.getZeroPoint().begin(), q.getZeroPoint().end());
  record.lo = bounds.lo;
  record.hi = bounds.hi;
  record.axis = int64_t(q.getAxis());
  // Where every zero point is 0 both orders mean the same: one spelling.
  record.zeroPointAfterRounding =
      llvm::any_of(record.zeroPoint, [](float z) { return z != 0; });
  return fromQuantiser(q.getContext(), record);
}

/// Replaces the chain that ends in `dq`, if one does.
static LogicalResult convertChain(DequantizeLinearOp dq) {
  llvm::SmallVector<Operation *> chain = {dq};
  Value codes = dq.getInput();
  while (auto clip = codes.getDefiningOp<ClipOp>()) {
    chain.push_back(clip);
    codes = clip.getInput();
  }
  auto q = codes.getDefiningOp<QuantizeLinearOp>();
  if (!q)
    return success();
  Bounds bounds = typeBounds(q.getType());
  for (Operation *op : llvm::reverse(chain))
    if (auto clip = dyn_cast<ClipOp>(op);
        clip && failed(clipBounds(clip, bounds)))
      return failure();
  if (failed(checkPair(q, dq)))
    return failure();
  OpBuilder builder(dq);
  auto quant = builder.create<QuantOp>(
      builder.getFusedLoc({q.getLoc(), dq.getLoc()}), dq.getType(),
      q.getInput(), makeQuantiser(q, bounds));
  dq.replaceAllUsesWith(quant.getResult());
  chain.push_back(q);
  for (Operation *op : chain)
    if (op->use_empty())
      op->erase();
  return success();
}

void ConvertQCDQToQuantPass::runOnOperation() {
  llvm::SmallVector<DequantizeLinearOp> ends;
  getOperation().walk([&](DequantizeLinearOp op) { ends.push_back(op); });
  bool good = true;
  for (DequantizeLinearOp op : ends)
    good &= succeeded(convertChain(op));
  if (!good)
    signalPassFailure();
}

} // namespace finngl::qonnx
