//===- FixedTensor.cpp - Exact tensors ------------------------------------===//

#include "FixedTensor.h"
#include <algorithm>
#include <cmath>
#include <optional>

using namespace finngl;
using namespace finngl::exact;

/// Odd integer and power of two of a finite number; of zero {0, 0}.
static std::pair<int64_t, int> split(double value) {
  int exponent;
  double fraction = std::frexp(value, &exponent);
  int64_t mantissa = int64_t(std::ldexp(fraction, 53));
  if (mantissa == 0)
    return {0, 0};
  int zeros = __builtin_ctzll(uint64_t(mantissa));
  return {mantissa / (int64_t(1) << zeros), exponent - 53 + zeros};
}

static Integer shifted(const Integer &value, int64_t bits) {
  Integer result;
  mpz_mul_2exp(result.get_mpz_t(), value.get_mpz_t(), bits);
  return result;
}

namespace {
struct Denominator {
  int64_t exponent;
  Integer divisor;
};
} // namespace

/// The least denominator that both tensors' values have.
static Denominator common(const FixedTensor &a, const FixedTensor &b) {
  return {std::min(a.exponent, b.exponent),
          a.divisor == b.divisor ? a.divisor : lcm(a.divisor, b.divisor)};
}

/// The same values over a multiple of their denominator.
static FixedTensor over(FixedTensor tensor, const Denominator &denominator) {
  if (int64_t bits = tensor.exponent - denominator.exponent)
    for (Integer &numerator : tensor.numerators)
      numerator = shifted(numerator, bits);
  if (tensor.divisor != denominator.divisor) {
    Integer factor = denominator.divisor / tensor.divisor;
    for (Integer &numerator : tensor.numerators)
      numerator *= factor;
  }
  tensor.exponent = denominator.exponent;
  tensor.divisor = denominator.divisor;
  return tensor;
}

template <typename Values>
static FixedTensor fromNumbers(const Values &values) {
  std::optional<int> lowest;
  for (auto value : values)
    if (auto [mantissa, exponent] = split(value); mantissa != 0)
      lowest = std::min(lowest.value_or(exponent), exponent);
  FixedTensor result;
  result.exponent = lowest.value_or(0);
  result.numerators.reserve(values.size());
  for (auto value : values) {
    auto [mantissa, exponent] = split(value);
    result.numerators.push_back(
        mantissa == 0 ? Integer(0)
                      : shifted(toInteger(mantissa), exponent - *lowest));
  }
  return result;
}

FixedTensor exact::fromFloats(std::span<const float> values) {
  return fromNumbers(values);
}

FixedTensor exact::fromDouble(double value) {
  return fromNumbers(std::span(&value, 1));
}

FixedTensor exact::fromIntegers(std::span<const int64_t> values) {
  FixedTensor result;
  result.numerators.reserve(values.size());
  for (int64_t value : values)
    result.numerators.push_back(toInteger(value));
  return result;
}

Rational exact::toRational(const Integer &numerator, int64_t exponent) {
  Rational result = numerator;
  if (exponent >= 0)
    mpq_mul_2exp(result.get_mpq_t(), result.get_mpq_t(), exponent);
  else
    mpq_div_2exp(result.get_mpq_t(), result.get_mpq_t(), -exponent);
  return result;
}

Rational FixedTensor::at(size_t i) const {
  Rational result = toRational(numerators[i], exponent);
  return divisor == 1 ? result : Rational(result / divisor);
}

FixedTensor exact::gather(const FixedTensor &tensor, const Indices &indices) {
  FixedTensor result;
  result.exponent = tensor.exponent;
  result.divisor = tensor.divisor;
  result.numerators.reserve(indices.size());
  for (int64_t index : indices)
    result.numerators.push_back(index < 0 ? Integer(0)
                                          : tensor.numerators[index]);
  return result;
}

