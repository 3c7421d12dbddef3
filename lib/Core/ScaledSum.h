//===- ScaledSum.h - A real sum as an integer sum and targets ---*- C++ -*-===//
//
// Private to Core.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CORE_SCALEDSUM_H
#define FINNGL_LIB_CORE_SCALEDSUM_H

#include "finngl/Core/LinearThresholds.h"

namespace finngl {

struct IntegerInterval {
  Integer lo, hi;
};

/// A linear quantisation over positive coprime integer scales: level j of a
/// channel is reached iff `sum scale * v' >= target`, where v' is v or -v.
class ScaledSum {
public:
  struct Term {
    size_t index; ///< of the caller's term; constant terms go into the offset
    bool negated;
    Integer scale;
    Integer lo, hi; ///< of v'
  };

  explicit ScaledSum(const LinearQuantisation &quantisation);

  std::vector<Integer> scales() const;
  /// The range of `sum coefficients * v'`.
  IntegerInterval sumRange(const std::vector<Integer> &coefficients) const;
  /// Bits that hold every coefficient, product, partial sum and threshold.
  unsigned bits(const std::vector<Integer> &coefficients) const;
  /// The coefficients with the signs and places of the caller's terms.
  std::vector<int64_t>
  coefficients(const std::vector<Integer> &magnitudes) const;

  const LinearQuantisation &quantisation;
  std::vector<Term> terms;
  IntegerInterval range; ///< of the scaled sum
  /// Per channel and level, clamped to [range.lo, range.hi + 1].
  std::vector<std::vector<Integer>> targets;

private:
  std::vector<Integer> targetsOf(const Rational &offset,
                                 const Rational &unit) const;
};

} // namespace finngl

#endif // FINNGL_LIB_CORE_SCALEDSUM_H
