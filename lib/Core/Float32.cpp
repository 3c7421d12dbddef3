//===- Float32.cpp - Rounding an exact number once ------------------------===//

#include "finngl/Core/Float32.h"
#include "finngl/Core/Quantiser.h"
#include <algorithm>
#include <cmath>

using namespace finngl;

/// value * 2^exponent.
static Rational scaled(const Rational &value, long exponent) {
  Rational result;
  if (exponent >= 0)
    mpq_mul_2exp(result.get_mpq_t(), value.get_mpq_t(), exponent);
  else
    mpq_div_2exp(result.get_mpq_t(), value.get_mpq_t(), -exponent);
  return result;
}

float finngl::nearestFloat32(const Rational &value) {
  if (value == 0)
    return 0.0f;
  // Find the exponent of the last of 24 significant bits; a float32 has none
  // below 2^-149. The estimate by sizes is off by at most one.
  Rational magnitude = abs(value);
  long size = long(mpz_sizeinbase(magnitude.get_num_mpz_t(), 2)) -
              long(mpz_sizeinbase(magnitude.get_den_mpz_t(), 2));
  if (scaled(magnitude, -size) < 1)
    --size;
  long unit = std::max(size - 23, -149L);
  Integer mantissa = roundTo(scaled(magnitude, -unit), Rounding::HalfEven);
  float result = std::ldexp(float(mantissa.get_d()), int(unit));
  return value < 0 ? -result : result;
}
