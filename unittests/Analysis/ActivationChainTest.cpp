//===- ActivationChainTest.cpp --------------------------------------------===//

#include "finngl/Analysis/ActivationChain.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace finngl;
using Kind = ActivationStep::Kind;

static Quantiser quantiser(float scale, int64_t lo, int64_t hi,
                           Rounding rounding = Rounding::HalfEven) {
  Quantiser q;
  q.scale = {scale};
  q.lo = lo;
  q.hi = hi;
  q.rounding = rounding;
  return q;
}

TEST(ActivationChain, ValuesAtZeroAreExact) {
  // sigmoid(0) = 1/2 is a tie of scale 1: to even, up, down.
  ActivationChain sigmoid = {{.kind = Kind::Sigmoid}};
  EXPECT_EQ(codeOf(sigmoid, 0, quantiser(1, 0, 1), 0), 0);
  EXPECT_EQ(codeOf(sigmoid, 0, quantiser(1, 0, 1, Rounding::HalfUp), 0), 1);
  EXPECT_EQ(codeOf(sigmoid, 0, quantiser(0.5, 0, 1, Rounding::Ceil), 0), 1);
  ActivationChain tanh = {{.kind = Kind::Tanh}};
  EXPECT_EQ(codeOf(tanh, 0, quantiser(0.125, -8, 7, Rounding::Ceil), 0), 0);
}

TEST(ActivationChain, NeverReachesItsLimit) {
  // sigmoid(40) is 1 in double; its floor to steps of 1/128 is 127 all the
  // same.
  ActivationChain sigmoid = {{.kind = Kind::Sigmoid}};
  Quantiser floor = quantiser(1.0f / 128, 0, 255, Rounding::Floor);
  EXPECT_EQ(codeOf(sigmoid, 40, floor, 0), 127);
  EXPECT_EQ(codeOf(sigmoid, 2000, floor, 0), 127);
  EXPECT_EQ(
      codeOf(sigmoid, -2000, quantiser(1.0f / 128, 0, 255, Rounding::Ceil), 0),
      1);
  // Beyond 4,096 bits nothing is decided, and nothing is guessed.
  EXPECT_EQ(codeOf(sigmoid, 100000, floor, 0), std::nullopt);
  EXPECT_EQ(codeOf(sigmoid, 100000, quantiser(1.0f / 128, 0, 255), 0), 128);
}

TEST(ActivationChain, AgreesWithDoubleAwayFromBoundaries) {
  Quantiser q = quantiser(0.01f, -128, 127);
  for (int a = -400; a <= 400; ++a) {
    Rational x(a, 64);
    for (bool isTanh : {false, true}) {
      double real =
          isTanh ? std::tanh(a / 64.0) : 1 / (1 + std::exp(-a / 64.0));
      double level = std::min(std::max(real / q.scale[0], -128.0), 127.0);
      if (std::abs(level - std::floor(level) - 0.5) < 1e-9)
        continue;
      ActivationChain chain = {{.kind = isTanh ? Kind::Tanh : Kind::Sigmoid}};
      EXPECT_EQ(codeOf(chain, x, q, 0), int64_t(std::nearbyint(level))) << a;
    }
  }
}

TEST(ActivationChain, BendsAtZero) {
  Quantiser q = quantiser(0.5, -100, 100);
  ActivationChain leaky = {
      {.kind = Kind::LeakyRelu, .factor = {Rational(1, 4)}}};
  EXPECT_EQ(direction(leaky, 0), 1);
  EXPECT_EQ(codeOf(leaky, -9, q, 0), -4); // -4.5 is a tie
  EXPECT_EQ(codeOf(leaky, 3, q, 0), 6);
  ActivationChain falling = {{.kind = Kind::LeakyRelu, .factor = {-2}}};
  EXPECT_EQ(direction(falling, 0), 0);
  EXPECT_EQ(codeOf(falling, -3, q, 0), 12);
  // Two slopes, and a fall behind them.
  ActivationChain channels = {
      {.kind = Kind::LeakyRelu, .factor = {1, Rational(1, 2)}},
      {.kind = Kind::Affine, .factor = {-1, -1}}};
  EXPECT_EQ(direction(channels, 1), -1);
  EXPECT_EQ(codeOf(channels, -3, q, 0), 6);
  EXPECT_EQ(codeOf(channels, -3, q, 1), 3);
  // Irrational below, exact above: 2 expm1(-1) = -1.264.
  ActivationChain elu = {{.kind = Kind::Elu, .factor = {2}}};
  EXPECT_EQ(codeOf(elu, -1, q, 0), -3);
  EXPECT_EQ(codeOf(elu, Rational(1, 4), q, 0), 0); // a tie
  EXPECT_EQ(codeOf(elu, -1000000, q, 0), -4);
}

TEST(ActivationChain, SoftsignIsRational) {
  // 1/7 / (1 + 1/7) = 1/8, a tie of 1/4.
  ActivationChain chain = {{.kind = Kind::Softsign}};
  EXPECT_EQ(codeOf(chain, Rational(1, 7), quantiser(0.25, -4, 4), 0), 0);
  EXPECT_EQ(codeOf(chain, Rational(-3, 5), quantiser(0.25, -4, 4), 0), -2);
}

TEST(ActivationChain, GatesItsFoot) {
  // tanh(x) * (2x + 1) at 0, 1 and -1.
  ActivationChain chain = {{.kind = Kind::Tanh},
                           {.kind = Kind::Gate, .factor = {2}, .offset = {1}}};
  EXPECT_EQ(direction(chain, 0), 0);
  EXPECT_EQ(codeOf(chain, 0, quantiser(0.25, -100, 100), 0), 0);
  EXPECT_EQ(codeOf(chain, 1, quantiser(0.25, -100, 100), 0), 9);
  EXPECT_EQ(codeOf(chain, -1, quantiser(0.25, -100, 100), 0), 3);
}

TEST(ActivationChain, StepsApplyFromTheInside) {
  // 1 - relu(tanh(x)), clipped at 3/4.
  ActivationChain chain = {
      {.kind = Kind::Tanh},
      {.kind = Kind::Clip, .lower = Rational(0), .upper = Rational(3, 4)},
      {.kind = Kind::Affine, .factor = {-1}, .offset = {1}}};
  EXPECT_EQ(direction(chain, 0), -1);
  Quantiser q = quantiser(0.25, 0, 15);
  EXPECT_EQ(codeOf(chain, -3, q, 0), 4);
  EXPECT_EQ(codeOf(chain, 3, q, 0), 1);
}
