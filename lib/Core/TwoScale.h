//===- TwoScale.h - Reachable sums of two scaled integers -------*- C++ -*-===//
//
// How close a sum m1*a + m2*b on a box comes to a threshold, in O(log m).
// Private to Core.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CORE_TWOSCALE_H
#define FINNGL_LIB_CORE_TWOSCALE_H

#include "Int128.h"
#include <optional>

namespace finngl {

/// The least (alpha*x + beta) mod m over 0 <= x < count; 0 <= alpha, beta < m,
/// count >= 1.
Int128 minimumModulo(Int128 alpha, Int128 beta, Int128 m, Int128 count);

struct Box {
  Int128 aMin, aMax, bMin, bMax;
};

/// The least `m1*a + m2*b - t` >= 0 over the box, or nothing if no point
/// reaches t. m1, m2 > 0, all sums below 2^124.
std::optional<Int128> smallestExcess(Int128 m1, Int128 m2, Int128 t,
                                     const Box &box);

/// The least `t - m1*a - m2*b` > 0, or nothing if every point reaches t.
std::optional<Int128> smallestShortfall(Int128 m1, Int128 m2, Int128 t,
                                        const Box &box);

} // namespace finngl

#endif // FINNGL_LIB_CORE_TWOSCALE_H
