//===- TwoScale.cpp - Reachable sums of two scaled integers ---------------===//

#include "TwoScale.h"
#include <algorithm>

using namespace finngl;

/// Walks down the record minima. A step of `downCount` indices lowers the value
/// by `down`, one of `upCount` raises it by `up`; both are best one-sided
/// approximations of zero, refined as in Euclid's algorithm. From value v the
/// next record is the first index distance whose decrement is <= v, and those
/// first ones are exactly `down - i*up` for growing i.
Int128 finngl::minimumModulo(Int128 alpha, Int128 beta, Int128 m,
                             Int128 count) {
  assert(0 <= alpha && alpha < m && 0 <= beta && beta < m && count >= 1);
  Int128 value = beta, left = count - 1;
  if (alpha == 0)
    return value;
  Int128 up = alpha, upCount = 1, down = m - alpha, downCount = 1;
  while (left >= downCount) {
    if (down <= value) {
      Int128 times = std::min(value / down, left / downCount);
      value -= times * down;
      left -= times * downCount;
      continue;
    }
    // Refine the decrement, no further than needed and never to zero (that is
    // the period).
    Int128 needed = ceilDiv(down - value, up), possible = (down - 1) / up;
    Int128 times = std::min(needed, possible);
    down -= times * up;
    downCount += times * upCount;
    if (needed <= possible)
      continue;
    Int128 refine = (up - 1) / down;
    if (refine == 0) // up == down: the value is below the common divisor
      break;
    up -= refine * down;
    upCount += refine * downCount;
  }
  return value;
}

std::optional<Int128> finngl::smallestExcess(Int128 m1, Int128 m2, Int128 t,
                                             const Box &box) {
  // Behind `fromA` some b of the box reaches t.
  Int128 fromA = std::max(box.aMin, ceilDiv(t - m2 * box.bMax, m1));
  if (fromA > box.aMax)
    return std::nullopt;
  // Up to `toA` the first b that does is ceil((t - m1*a) / m2) >= bMin, and the
  // excess is (m1*a - t) mod m2; behind it even bMin does.
  Int128 toA = ceilDiv(t - m2 * (box.bMin - 1), m1) - 1;
  std::optional<Int128> best;
  if (Int128 cornerA = std::max(fromA, toA + 1); cornerA <= box.aMax)
    best = m1 * cornerA + m2 * box.bMin - t;
  toA = std::min(toA, box.aMax);
  if (fromA <= toA) {
    Int128 least = minimumModulo(floorMod(m1, m2), floorMod(m1 * fromA - t, m2),
                                 m2, toA - fromA + 1);
    best = best ? std::min(*best, least) : least;
  }
  return best;
}

std::optional<Int128> finngl::smallestShortfall(Int128 m1, Int128 m2, Int128 t,
                                                const Box &box) {
  // s < t iff -s >= 1 - t; the excess there is t - 1 - s.
  Box negated = {-box.aMax, -box.aMin, -box.bMax, -box.bMin};
  auto excess = smallestExcess(m1, m2, 1 - t, negated);
  if (!excess)
    return std::nullopt;
  return *excess + 1;
}
