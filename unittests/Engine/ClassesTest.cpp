//===- ClassesTest.cpp - Decisions between classes at onnx and exact ------===//

#include "../LoadModule.h"
#include "finngl/Engine/Compare.h"

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

} // namespace
