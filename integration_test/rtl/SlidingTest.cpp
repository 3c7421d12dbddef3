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

// digits: no convolution, rows go to the windows as they come.
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
    network->checkStream(/*windows=*/2, /*seeds=*/1);
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
    network->checkStream(/*windows=*/4, /*seeds=*/2);
  }
  // A width may be too large, a step no whole number of samples.
  EXPECT_GE(built * 2, cases);
}

/// Windows of 30 samples under an LSTM and a dense layer, two beats a sample.
class SlidingProtocol : public ::testing::Test {
protected:
  static std::unique_ptr<Network> network;
  static constexpr int64_t kSamples = 60;
  std::optional<driver::StreamTraffic> traffic;
  int64_t age = 0;

  static void SetUpTestSuite() {
    driver::HardwareOptions hardware = sliding({});
    hardware.userBits = 3;
    network = Network::compile(
        "sliding_protocol", FINNGL_FIXTURES "/a04_last_step/model.onnx",
        hardware, R"({"input_products": {"impl": "per_step"},
                      "scan_0.mvu": {"pe": 8, "simd": 4},
                      "scan_0.tail": {"pe": 2}})");
  }
  static void TearDownTestSuite() { network.reset(); }
  void SetUp() override {
    ASSERT_TRUE(network);
    auto stream = driver::createSampleStream(network->model, *network->plan);
    stream->append(network->randomInputs());
    stream->append(network->randomInputs());
    ASSERT_EQ(stream->length(), kSamples);
    age = network->simulator->answers()->first;
    std::string error;
    traffic = stream->traffic(/*seed=*/0, error);
    ASSERT_TRUE(traffic) << error;
  }

  const StreamPort &in() const { return network->stream(true, 0); }
  /// Samples [from, from + count) as one packet.
  std::string samples(int64_t from, int64_t count, unsigned user) const {
    std::vector<int64_t> codes;
    for (int64_t s = from; s < from + count; ++s) {
      const std::vector<int64_t> &row = traffic->packets[s].inputs[0].data;
      codes.insert(codes.end(), row.begin(), row.end());
    }
    return beatLines(in(), codes, user);
  }
  /// Codes of output o for the samples [from, to), where they have an answer.
  void answers(int64_t o, int64_t from, int64_t to,
               std::vector<int64_t> &codes) const {
    for (int64_t s = from; s < to; ++s)
      if (s >= age) {
        const std::vector<int64_t> &answer = traffic->expected[s][o].data;
        codes.insert(codes.end(), answer.begin(), answer.end());
      }
  }
  std::string expect(int64_t answers, int64_t errors = 0) const {
    std::string text;
    for (int64_t o = 0; o < 2; ++o)
      text += "expect " + std::to_string(o) + " " +
              std::to_string(answers * network->stream(false, o).beatsPerStep +
                             errors) +
              "\n";
    return text + "read 14\n";
  }
};

std::unique_ptr<Network> SlidingProtocol::network;

TEST_F(SlidingProtocol, PacketsOfAnyLength) {
  for (unsigned seed : {0, 1, 4}) {
    std::mt19937 random(seed);
    std::string text;
    for (int64_t s = 0, count; s < kSamples; s += count) {
      count = std::min<int64_t>(1 + random() % 9, kSamples - s);
      text += samples(s, count, /*user=*/s == 0);
    }
    RawResult result = network->simulate(text + expect(kSamples - age), seed);
    EXPECT_EQ(result.reads, std::vector<uint32_t>{0});
    for (int64_t o = 0; o < 2; ++o) {
      std::vector<int64_t> want;
      answers(o, 0, kSamples, want);
      EXPECT_EQ(Network::codesOf(result, o), want) << "seed " << seed;
    }
  }
}

/// An answer has the user bits of the sample that it answers, and TLAST.
TEST_F(SlidingProtocol, UserBitsAreTheSamplesOwn) {
  std::string text;
  for (int64_t s = 0; s < kSamples; ++s)
    text += samples(s, 1, unsigned(s == 0) | unsigned(s & 7) << 2);
  RawResult result = network->simulate(text + expect(kSamples - age), 1);
  std::vector<int64_t> seen(2, 0);
  for (const OutputBeat &beat : result.beats) {
    int64_t per = network->stream(false, beat.port).beatsPerStep,
            at = seen[beat.port]++;
    EXPECT_EQ(beat.user, uint64_t((age + at / per) & 7) << 1);
    EXPECT_EQ(beat.last, at % per == per - 1);
    EXPECT_EQ(beat.context, 0);
  }
}

TEST_F(SlidingProtocol, RestartForgets) {
  RawResult result = network->simulate(
      samples(7, 40, 1) + samples(20, 40, 1) + expect(2 * (40 - age)), 1);
  for (int64_t o = 0; o < 2; ++o) {
    std::vector<int64_t> want;
    answers(o, 7 + age, 47, want);
    answers(o, 20 + age, 60, want);
    EXPECT_EQ(Network::codesOf(result, o), want) << "output " << o;
  }
}

/// The broken sample is answered by one error beat; the stream begins anew.
TEST_F(SlidingProtocol, LastInsideASample) {
  ASSERT_GT(in().beatsPerStep, 1);
  for (unsigned seed : {0, 1, 4}) {
    std::vector<int64_t> part = traffic->packets[40].inputs[0].data;
    part.resize(in().elementsPerBeat);
    RawResult result =
        network->simulate(samples(0, 40, 1) + beatLines(in(), part, 0) +
                              samples(10, 50, 0) + expect(11 + 21, 1),
                          seed);
    EXPECT_EQ(result.reads, std::vector<uint32_t>{1}); // frame_error
    for (int64_t o = 0; o < 2; ++o) {
      std::vector<int64_t> want, got;
      answers(o, age, 40, want);
      answers(o, 10 + age, 60, want);
      int64_t errors = 0, beats = 0,
              before = 11 * network->stream(false, o).beatsPerStep;
      for (const OutputBeat &beat : result.beats) {
        if (beat.port != o)
          continue;
        EXPECT_EQ(beat.user & 1, beats == before);
        errors += beat.user & 1;
        if (beats++ != before)
          got.insert(got.end(), beat.codes.begin(), beat.codes.end());
      }
      EXPECT_EQ(errors, 1);
      EXPECT_EQ(got, want) << "output " << o << ", seed " << seed;
    }
  }
}

} // namespace
