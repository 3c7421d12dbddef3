//===- ScaledSum.cpp - A real sum as an integer sum and targets -----------===//

#include "ScaledSum.h"
#include "LevelBoundary.h"
#include <algorithm>

using namespace finngl;

static const Rational &at(const std::vector<Rational> &values, size_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

ScaledSum::ScaledSum(const LinearQuantisation &quantisation)
    : quantisation(quantisation) {
  const std::vector<Rational> &ratios = quantisation.ratio;
  auto isConstant = [&](size_t i) {
    auto [lo, hi] = quantisation.range[i];
    return ratios[i] == 0 || lo == hi;
  };
  Integer denominator = 1, divisor = 0;
  Rational constant = 0;
  for (size_t i = 0; i < ratios.size(); ++i)
    if (isConstant(i))
      constant += ratios[i] * toInteger(quantisation.range[i].first);
    else
      mpz_lcm(denominator.get_mpz_t(), denominator.get_mpz_t(),
              ratios[i].get_den_mpz_t());
  for (size_t i = 0; i < ratios.size(); ++i) {
    if (isConstant(i))
      continue;
    bool negated = ratios[i] < 0;
    Integer lo = toInteger(quantisation.range[i].first);
    Integer hi = toInteger(quantisation.range[i].second);
    Integer scale =
        abs(ratios[i].get_num()) * Integer(denominator / ratios[i].get_den());
    terms.push_back({i, negated, scale, negated ? Integer(-hi) : lo,
                     negated ? Integer(-lo) : hi});
    divisor = gcd(divisor, scale);
  }
  for (Term &term : terms)
    term.scale /= divisor;
  Rational unit = 1; // the scaled sum over the real one
  if (!terms.empty()) {
    unit = Rational(denominator, divisor);
    unit.canonicalize();
  }
  range = sumRange(scales());
  for (size_t c = 0; c < quantisation.channels(); ++c) {
    const Rational &gain = at(quantisation.gain, c);
    targets.push_back(
        targetsOf(at(quantisation.offset, c) + gain * constant, unit / gain));
  }
}

std::vector<Integer> ScaledSum::scales() const {
  std::vector<Integer> result;
  for (const Term &term : terms)
    result.push_back(term.scale);
  return result;
}

IntegerInterval
ScaledSum::sumRange(const std::vector<Integer> &coefficients) const {
  IntegerInterval result{0, 0};
  for (size_t i = 0; i < terms.size(); ++i) {
    result.lo += coefficients[i] * terms[i].lo;
    result.hi += coefficients[i] * terms[i].hi;
  }
  return result;
}

unsigned ScaledSum::bits(const std::vector<Integer> &coefficients) const {
  Integer largest = 1; // a threshold may lie one above the sums
  for (size_t i = 0; i < terms.size(); ++i)
    largest += coefficients[i] *
               std::max({Integer(abs(terms[i].lo)), Integer(abs(terms[i].hi))});
  return bitWidthFor(-largest, largest, /*isSigned=*/true);
}

std::vector<int64_t>
ScaledSum::coefficients(const std::vector<Integer> &magnitudes) const {
  std::vector<int64_t> result(quantisation.ratio.size(), 0);
  for (size_t i = 0; i < terms.size(); ++i)
    result[terms[i].index] =
        toInt64(terms[i].negated ? Integer(-magnitudes[i]) : magnitudes[i]);
  return result;
}

/// `real sum + offset >= twice / 2` with `unit` scaled sums in a real one, one
/// division a level. A tie that stays below makes the comparison strict: floor
/// + 1.
std::vector<Integer> ScaledSum::targetsOf(const Rational &offset,
                                          const Rational &unit) const {
  std::vector<Integer> result;
  Integer divisor = 2 * offset.get_den() * unit.get_den();
  for (int64_t level = quantisation.lo + 1; level <= quantisation.hi; ++level) {
    LevelBoundary boundary =
        levelBoundary(toInteger(level), quantisation.rounding);
    Integer target = boundary.twice * offset.get_den() - 2 * offset.get_num();
    target *= unit.get_num();
    if (boundary.inclusive) {
      mpz_cdiv_q(target.get_mpz_t(), target.get_mpz_t(), divisor.get_mpz_t());
    } else {
      mpz_fdiv_q(target.get_mpz_t(), target.get_mpz_t(), divisor.get_mpz_t());
      target += 1;
    }
    result.push_back(std::clamp(target, range.lo, Integer(range.hi + 1)));
  }
  return result;
}
