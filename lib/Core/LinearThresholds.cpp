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
#include "ScaledSum.h"
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

constexpr unsigned kMaxBits = 62;
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();

constexpr unsigned kMaxWalkBits = 120; ///< the walk over remainders adds sums

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
makeThresholds(const ScaledSum &scaled, const std::vector<Integer> &magnitudes,
               std::vector<std::vector<LinearThresholds::Interval>> slack) {
  LinearThresholds result;
  result.lo = scaled.quantisation.lo;
  result.coefficient = scaled.coefficients(magnitudes);
  for (const auto &row : slack) {
    result.thresholds.emplace_back();
    std::transform(row.begin(), row.end(),
                   std::back_inserter(result.thresholds.back()), chosen);
  }
  result.slack = std::move(slack);
  return result;
}

Failure tooWide(const ScaledSum &scaled, unsigned allowed, std::string note) {
  return {"needs sums of " + std::to_string(scaled.bits(scaled.scales())) +
              " bits over the exact common scale, more than " +
              std::to_string(allowed),
          std::move(note)};
}

/// The scales themselves as coefficients.
Result<LinearThresholds> solveExactly(const ScaledSum &scaled) {
  if (scaled.bits(scaled.scales()) > kMaxBits)
    return tooWide(scaled, kMaxBits,
                   "put a quantiser before the addition, or use scales whose "
                   "ratio is a power of two");
  std::vector<std::vector<LinearThresholds::Interval>> slack;
  for (const auto &row : scaled.targets) {
    slack.emplace_back();
    for (const Integer &target : row) {
      if (target <= scaled.range.lo)
        slack.back().push_back(always(scaled.range));
      else if (target > scaled.range.hi)
        slack.back().push_back(never(scaled.range));
      else
        slack.back().push_back({toInt64(target), toInt64(target)});
    }
  }
  return makeThresholds(scaled, scaled.scales(), std::move(slack));
}

/// The reachable scaled sums next to a target.
struct Gap {
  std::optional<Integer> below, above;
};

class TwoScaleSolver {
public:
  explicit TwoScaleSolver(const ScaledSum &scaled)
      : scaled(scaled), a(scaled.terms[0]), b(scaled.terms[1]) {
    Int128 m1 = toInt128(a.scale), m2 = toInt128(b.scale);
    Box box = {toInt128(a.lo), toInt128(a.hi), toInt128(b.lo), toInt128(b.hi)};
    for (const auto &row : scaled.targets) {
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
      if (scaled.bits({p, q}) > kMaxBits)
        break;
      if (auto slack = slackOf(p, q)) {
        best = makeThresholds(scaled, {p, q}, std::move(*slack));
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
    return tooWide(scaled, kMaxBits, "no narrower pair of coefficients exists");
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
    IntegerInterval sums = scaled.sumRange({p, q});
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

  const ScaledSum &scaled;
  const ScaledSum::Term &a, &b;
  std::vector<std::vector<Gap>> gaps;
};

} // namespace

Result<LinearThresholds>
finngl::solveLinearThresholds(const LinearQuantisation &quantisation,
                              unsigned skip) {
  assert(quantisation.ratio.size() == quantisation.range.size());
  ScaledSum scaled(quantisation);
  if (scaled.terms.size() != 2)
    return solveExactly(scaled);
  if (scaled.bits(scaled.scales()) > kMaxWalkBits)
    return tooWide(scaled, kMaxWalkBits,
                   "the exponents of the two scales are too far apart");
  return TwoScaleSolver(scaled).solve(skip);
}
