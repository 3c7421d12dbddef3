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
using driver::beatLines;
using driver::OutputBeat;
using driver::RawResult;

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

/// Samples of 40 numbers, ten beats each; the second one is answered first.
class StreamProtocol : public ::testing::Test {
protected:
  static std::unique_ptr<Network> network;
  std::optional<driver::StreamTraffic> traffic;
  int64_t first = 0;

  static void SetUpTestSuite() {
    driver::HardwareOptions hardware = streaming({{"lut", 20000}, {"dsp", 60}});
    hardware.userBits = 3;
    network = Network::compile("stream_protocol",
                               FINNGL_FIXTURES
                               "/e02_convlstm1d_folded_qcdq_scan/model.onnx",
                               hardware);
  }
  static void TearDownTestSuite() { network.reset(); }
  void SetUp() override {
    ASSERT_TRUE(network);
    auto stream = driver::createSampleStream(network->model, *network->plan);
    stream->append(network->randomInputs());
    std::string error;
    traffic = stream->traffic(/*seed=*/0, error);
    ASSERT_TRUE(traffic) << error;
    first = stream->firstAnswer();
    ASSERT_GT(first, 0);
  }

  std::string sample(int64_t s, unsigned user) const {
    return beatLines(network->stream(true, 0),
                     traffic->packets[s].inputs[0].data, user);
  }
  /// Answers to the first samples of the stream.
  void answers(int64_t count, std::vector<int64_t> &codes) const {
    for (int64_t s = first; s < first + count; ++s)
      codes.insert(codes.end(), traffic->expected[s][0].data.begin(),
                   traffic->expected[s][0].data.end());
  }
  std::string expect(int64_t answers, int64_t errors = 0) const {
    int64_t beats = answers * network->stream(false, 0).beatsPerStep + errors;
    return "expect 0 " + std::to_string(beats) + "\nread 14\n";
  }
};

std::unique_ptr<Network> StreamProtocol::network;

/// An answer has the user bits of the sample that it answers, and TLAST.
TEST_F(StreamProtocol, UserBitsAreTheSamplesOwn) {
  std::string text;
  for (int64_t s = 0; s < 20; ++s)
    text += sample(s, unsigned(s == 0) | unsigned(s & 7) << 2);
  RawResult result = network->simulate(text + expect(20 - first), 1);
  int64_t per = network->stream(false, 0).beatsPerStep, at = 0;
  for (const OutputBeat &beat : result.beats) {
    EXPECT_EQ(beat.user, uint64_t((first + at / per) & 7) << 1);
    EXPECT_EQ(beat.last, at % per == per - 1);
    ++at;
  }
  EXPECT_EQ(at, (20 - first) * per);
}

/// After reset no restart is needed; a restart forgets rows and states, at
/// whatever sample it comes.
TEST_F(StreamProtocol, RestartForgets) {
  for (int64_t before : {1, 2, 9}) {
    std::string text;
    for (int64_t s = 0; s < before; ++s)
      text += sample(s, 0);
    for (int64_t s = 0; s < 12; ++s)
      text += sample(s, s == 0);
    int64_t old = std::max<int64_t>(before - first, 0);
    RawResult result = network->simulate(text + expect(old + 12 - first), 1);
    EXPECT_EQ(result.reads, std::vector<uint32_t>{0});
    std::vector<int64_t> want;
    answers(old, want);
    answers(12 - first, want);
    EXPECT_EQ(Network::codesOf(result, 0), want) << before;
  }
}

/// A broken sample is answered by one error beat; the stream begins anew.
TEST_F(StreamProtocol, LastInsideASample) {
  const StreamPort &in = network->stream(true, 0);
  ASSERT_GT(in.beatsPerStep, 1);
  for (unsigned seed : {0, 1, 4})
    for (int64_t good : {0, 1, 2, 7}) {
      std::string text;
      for (int64_t s = 0; s < good; ++s)
        text += sample(s, s == 0);
      std::vector<int64_t> part = traffic->packets[20].inputs[0].data;
      part.resize(in.elementsPerBeat);
      text += beatLines(in, part, 0);
      for (int64_t s = 0; s < 10; ++s)
        text += sample(s, 0);
      int64_t old = std::max<int64_t>(good - first, 0);
      RawResult result =
          network->simulate(text + expect(old + 10 - first, 1), seed);
      EXPECT_EQ(result.reads, std::vector<uint32_t>{1}); // frame_error
      int64_t before = old * network->stream(false, 0).beatsPerStep, at = 0;
      std::vector<int64_t> want, got;
      answers(old, want);
      answers(10 - first, want);
      for (const OutputBeat &beat : result.beats) {
        EXPECT_EQ(beat.user & 1, at == before);
        if (at++ != before)
          got.insert(got.end(), beat.codes.begin(), beat.codes.end());
      }
      EXPECT_EQ(got, want) << good << " good samples, seed " << seed;
    }
}

} // namespace
