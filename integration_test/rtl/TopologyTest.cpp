//===- TopologyTest.cpp - Several passes, several directions --------------===//

#include "Network.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

struct Case {
  const char *name, *model;
  std::map<std::string, int64_t> budget;
  const char *folding;
};

// d02: a GRU that multiplies r * h, a product of the same step: two passes.
// a11: a scan backwards beside one forwards, joined by a dense region.
// e01, e02: windows over an image, then a scan over its rows. g01: windows, and
// the position of the largest logit.
const Case kCases[] = {
    {"passes_small",
     "d02_gru_reset_before_row",
     {{"lut", 8000}, {"dsp", 8}},
     ""},
    {"passes_large",
     "d02_gru_reset_before_row",
     {{"lut", 60000}, {"dsp", 400}},
     ""},
    {"passes_serial",
     "d02_gru_reset_before_row",
     {},
     R"({"scan_0.mvu": {"pe": 1, "simd": 1, "impl": "lut"},
         "scan_0.mvu_1": {"pe": 1, "simd": 1, "impl": "lut"},
         "scan_0.tail": {"pe": 1, "impl": "lut"}})"},
    {"bidirectional",
     "a11_lstm_bidirectional",
     {{"lut", 20000}, {"dsp", 60}},
     ""},
    // What the paper's accelerator takes of its part.
    {"convlstm_2d",
     "e01_convlstm2d_batchnorm",
     {{"lut", 114278}, {"ff", 58982}, {"dsp", 262}},
     ""},
    {"convlstm_1d_small",
     "e02_convlstm1d_folded_qcdq_scan",
     {{"lut", 20000}, {"dsp", 8}},
     ""},
    // Convolutions with leaky relus before batch normalisation, and a class.
    {"classes", "g01_conv_leaky_argmax", {{"lut", 20000}, {"dsp", 16}}, ""},
};

class Topology : public ::testing::TestWithParam<Case> {};

TEST_P(Topology, BitExactAndAsScheduled) {
  driver::HardwareOptions hardware;
  hardware.budget = GetParam().budget;
  auto network = Network::compile(std::string("topology_") + GetParam().name,
                                  std::string(FINNGL_FIXTURES "/") +
                                      GetParam().model + "/model.onnx",
                                  hardware, GetParam().folding);
  if (network)
    network->check(/*packets=*/3, /*seeds=*/3);
}

INSTANTIATE_TEST_SUITE_P(Cases, Topology, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return info.param.name; });

} // namespace
