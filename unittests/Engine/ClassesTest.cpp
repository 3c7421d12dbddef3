//===- ClassesTest.cpp - Decisions between classes at onnx and exact ------===//

#include "../LoadModule.h"
#include "finngl/Engine/Compare.h"
#include <cmath>
#include <random>

using namespace finngl;
using engine::Comparer;

namespace {

TEST(ArgMax, FirstOrLastOfEqualElements) {
  LoadedModule module("Engine/classes.mlir");
  // Rows 1 5, 7 -5, 7 5; then three of -1 -2.
  std::vector<FloatTensor> x = {
      {{2, 3, 2}, {1, 5, 7, -5, 7, 5, -1, -2, -1, -2, -1, -2}}};
  Comparer comparer(module.function("both_ends"));
  ASSERT_TRUE(mlir::succeeded(comparer.load(x))) << module.messages;
  std::vector<std::vector<int64_t>> expected = {{1, 0, 0, 0}, {2, 2, 2, 2}};
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(comparer.onnxOutputs()[i].codes, expected[i]);
    EXPECT_EQ(comparer.exactOutputs()[i].codes, expected[i]);
    for (size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(comparer.onnxOutputs()[i].tensor.data[k], expected[i][k]);
      EXPECT_EQ(comparer.exactOutputs()[i].values[k],
                toInteger(expected[i][k]));
    }
  }
}

TEST(ArgMax, MissedTiesAreAmbiguous) {
  LoadedModule module("Engine/classes.mlir");
  std::vector<float> codes;
  for (int code = -128; code < 128; ++code)
    codes.push_back(float(code) * 0.1f);
  Comparer comparer(module.function("ties"));
  ASSERT_TRUE(
      mlir::succeeded(comparer.load({{{{256, 1}, codes}, {{1, 256}, codes}}})))
      << module.messages;
  for (bool forced : {false, true}) {
    auto result = comparer.onnxExact(forced);
    ASSERT_TRUE(mlir::succeeded(result));
    EXPECT_EQ(result->elements, 2 * 256 + 2 * 65536);
    EXPECT_GT(result->mismatches, 100);
    EXPECT_EQ(result->ambiguous, result->mismatches);
  }
}

TEST(ArgMax, GoldenNeedsATie) {
  LoadedModule module("Engine/classes.mlir");
  // 0.1 0.2 0.6: clear; 0.1 0.5 0.5: the last two are equal.
  Comparer comparer(module.function("doubt"));
  ASSERT_TRUE(mlir::succeeded(
      comparer.load({{{{2, 3}, {.1f, .2f, .3f, .1f, .3f, .2f}}}})))
      << module.messages;
  EXPECT_EQ(comparer.exactOutputs()[0].codes, (std::vector<int64_t>{2, 1}));
  std::vector<FloatTensor> golden = {comparer.onnxOutputs()[0].tensor};
  auto same = comparer.goldenOnnx(golden);
  ASSERT_TRUE(mlir::succeeded(same));
  EXPECT_EQ(same->mismatches, 0);
  golden[0].data[0] = 1;
  auto clear = comparer.goldenOnnx(golden);
  ASSERT_TRUE(mlir::succeeded(clear));
  EXPECT_EQ(clear->unexplained, 1);
  golden[0].data = {2, comparer.onnxOutputs()[0].tensor.data[1] == 1 ? 2.f : 1};
  auto tie = comparer.goldenOnnx(golden);
  ASSERT_TRUE(mlir::succeeded(tie));
  EXPECT_EQ(tie->ambiguous, 1);
  EXPECT_EQ(tie->unexplained, 0);
}

TEST(TopK, LargestFirstAndOfEqualElementsTheFirstOrLast) {
  LoadedModule module("Engine/classes.mlir");
  Comparer comparer(module.function("ranks"));
  ASSERT_TRUE(mlir::succeeded(
      comparer.load({{{{2, 4}, {1, 7, -5, 7, -1, -1, -1, -2}}}})))
      << module.messages;
  const std::vector<std::vector<float>> expected = {
      {7, 7, 1, -1, -1, -1}, {1, 3, 0, 0, 1, 2}, {3, 1, 0, 2, 1, 0}};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(comparer.onnxOutputs()[i].tensor.data, expected[i]);
    for (size_t k = 0; k < 6; ++k)
      EXPECT_EQ(comparer.exactOutputs()[i].values[k],
                toRational(expected[i][k]));
  }
  for (bool forced : {false, true}) {
    auto result = comparer.onnxExact(forced);
    ASSERT_TRUE(mlir::succeeded(result));
    EXPECT_EQ(result->elements, 18);
    EXPECT_EQ(result->mismatches, 0);
  }
}