FixedTensor exact::concatenate(std::span<const FixedTensor *const> tensors) {
  FixedTensor result;
  if (tensors.empty())
    return result;
  Denominator all{tensors.front()->exponent, tensors.front()->divisor};
  for (const FixedTensor *tensor : tensors)
    all = common({{}, all.exponent, all.divisor}, *tensor);
  result.exponent = all.exponent;
  result.divisor = all.divisor;
  for (const FixedTensor *tensor : tensors) {
    Integer factor = all.divisor / tensor->divisor;
    for (const Integer &numerator : tensor->numerators)
      result.numerators.push_back(
          shifted(numerator, tensor->exponent - all.exponent) * factor);
  }
  return result;
}

FixedTensor exact::add(const FixedTensor &lhs, const FixedTensor &rhs) {
  Denominator both = common(lhs, rhs);
  FixedTensor sum = over(lhs, both), other = over(rhs, both);
  for (size_t i = 0; i < sum.numerators.size(); ++i)
    sum.numerators[i] += other.numerators[i];
  return sum;
}

FixedTensor exact::multiply(const FixedTensor &lhs, const FixedTensor &rhs) {
  FixedTensor product = lhs;
  product.exponent += rhs.exponent;
  product.divisor *= rhs.divisor;
  for (size_t i = 0; i < product.numerators.size(); ++i)
    product.numerators[i] *= rhs.numerators[i];
  return product;
}

FixedTensor exact::negate(FixedTensor tensor) {
  for (Integer &numerator : tensor.numerators)
    numerator = -numerator;
  return tensor;
}

FixedTensor exact::selectNegative(const FixedTensor &tensor,
                                  const FixedTensor &negative) {
  Denominator both = common(tensor, negative);
  FixedTensor result = over(tensor, both), below = over(negative, both);
  for (size_t i = 0; i < result.numerators.size(); ++i)
    if (result.numerators[i] < 0)
      result.numerators[i] = below.numerators[i];
  return result;
}

FixedTensor exact::clip(const FixedTensor &tensor, double lo, double hi) {
  FixedTensor result = tensor;
  auto limit = [&](double bound, bool isLow) {
    if (std::isinf(bound))
      return;
    FixedTensor limits = fromDouble(bound);
    Denominator both = common(result, limits);
    limits = over(std::move(limits), both);
    result = over(std::move(result), both);
    const Integer &value = limits.numerators[0];
    for (Integer &numerator : result.numerators)
      if (isLow ? numerator < value : numerator > value)
        numerator = value;
  };
  limit(lo, true);
  limit(hi, false);
  return result;
}

FixedTensor exact::divide(FixedTensor tensor,
                          std::span<const int64_t> divisors) {
  Integer all = 1;
  for (int64_t divisor : divisors)
    if (Integer one = toInteger(divisor); all % one != 0)
      all = lcm(all, one);
  for (size_t i = 0; i < divisors.size(); ++i)
    tensor.numerators[i] *= all / toInteger(divisors[i]);
  tensor.divisor *= all;
  return tensor;
}

FixedTensor exact::matMul(const MatMulPlan &plan, const FixedTensor &lhs,
                          const FixedTensor &rhs) {
  FixedTensor result;
  result.exponent = lhs.exponent + rhs.exponent;
  result.divisor = lhs.divisor * rhs.divisor;
  result.numerators.resize(plan.lhsOffsets.size() * plan.rows * plan.columns);
  Integer *out = result.numerators.data();
  for (size_t batch = 0; batch < plan.lhsOffsets.size(); ++batch)
    for (int64_t row = 0; row < plan.rows; ++row, out += plan.columns)
      for (int64_t k = 0; k < plan.inner; ++k) {
        size_t i = plan.lhsOffsets[batch] + row * plan.inner + k;
        const Integer &a = lhs.numerators[i];
        if (a == 0)
          continue;
        const Integer *b =
            rhs.numerators.data() + plan.rhsOffsets[batch] + k * plan.columns;
        for (int64_t column = 0; column < plan.columns; ++column)
          mpz_addmul(out[column].get_mpz_t(), a.get_mpz_t(),
                     b[column].get_mpz_t());
      }
  return result;
}
