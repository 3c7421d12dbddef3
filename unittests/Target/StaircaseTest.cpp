//===- StaircaseTest.cpp - Counts of thresholds against the function ------===//

#include "Staircase.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

using namespace finngl;
using finngl::to_onnx::Staircase;

static int64_t count(const std::vector<int64_t> &thresholds, int64_t a) {
  return std::count_if(thresholds.begin(), thresholds.end(),
                       [a](int64_t t) { return a >= t; });
}

/// As QONNX executes it, on every place of the domain.
static void expectEqual(const std::vector<StepFunction> &channels) {
  Staircase stairs(channels);
  for (size_t c = 0; c < channels.size(); ++c) {
    ASSERT_EQ(stairs.up[c].size(), stairs.ups());
    ASSERT_EQ(stairs.down[c].size(), stairs.downs());
    EXPECT_TRUE(std::is_sorted(stairs.up[c].begin(), stairs.up[c].end()));
    EXPECT_TRUE(std::is_sorted(stairs.down[c].begin(), stairs.down[c].end()));
    for (int64_t a = channels[c].aMin; a <= channels[c].aMax; ++a)
      ASSERT_EQ(stairs.bias + count(stairs.up[c], a) - count(stairs.down[c], a),
                evaluate(channels[c], a))
          << "channel " << c << " at " << a;
  }
}

TEST(Staircase, ConstantHasOneThresholdThatIsNeverReached) {
  Staircase stairs({{-4, 3, 7, {}}});
  EXPECT_EQ(stairs.bias, 7);
  EXPECT_EQ(stairs.up, (std::vector<std::vector<int64_t>>{{4}}));
  EXPECT_EQ(stairs.downs(), 0u);
}

TEST(Staircase, ChannelsShareTheBias) {
  expectEqual({{-8, 7, -3, {{-5, -1}, {2, 0}}}, {-8, 7, 2, {{7, 3}}}});
}

TEST(Staircase, NonDecreasingNeedsNoDown) {
  EXPECT_EQ(Staircase({{0, 9, 0, {{3, 2}, {8, 5}}}}).downs(), 0u);
}

TEST(Staircase, RandomFunctionsUpAndDown) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int64_t> value(-9, 9), width(1, 3);
  for (int round = 0; round < 200; ++round) {
    std::vector<StepFunction> channels(size_t(width(random)));
    for (StepFunction &function : channels) {
      function = {-16, 15, value(random), {}};
      for (int64_t at = -16 + width(random); at <= 15; at += width(random))
        function.append(at, value(random));
    }
    expectEqual(channels);
  }
}
