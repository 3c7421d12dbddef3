//===- WindowsTest.cpp - Conv, pools, batch norm at onnx and exact --------===//

#include "BoundsHold.h"
#include "finngl/Engine/Compare.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Exact/Evaluator.h"

using namespace finngl;
using engine::FloatEvaluator;

namespace {

/// Values of both levels, which must be these exactly.
void expectValues(llvm::StringRef name, FloatTensor input,
                  std::vector<std::vector<Rational>> expected) {
  LoadedModule module("Engine/windows.mlir");
  auto function = module.function(name);
  auto floats = FloatEvaluator(function).run(input);
  auto reals = exact::evaluate(function, input);
  ASSERT_TRUE(mlir::succeeded(floats)) << module.messages;
  ASSERT_TRUE(mlir::succeeded(reals)) << module.messages;
  ASSERT_EQ(floats->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((*reals)[i].values, expected[i]) << name.str() << i;
    for (size_t k = 0; k < expected[i].size(); ++k)
      EXPECT_EQ((*floats)[i].tensor.data[k], float(expected[i][k].get_d()))
          << name.str() << i << k;
  }
}

TEST(Windows, Conv) {
  // Taps at 2p - 2 and 2p; groups of two channels.
  expectValues("conv", {{1, 4, 5}, {1, 2, 3, 4, 5, 0, 1, 0, 1, 2, //
                                    1, 0, 2, 0, 3, 4, 0, 8, 0, 12}},
               {{2, 7, Rational(11), 6, 12, 24 - 1 + 1, 36, 0}});
}

TEST(Windows, PoolsLeavePaddingOut) {
  Rational third(1, 3);
  expectValues("pools", {{1, 1, 5}, {-1, -3, -5, -2, -4}},
               {{-1, -2, -2},
                {Rational(-4, 3), Rational(-10, 3), -2},
                {-2, Rational(-10, 3), -3}});
}

TEST(Windows, BatchNormTiesAreExact) {
  // Channel 0: (x - 1) / 2, ties at even x; channel 1: 0.5 - sqrt(2) (x + 1).
  expectValues("batch_norm", {{1, 2, 3}, {2, 4, -7, -1, 0, -3}},
               {{0, 2, 0, 0, 0, 3}});
}

TEST(Windows, MeansMeetQuantisersExactly) {
  expectValues("thirds", {{1, 1, 3}, {1, 0.5f, 0}}, {{0}});
  expectValues("thirds", {{1, 1, 3}, {1, 0.5f, 3}}, {{2}});
  expectValues("thirds", {{1, 1, 3}, {1, 0.5f, 0.000001f}}, {{1}});
}

TEST(Windows, NothingFollowsAClippedRoot) {
  LoadedModule module("Engine/windows.mlir");
  EXPECT_TRUE(mlir::failed(
      exact::evaluate(module.function("behind_clip"),
                      FloatTensor{{1, 2, 3}, {1, 2, 3, 4, 5, 6}})));
  EXPECT_NE(module.messages.find("nothing behind a clip of them"),
            std::string::npos)
      << module.messages;
}

TEST(Windows, BoundsHold) {
  test::expectBoundsHold("Engine/windows.mlir", {{1, 4, 8}, {4, 2, 3}},
                         /*quantised=*/2);
}

/// The third element is a boundary of floor, no other one is near to one.
TEST(Windows, DoubtFollowsWindows) {
  LoadedModule module("Engine/windows.mlir");
  engine::Comparer comparer(module.function("doubt"));
  std::vector<FloatTensor> input = {
      {{1, 1, 8}, {.35f, .35f, .3f, .35f, .35f, .35f, .35f, .35f}}};
  ASSERT_TRUE(mlir::succeeded(comparer.load(input))) << module.messages;
  std::vector<FloatTensor> golden;
  for (const engine::FloatOutput &output : comparer.onnxOutputs())
    golden.push_back(output.tensor);
  // Conv sees it in windows 1 and 2, the pools behind it in 0 to 2.
  for (size_t output = 0; output < 3; ++output)
    for (size_t i = 0; i < golden[output].data.size(); ++i) {
      std::vector<FloatTensor> changed = golden;
      changed[output].data[i] += 1;
      auto result = comparer.goldenOnnx(changed);
      ASSERT_TRUE(mlir::succeeded(result));
      bool inDoubt = i < 3 && (output > 0 || i > 0);
      EXPECT_EQ(result->ambiguous, inDoubt ? 1 : 0) << output << i;
      EXPECT_EQ(result->unexplained, inDoubt ? 0 : 1) << output << i;
    }
}

} // namespace
