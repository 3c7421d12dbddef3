//===- Rounding.cpp - Exact quantisation ----------------------------------===//

#include "Rounding.h"
#include "FixedTensor.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace finngl;
using namespace finngl::exact;

ChannelQuantiser::ChannelQuantiser(const Quantiser &quantiser, size_t channel)
    : rounding(quantiser.rounding), bipolar(quantiser.bipolar) {
  FixedTensor scale = fromDouble(quantiser.scaleAt(channel));
  scaleOdd = scale.numerators[0];
  scaleExponent = scale.exponent;
  float zeroPoint = bipolar ? 0.0f : quantiser.zeroPointAt(channel);
  // QuantizeLinear's zero point is an integer of the code's type.
  codeOffset =
      toInteger(quantiser.zeroPointAfterRounding ? int64_t(zeroPoint) : 0);
  FixedTensor zero =
      fromDouble(quantiser.zeroPointAfterRounding ? 0.0f : zeroPoint);
  zeroOdd = zero.numerators[0];
  zeroExponent = zero.exponent;
  lo = toInteger(quantiser.lo) - codeOffset;
  hi = toInteger(quantiser.hi) - codeOffset;
}

Integer ChannelQuantiser::round(const Integer &numerator,
                                const Integer &denominator) const {
  Integer floor, rest;
  mpz_fdiv_qr(floor.get_mpz_t(), rest.get_mpz_t(), numerator.get_mpz_t(),
              denominator.get_mpz_t());
  if (rest == 0)
    return floor;
  Integer twice = 2 * rest;
  int half = cmp(twice, denominator);
  bool positive = numerator > 0, up = false;
  switch (rounding) {
  case Rounding::HalfEven:
    up = half > 0 || (half == 0 && mpz_odd_p(floor.get_mpz_t()));
    break;
  case Rounding::HalfUp:
    up = half > 0 || (half == 0 && positive);
    break;
  case Rounding::HalfDown:
    up = half > 0 || (half == 0 && !positive);
    break;
  case Rounding::Ceil:
    up = true;
    break;
  case Rounding::Floor:
    up = false;
    break;
  case Rounding::Up:
    up = positive;
    break;
  case Rounding::Down:
    up = !positive;
    break;
  }
  return up ? Integer(floor + 1) : floor;
}

Integer ChannelQuantiser::twiceBoundary(const Integer &k) const {
  switch (rounding) {
  case Rounding::HalfEven:
  case Rounding::HalfUp:
  case Rounding::HalfDown:
    return 2 * k + 1;
  case Rounding::Floor:
    return 2 * k + 2;
  case Rounding::Ceil:
    return 2 * k;
  case Rounding::Up:
    return k < 0 ? Integer(2 * k + 2) : Integer(2 * k);
  case Rounding::Down:
    return k < 0 ? Integer(2 * k) : Integer(2 * k + 2);
  }
  return 2 * k;
}

/// a / b for numbers whose parts a double may not hold.
static double ratio(const Integer &a, const Integer &b) {
  long exponentA, exponentB;
  double mantissaA = mpz_get_d_2exp(&exponentA, a.get_mpz_t());
  double mantissaB = mpz_get_d_2exp(&exponentB, b.get_mpz_t());
  long exponent = std::clamp(exponentA - exponentB, -4000L, 4000L);
  return std::ldexp(mantissaA / mantissaB, int(exponent));
}

Decision ChannelQuantiser::decide(const Integer &numerator, int64_t exponent,
                                  const Integer &divisor) const {
  // x / scale + zero = (n * 2^(e - scaleExponent) + zeroOdd * 2^zeroExponent *
  // scaleOdd * d) / (scaleOdd * d), both sides times 2^-common.
  int64_t shift = exponent - scaleExponent;
  int64_t common = std::min({shift, zeroExponent, int64_t(0)});
  Integer top = numerator, bottom = scaleOdd * divisor;
  Integer offset = zeroOdd * bottom;
  top <<= shift - common;
  offset <<= zeroExponent - common;
  top += offset;
  bottom <<= -common;
  if (bipolar) {
    double distance = -ratio(top, bottom);
    return {top >= 0 ? 1 : -1, distance};
  }
  Integer rounded = round(top, bottom);
  if (rounded < lo)
    rounded = lo;
  if (rounded > hi)
    rounded = hi;

  Decision decision{toInt64(Integer(rounded + codeOffset)),
                    std::numeric_limits<double>::infinity()};
  Integer twiceTop = 2 * top, twiceBottom = 2 * bottom;
  auto consider = [&](const Integer &k) {
    double distance =
        ratio(Integer(twiceBoundary(k) * bottom - twiceTop), twiceBottom);
    if (std::fabs(distance) < std::fabs(decision.distance))
      decision.distance = distance;
  };
  if (rounded > lo)
    consider(Integer(rounded - 1));
  if (rounded < hi)
    consider(rounded);
  return decision;
}

Rational ChannelQuantiser::boundaryBelow(int64_t code) const {
  if (bipolar)
    return Rational(0);
  auto power = [](const Integer &odd, int64_t exponent) {
    return toRational(odd, exponent);
  };
  Rational half(twiceBoundary(Integer(toInteger(code) - 1 - codeOffset)), 2);
  half.canonicalize();
  return (half - power(zeroOdd, zeroExponent)) * power(scaleOdd, scaleExponent);
}