TEST(TopK, OnlyRanksBesideATieAreDoubtful) {
  LoadedModule module("Engine/classes.mlir");
  Comparer comparer(module.function("doubtful_ranks"));
  // 1.0 0.5 0.5 0.1.
  ASSERT_TRUE(
      mlir::succeeded(comparer.load({{{{1, 4}, {.1f, .5f, .3f, .1f}}}})))
      << module.messages;
  EXPECT_EQ(comparer.exactOutputs()[0].codes, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(comparer.exactOutputs()[1].values[1],
            comparer.exactOutputs()[1].values[2]);
  std::vector<FloatTensor> golden = {comparer.onnxOutputs()[0].tensor,
                                     comparer.onnxOutputs()[1].tensor};
  auto same = comparer.goldenExact(golden);
  ASSERT_TRUE(mlir::succeeded(same));
  EXPECT_EQ(same->unexplained, 0);
  golden[0].data = {0, 3, 3};
  auto doubt = comparer.goldenExact(golden);
  ASSERT_TRUE(mlir::succeeded(doubt));
  EXPECT_EQ(doubt->ambiguous, 2);
  EXPECT_EQ(doubt->unexplained, 0);
  golden[0].data[0] = 1;
  golden[1].data[2] = 0.4f;
  auto wrong = comparer.goldenExact(golden);
  ASSERT_TRUE(mlir::succeeded(wrong));
  EXPECT_EQ(wrong->unexplained, 2);
}

/// Against long double, of the float32 logits' real values.
TEST(Softmax, BoundsHold) {
  LoadedModule module("Engine/classes.mlir");
  engine::FloatEvaluator onnx(module.function("softmax"));
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 2);
  double worst[2] = {0, 0};
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<FloatTensor> inputs = {{{2, 4}, std::vector<float>(8)},
                                       {{4, 3}, std::vector<float>(12)}};
    for (FloatTensor &input : inputs)
      for (float &x : input.data)
        x = normal(random);
    auto outputs = onnx.run(inputs);
    ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
    long double logits[2][3] = {};
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 3; ++j)
        for (int k = 0; k < 4; ++k)
          logits[i][j] += (long double)(inputs[0].data[i * 4 + k]) *
                          inputs[1].data[k * 3 + j];
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 3; ++j) {
        long double row = 0, column = 0;
        for (int k = 0; k < 3; ++k)
          row += expl(logits[i][k]);
        for (int k = 0; k < 2; ++k)
          column += expl(logits[k][j]);
        long double real[2] = {expl(logits[i][j]) / row,
                               logits[i][j] - logl(column)};
        for (int o = 0; o < 2; ++o) {
          const engine::FloatOutput &at = (*outputs)[o];
          double distance = double(fabsl(at.tensor.data[i * 3 + j] - real[o]));
          EXPECT_LE(distance, at.bounds[i * 3 + j]) << o;
          worst[o] = std::max(worst[o], distance / at.bounds[i * 3 + j]);
        }
      }
  }
  EXPECT_GT(worst[0], 0.02);
  EXPECT_GT(worst[1], 0.02);
}

TEST(Softmax, GoldenIsBehindTheHost) {
  LoadedModule module("Engine/classes.mlir");
  Comparer comparer(module.function("logits"));
  // Row 0 is a boundary, row 1 half a level away from each.
  ASSERT_TRUE(
      mlir::succeeded(comparer.load({{{{2, 2}, {.3f, .35f, .45f, .45f}}}})))
      << module.messages;
  double p = 1 / (1 + std::exp(0.0));
  std::vector<FloatTensor> golden = {
      {{2, 2}, {float(p), float(p), float(p), float(p)}}};
  auto same = comparer.goldenExact(golden);
  ASSERT_TRUE(mlir::succeeded(same));
  EXPECT_EQ(same->unexplained, 0);
  // A wrong decision of one logit is in both shares of its row.
  double less = 1 / (1 + std::exp(0.1));
  golden[0].data = {float(less), float(1 - less), float(p), float(p)};
  auto doubt = comparer.goldenExact(golden);
  ASSERT_TRUE(mlir::succeeded(doubt));
  EXPECT_EQ(doubt->unexplained, 0);
  EXPECT_EQ(doubt->ambiguous, 2);
  golden[0].data = {float(p), float(p), float(less), float(1 - less)};
  auto wrong = comparer.goldenExact(golden);
  ASSERT_TRUE(mlir::succeeded(wrong));
  EXPECT_EQ(wrong->unexplained, 2);
  // The same tensors as logits.
  auto logits = comparer.golden(
      golden, [&](size_t, size_t i) { return toRational(golden[0].data[i]); },
      1, /*hosted=*/false);
  ASSERT_TRUE(mlir::succeeded(logits));
  EXPECT_EQ(logits->mismatches, 0);
}

} // namespace
