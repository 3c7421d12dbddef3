//===- CompareTest.cpp - Explained and unexplained differences ------------===//

#include "finngl/Engine/Compare.h"
#include "../LoadModule.h"

using namespace finngl;
using engine::Comparer;
using engine::Comparison;

namespace {

/// All codes of the scale 0.1 on both axes.
std::vector<FloatTensor> allCodes() {
  std::vector<float> values;
  for (int code = -128; code < 128; ++code)
    values.push_back(float(code) * 0.1f);
  return {{{256, 1}, values}, {{1, 256}, values}};
}

/// Two inputs and two quantisers of all sums, of which float32 misses some.
void expectTiesOnly(const char *function) {
  LoadedModule module("Engine/levels.mlir");
  Comparer comparer(module.function(function));
  ASSERT_TRUE(mlir::succeeded(comparer.load(allCodes()))) << module.messages;
  for (bool forced : {false, true}) {
    auto result = comparer.onnxExact(forced);
    ASSERT_TRUE(mlir::succeeded(result));
    EXPECT_EQ(result->elements, 2 * 256 + 2 * 65536);
    EXPECT_GT(result->mismatches, 100);
    EXPECT_EQ(result->ambiguous, result->mismatches);
    EXPECT_EQ(result->unexplained, 0);
  }
}

TEST(Compare, LostFloorStepsAreTies) { expectTiesOnly("floor"); }

TEST(Compare, SignsOfZeroAreTies) { expectTiesOnly("sign"); }

TEST(Compare, GoldenNeedsATieInItsCone) {
  LoadedModule module("Engine/levels.mlir");
  Comparer comparer(module.function("cone"));
  // The left element sums codes (a boundary of floor at every step from the
  // second on: the first adds an initial 0.05), the right one stays half a
  // level away from each boundary.
  std::vector<FloatTensor> inputs = {vectorOf({0.05f, 0.05f}),
                                     {{3, 2}, {.3f, .3f, .4f, .4f, .5f, .5f}}};
  ASSERT_TRUE(mlir::succeeded(comparer.load(inputs))) << module.messages;
  std::vector<FloatTensor> golden;
  for (const engine::FloatOutput &output : comparer.onnxOutputs())
    golden.push_back(output.tensor);
  auto same = comparer.goldenOnnx(golden);
  ASSERT_TRUE(mlir::succeeded(same));
  EXPECT_EQ(same->elements, 8);
  EXPECT_EQ(same->mismatches, 0);

  // Step 0 is in no doubt; from step 1 on, every sum is a boundary of floor.
  for (auto [element, explained] :
       std::vector<std::pair<int, bool>>{{0, false}, {2, true}, {5, true}}) {
    std::vector<FloatTensor> changed = golden;
    changed[1].data[element] -= 0.1f;
    for (auto result :
         {comparer.goldenOnnx(changed), comparer.goldenExact(changed)}) {
      ASSERT_TRUE(mlir::succeeded(result));
      EXPECT_EQ(result->ambiguous, explained ? 1 : 0) << element;
      EXPECT_EQ(result->unexplained, explained ? 0 : 1) << element;
      EXPECT_EQ(result->findings.size(), explained ? 0u : 1u);
    }
  }
  EXPECT_TRUE(mlir::failed(comparer.goldenOnnx({})));
}

TEST(Compare, DoubtStaysInItsCone) {
  LoadedModule module("Engine/levels.mlir");
  Comparer comparer(module.function("cone"));
  // Left: 0.3 onto 0.1 is a boundary of floor. Right: far above the last
  // boundary, so the code is in no doubt.
  std::vector<FloatTensor> inputs = {vectorOf({0.1f, 1000}),
                                     {{3, 2}, {.3f, .3f, .4f, .4f, .5f, 0}}};
  ASSERT_TRUE(mlir::succeeded(comparer.load(inputs))) << module.messages;
  std::vector<FloatTensor> golden;
  for (const exact::Output &output : comparer.exactOutputs()) {
    golden.push_back({output.shape, {}});
    for (const Rational &value : output.values)
      golden.back().data.push_back(float(value.get_d()));
  }
  golden[1].data[0] -= 0.1f;
  golden[1].data[1] -= 0.1f;
  auto result = comparer.goldenExact(golden);
  ASSERT_TRUE(mlir::succeeded(result));
  EXPECT_EQ(result->ambiguous, 1);
  EXPECT_EQ(result->unexplained, 1);
  EXPECT_NE(result->findings[0].find("output 1, element 1"), std::string::npos)
      << result->findings[0];
}

TEST(Compare, IntegersMustBeEqual) {
  LoadedModule module("Engine/levels.mlir");
  Comparer comparer(module.function("floor"));
  ASSERT_TRUE(mlir::succeeded(comparer.load(allCodes()))) << module.messages;
  auto value = [&](size_t output, size_t i) {
    return comparer.exactOutputs()[output].values[i];
  };
  Comparison same = comparer.exactInt(value);
  EXPECT_EQ(same.elements, 65536);
  EXPECT_EQ(same.mismatches, 0);
  Comparison wrong = comparer.exactInt([&](size_t output, size_t i) {
    Rational tiny = Rational(1) / 1000000;
    return i == 77 ? Rational(value(output, i) + tiny) : value(output, i);
  });
  EXPECT_EQ(wrong.mismatches, 1);
  EXPECT_EQ(wrong.unexplained, 1);
  EXPECT_EQ(wrong.ambiguous, 0);
}

} // namespace
