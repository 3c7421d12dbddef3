//===- EvaluatorTest.cpp - Level exact ------------------------------------===//

#include "finngl/Exact/Evaluator.h"
#include "../LoadModule.h"
#include <cmath>

using namespace finngl;

namespace {

/// float32 as an exact number.
Rational exactly(float value) { return toRational(value); }

TEST(ExactEvaluator, TablesOfSigmoidAndTanh) {
  LoadedModule module("Exact/activations.mlir");
  FloatTensor input{{256}, std::vector<float>(256)};
  for (int code = -128; code < 128; ++code)
    input.data[code + 128] = float(code) / 32;
  exact::Evaluator evaluator(module.function("tables"));
  // The second run takes the decided codes.
  for (int run = 0; run < 2; ++run) {
    auto outputs = evaluator.run(input);
    ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
    for (int i = 0; i < 256; ++i) {
      // Far from any boundary for long double: no code is nearer than 1e-6.
      long double x = input.data[i];
      long double s = 1 / (1 + expl(-x)) / 0.00392156862f, t = tanhl(x) * 128;
      EXPECT_GT(fabsl(s - floorl(s) - .5L), 1e-6L) << i;
      EXPECT_EQ((*outputs)[0].codes[i], int64_t(nearbyintl(s))) << i;
      EXPECT_EQ((*outputs)[1].codes[i],
                std::min(int64_t(nearbyintl(t)), int64_t(127)))
          << i;
    }
  }
}

TEST(ExactEvaluator, ValuesAtZeroAreExact) {
  LoadedModule module("Exact/activations.mlir");
  std::vector<double> distances;
  exact::Options options;
  options.onQuantiser = [&](const exact::Trace &trace) {
    distances.push_back(trace.distances[0]);
  };
  auto outputs =
      exact::evaluate(module.function("zero"), vectorOf({0}), options);
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  EXPECT_EQ((*outputs)[0].codes[0], 0);
  EXPECT_EQ((*outputs)[1].codes[0], 1);
  EXPECT_EQ((*outputs)[2].codes[0], 0);
  EXPECT_EQ(distances, (std::vector<double>{0, 0, 0}));
}

TEST(ExactEvaluator, RefinesUntilCertain) {
  LoadedModule module("Exact/activations.mlir");
  exact::Evaluator evaluator(module.function("floor"));
  // 1 - exp(-x) is below 1 however near: 58, 145 and 2886 bits.
  for (float x : {40.0f, 100.0f, 2000.0f, -1e38f}) {
    auto outputs = evaluator.run(vectorOf({x}));
    ASSERT_TRUE(mlir::succeeded(outputs)) << x << module.messages;
    EXPECT_EQ((*outputs)[0].codes[0], 0) << x;
  }
  EXPECT_TRUE(mlir::failed(evaluator.run(vectorOf({4000.0f}))));
  EXPECT_NE(module.messages.find("cannot decide the code of sigmoid(4000) "
                                 "within 4096 bits: 0 or 1"),
            std::string::npos)
      << module.messages;
}

TEST(ExactEvaluator, FactorAndOffset) {
  LoadedModule module("Exact/activations.mlir");
  auto outputs =
      exact::evaluate(module.function("affine"), vectorOf({0.5f, 0}));
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  EXPECT_EQ((*outputs)[0].codes[0],
            int64_t(nearbyintl((1 - 2 * tanhl(.5L)) * 1024)));
  EXPECT_EQ((*outputs)[0].codes[1], 1024);
}

TEST(ExactEvaluator, RefusesWhatItCannotDecide) {
  LoadedModule module("Exact/activations.mlir");
  EXPECT_TRUE(mlir::failed(
      exact::evaluate(module.function("two_terms"), vectorOf({1, 2}))));
  EXPECT_NE(module.messages.find("as one term"), std::string::npos);
  module.messages.clear();
  EXPECT_TRUE(
      mlir::failed(exact::evaluate(module.function("open"), vectorOf({1, 2}))));
  EXPECT_NE(module.messages.find("expects a quantiser between"),
            std::string::npos);
  module.messages.clear();
  EXPECT_TRUE(mlir::failed(
      exact::evaluate(module.function("open"), vectorOf({1, NAN}))));
  EXPECT_NE(module.messages.find("expects finite data"), std::string::npos);
  EXPECT_TRUE(
      mlir::failed(exact::evaluate(module.function("open"), vectorOf({1}))));
}

TEST(ExactEvaluator, ConstantsMeanCodeTimesScale) {
  LoadedModule module("Exact/values.mlir");
  auto outputs = exact::evaluate(module.function("constants"),
                                 FloatTensor{{1, 2}, {2.0f, 0.1f}});
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  Rational product = 3 * exactly(0.3333333f) * (2 + exactly(0.1f));
  for (auto [i, level] : llvm::enumerate(std::vector<int>{1, -4, 3})) {
    Rational sum = product + level * exactly(0.1f);
    EXPECT_EQ((*outputs)[0].values[i], sum < 0 ? Rational(-sum) : Rational(0));
    EXPECT_EQ((*outputs)[1].values[i],
              sum < Rational(-1, 4) ? Rational(-1, 4) : sum);
  }
  EXPECT_TRUE((*outputs)[0].codes.empty());
}

TEST(ExactEvaluator, ProductsOfConstantsAreFloat32) {
  LoadedModule module("Exact/values.mlir");
  auto outputs = exact::evaluate(module.function("folded"), vectorOf({3}));
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  EXPECT_EQ((*outputs)[0].values[0], 3 * exactly(0.1f * 0.1f));
}

TEST(ExactEvaluator, MatMulBroadcastsBatches) {
  LoadedModule module("Exact/values.mlir");
  FloatTensor x{{2, 1, 2}, {1, 2, 3, 4}}, y{{2, 3}, {1, 2, 3, 4, 5, 6}};
  auto outputs = exact::evaluate(module.function("batches"), {x, y});
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  EXPECT_EQ((*outputs)[0].values,
            (std::vector<Rational>{9, 12, 15, 19, 26, 33}));
  EXPECT_EQ((*outputs)[1].values,
            (std::vector<Rational>{9, 19, 12, 26, 15, 33}));
}

TEST(ExactEvaluator, ScanRunsFreely) {
  LoadedModule module("Exact/values.mlir");
  std::vector<FloatTensor> inputs = {
      vectorOf({0.2f}), vectorOf({1}), {{4, 1}, {0.3f, 0.2f, 0.1f, 0.1f}}};
  std::vector<int64_t> visits, codes;
  exact::Options options;
  options.onQuantiser = [&](const exact::Trace &trace) {
    visits.push_back(trace.visit);
    codes.push_back(trace.codes[0]);
  };
  auto outputs = exact::evaluate(module.function("scan"), inputs, options);
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  // Reverse: 2 + 1 + 1 + 2 + 3 levels of 0.1, clamped to 7.
  EXPECT_EQ(visits, (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(codes, (std::vector<int64_t>{3, 4, 6, 7}));
  EXPECT_EQ((*outputs)[2].codes, (std::vector<int64_t>{7, 6, 4, 3}));
  EXPECT_EQ((*outputs)[0].values[0], 7 * exactly(0.1f));
  // 0.2f is the float32 value of code 2, so it means 2 * 0.1f exactly.
  EXPECT_EQ((*outputs)[1].values[0], 1 + (2 + 3 + 4 + 6) * exactly(0.1f));
}

TEST(ExactEvaluator, ForcesStates) {
  LoadedModule module("Exact/values.mlir");
  auto function = module.function("scan");
  std::vector<FloatTensor> inputs = {
      vectorOf({0.2f}), vectorOf({1}), {{4, 1}, {0.3f, 0.2f, 0.1f, 0.1f}}};
  mlir::Operation *scan = &function.getBody().front().front();
  ScanStates states;
  // 0.7f is no multiple of 0.1f: the nearest code counts; the free state is
  // its float32 value.
  for (int step = 0; step < 4; ++step)
    states[scan].push_back({vectorOf({0.7f}), vectorOf({0.3f})});
  exact::Options options;
  options.forceStates = &states;
  auto outputs = exact::evaluate(function, inputs, options);
  ASSERT_TRUE(mlir::succeeded(outputs)) << module.messages;
  EXPECT_EQ((*outputs)[2].codes, (std::vector<int64_t>{7, 7, 7, 3}));
  EXPECT_EQ((*outputs)[1].values[0], exactly(0.3f) + 7 * exactly(0.1f));
}

} // namespace
