//===- Number.h - Exact numbers ---------------------------------*- C++ -*-===//
//
// The number types every level shares: GMP integers and rationals. No double
// decides a threshold anywhere; a float becomes a Rational without rounding.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_NUMBER_H
#define FINNGL_CORE_NUMBER_H

#include <cstdint>
#include <gmpxx.h>
#include <string>

namespace finngl {

using Integer = mpz_class;
using Rational = mpq_class;

/// The exact value of a finite float or double; the caller has refused NaN and
/// infinities.
inline Rational toRational(double value) { return Rational(value); }

inline Integer toInteger(int64_t value) {
  static_assert(sizeof(long) == sizeof(int64_t));
  return Integer(static_cast<long>(value));
}

/// Requires that the value fits.
inline int64_t toInt64(const Integer &value) { return value.get_si(); }

inline bool fitsInt64(const Integer &value) { return value.fits_slong_p(); }

/// Largest integer <= q.
Integer floorOf(const Rational &q);
/// Smallest integer >= q.
Integer ceilOf(const Rational &q);

/// Bits of the two's complement (isSigned) or plain binary code that holds
/// every integer of [lo, hi]; at least 1.
unsigned bitWidthFor(const Integer &lo, const Integer &hi, bool isSigned);

} // namespace finngl

#endif // FINNGL_CORE_NUMBER_H
