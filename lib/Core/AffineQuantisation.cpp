//===- AffineQuantisation.cpp - Quantising one scaled integer -------------===//

#include "finngl/Core/AffineQuantisation.h"
#include "LevelBoundary.h"
#include <cassert>

using namespace finngl;

int64_t AffineQuantisation::apply(int64_t a, size_t channel) const {
  // One common denominator, in no lowest terms: proofs evaluate this a lot.
  const Rational &o = offsetAt(channel);
  Integer numerator = ratio.get_num() * toInteger(a) * o.get_den() +
                      o.get_num() * ratio.get_den();
  Integer y = roundQuotient(numerator, Integer(ratio.get_den() * o.get_den()),
                            rounding);
  if (y < toInteger(lo))
    return lo;
  return y > toInteger(hi) ? hi : toInt64(y);
}

namespace {

/// `ratio * a + offset = (n a + m) / d` with integers and d > 0, so that a
/// level costs one division and no greatest common divisor.
struct IntegerAffine {
  Integer n, m, d;

  IntegerAffine(const Rational &ratio, const Rational &offset) {
    mpz_lcm(d.get_mpz_t(), ratio.get_den_mpz_t(), offset.get_den_mpz_t());
    n = ratio.get_num() * (d / ratio.get_den());
    m = offset.get_num() * (d / offset.get_den());
  }

  /// First a that reaches the level; n > 0.
  int64_t firstAt(int64_t level, Rounding rounding) const {
    LevelBoundary boundary = levelBoundary(toInteger(level), rounding);
    Integer distance = boundary.twice * d - 2 * m, step = 2 * n, a;
    if (boundary.inclusive) {
      mpz_cdiv_q(a.get_mpz_t(), distance.get_mpz_t(), step.get_mpz_t());
    } else {
      mpz_fdiv_q(a.get_mpz_t(), distance.get_mpz_t(), step.get_mpz_t());
      a += 1;
    }
    assert(fitsInt64(a) && "only asked for levels reached within the range");
    return toInt64(a);
  }
};

} // namespace

StepFunction finngl::stepFunction(const AffineQuantisation &quantisation,
                                  size_t channel) {
  auto [aMin, aMax] = quantisation.rangeAt(channel);
  assert(aMin <= aMax && "empty range");
  if (quantisation.ratio < 0) {
    AffineQuantisation mirrored = {
        -quantisation.ratio,   {quantisation.offsetAt(channel)},
        quantisation.rounding, quantisation.lo,
        quantisation.hi,       {{-aMax, -aMin}}};
    return mirror(stepFunction(mirrored, 0));
  }
  StepFunction result{aMin, aMax, quantisation.apply(aMin, channel), {}};
  int64_t last = quantisation.apply(aMax, channel);
  IntegerAffine affine(quantisation.ratio, quantisation.offsetAt(channel));
  for (int64_t level = result.first + 1; level <= last; ++level)
    result.append(affine.firstAt(level, quantisation.rounding), level);
  return result;
}
