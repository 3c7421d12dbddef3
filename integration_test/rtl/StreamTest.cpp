//===- StreamTest.cpp - Images without a last row -------------------------===//
//
// --mode stream with windows: each step of the scan is answered with what level
// int gives for the stream so far, in exactly the scheduled cycles.
// FINNGL_RANDOM_CASES says how many random networks.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "RandomImages.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

driver::HardwareOptions streaming(std::map<std::string, int64_t> budget) {
  driver::HardwareOptions hardware;
  hardware.mode = "stream";
  hardware.budget = std::move(budget);
  return hardware;
}

struct Case {
  const char *name, *model;
  std::map<std::string, int64_t> budget;
};

const Case kCases[] = {
    {"convlstm_2d", "e01_convlstm2d_batchnorm", {{"lut", 60000}, {"dsp", 200}}},
    {"convlstm_1d",
     "e02_convlstm1d_folded_qcdq_scan",
     {{"lut", 20000}, {"dsp", 60}}},
};

class Stream : public ::testing::TestWithParam<Case> {};

TEST_P(Stream, BitExactAndAsScheduled) {
  auto network = Network::compile(std::string("stream_") + GetParam().name,
                                  std::string(FINNGL_FIXTURES "/") +
                                      GetParam().model + "/model.onnx",
                                  streaming(GetParam().budget));
  if (network)
    network->checkStream(/*windows=*/2, /*seeds=*/1);
}

INSTANTIATE_TEST_SUITE_P(Cases, Stream, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return info.param.name; });

TEST(StreamImages, BitExactAndAsScheduled) {
  const char *wanted = std::getenv("FINNGL_RANDOM_CASES");
  unsigned cases = wanted ? unsigned(std::atoi(wanted)) : 6, built = 0;
  for (unsigned seed = 0; seed < cases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::string name = "stream_images_" + std::to_string(seed);
    ASSERT_TRUE(writeRandomImages(seed, name + ".onnx"));
    auto network = Network::compile(name, name + ".onnx",
                                    streaming({{"lut", 40000}, {"dsp", 64}}),
                                    "", /*allowRefusal=*/true);
    if (!network)
      continue;
    ++built;
    network->checkStream(/*windows=*/6, /*seeds=*/2);
  }
  // Rows that join may come at other samples, a pool may read the whole window.
  EXPECT_GE(built * 3, cases);
}

} // namespace
