//===- Transcendental.h - Enclosures of real functions ----------*- C++ -*-===//

#ifndef FINNGL_LIB_EXACT_TRANSCENDENTAL_H
#define FINNGL_LIB_EXACT_TRANSCENDENTAL_H

#include "FixedTensor.h"

namespace finngl::exact {

/// InverseSqrt: 1 / sqrt(x), x above zero.
enum class Function { Sigmoid, Tanh, InverseSqrt };

/// `numerator * 2^exponent`.
struct Dyadic {
  Integer numerator;
  int64_t exponent = 0;
};

struct Enclosure {
  Dyadic low, high;
};

/// Bounds of `function(argument)`, a tensor of one element, from MPFR's
/// directed rounding at the given precision.
Enclosure enclose(Function function, const FixedTensor &argument,
                  unsigned precisionBits);

} // namespace finngl::exact

#endif // FINNGL_LIB_EXACT_TRANSCENDENTAL_H
