//===- ExactWindows.cpp - Convolutions, pools, batch norm exactly ---------===//

#include "ExactDomain.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;
using namespace finngl::exact;

FailureOr<ExactValue> ExactDomain::conv(qonnx::ConvOp op, const Value &input,
                                        const Value &weights) {
  if (input.term || weights.term)
    return refuseTerm(op);
  ConvPlan plan =
      planConv(input.shape, weights.shape, qonnx::windowOf(op), op.getGroup());
  Value result;
  result.shape = resultShape(op);
  result.fixed = exact::matMul(plan.product, weights.fixed,
                               exact::gather(input.fixed, plan.patches));
  return result;
}

FailureOr<ExactValue> ExactDomain::maxPool(qonnx::MaxPoolOp op,
                                           const Value &input) {
  if (input.term)
    return refuseTerm(op);
  Value result;
  result.shape = resultShape(op);
  Indices largest;
  auto visit = [&](const Indices &elements) {
    auto less = [&](int64_t a, int64_t b) {
      return input.fixed.numerators[a] < input.fixed.numerators[b];
    };
    largest.push_back(
        *std::max_element(elements.begin(), elements.end(), less));
  };
  forEachWindow(input.shape, qonnx::windowOf(op), visit);
  result.fixed = exact::gather(input.fixed, largest);
  return result;
}

FailureOr<ExactValue> ExactDomain::averagePool(qonnx::AveragePoolOp op,
                                               const Value &input) {
  if (input.term)
    return refuseTerm(op);
  Value result;
  result.shape = resultShape(op);
  int64_t taps = elementCount(qonnx::windowOf(op).kernel);
  FixedTensor sums{{}, input.fixed.exponent, input.fixed.divisor};
  Indices divisors;
  auto visit = [&](const Indices &elements) {
    Integer sum = 0;
    for (int64_t element : elements)
      sum += input.fixed.numerators[element];
    sums.numerators.push_back(sum);
    divisors.push_back(op.getCountIncludePad() ? taps
                                               : int64_t(elements.size()));
  };
  forEachWindow(input.shape, qonnx::windowOf(op), visit);
  result.fixed = divide(std::move(sums), divisors);
  return result;
}

/// One float of each channel for every element.
static FixedTensor perChannel(ArrayRef<float> values, Shape shape) {
  return exact::gather(fromFloats(values), channelIndices(shape, 1));
}

/// bias + (x - mean) * scale * (1 / sqrt(variance + epsilon)).
FailureOr<ExactValue> ExactDomain::batchNorm(qonnx::BatchNormOp op,
                                             const Value &input) {
  if (input.term)
    return refuseTerm(op);
  Value result;
  result.shape = input.shape;
  result.fixed = perChannel(op.getBias(), input.shape);
  Indices same(result.fixed.numerators.size(), 0);
  FixedTensor epsilon =
      exact::gather(fromDouble(op.getEpsilon().convertToFloat()), same);
  FixedTensor centred =
      add(input.fixed, negate(perChannel(op.getMean(), input.shape)));
  result.term = Term{Function::InverseSqrt,
                     add(perChannel(op.getVariance(), input.shape), epsilon),
                     multiply(centred, perChannel(op.getScale(), input.shape))};
  return result;
}
