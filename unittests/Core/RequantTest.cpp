//===- RequantTest.cpp - Affine quantisation and its requant form ---------===//

#include "finngl/Core/Requant.h"
#include "RandomCases.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

/// The definition, on canonical rationals.
int64_t reference(const AffineQuantisation &q, int64_t a, size_t channel) {
  Rational x = q.ratio * toInteger(a) + q.offsetAt(channel);
  Integer y = roundTo(x, q.rounding);
  return toInt64(std::clamp(y, toInteger(q.lo), toInteger(q.hi)));
}

/// Points of the channel's range at which f differs from the quantisation as
/// written, by brute force.
template <typename Function>
int differences(const AffineQuantisation &q, size_t channel, Function f) {
  auto [aMin, aMax] = q.rangeAt(channel);
  int count = 0;
  for (int64_t a = aMin; a <= aMax; ++a)
    count += f(a) != reference(q, a, channel);
  return count;
}

int differences(const AffineQuantisation &q, const Requant &requant) {
  int count = 0;
  for (size_t channel = 0; channel < q.channels(); ++channel)
    count += differences(q, channel,
                         [&](int64_t a) { return requant.apply(a, channel); });
  return count;
}

AffineQuantisation make(Rational ratio, Rational offset, Rounding rounding,
                        int64_t lo, int64_t hi, int64_t aMin, int64_t aMax) {
  ratio.canonicalize();
  offset.canonicalize();
  return {ratio, {offset}, rounding, lo, hi, {{aMin, aMax}}};
}

TEST(StepFunctionOfAffine, TiesOfEveryMode) {
  for (Rounding rounding : allRoundings)
    for (Rational ratio : {Rational(1, 2), Rational(-1, 2), Rational(1, 4),
                           Rational(-3, 2), Rational(0), Rational(5)})
      for (int eighth = -16; eighth <= 16; ++eighth) {
        auto q = make(ratio, Rational(eighth, 8), rounding, -4, 3, -40, 40);
        StepFunction f = stepFunction(q);
        EXPECT_EQ(0,
                  differences(q, 0, [&](int64_t a) { return evaluate(f, a); }))
            << stringify(rounding) << ratio << " " << eighth;
      }
}

TEST(StepFunctionOfAffine, HalfEvenBreaksAlternate) {
  auto q = make({1, 2}, 0, Rounding::HalfEven, 0, 3, 0, 9);
  // 0 0.5 1 1.5 2 2.5: level 1 is left at its tie, level 2 is reached.
  EXPECT_EQ(stepFunction(q), (StepFunction{0, 9, 0, {{2, 1}, {3, 2}, {6, 3}}}));
}

TEST(StepFunctionOfAffine, HugeDomain) {
  int64_t reach = int64_t(1) << 40;
  auto q = make({1, int64_t(1) << 36}, {1, 3}, Rounding::HalfEven, -8, 7,
                -reach, reach);
  StepFunction f = stepFunction(q);
  ASSERT_EQ(f.steps.size(), 15u);
  for (const Step &step : f.steps) {
    EXPECT_EQ(q.apply(step.at, 0), step.value);
    EXPECT_EQ(q.apply(step.at - 1, 0), step.value - 1);
  }
}

TEST(RequantTest, DyadicHalfEvenNeedsTheTieFix) {
  auto q = make({1, 4}, 0, Rounding::HalfEven, -8, 7, -64, 64);
  auto requant = solveRequant(q);
  ASSERT_TRUE(requant);
  EXPECT_GT(requant->w[0], 0);
  EXPECT_FALSE(requant->split);
  EXPECT_EQ(differences(q, *requant), 0);
}

