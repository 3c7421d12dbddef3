//===- ProtocolTest.cpp - The stream contract at the top level ------------===//
//
// docs/Protocol.md, one test a rule, on one small LSTM (4 bits, 8 to 16).
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;
using driver::beatLines;
using driver::OutputBeat;
using driver::RawResult;

namespace {

constexpr uint32_t kFrameError = 1, kBadContext = 2;

class Protocol : public ::testing::Test {
protected:
  static std::unique_ptr<Network> network;
  std::vector<CodeTensor> inputs, want;
  int64_t steps = 0, stepElements = 0, hidden = 0;

  static void SetUpTestSuite() {
    network = Network::compile("protocol",
                               FINNGL_FIXTURES "/a04_lstm_w4a4/model.onnx", {},
                               R"({"scan_0.mvu": {"pe": 8, "simd": 4},
                                      "scan_0.tail": {"pe": 2}})");
  }
  static void TearDownTestSuite() { network.reset(); }
  void SetUp() override {
    ASSERT_TRUE(network);
    inputs = network->randomInputs();
    want = network->expected(inputs);
    steps = in().steps;
    stepElements = in().elementsPerBeat * in().beatsPerStep;
    hidden = network->stream(false, 0).elementsPerBeat *
             network->stream(false, 0).beatsPerStep;
    ASSERT_EQ(network->simulator->streams().size(), 4u);
    ASSERT_EQ(network->stream(false, 0).steps, steps) << "h of every step";
  }

  const StreamPort &in() const { return network->stream(true, 0); }
  std::span<const int64_t> stepsOf(int64_t first, int64_t count) const {
    return std::span(inputs[0].data)
        .subspan(first * stepElements, count * stepElements);
  }
  /// Lines that expect the answers of `sequence` steps and `packets` packets,
  /// and one error beat each of `errors` packets.
  std::string expect(int64_t sequence, int64_t packets, int64_t errors = 0) {
    std::string text;
    for (int64_t o = 0; o < 3; ++o) {
      const StreamPort &port = network->stream(false, o);
      int64_t count = port.steps > 1 ? sequence : packets;
      text += "expect " + std::to_string(o) + " " +
              std::to_string(count * port.beatsPerStep + errors) + "\n";
    }
    return text;
  }
  std::string whole(bool restart) const {
    return beatLines(in(), inputs[0].data, restart);
  }
  void expectWhole(const RawResult &result) {
    for (int64_t o = 0; o < 3; ++o)
      EXPECT_EQ(Network::codesOf(result, o), want[o].data) << "output " << o;
  }
  /// The sticky errors of AXI4-Lite.
  std::string readErrors() { return "read 14\n"; }
};

std::unique_ptr<Network> Protocol::network;

TEST_F(Protocol, BackToBackSequencesAndFreezes) {
  // Seeds 4 and 8 freeze both sides for up to 450 cycles.
  network->check(/*packets=*/4, /*seeds=*/8);
}

TEST_F(Protocol, ResetInMidSequence) {
  for (int64_t cycle : {40, 173, 400}) {
    // The next packet asks to continue, but nothing is stored since reset.
    RawResult result = network->simulate(
        whole(true) + "reset " + std::to_string(cycle) + "\n" + whole(false) +
            expect(steps, 1) + readErrors(),
        0);
    expectWhole(result);
    ASSERT_EQ(result.reads.size(), 1u);
    EXPECT_EQ(result.reads[0], 0u);
  }
}

