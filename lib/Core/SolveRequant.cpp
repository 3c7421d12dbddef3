//===- SolveRequant.cpp - Search for p, k, c, w ---------------------------===//
//
// With w <= 2^k a requant with p >= 0 reaches level j where
// `p*a + c >= j*2^k + (j odd ? w : 0)`. So the even levels bound c and the odd
// levels bound d = c - w, each to an interval that is linear in the break
// points: a candidate (p, k) costs two multiplications a level, and half to
// even (odd levels are left at their tie, even ones reached) needs no other
// theory than d < c.
//
//===----------------------------------------------------------------------===//

#include "Int128.h"
#include "finngl/Core/Requant.h"
#include <algorithm>
#include <array>

using namespace finngl;

namespace {

constexpr unsigned kMaxShift = 40;
/// A quantiser of 16 bits in each of 64 channels; beyond, enumerating levels is
/// no method any more.
constexpr int64_t kMaxLevels = int64_t(1) << 22;

struct Interval {
  Int128 lo = -kInfinity, hi = kInfinity;
  bool isEmpty() const { return lo > hi; }
  /// The member nearest to zero: the narrowest constant.
  Int128 nearestToZero() const {
    return std::clamp(Int128(0), lo, std::max(lo, hi));
  }
};

/// Bounds of c by the even levels, of c - w by the odd ones.
struct Bounds {
  std::array<Interval, 2> byParity;

  void atLeast(int64_t level, Int128 bound) {
    Int128 &lo = byParity[level & 1].lo;
    lo = std::max(lo, bound);
  }
  void atMost(int64_t level, Int128 bound) {
    Int128 &hi = byParity[level & 1].hi;
    hi = std::min(hi, bound);
  }
  Interval withoutTieFix() const {
    return {std::max(byParity[0].lo, byParity[1].lo),
            std::min(byParity[0].hi, byParity[1].hi)};
  }
};

struct Candidate {
  Int128 p;
  unsigned k;
};

struct Constants {
  Int128 c, w = 0;
};

/// What a channel's function (non-decreasing) asks of c and w. Only points of
/// the domain count: a level that is always or never reached is bounded from
/// one side, by the domain's end.
Bounds boundsOf(const StepFunction &f, const Candidate &candidate, int64_t lo,
                int64_t hi) {
  auto [p, k] = candidate;
  Bounds bounds;
  // Levels of both parities below the first and above the last value.
  for (int64_t level = f.first; level > lo && level > f.first - 2; --level)
    bounds.atLeast(level, (Int128(level) << k) - p * f.aMin);
  for (int64_t level = f.last() + 1; level <= hi && level <= f.last() + 2;
       ++level)
    bounds.atMost(level, (Int128(level) << k) - 1 - p * f.aMax);
  int64_t previous = f.first;
  for (const Step &step : f.steps) {
    for (int64_t level = previous + 1; level <= step.value; ++level) {
      Int128 needed = (Int128(level) << k) - p * step.at;
      bounds.atLeast(level, needed);
      bounds.atMost(level, needed + p - 1);
    }
    previous = step.value;
  }
  return bounds;
}

std::optional<Constants> constantsFor(const StepFunction &f,
                                      const Candidate &candidate, int64_t lo,
                                      int64_t hi, bool allowTieFix) {
  Bounds bounds = boundsOf(f, candidate, lo, hi);
  Constants result;
  if (Interval common = bounds.withoutTieFix(); !common.isEmpty()) {
    result.c = common.nearestToZero();
  } else {
    const auto &[even, odd] = bounds.byParity;
    if (!allowTieFix || even.isEmpty() || odd.isEmpty())
      return std::nullopt;
    result = {even.lo, even.lo - odd.hi}; // the smallest fix
    if (result.w < 0 || result.w > Int128(1) << candidate.k)
      return std::nullopt;
  }
  Int128 atMin = candidate.p * f.aMin, atMax = candidate.p * f.aMax;
  Int128 v[] = {atMin, atMax, result.c, atMin + result.c, atMax + result.c};
  if (!std::all_of(std::begin(v), std::end(v),
                   [](Int128 value) { return fitsInt64(value); }))
    return std::nullopt;
  return result;
}

/// Searches for the smallest k at which every function has its constants.
class Search {
public:
  Search(const Rational &ratio, int64_t lo, int64_t hi)
      : ratio(ratio), lo(lo), hi(hi) {}

  Candidate found;
  std::vector<Constants> constants;

  bool run(const std::vector<StepFunction> &functions, bool allowTieFix) {
    for (unsigned k = 0; k <= kMaxShift; ++k) {
      // Neighbours of ratio * 2^k on both sides, also of an integer: a p just
      // beside it turns ties by magnitude away from (or to) zero.
      Rational scaled = ratio * Rational(Integer(1) << k);
      Integer below = ceilOf(scaled) - 1, above = floorOf(scaled) + 1;
      if (!fitsInt64(above))
        return false;
      for (int64_t p = std::max(toInt64(below), int64_t(0));
           p <= toInt64(above); ++p)
        if (tryCandidate(functions, {p, k}, allowTieFix))
          return true;
    }
    return false;
  }

private:
  bool tryCandidate(const std::vector<StepFunction> &functions,
                    Candidate candidate, bool allowTieFix) {
    constants.clear();
    for (const StepFunction &f : functions) {
      auto found = constantsFor(f, candidate, lo, hi, allowTieFix);
      if (!found)
        return false;
      constants.push_back(*found);
    }
    found = candidate;
    return true;
  }

