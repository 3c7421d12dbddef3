//===- LinearThresholds.cpp - Quantising a sum of scaled integers ---------===//
//
// Positive integer scales m over a common unit, then per level the integer T
// with "level reached iff sum m_i v_i >= T". For two scales, a convergent q/p
// of m2/m1 gives u = p*a + q*b with
//   m1*u = p*s + (q*m1 - p*m2)*b   and   m2*u = q*s - (q*m1 - p*m2)*a,
// s = m1*a + m2*b. The nearest reachable s on both sides of T and the extremes
// of the error term bound u from both sides of T; where the bounds do not
// meet, any integer between them is the threshold of u.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/LinearThresholds.h"
#include "LevelBoundary.h"
#include "TwoScale.h"
#include <algorithm>

using namespace finngl;

int64_t LinearQuantisation::apply(std::span<const int64_t> v,
                                  size_t channel) const {
  Rational x = offset.size() == 1 ? offset[0] : offset[channel];
  for (size_t i = 0; i < v.size(); ++i)
    x += ratio[i] * toInteger(v[i]);
  Integer y = roundTo(x, rounding);
  if (y < toInteger(lo))
    return lo;
  return y > toInteger(hi) ? hi : toInt64(y);
}

int64_t LinearThresholds::sum(std::span<const int64_t> v) const {
  int64_t result = 0;
  for (size_t i = 0; i < v.size(); ++i)
    result += coefficient[i] * v[i];
  return result;
}

int64_t LinearThresholds::apply(std::span<const int64_t> v,
                                size_t channel) const {
  int64_t reached = sum(v);
  const auto &row =
      thresholds.size() == 1 ? thresholds[0] : thresholds[channel];
  return lo + std::count_if(row.begin(), row.end(), [&](int64_t threshold) {
           return reached >= threshold;
         });
}

std::pair<int64_t, int64_t>
finngl::sumRange(const LinearThresholds &thresholds,
                 std::span<const std::pair<int64_t, int64_t>> range) {
  int64_t lo = 0, hi = 0;
  for (size_t i = 0; i < range.size(); ++i) {
    auto [a, b] = std::minmax({thresholds.coefficient[i] * range[i].first,
                               thresholds.coefficient[i] * range[i].second});
    lo += a;
    hi += b;
  }
  return {lo, hi};
}

unsigned finngl::width(const LinearThresholds &thresholds,
                       std::span<const std::pair<int64_t, int64_t>> range) {
  auto [lo, hi] = sumRange(thresholds, range);
  return bitWidthFor(toInteger(lo), toInteger(hi), /*isSigned=*/true);
}

namespace {

struct IntegerInterval {
  Integer lo, hi;
};

/// A term with a positive integer scale.
struct Term {
  size_t index;
  bool negated;
  Integer scale;
  Integer lo, hi;
};

/// The quantisation over positive coprime integer scales.
class Problem {
public:
  explicit Problem(const LinearQuantisation &q) : q(q) {
    Integer denominator = 1, divisor = 0;
    for (const Rational &ratio : q.ratio)
      mpz_lcm(denominator.get_mpz_t(), denominator.get_mpz_t(),
              ratio.get_den_mpz_t());
    for (size_t i = 0; i < q.ratio.size(); ++i) {
      if (q.ratio[i] == 0)
        continue;
      bool negated = q.ratio[i] < 0;
      Integer lo = toInteger(q.range[i].first),
              hi = toInteger(q.range[i].second);
      Integer scale = abs(q.ratio[i].get_num()) *
                      Integer(denominator / q.ratio[i].get_den());
      terms.push_back({i, negated, scale, negated ? Integer(-hi) : lo,
                       negated ? Integer(-lo) : hi});
      divisor = gcd(divisor, scale);
    }
    for (Term &term : terms)
      term.scale /= divisor;
    unit = terms.empty() ? Rational(1) : Rational(denominator, divisor);
    unit.canonicalize();
    range = sumRange(scales());
    for (const Rational &offset : q.offset)
      targets.push_back(targetsOf(offset));
  }

  std::vector<Integer> scales() const {
    std::vector<Integer> result;
    for (const Term &term : terms)
      result.push_back(term.scale);
    return result;
  }

  IntegerInterval sumRange(const std::vector<Integer> &coefficients) const {
    IntegerInterval result{0, 0};
    for (size_t i = 0; i < terms.size(); ++i) {
      result.lo += coefficients[i] * terms[i].lo;
      result.hi += coefficients[i] * terms[i].hi;
    }
    return result;
  }

