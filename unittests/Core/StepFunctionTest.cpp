//===- StepFunctionTest.cpp - Piecewise constant integer functions --------===//

#include "finngl/Core/StepFunction.h"
#include <gtest/gtest.h>
#include <random>

using namespace finngl;

namespace {

const StepFunction ramp = {-10, 10, -1, {{-3, 0}, {0, 2}, {5, 3}}};

TEST(StepFunctionTest, Evaluate) {
  EXPECT_EQ(evaluate(ramp, -10), -1);
  EXPECT_EQ(evaluate(ramp, -4), -1);
  EXPECT_EQ(evaluate(ramp, -3), 0);
  EXPECT_EQ(evaluate(ramp, -1), 0);
  EXPECT_EQ(evaluate(ramp, 0), 2);
  EXPECT_EQ(evaluate(ramp, 10), 3);
  EXPECT_EQ(evaluate({3, 3, 7, {}}, 3), 7);
}

TEST(StepFunctionTest, AppendMergesAndReplaces) {
  StepFunction f{0, 9, 1, {}};
  f.append(2, 1); // no change
  EXPECT_TRUE(f.steps.empty());
  f.append(3, 2);
  f.append(3, 4); // two levels reached at one place
  EXPECT_EQ(f.steps, (std::vector<Step>{{3, 4}}));
  f.append(3, 1); // back to the first value: no step is left
  EXPECT_TRUE(f.steps.empty());
}

TEST(StepFunctionTest, ComposeMergesEqualNeighbours) {
  std::vector<int64_t> table = {5, 5, 0, 5, 6}; // values -1 to 3
  StepFunction composed = compose(ramp, table, -1);
  EXPECT_EQ(composed, (StepFunction{-10, 10, 5, {{5, 6}}}));
}

TEST(StepFunctionTest, ThresholdOf) {
  EXPECT_EQ(thresholdOf(ramp, -5), -10); // always
  EXPECT_EQ(thresholdOf(ramp, 0), -3);
  EXPECT_EQ(thresholdOf(ramp, 1), 0); // level 1 is jumped over
  EXPECT_EQ(thresholdOf(ramp, 2), 0);
  EXPECT_EQ(thresholdOf(ramp, 3), 5);
  EXPECT_EQ(thresholdOf(ramp, 4), std::nullopt);
}

TEST(StepFunctionTest, MultiThresholdCountsUnitLevels) {
  auto thresholds = multiThresholds(ramp, -2, 4);
  ASSERT_TRUE(thresholds);
  EXPECT_EQ(*thresholds, (std::vector<int64_t>{-10, -3, 0, 0, 5, 11}));
  for (int64_t a = -10; a <= 10; ++a) {
    int64_t y = -2;
    for (int64_t threshold : *thresholds)
      y += a >= threshold;
    EXPECT_EQ(y, evaluate(ramp, a));
  }
  EXPECT_FALSE(multiThresholds(ramp, 0, 4));  // first value is below lo
  EXPECT_FALSE(multiThresholds(ramp, -2, 2)); // last value is above hi
  EXPECT_FALSE(multiThresholds(mirror(ramp), -2, 4));
  // One bit: one threshold.
  EXPECT_EQ(*multiThresholds({-8, 7, 0, {{1, 1}}}, 0, 1),
            std::vector<int64_t>{1});
}

TEST(StepFunctionTest, MirrorAndRestrictAgreeWithEvaluation) {
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    StepFunction f{-20, 25, int64_t(random() % 5), {}};
    for (int64_t at = -19; at <= 25; at += 1 + random() % 9)
      f.append(at, random() % 5);
    StepFunction mirrored = mirror(f);
    int64_t lo = -20 + int64_t(random() % 40);
    int64_t hi = lo + int64_t(random() % (26 - lo));
    StepFunction part = restrict(f, lo, hi);
    for (int64_t a = -20; a <= 25; ++a) {
      EXPECT_EQ(evaluate(mirrored, -a), evaluate(f, a));
      if (lo <= a && a <= hi) {
        EXPECT_EQ(evaluate(part, a), evaluate(f, a));
      }
    }
    EXPECT_EQ(mirror(mirrored), f);
  }
}

TEST(StepFunctionTest, Monotone) {
  EXPECT_TRUE(isNonDecreasing(ramp));
  EXPECT_FALSE(isNonIncreasing(ramp));
  EXPECT_TRUE(isNonIncreasing(mirror(ramp)));
  EXPECT_TRUE(isNonDecreasing({0, 1, 3, {}}));
  EXPECT_TRUE(isNonIncreasing({0, 1, 3, {}}));
}

} // namespace
