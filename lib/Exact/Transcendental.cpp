//===- Transcendental.cpp - Enclosures of sigmoid and tanh ----------------===//

#include "Transcendental.h"
#include <algorithm>
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

Enclosure exact::enclose(Function function, const Dyadic &argument,
                         unsigned precisionBits) {
  size_t bits = mpz_sizeinbase(argument.numerator.get_mpz_t(), 2);
  Float x(std::max<size_t>(bits, MPFR_PREC_MIN));
  mpfr_set_z_2exp(x.value, argument.numerator.get_mpz_t(), argument.exponent,
                  MPFR_RNDN);
  Float low(precisionBits), high(precisionBits);
  if (function == Function::Tanh) {
    mpfr_tanh(low.value, x.value, MPFR_RNDD);
    mpfr_tanh(high.value, x.value, MPFR_RNDU);
  } else {
    mpfr_neg(x.value, x.value, MPFR_RNDN);
    sigmoid(low.value, x.value, MPFR_RNDD);
    sigmoid(high.value, x.value, MPFR_RNDU);
  }
  return {low.dyadic(true), high.dyadic(false)};
}
