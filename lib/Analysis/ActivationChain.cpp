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
    switch (step.kind) {
    case ActivationStep::Kind::Affine:
      if (at(step.factor, channel) < 0)
        sign = -sign;
      break;
    case ActivationStep::Kind::LeakyRelu:
    case ActivationStep::Kind::Elu:
      if (at(step.factor, channel) < 0)
        return 0;
      break;
    case ActivationStep::Kind::Gate:
      return 0;
    default:
      break;
    }
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

static Rational expm1Bound(const Rational &x, mpfr_prec_t precision,
                           mpfr_rnd_t mode) {
  Float value(precision);
  mpfr_set_q(value, x.get_mpq_t(), mode);
  mpfr_expm1(value, value, mode);
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
    y.lower = Rational(2 * atZero - 1); // 0 for sigmoid, -1 for others
  return y;
}

/// The values that x times a number lies between.
static Enclosure scaled(Enclosure x, const Rational &factor) {
  x.lower *= factor;
  x.upper *= factor;
  if (factor < 0)
    std::swap(x.lower, x.upper);
  return x;
}

static Enclosure clipped(Enclosure x, const std::optional<Rational> &lower,
                         const std::optional<Rational> &upper) {
  for (Rational *bound : {&x.lower, &x.upper}) {
    if (lower && *bound < *lower)
      *bound = *lower;
    if (upper && *bound > *upper)
      *bound = *upper;
  }
  return x;
}

/// factor * below + max(x, 0).
static Enclosure bent(const Enclosure &x, const Enclosure &below,
                      const Rational &factor) {
  Enclosure y = scaled(below, factor);
  Enclosure above = clipped(x, Rational(0), std::nullopt);
  return {y.lower + above.lower, y.upper + above.upper};
}

static Enclosure softsign(const Enclosure &x) {
  auto of = [](const Rational &x) { return Rational(x / (1 + abs(x))); };
  return {of(x.lower), of(x.upper)};
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
  const Rational &radicand = at(step.radicand, channel);
  x = scaled(std::move(x), at(step.factor, channel));
  if (radicand != 1) {
    Enclosure root = inverseRoot(radicand, precision);
    x.lower *= x.lower < 0 ? root.upper : root.lower;
    x.upper *= x.upper < 0 ? root.lower : root.upper;
  }
  const Rational &offset = at(step.offset, channel);
  return {x.lower + offset, x.upper + offset};
}

static Enclosure apply(const ActivationStep &step, size_t channel, Enclosure x,
                       const Rational &foot, mpfr_prec_t precision) {
  Enclosure below = clipped(x, std::nullopt, Rational(0));
  switch (step.kind) {
  case ActivationStep::Kind::Sigmoid:
    return transcendental(x, precision, Rational(1, 2), sigmoidBound);
  case ActivationStep::Kind::Tanh:
    return transcendental(x, precision, Rational(0), tanhBound);
  case ActivationStep::Kind::Softsign:
    return softsign(x);
  case ActivationStep::Kind::Clip:
    return clipped(std::move(x), step.lower, step.upper);
  case ActivationStep::Kind::Affine:
    return affine(step, channel, std::move(x), precision);
  case ActivationStep::Kind::LeakyRelu:
    return bent(x, below, at(step.factor, channel));
  case ActivationStep::Kind::Elu:
    below = transcendental(below, precision, Rational(0), expm1Bound);
    return bent(x, below, at(step.factor, channel));
  case ActivationStep::Kind::Gate:
    return scaled(std::move(x),
                  at(step.factor, channel) * foot + at(step.offset, channel));
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
      y = apply(step, channel, std::move(y), x, precision);
    // A quantiser never falls, so equal codes at the ends decide the inside.
    int64_t lower = quantiser.code(y.lower, channel);
    if (lower == quantiser.code(y.upper, channel))
      return lower;
  }
  return std::nullopt;
}
