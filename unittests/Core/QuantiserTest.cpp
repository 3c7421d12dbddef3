//===- QuantiserTest.cpp - Rounding modes and the quantiser record --------===//

#include "finngl/Core/Quantiser.h"
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace finngl;

TEST(NumberTest, FloorAndCeilOfNegativeValues) {
  EXPECT_EQ(floorOf(Rational(-5, 2)), -3);
  EXPECT_EQ(ceilOf(Rational(-5, 2)), -2);
  EXPECT_EQ(floorOf(Rational(-4)), -4);
  EXPECT_EQ(ceilOf(Rational(-4)), -4);
}

TEST(NumberTest, BitWidths) {
  EXPECT_EQ(bitWidthFor(0, 0, false), 1u);
  EXPECT_EQ(bitWidthFor(0, 255, false), 8u);
  EXPECT_EQ(bitWidthFor(0, 256, false), 9u);
  EXPECT_EQ(bitWidthFor(0, 0, true), 1u);
  EXPECT_EQ(bitWidthFor(-1, 0, true), 1u);
  EXPECT_EQ(bitWidthFor(-1, 1, true), 2u);
  EXPECT_EQ(bitWidthFor(-128, 127, true), 8u);
  EXPECT_EQ(bitWidthFor(-129, 127, true), 9u);
  EXPECT_EQ(bitWidthFor(-128, 128, true), 9u);
}

TEST(RoundingTest, NamesAndAliases) {
  EXPECT_EQ(parseRounding("Round"), Rounding::HalfEven);
  EXPECT_EQ(parseRounding("half_even"), Rounding::HalfEven);
  EXPECT_EQ(parseRounding("CEIL"), Rounding::Ceil);
  EXPECT_EQ(parseRounding("floor"), Rounding::Floor);
  EXPECT_EQ(parseRounding("UP"), Rounding::Up);
  EXPECT_EQ(parseRounding("Down"), Rounding::Down);
  EXPECT_EQ(parseRounding("ROUND_to_ZERO"), Rounding::Down);
  EXPECT_EQ(parseRounding("HALF_UP"), Rounding::HalfUp);
  EXPECT_EQ(parseRounding("HALF_DOWN"), Rounding::HalfDown);
  EXPECT_FALSE(parseRounding("HALF"));
  EXPECT_FALSE(parseRounding(""));
  EXPECT_EQ(parseRounding(stringify(Rounding::HalfDown)), Rounding::HalfDown);
}

TEST(RoundingTest, EveryModeOnHalvesAndQuarters) {
  // Columns: -2.5 -2.25 -1.5 -0.5 0 0.5 1.5 2.25 2.5 2.75
  const std::array<int, 10> quarters = {-10, -9, -6, -2, 0, 2, 6, 9, 10, 11};
  const std::pair<Rounding, std::array<int, 10>> rows[] = {
      {Rounding::HalfEven, {-2, -2, -2, 0, 0, 0, 2, 2, 2, 3}},
      {Rounding::Ceil, {-2, -2, -1, 0, 0, 1, 2, 3, 3, 3}},
      {Rounding::Floor, {-3, -3, -2, -1, 0, 0, 1, 2, 2, 2}},
      {Rounding::Up, {-3, -3, -2, -1, 0, 1, 2, 3, 3, 3}},
      {Rounding::Down, {-2, -2, -1, 0, 0, 0, 1, 2, 2, 2}},
      {Rounding::HalfUp, {-3, -2, -2, -1, 0, 1, 2, 2, 3, 3}},
      {Rounding::HalfDown, {-2, -2, -1, 0, 0, 0, 1, 2, 2, 3}}};
  for (const auto &[rounding, expected] : rows)
    for (size_t i = 0; i < quarters.size(); ++i) {
      Rational value(quarters[i], 4);
      value.canonicalize();
      EXPECT_EQ(roundTo(value, rounding), expected[i])
          << stringify(rounding) << " of " << value;
      Quantiser unit{.scale = {1.0f}, .lo = -8, .hi = 7, .rounding = rounding};
      EXPECT_EQ(unit.codeFloat32(quarters[i] / 4.0f), expected[i]);
    }
}

TEST(QuantiserTest, ZeroPointBeforeAndAfterRoundingDifferAtTies) {
  Quantiser q{.scale = {1.0f}, .zeroPoint = {1.0f}, .lo = -8, .hi = 7};
  EXPECT_EQ(q.code(Rational(1, 2)), 2); // round(1.5)
  EXPECT_EQ(q.codeFloat32(0.5f), 2);
  q.zeroPointAfterRounding = true;
  EXPECT_EQ(q.code(Rational(1, 2)), 1); // round(0.5) + 1
  EXPECT_EQ(q.codeFloat32(0.5f), 1);
}

TEST(QuantiserTest, FractionalZeroPointAndValue) {
  Quantiser q{.scale = {0.5f, 2.0f}, .zeroPoint = {0.25f}, .lo = 0, .hi = 3};
  EXPECT_EQ(q.value(1, 0), Rational(3, 8));
  EXPECT_EQ(q.value(1, 1), Rational(3, 2));
  EXPECT_EQ(q.valueFloat32(1, 1), 1.5f);
  EXPECT_EQ(q.code(Rational(1, 8), 0), 0); // tie at 0.5 goes to even
}

TEST(QuantiserTest, ClampsOddBoundsAndOverflow) {
  Quantiser q{.scale = {1e-30f}, .lo = -5, .hi = 11};
  EXPECT_EQ(q.codeFloat32(1e30f), 11); // the quotient is infinite
  EXPECT_EQ(q.codeFloat32(-1e30f), -5);
  EXPECT_EQ(q.codeFloat32(1e-10f), 11); // finite but above int64
  EXPECT_EQ(q.code(Rational(1)), 11);
  EXPECT_EQ(q.code(Rational(-1)), -5);
  Quantiser wide{.scale = {1.0f}, .lo = 0, .hi = (int64_t(1) << 31) - 1};
  EXPECT_EQ(wide.codeFloat32(4e9f), (int64_t(1) << 31) - 1);
}

TEST(QuantiserTest, Bipolar) {
  Quantiser q{.scale = {0.5f}, .lo = -1, .hi = 1, .bipolar = true};
  EXPECT_EQ(q.code(0), 1);
  EXPECT_EQ(q.code(Rational(-1, 1000)), -1);
  EXPECT_EQ(q.codeFloat32(-0.0f), 1);
  EXPECT_EQ(q.value(-1), Rational(-1, 2));
}

TEST(QuantiserTest, Float32EqualsExactWhereScaleIsDyadic) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    Quantiser q{.scale = {std::ldexp(1.0f, int(random() % 9) - 6)},
                .zeroPoint = {float(int(random() % 5) - 2)},
                .lo = -16,
                .hi = 15,
                .rounding = Rounding(random() % 7),
                .zeroPointAfterRounding = random() % 2 == 0};
    float x = (int(random() % 513) - 256) / 128.0f;
    EXPECT_EQ(q.codeFloat32(x), q.code(toRational(x)))
        << x << " / " << q.scale[0] << " " << stringify(q.rounding);
  }
}
