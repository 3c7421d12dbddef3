//===- FloatQuantisers.cpp - Quantisers in float32 ------------------------===//

#include "FloatKernels.h"
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

/// Error of x / scale + offset in levels: that of x, the division's rounding
/// and the addition's; the last term is the 0.5 of the HALF modes.
static double levelBound(double bound, float x, float scale, float offset,
                         bool half) {
  double quotient = std::fabs(double(x) / scale);
  double result = bound / scale + unitRoundoff * quotient + underflow;
  if (offset != 0.0f)
    result += unitRoundoff * std::fabs(double(x) / scale + offset);
  return half ? result + unitRoundoff * (quotient + 1.0) : result;
}

/// `level * scale` is one product in float32, and the subtraction of a zero
/// point that is no integer may round as well.
static double valueBound(double level, float scale, float zeroPoint) {
  double roundings = zeroPoint == std::trunc(zeroPoint) ? 1.0 : 2.0;
  return roundings * unitRoundoff * std::fabs(level * scale) + underflow;
}

FloatValue engine::quantise(qonnx::QuantOp op, const FloatValue &input,
                            std::vector<double> &levelBounds) {
  Quantiser q = qonnx::toQuantiser(op.getQuantiser());
  Indices channels = channelIndices(input.shape, q.axis);
  bool half =
      q.rounding == Rounding::HalfUp || q.rounding == Rounding::HalfDown;
  FloatValue result;
  result.shape = input.shape;
  for (auto [i, x] : llvm::enumerate(input.data)) {
    size_t channel = channels[i];
    float scale = q.scaleAt(channel);
    // A zero point added after rounding does not touch the decision.
    float offset =
        q.bipolar || q.zeroPointAfterRounding ? 0.0f : q.zeroPointAt(channel);
    int64_t code = q.codeFloat32(x, channel);
    double level = q.bipolar ? code : code - double(q.zeroPointAt(channel));
    result.codes.push_back(code);
    result.data.push_back(q.valueFloat32(code, channel));
    result.bounds.push_back(
        valueBound(level, scale, q.bipolar ? 0.0f : q.zeroPointAt(channel)));
    levelBounds.push_back(
        q.bipolar ? input.bounds[i] / scale
                  : levelBound(input.bounds[i], x, scale, offset, half));
  }
  return result;
}

/// Range of the codes of an integer element type.
static std::pair<int64_t, int64_t> codeRange(Value value) {
  auto type = cast<IntegerType>(
      cast<RankedTensorType>(value.getType()).getElementType());
  int64_t one = 1;
  unsigned width = type.getWidth();
  if (type.isUnsigned())
    return {0, (one << width) - 1};
  return {-(one << (width - 1)), (one << (width - 1)) - 1};
}

FloatValue engine::quantiseLinear(qonnx::QuantizeLinearOp op,
                                  const FloatValue &input,
                                  std::vector<double> &levelBounds) {
  auto [lo, hi] = codeRange(op.getResult());
  Quantiser q;
  q.scale.assign(op.getScale().begin(), op.getScale().end());
  q.zeroPoint.assign(op.getZeroPoint().begin(), op.getZeroPoint().end());
  q.lo = lo;
  q.hi = hi;
  q.zeroPointAfterRounding = true;
  Indices channels = channelIndices(
      input.shape, q.scale.size() + q.zeroPoint.size() > 2 ? op.getAxis() : -1);
  FloatValue result;
  result.shape = input.shape;
  for (auto [i, x] : llvm::enumerate(input.data)) {
    result.codes.push_back(q.codeFloat32(x, channels[i]));
    levelBounds.push_back(
        levelBound(input.bounds[i], x, q.scaleAt(channels[i]), 0.0f, false));
  }
  return result;
}

FloatValue engine::dequantiseLinear(qonnx::DequantizeLinearOp op,
                                    const FloatValue &input) {
  ArrayRef<float> scales = op.getScale();
  ArrayRef<int64_t> zeroPoints = op.getZeroPoint();
  Indices channels = channelIndices(
      input.shape, scales.size() + zeroPoints.size() > 2 ? op.getAxis() : -1);
  FloatValue result;
  result.shape = input.shape;
  result.codes = input.codes;
  for (auto [i, code] : llvm::enumerate(input.codes)) {
    float scale = scales[scales.size() == 1 ? 0 : channels[i]];
    int64_t zero = zeroPoints[zeroPoints.size() == 1 ? 0 : channels[i]];
    // ONNX subtracts in the integer type, so only the product rounds, beside
    // the conversion of a wide code.
    float level = float(code - zero);
    result.data.push_back(level * scale);
    result.bounds.push_back(valueBound(level, scale, 0.0f) +
                            std::fabs(double(code - zero) - double(level)) *
                                scale);
  }
  return result;
}
