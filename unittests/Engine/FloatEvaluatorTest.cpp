//===- FloatEvaluatorTest.cpp - Level onnx --------------------------------===//

#include "finngl/Engine/FloatEvaluator.h"
#include "BoundsHold.h"
#include "finngl/Exact/Evaluator.h"

using namespace finngl;
using engine::FloatEvaluator;

namespace {

TEST(FloatEvaluator, QuantiseClipDequantise) {
  LoadedModule module("Engine/levels.mlir");
  FloatTensor x{{2, 3}, {-0.25f, 0.375f, 2.5f, 100, -100, 3.5f}};
  std::vector<int64_t> codes;
  engine::FloatOptions options;
  options.onQuantiser = [&](const engine::FloatTrace &trace) {
    codes = trace.codes.vec();
  };
  auto outputs = FloatEvaluator(module.function("qcdq")).run(x, options);
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  // The zero point is added after rounding: -0.5 and 2.5 are ties to even.
  EXPECT_EQ(codes, (std::vector<int64_t>{1, 3, 3, 201, 0, 5}));
  EXPECT_EQ((*outputs)[0].tensor.data,
            (std::vector<float>{0, 0.5f, 2, 2.5f, -0.25f, 4}));
  EXPECT_EQ((*outputs)[0].codes, (std::vector<int64_t>{1, 3, 3, 6, 0, 5}));
}

TEST(FloatEvaluator, ShapesAndClipEqualLevelExact) {
  LoadedModule module("Engine/levels.mlir");
  std::vector<FloatTensor> inputs = {{{2, 1}, {1, -2}},
                                     {{2, 2}, {-3, 4, -5, -0.25f}}};
  auto function = module.function("shapes");
  auto outputs = FloatEvaluator(function).run(inputs);
  auto exactly = exact::evaluate(function, inputs);
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  ASSERT_TRUE(mlir::succeeded(exactly)) << module.messages;
  EXPECT_EQ((*outputs)[0].tensor.data,
            (std::vector<float>{0.5f, 2, 3, 4.5f, 0.5f, 0.5f}));
  for (size_t i = 0; i < 6; ++i)
    EXPECT_EQ((*exactly)[0].values[i],
              toRational((*outputs)[0].tensor.data[i]));
}

TEST(FloatEvaluator, GathersEqualLevelExact) {
  LoadedModule module("Engine/levels.mlir");
  std::vector<FloatTensor> inputs = {
      {{2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}};
  auto function = module.function("gathers");
  auto outputs = FloatEvaluator(function).run(inputs);
  auto exactly = exact::evaluate(function, inputs);
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  ASSERT_TRUE(mlir::succeeded(exactly)) << module.messages;
  EXPECT_EQ((*outputs)[0].tensor.data,
            (std::vector<float>{10, 11, 6, 7, 10, 11, 8, 9}));
  for (size_t i = 0; i < 8; ++i)
    EXPECT_EQ((*exactly)[0].values[i],
              toRational((*outputs)[0].tensor.data[i]));
}

TEST(FloatEvaluator, BoundsHold) {
  test::expectBoundsHold("Engine/levels.mlir", {{4, 8}, {8, 4}},
                         /*quantised=*/1);
}

TEST(FloatEvaluator, RecordsStates) {
  LoadedModule module("Engine/levels.mlir");
  auto function = module.function("cone");
  ScanStates states;
  engine::FloatOptions options;
  options.recordStates = &states;
  std::vector<FloatTensor> inputs = {vectorOf({0, 1}),
                                     {{3, 2}, {.5f, 1, 1, 1, 2, 2}}};
  auto outputs = FloatEvaluator(function).run(inputs, options);
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  ASSERT_EQ(states.size(), 1u);
  const auto &steps = states.begin()->second;
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0][0].data, (std::vector<float>{0, 1}));
  const std::vector<float> &all = (*outputs)[1].tensor.data;
  EXPECT_EQ(steps[1][0].data, (std::vector<float>{all[0], all[1]}));

  // Forced back, they change nothing.
  engine::FloatOptions forced;
  forced.forceStates = &states;
  auto again = FloatEvaluator(function).run(inputs, forced);
  ASSERT_TRUE(mlir::succeeded(again));
  EXPECT_EQ((*again)[1].tensor.data, all);
}

} // namespace
