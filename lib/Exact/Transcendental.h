//===- Transcendental.h - Enclosures of real functions ----------*- C++ -*-===//

#ifndef FINNGL_LIB_EXACT_TRANSCENDENTAL_H
#define FINNGL_LIB_EXACT_TRANSCENDENTAL_H

#include "FixedTensor.h"

namespace finngl::exact {

/// InverseSqrt: 1 / sqrt(x), x above zero; Expm1: exp(x) - 1; Softsign: x / (1
/// + |x|), rational everywhere.
enum class Function { Sigmoid, Tanh, InverseSqrt, Expm1, Softsign };

/// As messages have it.
const char *nameOf(Function function);

/// `numerator * 2^exponent`.
struct Dyadic {
  Integer numerator;
  int64_t exponent = 0;
};

struct Enclosure {
  Dyadic low, high;
};

/// Bounds of `function(argument)`, irrational, of a tensor of one element, from
/// MPFR's directed rounding at the given precision.
Enclosure enclose(Function function, const FixedTensor &argument,
                  unsigned precisionBits);

} // namespace finngl::exact

#endif // FINNGL_LIB_EXACT_TRANSCENDENTAL_H
