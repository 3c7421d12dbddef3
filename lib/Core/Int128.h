//===- Int128.h - 128 bit helpers of the threshold algebra ------*- C++ -*-===//
//
// The inner loops of the solvers multiply two int64 values; GMP there would
// cost ten times the rest of a compile. Private to Core.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CORE_INT128_H
#define FINNGL_LIB_CORE_INT128_H

#include "finngl/Core/Number.h"
#include <cassert>
#include <limits>

namespace finngl {

using Int128 = __int128;

/// Far outside of every value that is computed, yet safe to add to.
inline constexpr Int128 kInfinity = Int128(1) << 125;

/// Divisions that round down (up); the divisor is positive.
inline Int128 floorDiv(Int128 a, Int128 b) {
  assert(b > 0);
  return a / b - (a % b < 0);
}
inline Int128 ceilDiv(Int128 a, Int128 b) {
  assert(b > 0);
  return a / b + (a % b > 0);
}
inline Int128 floorMod(Int128 a, Int128 b) { return a - floorDiv(a, b) * b; }

inline bool fitsInt64(Int128 value) {
  return value >= std::numeric_limits<int64_t>::min() &&
         value <= std::numeric_limits<int64_t>::max();
}

/// Requires |value| < 2^126.
inline Int128 toInt128(const Integer &value) {
  Integer magnitude = abs(value);
  Integer high = magnitude >> 63;
  Integer low = magnitude - (high << 63);
  assert(fitsInt64(high) && "does not fit 128 bits");
  Int128 result = (Int128(toInt64(high)) << 63) + toInt64(low);
  return value < 0 ? -result : result;
}

inline Integer toInteger(Int128 value) {
  Int128 high = value >> 62;
  return (toInteger(int64_t(high)) << 62) +
         toInteger(int64_t(value - (high << 62)));
}

} // namespace finngl

#endif // FINNGL_LIB_CORE_INT128_H
