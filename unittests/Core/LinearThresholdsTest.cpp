//===- LinearThresholdsTest.cpp - Quantising a sum of scaled integers -----===//

#include "finngl/Core/LinearThresholds.h"
#include "RandomCases.h"
#include "TwoScale.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

/// Calls f with every point of the box.
template <typename F>
void forEachPoint(std::span<const std::pair<int64_t, int64_t>> range, F f) {
  std::vector<int64_t> v;
  for (auto [lo, hi] : range)
    v.push_back(lo);
  for (;;) {
    f(std::span<const int64_t>(v));
    size_t i = 0;
    while (i < v.size() && v[i] == range[i].second) {
      v[i] = range[i].first;
      ++i;
    }
    if (i == v.size())
      return;
    ++v[i];
  }
}

int differences(const LinearQuantisation &q, const LinearThresholds &t) {
  int count = 0;
  for (size_t channel = 0; channel < q.channels(); ++channel)
    forEachPoint(q.range, [&](std::span<const int64_t> v) {
      count += t.apply(v, channel) != q.apply(v, channel);
    });
  return count;
}

LinearQuantisation randomCase(RandomCases &cases, size_t terms, size_t channels,
                              int64_t reach) {
  LinearQuantisation q;
  for (size_t i = 0; i < terms; ++i) {
    q.ratio.push_back(cases.ratio());
    if (cases.chance(25))
      q.ratio.back() = -q.ratio.back();
    q.range.push_back(cases.range(reach));
  }
  for (size_t channel = 0; channel < channels; ++channel)
    q.offset.push_back(cases.offset());
  if (channels > 1 && cases.chance(50)) {
    q.gain.clear();
    for (size_t channel = 0; channel < channels; ++channel)
      q.gain.push_back(abs(cases.ratio()));
  }
  q.rounding = cases.rounding();
  unsigned bits = cases.integer(1, 5);
  q.lo = cases.chance(50) ? 0 : -(int64_t(1) << (bits - 1));
  q.hi = q.lo + (int64_t(1) << bits) - 1;
  return q;
}

TEST(TwoScaleTest, MinimumModuloEqualsBruteForce) {
  RandomCases cases(21);
  for (int i = 0; i < 20000; ++i) {
    int64_t m = cases.integer(1, 200), alpha = cases.integer(0, m - 1),
            beta = cases.integer(0, m - 1), count = cases.integer(1, 250);
    int64_t least = m;
    for (int64_t x = 0; x < count; ++x)
      least = std::min(least, (alpha * x + beta) % m);
    ASSERT_EQ(int64_t(minimumModulo(alpha, beta, m, count)), least)
        << alpha << "x + " << beta << " mod " << m << ", " << count;
  }
}

TEST(TwoScaleTest, ExcessAndShortfallEqualBruteForce) {
  RandomCases cases(22);
  for (int i = 0; i < 5000; ++i) {
    int64_t m1 = cases.integer(1, 60), m2 = cases.integer(1, 60);
    auto [aMin, aMax] = cases.range(12);
    auto [bMin, bMax] = cases.range(12);
    int64_t t = cases.integer(-800, 800);
    std::optional<int64_t> excess, shortfall;
    for (int64_t a = aMin; a <= aMax; ++a)
      for (int64_t b = bMin; b <= bMax; ++b) {
        int64_t distance = m1 * a + m2 * b - t;
        auto &best = distance >= 0 ? excess : shortfall;
        best = std::min(best.value_or(INT64_MAX), std::abs(distance));
      }
    Box box = {aMin, aMax, bMin, bMax};
    auto e = smallestExcess(m1, m2, t, box);
    auto s = smallestShortfall(m1, m2, t, box);
    ASSERT_EQ(e.has_value(), excess.has_value());
    ASSERT_EQ(s.has_value(), shortfall.has_value());
    if (e) {
      ASSERT_EQ(int64_t(*e), *excess);
    }
    if (s) {
      ASSERT_EQ(int64_t(*s), *shortfall);
    }
  }
}

