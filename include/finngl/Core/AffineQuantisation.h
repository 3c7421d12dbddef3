//===- AffineQuantisation.h - Quantising one scaled integer -----*- C++ -*-===//
//
// `y = clamp(round(ratio * a + offset[c]), lo, hi)` with exact rationals: what
// remains of scales, biases and zero points between two integers.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_AFFINEQUANTISATION_H
#define FINNGL_CORE_AFFINEQUANTISATION_H

#include "finngl/Core/Quantiser.h"
#include "finngl/Core/StepFunction.h"
#include <utility>
#include <vector>

namespace finngl {

/// `offset` and `range` hold 1 or C entries; `range` is the proved [aMin, aMax]
/// of each channel, inside of (-2^62, 2^62). Any sign of the ratio, and zero,
/// is allowed.
struct AffineQuantisation {
  Rational ratio;
  std::vector<Rational> offset;
  Rounding rounding = Rounding::HalfEven;
  int64_t lo = 0, hi = 0;
  std::vector<std::pair<int64_t, int64_t>> range;

  size_t channels() const { return std::max(offset.size(), range.size()); }
  const Rational &offsetAt(size_t channel) const {
    return offset.size() == 1 ? offset[0] : offset[channel];
  }
  std::pair<int64_t, int64_t> rangeAt(size_t channel) const {
    return range.size() == 1 ? range[0] : range[channel];
  }

  /// The meaning, evaluated as it stands.
  int64_t apply(int64_t a, size_t channel = 0) const;
};

/// The same function on the channel's range as a list of break points, one
/// division a reachable level.
StepFunction stepFunction(const AffineQuantisation &quantisation,
                          size_t channel = 0);

} // namespace finngl

#endif // FINNGL_CORE_AFFINEQUANTISATION_H
