//===- LinearThresholds.h - Quantising a sum of scaled integers -*- C++ -*-===//
//
// `y = clamp(round(gain[c] * sum_i ratio[i]*v[i] + offset[c]), lo, hi)` with
// unrelated real scales becomes `y = lo + #{j : sum_i coefficient[i]*v[i] >=
// T[c][j]}` with narrow integer coefficients, equal on the whole box of the v.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_LINEARTHRESHOLDS_H
#define FINNGL_CORE_LINEARTHRESHOLDS_H

#include "finngl/Core/Quantiser.h"
#include "finngl/Core/Result.h"
#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace finngl {

/// `ratio` and `range` ([min, max], inside of (-2^62, 2^62)) have one entry a
/// term, `offset` and `gain` 1 or C. Any sign of a ratio, and zero, is allowed;
/// a gain is positive.
struct LinearQuantisation {
  std::vector<Rational> ratio;
  std::vector<Rational> offset;
  Rounding rounding = Rounding::HalfEven;
  int64_t lo = 0, hi = 0;
  std::vector<std::pair<int64_t, int64_t>> range;
  std::vector<Rational> gain = {1};

  size_t channels() const { return std::max(offset.size(), gain.size()); }
  /// The meaning, evaluated as it stands; v has one entry a term.
  int64_t apply(std::span<const int64_t> v, size_t channel = 0) const;
};

/// A level that is always reached has a threshold at the least sum, one that is
/// never reached the largest sum + 1.
struct LinearThresholds {
  using Interval = std::pair<int64_t, int64_t>;

  int64_t lo = 0;
  std::vector<int64_t> coefficient;
  std::vector<std::vector<int64_t>> thresholds; ///< [1 or C][hi - lo]
  /// Every value of the interval is as right as the threshold: no sum falls
  /// between its ends. Same shape; open ends are the int64 limits.
  std::vector<std::vector<Interval>> slack;

  int64_t sum(std::span<const int64_t> v) const;
  int64_t apply(std::span<const int64_t> v, size_t channel = 0) const;
};

constexpr int64_t kMaxWalks = int64_t(1) << 20; ///< about a second

/// One term: coefficient +-1. Two: the first convergent of the scales' ratio
/// that separates the reachable sums at every threshold, or the `skip`-th good
/// one after it (wider coefficients, more slack; the exact scales at the end).
/// More: small coefficients in nearly the proportions of the scales that do so,
/// if the values of all terms but the two largest are few enough to be tried
/// (`walks` of them, times thresholds); else the exact common scale. Fails if
/// partial sums exceed 62 bits (or, on the way, the exact ones 120).
Result<LinearThresholds>
solveLinearThresholds(const LinearQuantisation &quantisation, unsigned skip = 0,
                      int64_t walks = kMaxWalks);

/// [min, max] of `sum` over the box, and the bits of its two's complement code.
std::pair<int64_t, int64_t>
sumRange(const LinearThresholds &thresholds,
         std::span<const std::pair<int64_t, int64_t>> range);
unsigned width(const LinearThresholds &thresholds,
               std::span<const std::pair<int64_t, int64_t>> range);

} // namespace finngl

#endif // FINNGL_CORE_LINEARTHRESHOLDS_H
