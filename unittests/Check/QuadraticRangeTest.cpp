//===- QuadraticRangeTest.cpp - Ranges against all points -----------------===//

#include "QuadraticRange.h"
#include <gtest/gtest.h>
#include <random>

using namespace finngl;
using namespace finngl::check;
using exact::Monomial;

namespace {

/// Least and greatest value over all points of the box, atoms 1 to 3.
std::pair<Integer, Integer> byForce(const std::vector<QuadraticTerm> &terms,
                                    const std::vector<Interval> &atoms) {
  Integer lo, hi;
  bool first = true;
  std::array<int64_t, 4> x{1, 0, 0, 0};
  for (x[1] = atoms[1].first; x[1] <= atoms[1].second; ++x[1])
    for (x[2] = atoms[2].first; x[2] <= atoms[2].second; ++x[2])
      for (x[3] = atoms[3].first; x[3] <= atoms[3].second; ++x[3]) {
        Integer value = 0;
        for (const auto &[monomial, weight] : terms)
          value +=
              weight * toInteger(x[monomial.low]) * toInteger(x[monomial.high]);
        lo = first ? value : std::min(lo, value);
        hi = first ? value : std::max(hi, value);
        first = false;
      }
  return {lo, hi};
}

TEST(QuadraticRange, HoldsAllPointsAndIsExactWhereItSaysSo) {
  std::mt19937 random(1);
  auto pick = [&](int64_t lo, int64_t hi) {
    return lo + int64_t(random() % uint64_t(hi - lo + 1));
  };
  int exact = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<Interval> atoms{{1, 1}};
    for (int a = 0; a < 3; ++a) {
      int64_t lo = pick(-9, 5);
      atoms.push_back({lo, lo + pick(0, 7)});
    }
    std::vector<QuadraticTerm> terms;
    bool squares = false;
    uint32_t used = 0;
    for (uint32_t low = 0; low < 4; ++low)
      for (uint32_t high = std::max(1u, low); high < 4; ++high)
        if (pick(0, 2) == 0) {
          terms.push_back({Monomial{low, high}, toInteger(pick(-5, 5))});
          squares |= low == high;
          used |= 1u << low | 1u << high;
        }
    if (terms.empty())
      continue;
    auto [lo, hi, isExact] = quadraticRange(terms, atoms);
    auto [least, most] = byForce(terms, atoms);
    EXPECT_LE(lo, least);
    EXPECT_GE(hi, most);
    bool oneAtom = (used & ~1u & ((used & ~1u) - 1)) == 0;
    if (!squares || oneAtom) {
      EXPECT_TRUE(isExact);
    }
    if (isExact) {
      ++exact;
      EXPECT_EQ(lo, least);
      EXPECT_EQ(hi, most);
    }
  }
  EXPECT_GT(exact, 300);
}

} // namespace