TEST_F(Protocol, RestartZeroContinues) {
  for (unsigned seed : {0, 1, 4}) {
    int64_t first = 12;
    RawResult result = network->simulate(
        beatLines(in(), stepsOf(0, first), true) +
            beatLines(in(), stepsOf(first, steps - first), false) +
            expect(steps, 2),
        seed);
    EXPECT_EQ(Network::codesOf(result, 0), want[0].data) << "seed " << seed;
    // Final h of the first packet is its last step's h, then the sequence's.
    std::vector<int64_t> finals(want[0].data.begin() + (first - 1) * hidden,
                                want[0].data.begin() + first * hidden);
    finals.insert(finals.end(), want[1].data.begin(), want[1].data.end());
    EXPECT_EQ(Network::codesOf(result, 1), finals) << "seed " << seed;
    std::vector<int64_t> cells = Network::codesOf(result, 2);
    ASSERT_EQ(cells.size(), size_t(2 * hidden));
    EXPECT_EQ(std::vector(cells.begin() + hidden, cells.end()), want[2].data);
  }
}

TEST_F(Protocol, RestartOneForgets) {
  RawResult result = network->simulate(beatLines(in(), stepsOf(3, 5), true) +
                                           whole(true) + expect(steps + 5, 2),
                                       0);
  std::vector<int64_t> codes = Network::codesOf(result, 0);
  ASSERT_EQ(codes.size(), size_t((steps + 5) * hidden));
  EXPECT_EQ(std::vector(codes.begin() + 5 * hidden, codes.end()), want[0].data);
}

TEST_F(Protocol, LastInsideAStep) {
  ASSERT_GT(in().beatsPerStep, 1);
  for (unsigned seed : {0, 1, 4}) {
    int64_t good = 5;
    std::span<const int64_t> part =
        std::span(inputs[0].data)
            .first(good * stepElements + in().elementsPerBeat);
    // The packet after it asks to continue, but starts anew.
    RawResult result = network->simulate(
        beatLines(in(), part, true) + whole(false) +
            expect(steps + good, 1, /*errors=*/1) + readErrors(),
        seed);
    EXPECT_EQ(result.reads, std::vector<uint32_t>{kFrameError});
    for (int64_t o = 0; o < 3; ++o) {
      const StreamPort &port = network->stream(false, o);
      int64_t before = port.steps > 1 ? good * port.beatsPerStep : 0, index = 0;
      std::vector<int64_t> after;
      for (const OutputBeat &beat : result.beats) {
        if (beat.port != o)
          continue;
        EXPECT_EQ(beat.user, index == before) << "output " << o;
        if (index <= before)
          EXPECT_EQ(beat.last, index == before) << "output " << o;
        else
          after.insert(after.end(), beat.codes.begin(), beat.codes.end());
        ++index;
      }
      EXPECT_EQ(after, want[o].data) << "output " << o << ", seed " << seed;
    }
  }
}

TEST_F(Protocol, UnknownContextIsDropped) {
  for (unsigned seed : {0, 1, 4}) {
    RawResult result = network->simulate(
        beatLines(in(), stepsOf(2, 7), true, true, /*dest=*/1) + whole(true) +
            beatLines(in(), stepsOf(0, 3), true, true, /*dest=*/1) +
            expect(steps, 1) + readErrors(),
        seed);
    expectWhole(result);
    EXPECT_EQ(result.reads, std::vector<uint32_t>{kBadContext});
  }
}

TEST_F(Protocol, LastMarksOnlyTheLastBeat) {
  RawResult result =
      network->simulate(whole(true) + expect(steps, 1) + readErrors(), 0);
  std::vector<int64_t> lasts(3, 0);
  for (const OutputBeat &beat : result.beats) {
    lasts[beat.port] += beat.last;
    EXPECT_EQ(beat.user, 0u);
  }
  for (int64_t o = 0; o < 3; ++o) {
    auto final = std::find_if(result.beats.rbegin(), result.beats.rend(),
                              [&](const OutputBeat &b) { return b.port == o; });
    ASSERT_NE(final, result.beats.rend());
    EXPECT_TRUE(final->last) << "output " << o;
  }
  EXPECT_EQ(lasts, (std::vector<int64_t>{1, 1, 1}));
  EXPECT_EQ(result.reads, std::vector<uint32_t>{0});
}

} // namespace
