//===- Requant.h - Multiply, add, shift, tie fix, clamp ---------*- C++ -*-===//
//
// `v = p*a + c; y = v >> k; if (v mod 2^k < w) y -= y & 1; clamp to [lo, hi]`:
// the arithmetic form of an affine quantisation (one DSP), found by exact
// search and proved before it is returned.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_REQUANT_H
#define FINNGL_CORE_REQUANT_H

#include "finngl/Core/AffineQuantisation.h"

namespace finngl {

/// p and k are the tensor's, c and w the channel's (1 or C entries). w = 0
/// means no tie fix; 0 <= w <= 2^k.
struct Requant {
  /// Rounding by magnitude (UP, DOWN, HALF_DOWN, HALF_UP) where no single c
  /// serves both sides of zero: a < at[channel] takes cBelow instead of c.
  struct Split {
    std::vector<int64_t> at, cBelow;
  };

  int64_t p = 0;
  unsigned k = 0;
  std::vector<int64_t> c, w;
  int64_t lo = 0, hi = 0;
  std::optional<Split> split;

  /// No step overflows for an `a` within the range it was solved for.
  int64_t apply(int64_t a, size_t channel = 0) const;
};

/// The smallest k <= 40 that gives the quantisation on every channel's range,
/// without a tie fix if possible, else with one, else (rounding by magnitude)
/// with a split; p*a + c fits int64. Proved at both sides of every break (ties
/// lie there), at the range's ends, and by comparison of the step functions.
/// Nothing if there is no such k, or if more than 2^22 levels break within the
/// ranges.
std::optional<Requant> solveRequant(const AffineQuantisation &quantisation);

/// The function of the requant on [aMin, aMax], exactly, also for p <= 0,
/// w > 0 and a split.
StepFunction stepFunction(const Requant &requant, size_t channel, int64_t aMin,
                          int64_t aMax);

} // namespace finngl

#endif // FINNGL_CORE_REQUANT_H
