//===- Transcendental.cpp - Enclosures of real functions ------------------===//

#include "Transcendental.h"
#include <algorithm>
#include <cassert>
#include <mpfr.h>

using namespace finngl;
using namespace finngl::exact;

namespace {
constexpr int64_t tiniest = -16384;

/// An MPFR number that frees itself.
struct Float {
  mpfr_t value;
  explicit Float(mpfr_prec_t precision) { mpfr_init2(value, precision); }
  ~Float() { mpfr_clear(value); }
  Float(const Float &) = delete;
  Float &operator=(const Float &) = delete;

  /// A number nearer to zero than 2^tiniest, whose shifts would fill the
  /// memory, becomes the next coarser bound: 0 or +-2^tiniest.
  Dyadic dyadic(bool isLow) const {
    Dyadic result;
    if (mpfr_zero_p(value))
      return result;
    if (mpfr_get_exp(value) < tiniest) {
      bool negative = mpfr_sgn(value) < 0;
      return {negative == isLow ? Integer(negative ? -1 : 1) : Integer(0),
              tiniest};
    }
    result.exponent = mpfr_get_z_2exp(result.numerator.get_mpz_t(), value);
    return result;
  }
};
} // namespace

/// 1 / (1 + exp(-x)) falls in exp(-x), so the roundings alternate.
static void sigmoid(mpfr_t result, const mpfr_t minusX, mpfr_rnd_t direction) {
  mpfr_rnd_t opposite = direction == MPFR_RNDD ? MPFR_RNDU : MPFR_RNDD;
  mpfr_exp(result, minusX, opposite);
  mpfr_add_ui(result, result, 1, opposite);
  mpfr_ui_div(result, 1, result, direction);
}

const char *exact::nameOf(Function function) {
  switch (function) {
  case Function::Sigmoid:
    return "sigmoid";
  case Function::Tanh:
    return "tanh";
  case Function::InverseSqrt:
    return "1 / sqrt";
  case Function::Expm1:
    return "expm1";
  case Function::Softsign:
    return "softsign";
  }
  return "";
}

/// The argument, rounded only if it has a divisor.
static void setArgument(Float &x, const FixedTensor &argument,
                        mpfr_rnd_t direction) {
  mpfr_set_z_2exp(x.value, argument.numerators[0].get_mpz_t(),
                  argument.exponent, MPFR_RNDN);
  mpfr_div_z(x.value, x.value, argument.divisor.get_mpz_t(), direction);
}

Enclosure exact::enclose(Function function, const FixedTensor &argument,
                         unsigned precisionBits) {
  size_t bits = mpz_sizeinbase(argument.numerators[0].get_mpz_t(), 2);
  if (argument.divisor != 1)
    bits = std::max<size_t>(bits, precisionBits);
  bits = std::max<size_t>(bits, MPFR_PREC_MIN);
  Float least(bits), most(bits);
  setArgument(least, argument, MPFR_RNDD);
  setArgument(most, argument, MPFR_RNDU);
  Float low(precisionBits), high(precisionBits);
  switch (function) {
  case Function::Tanh:
    mpfr_tanh(low.value, least.value, MPFR_RNDD);
    mpfr_tanh(high.value, most.value, MPFR_RNDU);
    break;
  case Function::Expm1:
    mpfr_expm1(low.value, least.value, MPFR_RNDD);
    mpfr_expm1(high.value, most.value, MPFR_RNDU);
    break;
  case Function::Softsign:
    assert(false && "rational");
    break;
  case Function::InverseSqrt: // falls
    mpfr_rec_sqrt(low.value, most.value, MPFR_RNDD);
    mpfr_rec_sqrt(high.value, least.value, MPFR_RNDU);
    break;
  case Function::Sigmoid:
    mpfr_neg(least.value, least.value, MPFR_RNDN);
    mpfr_neg(most.value, most.value, MPFR_RNDN);
    sigmoid(low.value, least.value, MPFR_RNDD);
    sigmoid(high.value, most.value, MPFR_RNDU);
    break;
  }
  return {low.dyadic(true), high.dyadic(false)};
}
