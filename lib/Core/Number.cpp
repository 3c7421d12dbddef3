//===- Number.cpp - Exact numbers -----------------------------------------===//

#include "finngl/Core/Number.h"
#include <algorithm>
#include <cassert>

using namespace finngl;

Integer finngl::floorOf(const Rational &q) {
  Integer result;
  mpz_fdiv_q(result.get_mpz_t(), q.get_num_mpz_t(), q.get_den_mpz_t());
  return result;
}

Integer finngl::ceilOf(const Rational &q) {
  Integer result;
  mpz_cdiv_q(result.get_mpz_t(), q.get_num_mpz_t(), q.get_den_mpz_t());
  return result;
}

/// Bits of the magnitude part: `~x` of a negative x has as many bits as two's
/// complement needs beside the sign.
static unsigned magnitudeBits(const Integer &value) {
  Integer magnitude = value < 0 ? Integer(-value - 1) : value;
  return magnitude == 0 ? 0 : mpz_sizeinbase(magnitude.get_mpz_t(), 2);
}

unsigned finngl::bitWidthFor(const Integer &lo, const Integer &hi,
                             bool isSigned) {
  assert(lo <= hi && "empty range");
  assert((isSigned || lo >= 0) && "negative value in an unsigned code");
  unsigned bits = std::max(magnitudeBits(lo), magnitudeBits(hi));
  return isSigned ? bits + 1 : std::max(bits, 1u);
}
