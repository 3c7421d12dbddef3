//===- ActivationsTest.cpp - Activations at levels onnx and exact ---------===//

#include "BoundsHold.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Exact/Evaluator.h"

using namespace finngl;
using engine::FloatEvaluator;

namespace {

/// Values of both levels, which must be these exactly.
void expectValues(llvm::StringRef name, FloatTensor input,
                  std::vector<Rational> expected) {
  LoadedModule module("Engine/activations.mlir");
  auto floats = FloatEvaluator(module.function(name)).run(input);
  auto reals = exact::evaluate(module.function(name), input);
  ASSERT_TRUE(mlir::succeeded(floats)) << module.messages;
  ASSERT_TRUE(mlir::succeeded(reals)) << module.messages;
  EXPECT_EQ((*reals)[0].values, expected) << name.str();
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ((*floats)[0].tensor.data[i], float(expected[i].get_d()))
        << name.str() << i;
}

TEST(Activations, LeakyRelu) {
  expectValues("leaky", {{1, 3, 2}, {-4, 4, -4, 4, -4, 4}},
               {-1, 4, 8, 4, 0, 4});
}

TEST(Activations, SlopesAreExactNumbers) {
  LoadedModule module("Engine/activations.mlir");
  auto reals =
      exact::evaluate(module.function("real_slope"), vectorOf({-0.3f, 0.3f}));
  ASSERT_TRUE(mlir::succeeded(reals)) << module.messages;
  Rational tenth = toRational(0.1f);
  EXPECT_EQ((*reals)[0].values,
            (std::vector<Rational>{-3 * tenth * tenth, 3 * tenth}));
}

TEST(Activations, LeakyReluBehindARoot) {
  // Channel 0: 2 (x - 1), below zero times -1/4; 0.125 and 0.375 are ties.
  // Channel 1: 2.83 (x - 1), below zero times 1/2.
  Rational quarter(1, 4);
  expectValues("behind_root", {{1, 2, 3}, {2, 0.75f, 0.25f, 2, 0, 1}},
               {2, 0, 2 * quarter, 11 * quarter, -6 * quarter, 0});
}

TEST(Activations, NothingBendsAClippedTerm) {
  LoadedModule module("Engine/activations.mlir");
  EXPECT_TRUE(mlir::failed(
      exact::evaluate(module.function("behind_clip"), vectorOf({1, 2}))));
  EXPECT_NE(module.messages.find("nothing behind a clip of them"),
            std::string::npos)
      << module.messages;
}

TEST(Activations, SoftsignTies) {
  // 7/8 is a tie of 3/4 and 1; 0.6f is above 3/5, whose 3/8 is one as well.
  expectValues("softsign", vectorOf({0, 1, 7, -7, 0.6f}),
               {0, Rational(1, 2), 1, -1, Rational(1, 2)});
}

TEST(Activations, Elu) {
  // 2 expm1(-x): -1.264, -1.99 and its limit, which is never reached.
  expectValues("elu", vectorOf({0, 0.375f, -1, -6, -3000}),
               {0, Rational(1, 2), Rational(-5, 4), -2, -2});
}

TEST(Activations, BoundsHold) {
  test::expectBoundsHold("Engine/activations.mlir", {{8, 4}, {4, 8}},
                         /*quantised=*/1);
}

} // namespace
