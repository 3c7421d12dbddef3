//===- RoundingTest.cpp - Exact codes and distances -----------------------===//

#include "Exact/Rounding.h"
#include "../LoadModule.h"
#include "Exact/FixedTensor.h"
#include "finngl/Exact/Evaluator.h"
#include <cmath>
#include <random>

using namespace finngl;

namespace {

std::vector<std::vector<int64_t>> codesOf(mlir::func::FuncOp function,
                                          const FloatTensor &input) {
  std::vector<std::vector<int64_t>> codes;
  auto outputs = exact::evaluate(function, input);
  EXPECT_TRUE(mlir::succeeded(outputs));
  if (mlir::succeeded(outputs))
    for (const exact::Output &output : *outputs)
      codes.push_back(output.codes);
  return codes;
}

TEST(ExactRounding, TiesOfEveryMode) {
  LoadedModule module("Exact/rounding.mlir");
  // In levels: -2.5, -1.5, -1.25, -0.5, 0, 0.25, 0.5, 1.5, 2.5, 100.
  FloatTensor input =
      vectorOf({-1.25f, -.75f, -.625f, -.25f, 0, .125f, .25f, .75f, 1.25f, 50});
  auto codes = codesOf(module.function("ties"), input);
  using Codes = std::vector<int64_t>;
  ASSERT_EQ(codes.size(), 10u);
  EXPECT_EQ(codes[0], (Codes{-2, -2, -1, 0, 0, 0, 0, 2, 2, 3}));
  EXPECT_EQ(codes[1], (Codes{-2, -1, -1, 0, 0, 1, 1, 2, 3, 3}));
  EXPECT_EQ(codes[2], (Codes{-3, -2, -2, -1, 0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(codes[3], (Codes{-3, -2, -2, -1, 0, 1, 1, 2, 3, 3}));
  EXPECT_EQ(codes[4], (Codes{-2, -1, -1, 0, 0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(codes[5], (Codes{-3, -2, -1, -1, 0, 0, 1, 2, 3, 3}));
  EXPECT_EQ(codes[6], (Codes{-2, -1, -1, 0, 0, 0, 0, 1, 2, 3}));
  // Zero point 1 added before and after rounding: ties fall differently.
  EXPECT_EQ(codes[7], (Codes{-2, 0, 0, 0, 1, 1, 2, 2, 4, 6}));
  EXPECT_EQ(codes[8], (Codes{-1, -1, 0, 1, 1, 1, 1, 3, 3, 6}));
  EXPECT_EQ(codes[9], (Codes{-1, -1, -1, -1, 1, 1, 1, 1, 1, 1}));
}

TEST(ExactRounding, OneScalePerChannel) {
  LoadedModule module("Exact/rounding.mlir");
  auto codes = codesOf(module.function("channels"), {{2, 2}, {1, 1, -1, -1}});
  EXPECT_EQ(codes[0], (std::vector<int64_t>{2, 4, -2, -4}));
}

/// The distance is to the nearest argument at which Core's code changes.
void checkDecision(const Quantiser &q, const Rational &x) {
  const Integer denominator = x.get_den();
  int64_t bits = mpz_sizeinbase(denominator.get_mpz_t(), 2) - 1;
  exact::Decision decision =
      exact::ChannelQuantiser(q, 0).decide(x.get_num(), -bits);
  ASSERT_EQ(decision.code, q.code(x)) << x;
  if (std::isinf(decision.distance))
    return;
  Rational boundary =
      x + Rational(decision.distance) * toRational(q.scaleAt(0));
  Rational step = toRational(q.scaleAt(0)) / 1024 / 1024;
  EXPECT_NE(q.code(boundary - step), q.code(boundary + step))
      << x << " " << decision.distance;
  Rational inside = boundary + (decision.distance > 0 ? -step : step);
  if (decision.distance != 0 && abs(Rational(boundary - x)) > step) {
    EXPECT_EQ(q.code(inside), decision.code) << x;
  }
}

TEST(ExactRounding, AgreesWithCoreOnRandomData) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 4000; ++trial) {
    Quantiser q;
    q.rounding = Rounding(random() % 7);
    q.lo = -int64_t(random() % 9);
    q.hi = q.lo + 1 + random() % 9;
    q.scale = {trial % 2 ? 0.25f : 0.01f + float(random() % 1000) / 700};
    q.zeroPoint = {trial % 3 ? float(int(random() % 7) - 3) : 0.0f};
    q.zeroPointAfterRounding = random() % 2;
    q.bipolar = trial % 17 == 0;
    // Every other argument is a multiple of a quarter level.
    Rational x = Rational(int(random() % 81) - 40, 4) * toRational(q.scale[0]);
    if (random() % 2)
      x += Rational(int(random() % 4097) - 2048, 4096);
    checkDecision(q, x);
  }
}

TEST(ExactRounding, ExtremeExponents) {
  Quantiser q;
  q.scale = {0x1p-120f};
  q.lo = -128;
  q.hi = 127;
  exact::ChannelQuantiser quantiser(q, 0);
  EXPECT_EQ(quantiser.decide(Integer(1), 127).code, 127);
  EXPECT_EQ(quantiser.decide(Integer(-3), -121).code, -2);
  EXPECT_EQ(quantiser.decide(Integer(1), -3000).code, 0);
  EXPECT_NEAR(quantiser.decide(Integer(1), -3000).distance, 0.5, 1e-12);
}

} // namespace
