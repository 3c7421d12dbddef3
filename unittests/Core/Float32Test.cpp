//===- Float32Test.cpp - Rounding an exact number once --------------------===//

#include "finngl/Core/Float32.h"
#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace finngl;

TEST(Float32Test, FloatsStay) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    float value = std::bit_cast<float>(uint32_t(random()));
    if (!std::isfinite(value))
      continue;
    EXPECT_EQ(nearestFloat32(toRational(value)), value);
  }
}

TEST(Float32Test, BetweenNeighboursTheNearerAndTiesToEven) {
  std::mt19937 random(2);
  for (int i = 0; i < 5000; ++i) {
    uint32_t bits = random() % 0x7f7fffff;
    float low = std::bit_cast<float>(bits),
          high = std::bit_cast<float>(bits + 1);
    Rational middle = (toRational(low) + toRational(high)) / 2;
    Rational little = (toRational(high) - toRational(low)) / 1000003;
    EXPECT_EQ(nearestFloat32(middle), bits & 1 ? high : low);
    EXPECT_EQ(nearestFloat32(middle - little), low);
    EXPECT_EQ(nearestFloat32(-middle - little), -high);
  }
}

TEST(Float32Test, Limits) {
  Rational largest = toRational(std::numeric_limits<float>::max());
  EXPECT_EQ(nearestFloat32(largest * 2),
            std::numeric_limits<float>::infinity());
  Rational smallest = toRational(std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(nearestFloat32(smallest / 2), 0.0f);
  EXPECT_EQ(nearestFloat32(smallest * 3 / 4), float(smallest.get_d()));
}
