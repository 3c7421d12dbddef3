//===- SlidingTest.cpp - Windows that slide over a stream -----------------===//
//
// --mode sliding: each sample is answered with what level int gives for the
// window that ends there, in exactly the scheduled cycles.
// FINNGL_RANDOM_CASES says how many random networks.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "RandomImages.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;
using driver::beatLines;
using driver::OutputBeat;
using driver::RawResult;

namespace {

driver::HardwareOptions sliding(std::map<std::string, int64_t> budget) {
  driver::HardwareOptions hardware;
  hardware.mode = "sliding";
  hardware.budget = std::move(budget);
  return hardware;
}

struct Case {
  const char *name, *model;
  std::map<std::string, int64_t> budget;
};

// f0x-like dense windows: no convolution, rows go to the windows as they come.
// e01, e02: padding along time, rows beside the borders are made once more.
// g01: no scan, a window of its own behind the last convolution.
const Case kCases[] = {
    {"digits", "fsdd_lstm_w8a6", {{"lut", 20000}, {"dsp", 100}}},
    {"convlstm_2d", "e01_convlstm2d_batchnorm", {{"lut", 60000}, {"dsp", 200}}},
    {"convlstm_1d",
     "e02_convlstm1d_folded_qcdq_scan",
     {{"lut", 20000}, {"dsp", 60}}},
    {"classes", "g01_conv_leaky_argmax", {{"lut", 20000}, {"dsp", 16}}},
};

class Sliding : public ::testing::TestWithParam<Case> {};

TEST_P(Sliding, BitExactAndAsScheduled) {
  auto network = Network::compile(std::string("sliding_") + GetParam().name,
                                  std::string(FINNGL_FIXTURES "/") +
                                      GetParam().model + "/model.onnx",
                                  sliding(GetParam().budget));
  if (network)
    network->checkSliding(/*windows=*/2, /*seeds=*/1);
}

INSTANTIATE_TEST_SUITE_P(Cases, Sliding, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return info.param.name; });

TEST(SlidingImages, BitExactAndAsScheduled) {
  const char *wanted = std::getenv("FINNGL_RANDOM_CASES");
  unsigned cases = wanted ? unsigned(std::atoi(wanted)) : 4, built = 0;
  for (unsigned seed = 0; seed < cases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::string name = "sliding_images_" + std::to_string(seed);
    ASSERT_TRUE(writeRandomImages(seed, name + ".onnx", /*head=*/true));
    auto network = Network::compile(name, name + ".onnx",
                                    sliding({{"lut", 40000}, {"dsp", 64}}), "",
                                    /*allowRefusal=*/true);
    if (!network)
      continue;
    ++built;
    network->checkSliding(/*windows=*/4, /*seeds=*/2);
  }
  // A width may be too large, a step no whole number of samples.
  EXPECT_GE(built * 2, cases);
}

} // namespace
