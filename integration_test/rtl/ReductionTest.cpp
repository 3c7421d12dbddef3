//===- ReductionTest.cpp - Means, sums and maxima over time in hardware ---===//
//
// What a classifier often does with the states of all steps: one vector of
// them, then a dense head.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "OnnxText.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

class Reduction : public ::testing::TestWithParam<const char *> {};

std::vector<float> pattern(int count) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i)
    values.push_back(float(i * i % 7 - 3));
  return values;
}

/// [1, 6, 4] through a dense layer, reduced to [1, 5], then two logits.
OnnxText reducedOverTime(const std::string &type) {
  OnnxText graph;
  graph.valueInfo("input", "x", {1, 6, 4});
  std::string x = graph.quant("x", {.bits = 4}, "codes");
  graph.tensor("w", {4, 5}, pattern(20));
  std::string w = graph.quant("w", {.bits = 3}, "weights");
  std::string sums = graph.node("MatMul", {x, w}, "sums");
  std::string states =
      graph.quant(sums, {.bits = 6, .scale = {0.75f}}, "states");
  // ReduceSum takes its axes as an input from opset 13 on, the others later.
  graph.integers("axes", {1});
  bool input = type == "ReduceSum";
  std::vector<std::string> operands{states};
  if (input)
    operands.push_back("axes");
  std::string axes = " attribute { name: \"axes\" type: INTS ints: 1 }";
  std::string reduced =
      graph.node(type, operands, "reduced",
                 intAttribute("keepdims", 0) + (input ? std::string() : axes));
  std::string again =
      graph.quant(reduced, {.bits = 8, .scale = {0.5f}}, "again");
  graph.tensor("v", {5, 2}, pattern(10));
  std::string v = graph.quant("v", {.bits = 3}, "head");
  graph.node("MatMul", {again, v}, "logits");
  graph.valueInfo("output", "logits", {1, 2});
  return graph;
}

TEST_P(Reduction, BitExactAndAsScheduled) {
  std::string name = std::string("reduction_") + GetParam();
  ASSERT_TRUE(writeOnnx(reducedOverTime(GetParam()), name + ".onnx"));
  auto network = Network::compile(name, name + ".onnx", {});
  if (network)
    network->check(/*packets=*/4, /*seeds=*/4);
}

INSTANTIATE_TEST_SUITE_P(Types, Reduction,
                         ::testing::Values("ReduceMean", "ReduceSum",
                                           "ReduceMax"),
                         [](const auto &info) { return info.param; });

} // namespace
