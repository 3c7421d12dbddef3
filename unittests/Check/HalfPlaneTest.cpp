//===- HalfPlaneTest.cpp - Half planes against all points -----------------===//

#include "HalfPlane.h"
#include <gtest/gtest.h>
#include <random>

using namespace finngl;
using namespace finngl::check;

static bool holds(const HalfPlane &plane, int64_t x, int64_t y) {
  return plane.a * toInteger(x) + plane.b * toInteger(y) >= plane.c;
}

/// Random nearly equal pairs of half planes on small boxes.
TEST(HalfPlane, DifferenceIsFoundIffThereIsOne) {
  std::mt19937 random(1);
  auto pick = [&](int lo, int hi) {
    return int64_t(lo) + int64_t(random() % uint64_t(hi - lo + 1));
  };
  int equal = 0;
  for (int round = 0; round < 20000; ++round) {
    int64_t sign = pick(0, 1) ? 1 : -1, factor = pick(1, 3);
    int64_t a = sign * pick(1, 9), b = pick(-9, 9), c = pick(-60, 60);
    HalfPlane first{toInteger(a), toInteger(b), toInteger(c)};
    HalfPlane second{toInteger(a * factor), toInteger(b * factor + pick(-1, 1)),
                     toInteger(c * factor + pick(-2, 2))};
    int64_t xLo = pick(-9, 3), xHi = xLo + pick(0, 9);
    int64_t yLo = pick(-9, 3), yHi = yLo + pick(0, 9);
    bool same = true;
    for (int64_t x = xLo; x <= xHi; ++x)
      for (int64_t y = yLo; y <= yHi; ++y)
        same &= holds(first, x, y) == holds(second, x, y);
    auto point = difference(
        first, second,
        {toInteger(xLo), toInteger(xHi), toInteger(yLo), toInteger(yHi)});
    ASSERT_EQ(point.has_value(), !same) << "round " << round;
    if (point) {
      int64_t x = toInt64(point->first), y = toInt64(point->second);
      EXPECT_NE(holds(first, x, y), holds(second, x, y)) << "round " << round;
      EXPECT_TRUE(x >= xLo && x <= xHi && y >= yLo && y <= yHi);
    }
    equal += same;
  }
  EXPECT_GT(equal, 2000);
  EXPECT_LT(equal, 18000);
}

TEST(HalfPlane, WideNumbers) {
  // x + y/2^40 >= 3 and x >= 3 part at y < 0 only.
  Integer wide = Integer(1) << 40;
  HalfPlane first{wide, 1, 3 * wide}, second{1, 0, 3};
  EXPECT_FALSE(difference(first, second, {0, 10, 0, Integer(1000)}));
  auto point = difference(first, second, {0, 10, Integer(-1), Integer(1000)});
  ASSERT_TRUE(point);
  EXPECT_EQ(point->second, -1);
}