  /// The coefficients with the signs and places of the caller's terms.
  std::vector<int64_t>
  coefficients(const std::vector<Integer> &magnitudes) const {
    std::vector<int64_t> result(q.ratio.size(), 0);
    for (size_t i = 0; i < terms.size(); ++i)
      result[terms[i].index] =
          toInt64(terms[i].negated ? Integer(-magnitudes[i]) : magnitudes[i]);
    return result;
  }

  const LinearQuantisation &q;
  std::vector<Term> terms;
  IntegerInterval range; ///< of the scaled sum
  /// Per channel and level, clamped to [range.lo, range.hi + 1].
  std::vector<std::vector<Integer>> targets;

private:
  /// sum + offset >= twice / 2 in units of the scaled sum, as one division.
  std::vector<Integer> targetsOf(const Rational &offset) const {
    std::vector<Integer> result;
    Integer divisor = 2 * offset.get_den() * unit.get_den();
    for (int64_t level = q.lo + 1; level <= q.hi; ++level) {
      LevelBoundary boundary = levelBoundary(toInteger(level), q.rounding);
      Integer bound =
          (boundary.twice * offset.get_den() - 2 * offset.get_num()) *
          unit.get_num();
      if (boundary.inclusive) {
        mpz_cdiv_q(bound.get_mpz_t(), bound.get_mpz_t(), divisor.get_mpz_t());
      } else {
        mpz_fdiv_q(bound.get_mpz_t(), bound.get_mpz_t(), divisor.get_mpz_t());
        bound += 1;
      }
      result.push_back(std::clamp(bound, range.lo, Integer(range.hi + 1)));
    }
    return result;
  }

  Rational unit; ///< the scaled sum over the real one
};

constexpr unsigned kMaxBits = 62;
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

/// Sums, and thresholds one above them, are safe in int64.
bool fits(const IntegerInterval &range) {
  return bitWidthFor(range.lo, range.hi, /*isSigned=*/true) <= kMaxBits;
}

LinearThresholds::Interval always(const IntegerInterval &sums) {
  return {kLowest, toInt64(sums.lo)};
}
LinearThresholds::Interval never(const IntegerInterval &sums) {
  return {toInt64(Integer(sums.hi + 1)), kHighest};
}

/// The middle of the interval; the inner end of an open one.
int64_t chosen(const LinearThresholds::Interval &slack) {
  if (slack.first == kLowest)
    return slack.second;
  return slack.second == kHighest
             ? slack.first
             : slack.first + (slack.second - slack.first) / 2;
}

LinearThresholds
makeThresholds(const Problem &problem, const std::vector<Integer> &magnitudes,
               std::vector<std::vector<LinearThresholds::Interval>> slack) {
  LinearThresholds result;
  result.lo = problem.q.lo;
  result.coefficient = problem.coefficients(magnitudes);
  for (const auto &row : slack) {
    result.thresholds.emplace_back();
    std::transform(row.begin(), row.end(),
                   std::back_inserter(result.thresholds.back()), chosen);
  }
  result.slack = std::move(slack);
  return result;
}

std::string tooWide(const IntegerInterval &range) {
  return "needs sums of " +
         std::to_string(bitWidthFor(range.lo, range.hi, /*isSigned=*/true)) +
         " bits over the exact common scale, more than " +
         std::to_string(kMaxBits);
}

/// The scales themselves as coefficients.
Result<LinearThresholds> solveExactly(const Problem &problem) {
  if (!fits(problem.range))
    return Failure{tooWide(problem.range),
                   "put a quantiser before the addition, or use scales whose "
                   "ratio is a power of two"};
  std::vector<std::vector<LinearThresholds::Interval>> slack;
  for (const auto &row : problem.targets) {
    slack.emplace_back();
    for (const Integer &target : row) {
      if (target <= problem.range.lo)
        slack.back().push_back(always(problem.range));
      else if (target > problem.range.hi)
        slack.back().push_back(never(problem.range));
      else
        slack.back().push_back({toInt64(target), toInt64(target)});
    }
  }
  return makeThresholds(problem, problem.scales(), std::move(slack));
}

/// The reachable scaled sums next to a target.
struct Gap {
  std::optional<Integer> below, above;
};

class TwoScaleSolver {
public:
  explicit TwoScaleSolver(const Problem &problem)
      : problem(problem), a(problem.terms[0]), b(problem.terms[1]) {
    Int128 m1 = toInt128(a.scale), m2 = toInt128(b.scale);
    Box box = {toInt128(a.lo), toInt128(a.hi), toInt128(b.lo), toInt128(b.hi)};
    for (const auto &row : problem.targets) {
      gaps.emplace_back();
      for (const Integer &target : row) {
        Int128 t = toInt128(target);
        Gap gap;
        if (auto shortfall = smallestShortfall(m1, m2, t, box))
          gap.below = toInteger(t - *shortfall);
        if (auto excess = smallestExcess(m1, m2, t, box))
          gap.above = toInteger(t + *excess);
        gaps.back().push_back(std::move(gap));
      }
    }
  }

