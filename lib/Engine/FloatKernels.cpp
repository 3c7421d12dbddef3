//===- FloatKernels.cpp - Operators in float32 ----------------------------===//
//
// Each kernel computes in float32 and carries the bound of every element:
// that of its operands through the operator, and the operator's own rounding.
//
//===----------------------------------------------------------------------===//

#include "FloatKernels.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

template <typename T>
static std::vector<T> gatherData(const std::vector<T> &data,
                                 const Indices &indices) {
  std::vector<T> result;
  if (data.empty())
    return result;
  result.reserve(indices.size());
  for (int64_t index : indices)
    result.push_back(index < 0 ? T() : data[index]);
  return result;
}

FloatValue engine::gather(const FloatValue &value, std::vector<int64_t> shape,
                          const Indices &indices) {
  return {std::move(shape), gatherData(value.data, indices),
          gatherData(value.bounds, indices), gatherData(value.codes, indices),
          value.constant};
}

FloatValue engine::join(ArrayRef<const FloatValue *> parts,
                        std::vector<int64_t> shape, const Indices &indices) {
  FloatValue whole;
  bool allCodes = true;
  for (const FloatValue *part : parts) {
    llvm::append_range(whole.data, part->data);
    llvm::append_range(whole.bounds, part->bounds);
    llvm::append_range(whole.codes, part->codes);
    allCodes &= !part->codes.empty();
  }
  if (!allCodes)
    whole.codes.clear();
  return gather(whole, std::move(shape), indices);
}

static std::vector<int64_t> resultShape(Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType()).getShape().vec();
}

static FloatValue constant(qonnx::ConstantOp op) {
  FloatValue result;
  result.shape = resultShape(op);
  result.constant = true;
  auto type = cast<RankedTensorType>(op.getType());
  if (!type.getElementType().isF32()) {
    result.codes = intElements(op.getValue());
    return result;
  }
  auto values = op.getValue().getValues<float>();
  result.data.assign(values.begin(), values.end());
  result.bounds.assign(result.data.size(), 0.0);
  return result;
}

static FloatValue clip(qonnx::ClipOp op, const FloatValue &input) {
  double lo = op.getMin().convertToDouble(), hi = op.getMax().convertToDouble();
  FloatValue result = input;
  bool isFloat = !input.data.empty();
  for (float &x : result.data)
    x = std::clamp(x, float(lo), float(hi));
  if (isFloat)
    result.codes.clear();
  for (int64_t &code : result.codes) {
    // Not cast: a bound may be infinite.
    if (double(code) < lo)
      code = int64_t(std::ceil(lo));
    else if (double(code) > hi)
      code = int64_t(std::floor(hi));
  }
  return result;
}

enum class Binary { Add, Sub, Mul };

static FloatValue binary(Operation *op, Binary kind, const FloatValue &lhs,
                         const FloatValue &rhs) {
  FloatValue result;
  result.shape = resultShape(op);
  Indices left = broadcastIndices(lhs.shape, result.shape);
  Indices right = broadcastIndices(rhs.shape, result.shape);
  for (auto [i, j] : llvm::zip(left, right)) {
    float a = lhs.data[i], b = rhs.data[j];
    double boundA = lhs.bounds[i], boundB = rhs.bounds[j], bound;
    float value;
    if (kind == Binary::Mul) {
      value = a * b;
      bound = std::fabs(a) * boundB + std::fabs(b) * boundA + boundA * boundB +
              underflow;
    } else {
      value = kind == Binary::Add ? a + b : a - b;
      bound = boundA + boundB;
    }
    result.data.push_back(value);
    result.bounds.push_back(bound + unitRoundoff * std::fabs(double(value)));
  }
  return result;
}

/// n roundings of at most the sum of magnitudes each.
FloatValue engine::matMul(std::vector<int64_t> shape, const MatMulPlan &plan,
                          const FloatValue &lhs, const FloatValue &rhs) {
  FloatValue result;
  result.shape = std::move(shape);
  size_t count = plan.lhsOffsets.size() * plan.rows * plan.columns;
  result.data.assign(count, 0.0f);
  result.bounds.assign(count, 0.0);
  std::vector<double> magnitudes(count, 0.0);
  size_t base = 0;
  for (auto [l, r] : llvm::zip(plan.lhsOffsets, plan.rhsOffsets))
    for (int64_t row = 0; row < plan.rows; ++row, base += plan.columns)
      for (int64_t k = 0; k < plan.inner; ++k) {
        size_t i = l + row * plan.inner + k;
        float a = lhs.data[i];
        double magnitudeA = std::fabs(double(a)), boundA = lhs.bounds[i];
        size_t j = r + k * plan.columns;
        for (int64_t column = 0; column < plan.columns; ++column, ++j) {
          double magnitudeB = std::fabs(double(rhs.data[j]));
          result.data[base + column] += a * rhs.data[j];
          magnitudes[base + column] += magnitudeA * magnitudeB;
          result.bounds[base + column] += magnitudeA * rhs.bounds[j] +
                                          magnitudeB * boundA +
                                          boundA * rhs.bounds[j];
        }
      }
  for (auto [bound, magnitude] : llvm::zip(result.bounds, magnitudes))
    bound += plan.inner * (unitRoundoff * magnitude + underflow);
  return result;
}

FailureOr<FloatValue> engine::evaluateFloat(Operation *op,
                                            ArrayRef<const FloatValue *> in) {
  std::vector<double> levelBounds;
  return llvm::TypeSwitch<Operation *, FailureOr<FloatValue>>(op)
      .Case([&](qonnx::ConstantOp c) { return constant(c); })
      .Case([&](qonnx::QuantOp q) { return quantise(q, *in[0], levelBounds); })
      .Case([&](qonnx::QuantizeLinearOp q) {
        return quantiseLinear(q, *in[0], levelBounds);
      })
      .Case([&](qonnx::DequantizeLinearOp d) {
        return dequantiseLinear(d, *in[0]);
      })
      .Case([&](qonnx::SoftmaxOp s) {
        return softmax(*in[0], int64_t(s.getAxis()), s.getLog());
      })
      .Case([&](qonnx::ArgMaxOp a) { return argMax(a, *in[0], levelBounds); })
      .Case([&](qonnx::TopKOp t) { return topK(t, *in[0]); })
      .Case([&](qonnx::ConcatOp c) {
        return join(in, resultShape(c), concatIndices(c));
      })
      .Case([&](qonnx::ClipOp c) { return clip(c, *in[0]); })
      .Case([&](qonnx::MatMulOp m) {
        return matMul(resultShape(m), planMatMul(in[0]->shape, in[1]->shape),
                      *in[0], *in[1]);
      })
      .Case([&](qonnx::ConvOp c) { return conv(c, *in[0], *in[1]); })
      .Case([&](qonnx::MaxPoolOp p) { return maxPool(p, *in[0]); })
      .Case([&](qonnx::AveragePoolOp p) { return averagePool(p, *in[0]); })
      .Case([&](qonnx::BatchNormOp b) { return batchNorm(b, *in[0]); })
      .Case(
          [&](qonnx::AddOp) { return binary(op, Binary::Add, *in[0], *in[1]); })
      .Case(
          [&](qonnx::SubOp) { return binary(op, Binary::Sub, *in[0], *in[1]); })
      .Case(
          [&](qonnx::MulOp) { return binary(op, Binary::Mul, *in[0], *in[1]); })
      .Default([&](Operation *other) -> FailureOr<FloatValue> {
        if (in.size() == 1)
          return activation(other, *in[0]);
        return other->emitError() << "is not executable at level onnx";
      });
}