TEST(LinearThresholdsTest, OneTermIsAComparison) {
  LinearQuantisation q{{Rational(-1, 4)}, {0}, Rounding::HalfEven, -2, 2,
                       {{-20, 20}}};
  auto t = solveLinearThresholds(q);
  ASSERT_TRUE(t);
  EXPECT_EQ(t->coefficient, std::vector<int64_t>{-1});
  // -a/4: -1.5 is a tie that goes down to -2, -0.5 up to 0, ...
  EXPECT_EQ(t->thresholds[0], (std::vector<int64_t>{-5, -2, 3, 6}));
  EXPECT_EQ(differences(q, *t), 0);
}

TEST(LinearThresholdsTest, ZeroRatiosAndConstants) {
  LinearQuantisation q{{0, 0}, {Rational(3, 2)},  Rounding::HalfEven, -2,
                       5,      {{-3, 3}, {-3, 3}}};
  auto t = solveLinearThresholds(q);
  ASSERT_TRUE(t);
  EXPECT_EQ(t->coefficient, (std::vector<int64_t>{0, 0}));
  EXPECT_EQ(differences(q, *t), 0);
  q.ratio[1] = Rational(1, 3);
  t = solveLinearThresholds(q);
  ASSERT_TRUE(t);
  EXPECT_EQ(t->coefficient, (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(differences(q, *t), 0);
}

TEST(LinearThresholdsTest, UnreachableLevelsAndOneBit) {
  LinearQuantisation q{{Rational(1, 3), Rational(1, 7)},
                       {100, -100, 0},
                       Rounding::HalfEven,
                       0,
                       1,
                       {{-5, 5}, {-5, 5}}};
  auto t = solveLinearThresholds(q);
  ASSERT_TRUE(t);
  EXPECT_EQ(differences(q, *t), 0);
  auto [lo, hi] = sumRange(*t, q.range);
  EXPECT_EQ(t->thresholds[0][0], lo);
  EXPECT_EQ(t->thresholds[1][0], hi + 1);
}

TEST(LinearThresholdsTest, EmptyTermsAndExtremeExponents) {
  // A term of one value is an offset.
  LinearQuantisation q{{toRational(0.1f), toRational(1e-30f)},
                       {Rational(1, 3)},
                       Rounding::HalfEven,
                       -8,
                       7,
                       {{-50, 50}, {0, 0}}};
  auto t = solveLinearThresholds(q);
  ASSERT_TRUE(t);
  EXPECT_EQ(t->coefficient, (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(differences(q, *t), 0);
  q.range[1] = {int64_t(1) << 50, int64_t(1) << 50};
  t = solveLinearThresholds(q);
  ASSERT_TRUE(t);
  EXPECT_EQ(differences(q, *t), 0);
  q.ratio[1] = toRational(1e-9f);
  q.range[1] = {-40, 40};
  t = solveLinearThresholds(q);
  ASSERT_TRUE(t);
  EXPECT_EQ(differences(q, *t), 0);
  q.ratio[1] = toRational(1e-38f);
  EXPECT_FALSE(solveLinearThresholds(q));
}

TEST(LinearThresholdsTest, BoxesFarFromZero) {
  RandomCases cases(27);
  for (int i = 0; i < 100; ++i) {
    LinearQuantisation q = randomCase(cases, 2, 1, 10);
    for (size_t term = 0; term < 2; ++term) {
      int64_t shift = cases.integer(-100000, 100000);
      q.range[term].first += shift;
      q.range[term].second += shift;
      q.offset[0] -= q.ratio[term] * shift;
    }
    auto t = solveLinearThresholds(q);
    ASSERT_TRUE(t) << t.failure().message;
    ASSERT_EQ(differences(q, *t), 0) << "case " << i;
  }
}

TEST(LinearThresholdsTest, TiesOfTwoDyadicScales) {
  for (Rounding rounding : allRoundings) {
    LinearQuantisation q{{Rational(1, 4), Rational(-1, 2)},
                         {0, Rational(1, 4), -1},
                         rounding,
                         -4,
                         3,
                         {{-20, 20}, {-10, 10}}};
    auto t = solveLinearThresholds(q);
    ASSERT_TRUE(t);
    EXPECT_EQ(differences(q, *t), 0) << stringify(rounding);
  }
}

TEST(LinearThresholdsTest, TwoTermsEqualBruteForce) {
  RandomCases cases(23);
  for (int i = 0; i < 500; ++i) {
    LinearQuantisation q = randomCase(cases, 2, cases.integer(1, 2), 24);
    for (unsigned skip : {0u, 1u}) {
      auto t = solveLinearThresholds(q, skip);
      ASSERT_TRUE(t) << t.failure().message;
      ASSERT_EQ(differences(q, *t), 0) << "case " << i;
    }
  }
}

TEST(LinearThresholdsTest, ThreeAndFourTermsEqualBruteForceOrAreRefused) {
  RandomCases cases(24);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    size_t terms = cases.integer(3, 4);
    LinearQuantisation q =
        randomCase(cases, terms, cases.integer(1, 2), terms == 3 ? 8 : 4);
    for (unsigned skip : {0u, 1u}) {
      auto t = solveLinearThresholds(q, skip);
      if (t)
        ASSERT_EQ(differences(q, *t), 0) << "case " << i;
      else
        ++refused;
    }
  }
  EXPECT_LT(refused, 60); // exponents that are too far apart
}

/// Scales of float32 products in three terms: the exact common scale has 100
/// bits, the coefficients that do have a few more than the operands.
TEST(LinearThresholdsTest, ThreeFloatScalesOfOneBoxAreNarrow) {
  LinearQuantisation q{{toRational(0.1f) * toRational(0.3f),
                        toRational(0.7f) * toRational(1.1f),
                        toRational(0.3f) / 3},
                       {Rational(1, 3)},
                       Rounding::HalfEven,
                       -8,
                       7,
                       {{-60, 60}, {-9, 9}, {-31, 32}}};
  auto t = solveLinearThresholds(q);
  ASSERT_TRUE(t) << t.failure().message;
  EXPECT_EQ(differences(q, *t), 0);
  EXPECT_LE(width(*t, q.range), 12u);
}

/// Three terms of 15 to 18 bits, whose exact common scale needs 90: narrow
/// coefficients, checked where the sum is nearest to the threshold.
TEST(LinearThresholdsTest, ThreeWideTermsOfFloatScales) {
  LinearQuantisation q{{toRational(0.1f) * toRational(0.3f),
                        toRational(0.7f) * toRational(1.1f),
                        toRational(0.3f) / 3},
                       {0},
                       Rounding::HalfEven,
                       0,
                       1,
                       {{-9000, 9000}, {-9000, 9000}, {-90000, 90000}}};
  auto t = solveLinearThresholds(q);
  ASSERT_TRUE(t) << t.failure().message;
  EXPECT_LE(width(*t, q.range), 62u);
  RandomCases cases(27);
  for (int i = 0; i < 100000; ++i) {
    std::vector<int64_t> v = {cases.integer(-9000, 9000),
                              cases.integer(-900, 900), 0};
    // The last term brings the sum to 1/2, give or take a few of its steps.
    Rational rest = (Rational(1, 2) - q.ratio[0] * toInteger(v[0]) -
                     q.ratio[1] * toInteger(v[1])) /
                    q.ratio[2];
    v[2] = std::clamp<int64_t>(toInt64(floorOf(rest)) + cases.integer(0, 1),
                               -90000, 90000);
    ASSERT_EQ(t->apply(v), q.apply(v));
  }
}

TEST(LinearThresholdsTest, ThreeTermsOfTooManyValuesAreRefused) {
  int64_t reach = int64_t(1) << 24;
  LinearQuantisation wide{{toRational(0.1f) * toRational(0.3f),
                           toRational(0.7f) * toRational(1.1f),
                           toRational(0.3f) / 3},
                          {0},
                          Rounding::HalfEven,
                          0,
                          1,
                          {{-reach, reach}, {-reach, reach}, {-reach, reach}}};
  auto refused = solveLinearThresholds(wide);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.failure().message.find("more than 62"), std::string::npos);
}

/// Real gates: W x + U h with products of float32 scales; checked at the sums
/// next to each threshold, which are all that matters, and at random points.
TEST(LinearThresholdsTest, GatesOfFloat32Scales) {
  RandomCases cases(25);
  for (int i = 0; i < 20; ++i) {
    LinearQuantisation q;
    Rational output = cases.floatScale();
    for (int term = 0; term < 2; ++term) {
      q.ratio.push_back(cases.floatScale() * cases.floatScale() / output / 256);
      q.range.push_back({-cases.integer(2000, 30000), 20000});
    }
    for (int channel = 0; channel < 64; ++channel)
      q.offset.push_back(cases.floatScale() * cases.integer(-90, 90) / output);
    q.lo = -32;
    q.hi = 31;
    auto t = solveLinearThresholds(q);
    ASSERT_TRUE(t) << t.failure().message;
    for (int64_t coefficient : t->coefficient)
      EXPECT_LT(coefficient, int64_t(1) << 27);
    for (int point = 0; point < 3000; ++point) {
      size_t channel = cases.integer(0, 63), level = cases.integer(0, 62);
      std::vector<int64_t> v = {
          cases.integer(q.range[0].first, q.range[0].second), 0};
      // Solve for b at the threshold: the hardest points of this a.
      int64_t b = (t->thresholds[channel][level] - t->coefficient[0] * v[0]) /
                  t->coefficient[1];
      for (int64_t step = -2; step <= 2; ++step) {
        v[1] = std::clamp(b + step, q.range[1].first, q.range[1].second);
        ASSERT_EQ(t->apply(v, channel), q.apply(v, channel));
      }
    }
  }
}

TEST(LinearThresholdsTest, SlackIsExactAndMutantsAreSeen) {
  RandomCases cases(26);
  int seen = 0;
  for (int i = 0; i < 150; ++i) {
    LinearQuantisation q = randomCase(cases, 2, 1, 12);
    auto solved = solveLinearThresholds(q);
    ASSERT_TRUE(solved);
    const LinearThresholds &t = *solved;
    for (size_t level = 0; level < t.thresholds[0].size(); ++level) {
      auto [lowest, highest] = t.slack[0][level];
      int64_t threshold = t.thresholds[0][level];
      EXPECT_TRUE(lowest <= threshold && threshold <= highest);
      for (int64_t delta : {-1, 1}) {
        LinearThresholds mutant = t;
        mutant.thresholds[0][level] += delta;
        bool inside =
            lowest <= threshold + delta && threshold + delta <= highest;
        // Equivalent iff no sum of the box lies between the two thresholds.
        bool between = false;
        forEachPoint(q.range, [&](std::span<const int64_t> v) {
          between |= t.sum(v) == threshold - (delta < 0);
        });
        EXPECT_FALSE(inside && between);
        EXPECT_EQ(differences(q, mutant) == 0, !between);
        seen += between;
      }
    }
  }
  EXPECT_GT(seen, 100);
}

TEST(LinearThresholdsTest, Width) {
  LinearThresholds t{0, {3, -5}, {{0}}, {}};
  std::vector<std::pair<int64_t, int64_t>> range = {{-10, 10}, {0, 20}};
  EXPECT_EQ(sumRange(t, range), std::make_pair(int64_t(-130), int64_t(30)));
  EXPECT_EQ(width(t, range), 9u);
}

} // namespace
