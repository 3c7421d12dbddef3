//===- Transcendental.h - Enclosures of sigmoid and tanh --------*- C++ -*-===//

#ifndef FINNGL_LIB_EXACT_TRANSCENDENTAL_H
#define FINNGL_LIB_EXACT_TRANSCENDENTAL_H

#include "finngl/Core/Number.h"

namespace finngl::exact {

enum class Function { Sigmoid, Tanh };

/// `numerator * 2^exponent`.
struct Dyadic {
  Integer numerator;
  int64_t exponent = 0;
};

struct Enclosure {
  Dyadic low, high;
};

/// Bounds of `function(argument)` from MPFR's directed rounding at the given
/// precision.
Enclosure enclose(Function function, const Dyadic &argument,
                  unsigned precisionBits);

} // namespace finngl::exact

#endif // FINNGL_LIB_EXACT_TRANSCENDENTAL_H
