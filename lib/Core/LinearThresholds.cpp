//===- LinearThresholds.cpp - Quantising a sum of scaled integers ---------===//
//
// Positive integer scales m over a common unit, then per level the integer T
// with "level reached iff s = sum m_i v_i >= T". Coefficients k give u = sum
// k_i v_i, and for each term i
//   m_i*u = k_i*s + sum over j of (k_j*m_i - k_i*m_j) * v_j.
// The nearest reachable s on both sides of T and the extremes of the error
// terms bound u from both sides of T; where the bounds do not meet, any integer
// between them is the threshold of u.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/LinearThresholds.h"
#include "NearDirections.h"
#include "ScaledSum.h"
#include "TwoScale.h"
#include <algorithm>

using namespace finngl;

int64_t LinearQuantisation::apply(std::span<const int64_t> v,
                                  size_t channel) const {
  Rational x = 0;
  for (size_t i = 0; i < v.size(); ++i)
    x += ratio[i] * toInteger(v[i]);
  x *= gain.size() == 1 ? gain[0] : gain[channel];
  x += offset.size() == 1 ? offset[0] : offset[channel];
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

/// Narrow coefficients for two or more terms.
class ScaleSolver {
public:
  explicit ScaleSolver(const ScaledSum &scaled) : scaled(scaled) {
    for (size_t i = 0; i < scaled.terms.size(); ++i)
      bySize.push_back(i);
    std::sort(bySize.begin(), bySize.end(), [&](size_t i, size_t j) {
      int order = cmp(values(j), values(i));
      return order ? order < 0 : i < j;
    });
  }

  /// Values of all terms but the two with most, times targets.
  bool isSmall(int64_t walks) const {
    Integer count = 1;
    for (size_t i = 2; i < bySize.size(); ++i)
      count *= values(bySize[i]);
    for (const auto &row : scaled.targets)
      if ((count * toInteger(int64_t(row.size() * scaled.targets.size()))) >
          toInteger(walks))
        return false;
    return true;
  }

  Result<LinearThresholds> solve(unsigned skip) {
    findGaps();
    std::optional<LinearThresholds> best;
    // False once no wider coefficients need be tried.
    auto attempt = [&](const std::vector<Integer> &coefficients) {
      if (scaled.bits(coefficients) > kMaxBits)
        return false;
      if (auto slack = slackOf(coefficients)) {
        best = makeThresholds(scaled, coefficients, std::move(*slack));
        return skip-- != 0;
      }
      return true;
    };
    if (scaled.terms.size() == 2)
      walkConvergents(attempt);
    else
      walkDirections(attempt);
    if (best)
      return std::move(*best);
    return tooWide(scaled, kMaxBits, "no narrower coefficients exist");
  }

private:
  using Slack = std::vector<std::vector<LinearThresholds::Interval>>;

  Integer values(size_t term) const {
    return scaled.terms[term].hi - scaled.terms[term].lo + 1;
  }

  void findGaps() {
    for (const auto &row : scaled.targets) {
      gaps.emplace_back();
      for (const Integer &target : row) {
        gaps.back().emplace_back();
        findGap(2, target, 0, gaps.back().back());
      }
    }
  }

  /// Each value of the terms from bySize[next] on, which add `rest` so far.
  void findGap(size_t next, const Integer &target, const Integer &rest,
               Gap &gap) const {
    if (next < bySize.size()) {
      const ScaledSum::Term &term = scaled.terms[bySize[next]];
      for (Integer v = term.lo; v <= term.hi; ++v)
        findGap(next + 1, target, rest + term.scale * v, gap);
      return;
    }
    const ScaledSum::Term &a = scaled.terms[bySize[0]];
    const ScaledSum::Term &b = scaled.terms[bySize[1]];
    Box box = {toInt128(a.lo), toInt128(a.hi), toInt128(b.lo), toInt128(b.hi)};
    Int128 m1 = toInt128(a.scale), m2 = toInt128(b.scale);
    Int128 t = toInt128(Integer(target - rest));
    if (auto shortfall = smallestShortfall(m1, m2, t, box))
      if (Integer below = target - toInteger(*shortfall);
          !gap.below || below > *gap.below)
        gap.below = below;
    if (auto excess = smallestExcess(m1, m2, t, box))
      if (Integer above = target + toInteger(*excess);
          !gap.above || above < *gap.above)
        gap.above = above;
  }

  /// Convergents q/p of the scales' ratio; the last one is exact.
  template <typename Attempt> void walkConvergents(Attempt attempt) const {
    Integer p = 0, q = 1, pNext = 1, qNext = 0; // 1/0, then 0/1 backwards
    Integer numerator = scaled.terms[1].scale;
    Integer denominator = scaled.terms[0].scale;
    while (attempt({p, q}) && denominator != 0) {
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
  }

  /// Coefficients nearly proportional to the scales, then the exact scales.
  template <typename Attempt> void walkDirections(Attempt attempt) const {
    IntegerVector reach;
    for (size_t i = 0; i < scaled.terms.size(); ++i)
      reach.push_back(values(i));
    bool goesOn = true;
    size_t wide = 0; // in a row
    visitNearDirections(scaled.scales(), reach, [&](const IntegerVector &k) {
      // One vector of a basis may be wide while the next one is not.
      bool isWide = scaled.bits(k) > kMaxBits;
      wide = isWide ? wide + 1 : 0;
      goesOn = isWide || attempt(k);
      return goesOn && wide < 2 * scaled.terms.size();
    });
    if (goesOn)
      attempt(scaled.scales());
  }

  std::optional<Slack> slackOf(const std::vector<Integer> &k) const {
    std::vector<IntegerInterval> errors;
    for (size_t i = 0; i < k.size(); ++i)
      errors.push_back(errorOf(k, i));
    IntegerInterval sums = scaled.sumRange(k);
    Slack result;
    for (const auto &row : gaps) {
      result.emplace_back();
      for (const Gap &gap : row) {
        if (!gap.below || !gap.above) {
          result.back().push_back(gap.below ? never(sums) : always(sums));
          continue;
        }
        // All error terms bound the same sum, so the best bound counts.
        std::optional<Integer> below, above;
        for (size_t i = 0; i < k.size(); ++i) {
          const Integer &scale = scaled.terms[i].scale;
          Integer most = quotient(Integer(k[i] * *gap.below + errors[i].hi),
                                  scale, mpz_fdiv_q);
          Integer least = quotient(Integer(k[i] * *gap.above + errors[i].lo),
                                   scale, mpz_cdiv_q);
          below = below ? std::min(*below, most) : most;
          above = above ? std::max(*above, least) : least;
        }
        if (*below >= *above)
          return std::nullopt;
        result.back().push_back(
            {toInt64(Integer(*below + 1)), toInt64(*above)});
      }
    }
    return result;
  }

  /// Extremes of m_i*u - k_i*s.
  IntegerInterval errorOf(const std::vector<Integer> &k, size_t i) const {
    IntegerInterval error{0, 0};
    for (size_t j = 0; j < k.size(); ++j) {
      const ScaledSum::Term &term = scaled.terms[j];
      Integer weight = k[j] * scaled.terms[i].scale - k[i] * term.scale;
      auto [lo, hi] =
          std::minmax({Integer(weight * term.lo), Integer(weight * term.hi)});
      error.lo += lo;
      error.hi += hi;
    }
    return error;
  }

  template <typename Divide>
  static Integer quotient(const Integer &value, const Integer &by,
                          Divide divide) {
    Integer result;
    divide(result.get_mpz_t(), value.get_mpz_t(), by.get_mpz_t());
    return result;
  }

  const ScaledSum &scaled;
  std::vector<size_t> bySize; ///< terms, those of most values first
  std::vector<std::vector<Gap>> gaps;
};

} // namespace

Result<LinearThresholds>
finngl::solveLinearThresholds(const LinearQuantisation &quantisation,
                              unsigned skip, int64_t walks) {
  assert(quantisation.ratio.size() == quantisation.range.size());
  ScaledSum scaled(quantisation);
  if (scaled.terms.size() < 2)
    return solveExactly(scaled);
  ScaleSolver solver(scaled);
  bool isPair = scaled.terms.size() == 2;
  if (!isPair && !solver.isSmall(walks))
    return solveExactly(scaled);
  if (scaled.bits(scaled.scales()) > kMaxWalkBits)
    return tooWide(scaled, kMaxWalkBits,
                   "the exponents of the scales are too far apart");
  return solver.solve(skip);
}