TEST(RequantTest, RoundingByMagnitudeNeedsTwoConstants) {
  for (Rounding rounding :
       {Rounding::Up, Rounding::Down, Rounding::HalfUp, Rounding::HalfDown})
    for (Rational ratio : {Rational(1, 4), Rational(-1, 4), Rational(3, 8)}) {
      auto q = make(ratio, {1, 8}, rounding, -8, 7, -64, 64);
      if (rounding == Rounding::HalfUp || rounding == Rounding::HalfDown)
        q.offset = {Rational(0)};
      auto requant = solveRequant(q);
      ASSERT_TRUE(requant) << stringify(rounding) << ratio;
      EXPECT_EQ(differences(q, *requant), 0);
      auto [aMin, aMax] = q.rangeAt(0);
      EXPECT_EQ(stepFunction(*requant, 0, aMin, aMax), stepFunction(q));
    }
  // Down has a double step at zero, Up none: no affine form. HalfUp is one,
  // with a multiplier just above the ratio, HalfDown just below it.
  auto solve = [](Rounding rounding) {
    return *solveRequant(make({1, 4}, 0, rounding, -8, 7, -64, 64));
  };
  EXPECT_TRUE(solve(Rounding::Down).split);
  EXPECT_TRUE(solve(Rounding::Up).split);
  EXPECT_FALSE(solve(Rounding::HalfUp).split);
  EXPECT_FALSE(solve(Rounding::HalfDown).split);
}

TEST(RequantTest, NegativeAndZeroRatio) {
  auto negative = make({-7, 64}, {1, 3}, Rounding::HalfEven, -8, 7, -99, 99);
  auto requant = solveRequant(negative);
  ASSERT_TRUE(requant);
  EXPECT_LT(requant->p, 0);
  EXPECT_EQ(differences(negative, *requant), 0);
  for (Rounding rounding : allRoundings) {
    auto zero = make(0, {5, 2}, rounding, -8, 7, -99, 99);
    auto constant = solveRequant(zero);
    ASSERT_TRUE(constant);
    EXPECT_EQ(constant->p, 0);
    EXPECT_EQ(differences(zero, *constant), 0);
  }
}

TEST(RequantTest, UnreachableLevelsConstrainNothing) {
  // Only one of 255 levels has a break in the range: a comparator is enough.
  auto q = make({1, 100}, {3, 10}, Rounding::HalfEven, -128, 127, -40, 40);
  auto requant = solveRequant(q);
  ASSERT_TRUE(requant);
  EXPECT_LE(requant->k, 7u);
  EXPECT_EQ(differences(q, *requant), 0);
  // The whole range is below the clamp.
  auto low = make(1, -1000, Rounding::HalfEven, 0, 15, -40, 40);
  requant = solveRequant(low);
  ASSERT_TRUE(requant);
  EXPECT_EQ(requant->k, 0u);
  EXPECT_EQ(differences(low, *requant), 0);
}

TEST(RequantTest, OneBitIsAComparator) {
  auto q = make({13, 1000}, {1, 7}, Rounding::HalfEven, 0, 1, -500, 500);
  auto requant = solveRequant(q);
  ASSERT_TRUE(requant);
  EXPECT_EQ(requant->k, 0u);
  EXPECT_EQ(requant->p, 1);
  EXPECT_EQ(differences(q, *requant), 0);
}

TEST(RequantTest, RefusesWhatNeedsALongerShift) {
  int64_t reach = int64_t(1) << 50;
  // Ties next to +-2^50 cannot be told from their neighbours with k <= 40.
  auto ties = make({1, 2 * ((int64_t(1) << 46) - 21)}, 0, Rounding::HalfEven,
                   -8, 7, -reach, reach);
  EXPECT_FALSE(solveRequant(ties));
  // p*a does not fit int64.
  auto wide = make((int64_t(1) << 20) + 1, 0, Rounding::Floor, -reach, reach,
                   -reach, -reach + 3);
  EXPECT_FALSE(solveRequant(wide));
  // Levels are enumerated: not 2^31 of them.
  auto levels = make({3, 2}, 0, Rounding::Floor, -reach, reach, -reach, reach);
  EXPECT_FALSE(solveRequant(levels));
}

TEST(RequantTest, SixteenBitOutput) {
  auto q = make({1003, 4096}, {1, 3}, Rounding::HalfEven, -32768, 32767,
                -200000, 200000);
  auto requant = solveRequant(q);
  ASSERT_TRUE(requant);
  auto [aMin, aMax] = q.rangeAt(0);
  EXPECT_EQ(stepFunction(*requant, 0, aMin, aMax), stepFunction(q));
}

