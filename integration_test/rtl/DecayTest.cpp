//===- DecayTest.cpp - Coefficients of each channel's own in hardware -----===//

#include "DecayCell.h"
#include "Network.h"
#include <fstream>
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

struct Point {
  int lanes;
  const char *impl;
};

// One lane reads all channels' coefficients from one image; of eight, each has
// its own as a constant.
constexpr Point kPoints[] = {
    {1, "dsp"}, {1, "lut"}, {2, "dsp"}, {4, "lut"}, {8, "lut"}};

class Decay : public ::testing::TestWithParam<Point> {};

std::string printed(const Network &network) {
  std::string all;
  for (const auto &entry :
       std::filesystem::directory_iterator(network.directory / "rtl"))
    if (entry.path().extension() == ".sv" &&
        entry.path().filename() != "finngl_lincomb.sv") {
      std::ifstream file(entry.path());
      all.append(std::istreambuf_iterator<char>(file), {});
    }
  return all;
}

TEST_P(Decay, BitExactAndAsScheduled) {
  const Point &p = GetParam();
  std::string name = "decay_" + std::to_string(p.lanes) + "_" + p.impl;
  ASSERT_TRUE(decayCell().write(name + ".onnx"));
  std::string lanes = std::to_string(p.lanes);
  std::string folding = R"({"scan_0.mvu": {"pe": )" + lanes +
                        R"(, "simd": 1}, "scan_0.tail": {"pe": )" + lanes +
                        R"(, "impl": ")" + p.impl + "\"}}";
  auto network = Network::compile(name, name + ".onnx", {}, folding);
  ASSERT_TRUE(network);
  EXPECT_EQ(printed(*network).find(".PFile(") != std::string::npos,
            p.lanes < 8);
  network->check(/*packets=*/4, /*seeds=*/3);
}

INSTANTIATE_TEST_SUITE_P(Points, Decay, ::testing::ValuesIn(kPoints),
                         [](const auto &info) {
                           return std::to_string(info.param.lanes) +
                                  info.param.impl;
                         });

} // namespace
