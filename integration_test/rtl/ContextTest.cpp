//===- ContextTest.cpp - Several sequences whose states are stored --------===//
//
// docs/Protocol.md: packets of different contexts interleave at step borders;
// each context is restarted, continued and fails on its own.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "OnnxText.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;
using driver::beatLines;
using driver::RawResult;

namespace {

constexpr uint32_t kFrameError = 1, kBadContext = 2;
constexpr const char *kLstm = FINNGL_FIXTURES "/a04_lstm_w4a4/model.onnx";

driver::HardwareOptions stored(int64_t contexts) {
  driver::HardwareOptions hardware;
  hardware.contexts = contexts;
  return hardware;
}

/// The small LSTM (4 bits, 8 to 16) with five contexts and two banks a state.
class Contexts : public ::testing::Test {
protected:
  static std::unique_ptr<Network> network;
  std::vector<CodeTensor> inputs, want;
  int64_t stepElements = 0, hidden = 0;

  static void SetUpTestSuite() {
    network = Network::compile("contexts", kLstm, stored(5),
                               R"({"scan_0.mvu": {"pe": 8, "simd": 4},
                                   "scan_0.tail": {"pe": 2}})");
  }
  static void TearDownTestSuite() { network.reset(); }
  void SetUp() override {
    ASSERT_TRUE(network);
    inputs = network->randomInputs();
    want = network->expected(inputs);
    stepElements = in().elementsPerBeat * in().beatsPerStep;
    const StreamPort &h = network->stream(false, 0);
    hidden = h.elementsPerBeat * h.beatsPerStep;
    ASSERT_GT(in().beatsPerStep, 1);
  }

  const StreamPort &in() const { return network->stream(true, 0); }
  /// Steps [from, from + count) of the sequence as one packet.
  std::string steps(int64_t from, int64_t count, unsigned context,
                    bool restart = false, bool ends = true) const {
    return beatLines(in(),
                     std::span(inputs[0].data)
                         .subspan(from * stepElements, count * stepElements),
                     restart, ends, context);
  }
  /// A whole step but for its last beat.
  std::string cutStep(int64_t from, unsigned context, bool ends) const {
    return beatLines(
        in(),
        std::span(inputs[0].data)
            .subspan(from * stepElements, stepElements - in().elementsPerBeat),
        false, ends, context);
  }
  std::string expect(int64_t sequence, int64_t packets, int64_t errors) const {
    std::string text;
    for (int64_t o = 0; o < 3; ++o) {
      const StreamPort &port = network->stream(false, o);
      int64_t count = port.steps > 1 ? sequence : packets;
      text += "expect " + std::to_string(o) + " " +
              std::to_string(count * port.beatsPerStep + errors) + "\n";
    }
    return text + "read 14\n";
  }
  /// h of every step that a context answered, without its error beats.
  static std::vector<int64_t> answers(const RawResult &result,
                                      int64_t context) {
    std::vector<int64_t> codes;
    for (const driver::OutputBeat &beat : result.beats)
      if (beat.port == 0 && beat.context == context && beat.user == 0)
        codes.insert(codes.end(), beat.codes.begin(), beat.codes.end());
    return codes;
  }
  static int64_t errorBeats(const RawResult &result, int64_t context) {
    int64_t count = 0;
    for (const driver::OutputBeat &beat : result.beats)
      count += beat.port == 0 && beat.context == context && beat.user == 1;
    return count;
  }
  std::vector<int64_t> firstSteps(int64_t count) const {
    return {want[0].data.begin(), want[0].data.begin() + count * hidden};
  }
};

std::unique_ptr<Network> Contexts::network;

TEST_F(Contexts, RandomOrder) { network->checkContexts(5, /*seeds=*/8); }

TEST_F(Contexts, WindowsBackToBack) { network->check(3, 4); }

TEST_F(Contexts, AnErrorIsOfItsContext) {
  // Context 4 fails after two steps and starts anew; context 1 goes on.
  RawResult result = network->simulate(
      steps(0, 2, 4, true, false) + steps(0, 3, 1, true) + cutStep(2, 4, true) +
          steps(0, 4, 4) + steps(3, 2, 1) + expect(11, 3, 1),
      1);
  EXPECT_EQ(result.reads, std::vector<uint32_t>{kFrameError});
  EXPECT_EQ(answers(result, 1), firstSteps(5));
  std::vector<int64_t> both = firstSteps(2), anew = firstSteps(4);
  both.insert(both.end(), anew.begin(), anew.end());
  EXPECT_EQ(answers(result, 4), both);
  EXPECT_EQ(errorBeats(result, 4), 1);
  EXPECT_EQ(errorBeats(result, 1), 0);
}