TEST(RequantTest, RandomCasesEqualBruteForce) {
  RandomCases cases(11);
  int solved = 0, fixed = 0, split = 0;
  const int total = 1000;
  for (int i = 0; i < total; ++i) {
    AffineQuantisation q = cases.affine(cases.integer(1, 5));
    for (size_t channel = 0; channel < q.channels(); ++channel) {
      StepFunction f = stepFunction(q, channel);
      ASSERT_EQ(0, differences(q, channel,
                               [&](int64_t a) { return evaluate(f, a); }));
    }
    auto requant = solveRequant(q);
    if (!requant)
      continue;
    ++solved;
    fixed += *std::max_element(requant->w.begin(), requant->w.end()) > 0;
    split += requant->split.has_value();
    ASSERT_EQ(differences(q, *requant), 0) << "case " << i;
  }
  // The method finds practically all; the rare rest takes a segment table.
  EXPECT_EQ(solved, total);
  EXPECT_GT(fixed, 5);
  EXPECT_GT(split, 30);
}

TEST(RequantTest, DyadicTiesInManyChannels) {
  RandomCases cases(15);
  int fixed = 0;
  for (int i = 0; i < 200; ++i) {
    AffineQuantisation q = cases.affine(4);
    q.rounding = Rounding::HalfEven;
    q.ratio = Rational(cases.integer(-15, 15), 1 << cases.integer(2, 6));
    q.ratio.canonicalize();
    for (Rational &offset : q.offset)
      offset =
          cases.chance(70) ? Rational(cases.integer(-9, 9)) : cases.offset();
    q.range = {cases.range(1000)};
    auto requant = solveRequant(q);
    ASSERT_TRUE(requant) << "case " << i;
    fixed += *std::max_element(requant->w.begin(), requant->w.end()) > 0;
    ASSERT_EQ(differences(q, *requant), 0) << "case " << i;
  }
  EXPECT_GT(fixed, 40);
}

/// The exact inverse must describe any requant, solved or not.
TEST(RequantTest, InverseOfArbitraryConstants) {
  RandomCases cases(12);
  for (int i = 0; i < 2000; ++i) {
    Requant requant;
    requant.k = cases.integer(0, 8);
    requant.p = cases.integer(-40, 40);
    requant.c = {cases.integer(-500, 500)};
    requant.w = {cases.chance(50) ? 0 : cases.integer(0, 1 << requant.k)};
    requant.lo = cases.integer(-9, 3);
    requant.hi = requant.lo + cases.integer(1, 20);
    if (cases.chance(30))
      requant.split = {{cases.integer(-60, 60)}, {cases.integer(-500, 500)}};
    auto [aMin, aMax] = cases.range(60);
    StepFunction f = stepFunction(requant, 0, aMin, aMax);
    for (int64_t a = aMin; a <= aMax; ++a)
      ASSERT_EQ(evaluate(f, a), requant.apply(a)) << "case " << i;
  }
}

/// A moved constant is seen by brute force, unless the step function says that
/// the function is the same.
TEST(RequantTest, MutantsAreSeenOrEquivalent) {
  RandomCases cases(13);
  int seen = 0;
  for (int i = 0; i < 300; ++i) {
    AffineQuantisation q = cases.affine(1);
    auto requant = solveRequant(q);
    ASSERT_TRUE(requant);
    auto [aMin, aMax] = q.rangeAt(0);
    for (int64_t delta : {-1, 1})
      for (int field = 0; field < 3; ++field) {
        Requant mutant = *requant;
        (field == 0   ? mutant.c[0]
         : field == 1 ? mutant.w[0]
                      : mutant.p) += delta;
        if (mutant.w[0] < 0 || mutant.w[0] > int64_t(1) << mutant.k)
          continue;
        bool equivalent =
            stepFunction(mutant, 0, aMin, aMax) == stepFunction(q);
        EXPECT_EQ(differences(q, mutant) == 0, equivalent);
        seen += !equivalent;
      }
  }
  EXPECT_GT(seen, 300);
}

TEST(RequantTest, GateOfManyChannelsSharesOneMultiplier) {
  RandomCases cases(14);
  AffineQuantisation q;
  q.ratio = cases.floatScale() * cases.floatScale() / 64;
  q.lo = -32;
  q.hi = 31;
  for (int channel = 0; channel < 64; ++channel) {
    q.offset.push_back(cases.offset());
    q.range.push_back({-60000, 60000});
  }
  auto requant = solveRequant(q);
  ASSERT_TRUE(requant);
  EXPECT_EQ(requant->c.size(), 64u);
  EXPECT_LT(bitWidthFor(0, toInteger(requant->p), false), 27u);
}

} // namespace
