//===- Rounding.h - Exact quantisation --------------------------*- C++ -*-===//

#ifndef FINNGL_LIB_EXACT_ROUNDING_H
#define FINNGL_LIB_EXACT_ROUNDING_H

#include "finngl/Core/Number.h"
#include "finngl/Core/Quantiser.h"

namespace finngl::exact {

struct Decision {
  int64_t code;
  /// To the nearest boundary between two codes, in levels; positive if it lies
  /// above, infinite if all arguments share one code.
  double distance;
};

/// The code of `numerator * 2^exponent / divisor` in one channel of a
/// quantiser, by one integer division. Written apart from Quantiser::code on
/// purpose: it is the second opinion.
class ChannelQuantiser {
public:
  ChannelQuantiser(const Quantiser &quantiser, size_t channel);
  Decision decide(const Integer &numerator, int64_t exponent,
                  const Integer &divisor = 1) const;
  /// The value at which `code - 1` turns into `code`, both within the bounds.
  Rational boundaryBelow(int64_t code) const;

private:
  /// Twice the boundary between code k and k + 1, before the zero point that
  /// is added after rounding.
  Integer twiceBoundary(const Integer &k) const;
  Integer round(const Integer &numerator, const Integer &denominator) const;

  Rounding rounding;
  bool bipolar;
  /// Bounds of the rounded integer, and what turns it into a code.
  Integer lo, hi, codeOffset;
  /// scale = scaleOdd * 2^scaleExponent; zeroPoint likewise, added before
  /// rounding.
  Integer scaleOdd, zeroOdd;
  int64_t scaleExponent, zeroExponent;
};

} // namespace finngl::exact

#endif // FINNGL_LIB_EXACT_ROUNDING_H
