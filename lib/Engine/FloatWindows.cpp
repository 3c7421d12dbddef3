//===- FloatWindows.cpp - Convolutions, pools, batch norm in float32 ------===//

#include "FloatKernels.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

static std::vector<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().vec();
}

FloatValue engine::conv(qonnx::ConvOp op, const FloatValue &input,
                        const FloatValue &weights) {
  ConvPlan plan =
      planConv(input.shape, weights.shape, qonnx::windowOf(op), op.getGroup());
  int64_t count = int64_t(plan.patches.size());
  return matMul(shapeOf(op.getResult()), plan.product, weights,
                gather(input, {count}, plan.patches));
}

FloatValue engine::maxPool(qonnx::MaxPoolOp op, const FloatValue &input) {
  FloatValue result;
  result.shape = shapeOf(op.getResult());
  auto visit = [&](const Indices &elements) {
    float largest = -std::numeric_limits<float>::infinity();
    double bound = 0;
    for (int64_t element : elements) {
      largest = std::max(largest, input.data[element]);
      bound = std::max(bound, input.bounds[element]);
    }
    result.data.push_back(largest);
    result.bounds.push_back(bound);
  };
  forEachWindow(input.shape, qonnx::windowOf(op), visit);
  return result;
}

FloatValue engine::averagePool(qonnx::AveragePoolOp op,
                               const FloatValue &input) {
  FloatValue result;
  result.shape = shapeOf(op.getResult());
  int64_t taps = elementCount(qonnx::windowOf(op).kernel);
  auto visit = [&](const Indices &elements) {
    float sum = 0;
    double bound = 0, magnitude = 0;
    for (int64_t element : elements) {
      sum += input.data[element];
      bound += input.bounds[element];
      magnitude += std::fabs(double(input.data[element]));
    }
    double divisor = op.getCountIncludePad() ? taps : elements.size();
    result.data.push_back(sum / float(divisor));
    bound += double(elements.size()) * unitRoundoff * magnitude;
    // Divided, or multiplied by a rounded reciprocal.
    result.bounds.push_back((bound + 2 * unitRoundoff * magnitude) / divisor +
                            underflow);
  };
  forEachWindow(input.shape, qonnx::windowOf(op), visit);
  return result;
}

/// As `x * alpha + beta`, alpha and beta rounded per channel.
FloatValue engine::batchNorm(qonnx::BatchNormOp op, const FloatValue &input) {
  FloatValue result;
  result.shape = input.shape;
  float epsilon = op.getEpsilon().convertToFloat();
  for (auto [i, c] : llvm::enumerate(channelIndices(input.shape, 1))) {
    float alpha =
        op.getScale()[c] * (1.0f / std::sqrt(op.getVariance()[c] + epsilon));
    float mean = op.getMean()[c], bias = op.getBias()[c];
    float beta = bias - mean * alpha, x = input.data[i];
    result.data.push_back(x * alpha + beta);
    double magnitude = std::fabs(double(x) * alpha) +
                       std::fabs(double(mean) * alpha) +
                       std::fabs(double(bias));
    result.bounds.push_back(std::fabs(double(alpha)) * input.bounds[i] +
                            8 * unitRoundoff * magnitude + underflow);
  }
  return result;
}
