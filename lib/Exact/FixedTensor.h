//===- FixedTensor.h - Exact tensors ----------------------------*- C++ -*-===//
//
// Every float32 is an integer times a power of two, and only means divide, by
// integers: a whole tensor is integers over one common denominator.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_EXACT_FIXEDTENSOR_H
#define FINNGL_LIB_EXACT_FIXEDTENSOR_H

#include "finngl/Core/Number.h"
#include "finngl/Support/Indexing.h"
#include <span>
#include <vector>

namespace finngl::exact {

/// Element i is `numerators[i] * 2^exponent / divisor`, divisor above zero.
struct FixedTensor {
  std::vector<Integer> numerators;
  int64_t exponent = 0;
  Integer divisor = 1;

  Rational at(size_t i) const;
};

FixedTensor fromFloats(std::span<const float> values);
FixedTensor fromDouble(double value);
FixedTensor fromIntegers(std::span<const int64_t> values);
Rational toRational(const Integer &numerator, int64_t exponent);

/// Index -1 gives 0.
FixedTensor gather(const FixedTensor &tensor, const Indices &indices);
FixedTensor concatenate(std::span<const FixedTensor *const> tensors);

/// Elementwise, operands of equal size.
FixedTensor add(const FixedTensor &lhs, const FixedTensor &rhs);
FixedTensor multiply(const FixedTensor &lhs, const FixedTensor &rhs);
FixedTensor negate(FixedTensor tensor);
/// `negative[i]` where element i is below zero, of tensors of equal size.
FixedTensor selectNegative(const FixedTensor &tensor,
                           const FixedTensor &negative);
FixedTensor clip(const FixedTensor &tensor, double lo, double hi);
/// Element i divided by `divisors[i]`, all above zero.
FixedTensor divide(FixedTensor tensor, std::span<const int64_t> divisors);

FixedTensor matMul(const MatMulPlan &plan, const FixedTensor &lhs,
                   const FixedTensor &rhs);

} // namespace finngl::exact

#endif // FINNGL_LIB_EXACT_FIXEDTENSOR_H
