//===- Windows.cpp - Convolutions, pools, batch normalisation -------------===//

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::qonnx;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

template <typename OpTy>
static Window windowFrom(OpTy op, ArrayRef<int64_t> kernel) {
  auto copy = [](ArrayRef<int64_t> list) {
    return Indices(list.begin(), list.end());
  };
  size_t rank = kernel.size();
  return {copy(kernel), copy(op.getStrides()), copy(op.getDilations()),
          copy(op.getPads().take_front(rank)),
          copy(op.getPads().drop_front(rank))};
}

Window qonnx::windowOf(ConvOp op) {
  return windowFrom(op, typeOf(op.getWeights()).getShape().drop_front(2));
}
Window qonnx::windowOf(MaxPoolOp op) { return windowFrom(op, op.getKernel()); }
Window qonnx::windowOf(AveragePoolOp op) {
  return windowFrom(op, op.getKernel());
}

/// Attributes of the right length and sign, and a result of as many positions
/// as windows fit.
template <typename OpTy>
static LogicalResult verifyWindows(OpTy op, ArrayRef<int64_t> kernel) {
  RankedTensorType in = typeOf(op.getInput()), out = typeOf(op.getResult());
  size_t rank = kernel.size();
  if (in.getRank() != int64_t(rank) + 2 || rank < 1 ||
      in.getRank() != out.getRank() || in.getDimSize(0) != out.getDimSize(0))
    return op.emitOpError()
           << "expects [N, C, " << rank << " spatial dimensions], got " << in
           << " and " << out;
  if (op.getStrides().size() != rank || op.getDilations().size() != rank ||
      op.getPads().size() != 2 * rank)
    return op.emitOpError() << "expects " << rank << " strides, " << rank
                            << " dilations and " << 2 * rank << " pads";
  auto below = [](ArrayRef<int64_t> list, int64_t least) {
    return llvm::any_of(list, [&](int64_t entry) { return entry < least; });
  };
  if (below(kernel, 1) || below(op.getStrides(), 1) ||
      below(op.getDilations(), 1) || below(op.getPads(), 0))
    return op.emitOpError() << "expects kernel, strides and dilations above "
                               "zero and pads of zero or more";
  Window window = windowFrom(op, kernel);
  for (size_t d = 0; d < rank; ++d)
    if (int64_t count = windowCount(window, d, in.getDimSize(d + 2));
        count < 1 || out.getDimSize(d + 2) != count)
      return op.emitOpError()
             << "expects " << count << " windows in spatial dimension " << d
             << " of " << in << ", got " << out;
  return success();
}

LogicalResult ConvOp::verify() {
  RankedTensorType in = typeOf(getInput()), out = typeOf(getResult());
  RankedTensorType weights = typeOf(getWeights());
  if (weights.getRank() < 3 || weights.getRank() != in.getRank())
    return emitOpError() << "expects weights [M, C / group, K...], got "
                         << weights << " beside " << in;
  if (failed(verifyWindows(*this, weights.getShape().drop_front(2))))
    return failure();
  int64_t group = getGroup();
  if (group < 1 || weights.getDimSize(0) % group != 0 ||
      weights.getDimSize(1) * group != in.getDimSize(1) ||
      out.getDimSize(1) != weights.getDimSize(0))
    return emitOpError() << "expects weights [M, C / " << group
                         << ", K...] with M a multiple of " << group << ", got "
                         << weights << " for " << in << " and " << out;
  return success();
}

/// Pools keep the channels, and no window may hold padding only.
template <typename OpTy> static LogicalResult verifyPool(OpTy op) {
  if (failed(verifyWindows(op, op.getKernel())))
    return failure();
  RankedTensorType in = typeOf(op.getInput()), out = typeOf(op.getResult());
  if (in.getDimSize(1) != out.getDimSize(1))
    return op.emitOpError()
           << "expects as many channels in " << in << " as in " << out;
  WindowPlan plan =
      planWindows(in.getShape().drop_front(2), windowFrom(op, op.getKernel()));
  for (int64_t position = 0; position < plan.positions; ++position) {
    bool found = false;
    for (int64_t tap = 0; tap < plan.taps && !found; ++tap)
      found = plan.from[tap * plan.positions + position] >= 0;
    if (!found)
      return op.emitOpError()
             << "expects an element in every window, found padding only in "
                "window "
             << position;
  }
  return success();
}
LogicalResult MaxPoolOp::verify() { return verifyPool(*this); }
LogicalResult AveragePoolOp::verify() { return verifyPool(*this); }

LogicalResult BatchNormOp::verify() {
  RankedTensorType type = typeOf(getResult());
  int64_t channels = type.getRank() < 2 ? -1 : type.getDimSize(1);
  for (ArrayRef<float> list : {getScale(), getBias(), getMean(), getVariance()})
    if (int64_t(list.size()) != channels)
      return emitOpError() << "expects one entry for each of the channels of "
                           << type << ", got " << list.size();
  float epsilon = getEpsilon().convertToFloat();
  for (ArrayRef<float> list : {getScale(), getBias(), getMean()})
    for (float entry : list)
      if (!std::isfinite(entry))
        return emitOpError() << "expects finite parameters, got " << entry;
  for (float variance : getVariance())
    if (!(double(variance) + epsilon > 0) || !std::isfinite(variance))
      return emitOpError() << "expects variance + epsilon above zero, got "
                           << variance << " + " << epsilon;
  return success();
}
