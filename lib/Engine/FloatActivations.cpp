//===- FloatActivations.cpp - Operators of one operand in float32 ---------===//

#include "FloatKernels.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

namespace {
/// `function(x)` of one element and how far it is from the real value:
/// `|f(x) - f(y)| <= slope * |x - y|`, and its own error.
struct Element {
  float value;
  double slope, ownError = 0;
};
} // namespace

template <typename Function>
static FloatValue unary(const FloatValue &input, Function function) {
  FloatValue result;
  result.shape = input.shape;
  for (auto [i, x] : llvm::enumerate(input.data)) {
    Element element = function(x, i);
    result.data.push_back(element.value);
    result.bounds.push_back(element.slope * input.bounds[i] + element.ownError);
  }
  return result;
}

static Element sigmoidOf(float x, size_t) {
  return {float(1.0 / (1.0 + std::exp(-double(x)))), 0.25, activationError};
}

static Element tanhOf(float x, size_t) {
  return {float(std::tanh(double(x))), 1.0, activationError};
}

/// Nothing is rounded above zero.
static Element leaky(float x, float slope) {
  double steepest = std::max(1.0, std::fabs(double(slope)));
  if (!(x < 0))
    return {x, steepest};
  float value = slope * x;
  return {value, steepest, unitRoundoff * std::fabs(double(value)) + underflow};
}

static Element elu(float x, float alpha) {
  double size = std::fabs(double(alpha)), steepest = std::max(1.0, size);
  if (!(x < 0))
    return {x, steepest};
  return {float(alpha * std::expm1(double(x))), steepest,
          size * activationError + underflow};
}

/// A sum and a quotient round.
static Element softsign(float x, size_t) {
  float value = float(x / (1.0 + std::fabs(double(x))));
  return {value, 1.0, 3 * unitRoundoff * std::fabs(double(value)) + underflow};
}

FloatValue engine::sigmoid(const FloatValue &input) {
  return unary(input, sigmoidOf);
}

FailureOr<FloatValue> engine::activation(Operation *op,
                                         const FloatValue &input) {
  using Result = FailureOr<FloatValue>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](qonnx::SigmoidOp) { return sigmoid(input); })
      .Case([&](qonnx::TanhOp) { return unary(input, tanhOf); })
      .Case([&](qonnx::SoftsignOp) { return unary(input, softsign); })
      .Case([&](qonnx::ReluOp) {
        return unary(input, [](float x, size_t) {
          return Element{x > 0 ? x : 0.0f, 1.0};
        });
      })
      .Case([&](qonnx::NegOp) {
        return unary(input, [](float x, size_t) { return Element{-x, 1.0}; });
      })
      .Case([&](qonnx::LeakyReluOp leakyRelu) {
        ArrayRef<float> slopes = leakyRelu.getSlope();
        Indices channels = channelIndices(input.shape, leakyRelu.getAxis());
        return unary(input, [&](float x, size_t i) {
          return leaky(x, slopes[slopes.size() == 1 ? 0 : channels[i]]);
        });
      })
      .Case([&](qonnx::EluOp e) {
        float alpha = e.getAlpha().convertToFloat();
        return unary(input, [&](float x, size_t) { return elu(x, alpha); });
      })
      .Default([](Operation *other) -> Result {
        return other->emitError() << "is not executable at level onnx";
      });
}