  Rational ratio;
  int64_t lo, hi;
};

} // namespace

static Requant makeRequant(const AffineQuantisation &q, const Search &search) {
  Requant result;
  result.lo = q.lo;
  result.hi = q.hi;
  result.k = search.found.k;
  result.p = int64_t(search.found.p);
  if (q.ratio < 0)
    result.p = -result.p;
  return result;
}

static Requant makePlain(const AffineQuantisation &q, const Search &search) {
  Requant result = makeRequant(q, search);
  for (const Constants &constants : search.constants) {
    result.c.push_back(int64_t(constants.c));
    result.w.push_back(int64_t(constants.w));
  }
  return result;
}

static bool roundsByMagnitude(Rounding rounding) {
  return rounding == Rounding::Up || rounding == Rounding::Down ||
         rounding == Rounding::HalfUp || rounding == Rounding::HalfDown;
}

/// Two constants, for the two sides of the real value zero. `functions` are
/// those of |ratio|.
static std::optional<Requant>
solveSplit(const AffineQuantisation &q, const Rational &ratio,
           const std::vector<StepFunction> &functions) {
  // An empty side constrains nothing and gets no entry.
  std::vector<StepFunction> sides;
  std::vector<int64_t> splitAt;
  for (size_t channel = 0; channel < functions.size(); ++channel) {
    const StepFunction &f = functions[channel];
    Integer zero = ceilOf(-q.offsetAt(channel) / ratio);
    Integer inside =
        std::clamp(zero, toInteger(f.aMin), Integer(toInteger(f.aMax) + 1));
    int64_t at = toInt64(inside);
    if (at > f.aMin)
      sides.push_back(restrict(f, f.aMin, at - 1));
    if (at <= f.aMax)
      sides.push_back(restrict(f, at, f.aMax));
    splitAt.push_back(at);
  }
  Search search(ratio, q.lo, q.hi);
  if (!search.run(sides, /*allowTieFix=*/false))
    return std::nullopt;

  Requant result = makeRequant(q, search);
  Requant::Split split;
  auto constants = search.constants.begin();
  for (size_t channel = 0; channel < functions.size(); ++channel) {
    const StepFunction &f = functions[channel];
    int64_t at = splitAt[channel];
    int64_t below = at > f.aMin ? int64_t((constants++)->c) : 0;
    int64_t above = at <= f.aMax ? int64_t((constants++)->c) : 0;
    bool mirrored = q.ratio < 0; // a' = -a >= at iff a < 1 - at
    split.at.push_back(mirrored ? 1 - at : at);
    split.cBelow.push_back(mirrored ? above : below);
    result.c.push_back(mirrored ? below : above);
    result.w.push_back(0);
  }
  result.split = std::move(split);
  return result;
}

/// Evaluates the quantisation as it stands at both sides of every break, where
/// the ties are, and at the ends; then compares the whole functions.
static bool isProved(const AffineQuantisation &q, const StepFunction &wanted,
                     const Requant &requant, size_t channel) {
  auto agrees = [&](int64_t a) {
    return requant.apply(a, channel) == q.apply(a, channel);
  };
  if (!agrees(wanted.aMin) || !agrees(wanted.aMax))
    return false;
  for (const Step &step : wanted.steps)
    if (!agrees(step.at - 1) || !agrees(step.at))
      return false;
  return stepFunction(requant, channel, wanted.aMin, wanted.aMax) == wanted;
}

/// Levels that break within the ranges; stops counting above the limit.
static int64_t countLevels(const AffineQuantisation &q) {
  int64_t count = 0;
  for (size_t channel = 0; channel < q.channels() && count <= kMaxLevels;
       ++channel) {
    auto [aMin, aMax] = q.rangeAt(channel);
    count += std::abs(q.apply(aMax, channel) - q.apply(aMin, channel));
  }
  return count;
}

std::optional<Requant>
finngl::solveRequant(const AffineQuantisation &quantisation) {
  const AffineQuantisation &q = quantisation;
  Rational ratio = abs(q.ratio);
  if (countLevels(q) > kMaxLevels)
    return std::nullopt;
  std::vector<StepFunction> wanted, functions;
  for (size_t channel = 0; channel < q.channels(); ++channel) {
    wanted.push_back(stepFunction(q, channel));
    functions.push_back(q.ratio < 0 ? mirror(wanted.back()) : wanted.back());
  }
  std::optional<Requant> result;
  Search search(ratio, q.lo, q.hi);
  if (search.run(functions, /*allowTieFix=*/false) ||
      search.run(functions, /*allowTieFix=*/true))
    result = makePlain(q, search);
  else if (roundsByMagnitude(q.rounding) && ratio != 0)
    result = solveSplit(q, ratio, functions);
  for (size_t channel = 0; result && channel < q.channels(); ++channel)
    if (!isProved(q, wanted[channel], *result, channel))
      return std::nullopt;
  return result;
}
