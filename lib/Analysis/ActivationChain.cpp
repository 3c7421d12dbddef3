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

static const Rational &at(const std::vector<Rational> &values, size_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

int finngl::direction(const ActivationChain &chain, size_t channel) {
  int sign = 1;
  for (const ActivationStep &step : chain)
    if (at(step.factor, channel) < 0)
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

/// 1 / sqrt(x): one number where that is rational.
static Enclosure inverseRoot(const Rational &x, mpfr_prec_t precision) {
  const Integer &top = x.get_num(), &bottom = x.get_den();
  if (mpz_perfect_square_p(top.get_mpz_t()) &&
      mpz_perfect_square_p(bottom.get_mpz_t())) {
    Rational root(Integer(sqrt(bottom)), Integer(sqrt(top)));
    return {root, root};
  }
  auto bound = [&](mpfr_rnd_t mode) {
    Float value(precision);
    mpfr_set_q(value, x.get_mpq_t(), mode == MPFR_RNDD ? MPFR_RNDU : MPFR_RNDD);
    mpfr_rec_sqrt(value, value, mode);
    return value.exact();
  };
  return {bound(MPFR_RNDD), bound(MPFR_RNDU)};
}

/// factor / sqrt(radicand) * x + offset.
static Enclosure affine(const ActivationStep &step, size_t channel, Enclosure x,
                        mpfr_prec_t precision) {
  const Rational &factor = at(step.factor, channel);
  const Rational &radicand = at(step.radicand, channel);
  x.lower *= factor;
  x.upper *= factor;
  if (factor < 0)
    std::swap(x.lower, x.upper);
  if (radicand != 1) {
    Enclosure root = inverseRoot(radicand, precision);
    x.lower *= x.lower < 0 ? root.upper : root.lower;
    x.upper *= x.upper < 0 ? root.lower : root.upper;
  }
  const Rational &offset = at(step.offset, channel);
  return {x.lower + offset, x.upper + offset};
}

static Enclosure apply(const ActivationStep &step, size_t channel, Enclosure x,
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
    return affine(step, channel, std::move(x), precision);
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
      y = apply(step, channel, std::move(y), precision);
    // A quantiser never falls, so equal codes at the ends decide the inside.
    int64_t lower = quantiser.code(y.lower, channel);
    if (lower == quantiser.code(y.upper, channel))
      return lower;
  }
  return std::nullopt;
}
