//===- RankingTest.cpp - The largest elements in hardware -----------------===//
//
// Logits of a dense layer, and TopK of them: values, positions, both, the
// largest and the smallest.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "OnnxText.h"
#include "finngl/Driver/Run.h"
#include "finngl/Support/TensorFile.h"
#include <fstream>
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

struct Case {
  const char *name;
  int k;
  bool largest;
  std::vector<std::string> outputs; ///< values, positions
};

const Case kCases[] = {
    {"class", 1, true, {"positions"}},
    {"few", 3, true, {"positions", "values"}},
    {"smallest", 2, false, {"values", "positions"}},
    {"sorted", 7, true, {"values"}},
};

class Ranking : public ::testing::TestWithParam<Case> {};

/// Small logits of [5, 4] inputs, so that many are equal.
OnnxText logitsAndTopK(const Case &wanted) {
  OnnxText graph;
  graph.valueInfo("input", "x", {5, 4});
  std::string x = graph.quant("x", {.bits = 3}, "codes");
  std::vector<float> weights;
  for (int i = 0; i < 4 * 7; ++i)
    weights.push_back(float(i * i % 5 - 2));
  graph.tensor("w", {4, 7}, weights);
  std::string w = graph.quant("w", {.bits = 3}, "weights");
  std::string logits = graph.node("MatMul", {x, w}, "logits");
  graph.integers("k", {wanted.k});
  graph.node("TopK", {logits, "k"}, "values",
             " output: \"positions\"" +
                 intAttribute("largest", wanted.largest));
  for (const std::string &output : wanted.outputs)
    graph.valueInfo("output", output, {5, wanted.k});
  return graph;
}

TEST_P(Ranking, BitExactAndAsScheduled) {
  std::string name = std::string("ranking_") + GetParam().name;
  ASSERT_TRUE(writeOnnx(logitsAndTopK(GetParam()), name + ".onnx"));
  auto network = Network::compile(name, name + ".onnx", {});
  if (network)
    network->check(/*packets=*/4, /*seeds=*/4);
}

/// The likeliest class is the first position of the last step; values name no
/// class.
TEST(RankingEval, TakesPositionsOnly) {
  std::string error;
  FloatTensor samples{{2, 5, 4}, std::vector<float>(40, 0)};
  for (size_t i = 16; i < 20; ++i)
    samples.data[i] = samples.data[i + 20] = float(i % 4 == 0);
  // Row 0 of the weights is -2 -1 2 2 -1 -2 -1.
  ASSERT_TRUE(writeNpy("ranking_samples.npy", samples, error)) << error;
  ASSERT_TRUE(writeNpy("ranking_labels.npy", {{2}, {2, 2}}, error)) << error;
  driver::EvalOptions options;
  options.data = "ranking_samples.npy";
  options.labels = "ranking_labels.npy";
  options.json = "ranking_eval.json";
  for (const char *output : {"values", "positions"}) {
    options.model = std::string("ranking_eval_") + output + ".onnx";
    ASSERT_TRUE(
        writeOnnx(logitsAndTopK({"", 3, true, {output}}), options.model));
    for (auto level : {driver::Level::Onnx, driver::Level::Int}) {
      options.level = level;
      bool classes = output == std::string("positions");
      EXPECT_EQ(driver::evaluate(options), classes ? 0 : 2);
    }
  }
  std::ifstream report("ranking_eval.json");
  std::string text{std::istreambuf_iterator<char>(report), {}};
  EXPECT_NE(text.find("\"accuracy\": 1.0"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(Cases, Ranking, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return info.param.name; });

} // namespace