  /// Walks the convergents q/p of b.scale / a.scale; the last one is exact, so
  /// only the width of its sums can make this fail.
  Result<LinearThresholds> solve(unsigned skip) {
    Integer p = 0, q = 1, pNext = 1, qNext = 0; // 1/0, then 0/1 backwards
    Integer numerator = b.scale, denominator = a.scale;
    std::optional<LinearThresholds> best;
    for (;;) {
      if (!fits(problem.sumRange({p, q})))
        break;
      if (auto slack = slackOf(p, q)) {
        best = makeThresholds(problem, {p, q}, std::move(*slack));
        if (skip-- == 0)
          break;
      }
      if (denominator == 0)
        break;
      Integer digit = numerator / denominator;
      Integer rest = numerator - digit * denominator;
      numerator = denominator;
      denominator = rest;
      // (p, q) was the newer convergent, (pNext, qNext) the older one.
      Integer newP = digit * p + pNext, newQ = digit * q + qNext;
      pNext = p;
      qNext = q;
      p = newP;
      q = newQ;
    }
    if (best)
      return std::move(*best);
    return Failure{tooWide(problem.range)};
  }

private:
  using Slack = std::vector<std::vector<LinearThresholds::Interval>>;

  std::optional<Slack> slackOf(const Integer &p, const Integer &q) const {
    // Extremes of the two error terms.
    Integer error = q * a.scale - p * b.scale;
    auto [errorBLo, errorBHi] =
        std::minmax({Integer(error * b.lo), Integer(error * b.hi)});
    auto [errorALo, errorAHi] =
        std::minmax({Integer(-error * a.lo), Integer(-error * a.hi)});
    IntegerInterval sums = problem.sumRange({p, q});
    Slack result;
    for (const auto &row : gaps) {
      result.emplace_back();
      for (const Gap &gap : row) {
        if (!gap.below || !gap.above) {
          result.back().push_back(gap.below ? never(sums) : always(sums));
          continue;
        }
        // Both error terms bound the same sum, so the better bound counts.
        Integer below =
            std::min(quotient(p * *gap.below + errorBHi, a.scale, mpz_fdiv_q),
                     quotient(q * *gap.below + errorAHi, b.scale, mpz_fdiv_q));
        Integer above =
            std::max(quotient(p * *gap.above + errorBLo, a.scale, mpz_cdiv_q),
                     quotient(q * *gap.above + errorALo, b.scale, mpz_cdiv_q));
        if (below >= above)
          return std::nullopt;
        result.back().push_back({toInt64(Integer(below + 1)), toInt64(above)});
      }
    }
    return result;
  }

  template <typename Divide>
  static Integer quotient(const Integer &value, const Integer &by,
                          Divide divide) {
    Integer result;
    divide(result.get_mpz_t(), value.get_mpz_t(), by.get_mpz_t());
    return result;
  }

  const Problem &problem;
  const Term &a, &b;
  std::vector<std::vector<Gap>> gaps;
};

} // namespace

Result<LinearThresholds>
finngl::solveLinearThresholds(const LinearQuantisation &quantisation,
                              unsigned skip) {
  assert(quantisation.ratio.size() == quantisation.range.size());
  Problem problem(quantisation);
  if (problem.terms.size() != 2)
    return solveExactly(problem);
  // The walk over remainders needs room for a sum of two sums.
  if (bitWidthFor(problem.range.lo, problem.range.hi, /*isSigned=*/true) > 120)
    return Failure{tooWide(problem.range),
                   "the exponents of the two scales are too far apart"};
  return TwoScaleSolver(problem).solve(skip);
}
