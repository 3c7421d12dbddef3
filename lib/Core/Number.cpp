//===- Number.cpp - Exact numbers -----------------------------------------===//

#include "finngl/Core/Number.h"

namespace finngl {

Integer floorOf(const Rational &q) {
  Integer result;
  mpz_fdiv_q(result.get_mpz_t(), q.get_num_mpz_t(), q.get_den_mpz_t());
  return result;
}

Integer ceilOf(const Rational &q) {
  Integer result;
  mpz_cdiv_q(result.get_mpz_t(), q.get_num_mpz_t(), q.get_den_mpz_t());
  return result;
}

unsigned bitWidthFor(const Integer &lo, const Integer &hi, bool isSigned) {
  auto bitsOf = [](const Integer &v) -> unsigned {
    return v == 0 ? 0 : unsigned(mpz_sizeinbase(v.get_mpz_t(), 2));
  };
  if (!isSigned)
    return std::max(1u, bitsOf(hi));
  // A negative v needs the bits of -v - 1 and a sign.
  unsigned low = lo < 0 ? bitsOf(Integer(-lo - 1)) : bitsOf(lo);
  unsigned high = hi < 0 ? bitsOf(Integer(-hi - 1)) : bitsOf(hi);
  return std::max(low, high) + 1;
}

} // namespace finngl
