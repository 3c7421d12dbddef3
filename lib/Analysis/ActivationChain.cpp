//===- ActivationChain.cpp - Nonlinear functions, decided exactly ---------===//

#include "finngl/Analysis/ActivationChain.h"
#include <mpfr.h>

using namespace finngl;

namespace {

constexpr mpfr_prec_t kFirstPrecision = 64, kLastPrecision = 4096;
/// Beyond, sigmoid and tanh are within 2^-7000 of their limits, which no
/// quantiser of float32 scale tells apart at any precision that we allow.
constexpr long kLargestArgument = 5000;

class Float {
public:
  explicit Float(mpfr_prec_t precision) { mpfr_init2(value, precision); }
  Float(const Float &) = delete;
  Float &operator=(const Float &) = delete;
  ~Float() { mpfr_clear(value); }
  operator mpfr_ptr() { return value; }
  Rational exact() {
    Rational result;
    mpfr_get_q(result.get_mpq_t(), value);
    return result;
  }

private:
  mpfr_t value;
};

/// lower <= x <= upper; equal if x is known exactly.
struct Enclosure {
  Rational lower, upper;
};

} // namespace

int finngl::direction(const ActivationChain &chain) {
  int sign = 1;
  for (const ActivationStep &step : chain)
    if (step.kind == ActivationStep::Kind::Affine && step.factor < 0)
      sign = -sign;
  return sign;
}

/// The bound of sigmoid at x that `mode` asks for (MPFR_RNDD: below).
static Rational sigmoidBound(const Rational &x, mpfr_prec_t precision,
                             mpfr_rnd_t mode) {
  // sigmoid(x) = 1 / (1 + exp(-x)); each inner rounding goes the other way.
  mpfr_rnd_t inner = mode == MPFR_RNDD ? MPFR_RNDU : MPFR_RNDD;
  Rational minus = -x;
  Float value(precision);
  mpfr_set_q(value, minus.get_mpq_t(), inner);
  mpfr_exp(value, value, inner);
  mpfr_add_ui(value, value, 1, inner);
  mpfr_ui_div(value, 1, value, mode);
  return value.exact();
}

static Rational tanhBound(const Rational &x, mpfr_prec_t precision,
                          mpfr_rnd_t mode) {
  Float value(precision);
  mpfr_set_q(value, x.get_mpq_t(), mode);
  mpfr_tanh(value, value, mode);
  return value.exact();
}

template <typename Bound>
static Enclosure transcendental(const Enclosure &x, mpfr_prec_t precision,
                                const Rational &atZero, Bound bound) {
  if (x.lower == 0 && x.upper == 0)
    return {atZero, atZero};
  auto limited = [](const Rational &value) {
    if (value > kLargestArgument)
      return Rational(kLargestArgument);
    return value < -kLargestArgument ? Rational(-kLargestArgument) : value;
  };
  Enclosure y{bound(limited(x.lower), precision, MPFR_RNDD),
              bound(limited(x.upper), precision, MPFR_RNDU)};
  // Outside of the limits the function is between its value there and +-1.
  if (x.upper > kLargestArgument)
    y.upper = 1;
  if (x.lower < -kLargestArgument)
    y.lower = Rational(2 * atZero - 1); // 0 for sigmoid, -1 for tanh
  return y;
}

static Enclosure apply(const ActivationStep &step, Enclosure x,
                       mpfr_prec_t precision) {
  switch (step.kind) {
  case ActivationStep::Kind::Sigmoid:
    return transcendental(x, precision, Rational(1, 2), sigmoidBound);
  case ActivationStep::Kind::Tanh:
    return transcendental(x, precision, Rational(0), tanhBound);
  case ActivationStep::Kind::Clip:
    for (Rational *bound : {&x.lower, &x.upper}) {
      if (step.lower && *bound < *step.lower)
        *bound = *step.lower;
      if (step.upper && *bound > *step.upper)
        *bound = *step.upper;
    }
    return x;
  case ActivationStep::Kind::Affine:
    x.lower = x.lower * step.factor + step.offset;
    x.upper = x.upper * step.factor + step.offset;
    if (step.factor < 0)
      std::swap(x.lower, x.upper);
    return x;
  }
  return x;
}

std::optional<int64_t> finngl::codeOf(const ActivationChain &chain,
                                      const Rational &x,
                                      const Quantiser &quantiser,
                                      size_t channel) {
  for (mpfr_prec_t precision = kFirstPrecision; precision <= kLastPrecision;
       precision *= 2) {
    Enclosure y{x, x};
    for (const ActivationStep &step : chain)
      y = apply(step, std::move(y), precision);
    // A quantiser never falls, so equal codes at the ends decide the inside.
    int64_t lower = quantiser.code(y.lower, channel);
    if (lower == quantiser.code(y.upper, channel))
      return lower;
  }
  return std::nullopt;
}