TEST_F(Contexts, AContextThatChangesInsideAStepClosesIt) {
  // The first beat of context 3 falls into a step of context 0 and is dropped.
  std::string stray = beatLines(
      in(), std::span(inputs[0].data).first(in().elementsPerBeat), true,
      /*ends=*/false, 3);
  RawResult result = network->simulate(
      steps(0, 1, 0, true, false) + cutStep(1, 0, false) + stray +
          steps(0, 2, 3, true) + steps(0, 2, 0) + expect(5, 2, 1),
      0);
  EXPECT_EQ(result.reads, std::vector<uint32_t>{kFrameError});
  EXPECT_EQ(answers(result, 3), firstSteps(2));
  EXPECT_EQ(errorBeats(result, 0), 1);
  std::vector<int64_t> both = firstSteps(1), anew = firstSteps(2);
  both.insert(both.end(), anew.begin(), anew.end());
  EXPECT_EQ(answers(result, 0), both);
}

TEST_F(Contexts, UnknownContextsAreDropped) {
  for (unsigned context : {5, 6, 7}) {
    RawResult result = network->simulate(
        steps(0, 2, 2, true, false) + steps(4, 1, context, true) +
            cutStep(5, context, true) + steps(2, 1, 2) + expect(3, 1, 0),
        1);
    EXPECT_EQ(result.reads, std::vector<uint32_t>{kBadContext});
    EXPECT_EQ(answers(result, 2), firstSteps(3));
  }
}

TEST_F(Contexts, ResetForgetsEveryContext) {
  std::string before, after;
  for (unsigned context = 0; context < 5; ++context) {
    before += steps(3, 2, context, true);
    after += steps(0, 2, context);
  }
  RawResult result =
      network->simulate(before + "reset 250\n" + after + expect(10, 5, 0), 0);
  EXPECT_EQ(result.reads, std::vector<uint32_t>{0});
  for (int64_t context = 0; context < 5; ++context)
    EXPECT_EQ(answers(result, context), firstSteps(2)) << context;
}

struct Case {
  const char *name, *model, *folding;
  int64_t contexts;
};

/// Other cells, memories and numbers of contexts.
class ContextsOf : public ::testing::TestWithParam<Case> {};

TEST_P(ContextsOf, RandomOrder) {
  const Case &c = GetParam();
  auto network = Network::compile("contexts_" + std::string(c.name),
                                  std::string(FINNGL_FIXTURES "/") + c.model +
                                      "/model.onnx",
                                  stored(c.contexts), c.folding);
  ASSERT_TRUE(network);
  network->checkContexts(c.contexts, /*seeds=*/4);
}

INSTANTIATE_TEST_SUITE_P(
    Contexts, ContextsOf,
    ::testing::Values(Case{"two", "a04_lstm_w4a4", "", 2},
                      Case{"block_ram", "a04_lstm_w4a4", "", 300},
                      Case{"passes", "d02_gru_reset_before_row", "", 3},
                      Case{"head", "fsdd_lstm_w8a6", "", 7}),
    [](const auto &info) { return std::string(info.param.name); });

/// A running sum, whose range is that of the steps that the model states: what
/// continues a context may not make it longer.
TEST(ContextsOfGrowingStates, AreExactAndWarnedOf) {
  OnnxText body, graph;
  for (const char *name : {"s", "x"})
    body.valueInfo("input", name, {1, 2});
  for (const char *name : {"s_next", "y"})
    body.valueInfo("output", name, {1, 2});
  body.quant("x", {.bits = 4, .scale = {0.25}}, "xq");
  body.node("Add", {"s", "xq"}, "s_next");
  body.node("Identity", {"s_next"}, "y");
  graph.valueInfo("input", "xs", {10, 1, 2});
  graph.valueInfo("output", "sum", {1, 2});
  graph.valueInfo("output", "sums", {10, 1, 2});
  graph.tensor("s0", {1, 2}, {0, 0});
  graph.scan({"s0", "xs"}, {"sum", "sums"}, 1, body);
  ASSERT_TRUE(writeOnnx(graph, "growing.onnx"));
  ::testing::internal::CaptureStderr();
  auto network =
      Network::compile("contexts_growing", "growing.onnx", stored(3));
  std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("widths are proved for 10 steps of a context"),
            std::string::npos)
      << said;
  ASSERT_TRUE(network);
  network->checkContexts(3, /*seeds=*/3);
}

} // namespace
