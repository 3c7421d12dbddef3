//===- RankingTest.cpp - The largest elements in hardware -----------------===//
//
// Logits of a dense layer, and TopK of them: values, positions, both, the
// largest and the smallest.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "OnnxText.h"
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

INSTANTIATE_TEST_SUITE_P(Cases, Ranking, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return info.param.name; });

} // namespace
