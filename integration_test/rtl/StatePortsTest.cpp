//===- StatePortsTest.cpp - States loaded and saved through ports ---------===//
//
// docs/Protocol.md: a packet with TUSER[1] takes its states from s_axis_state,
// each packet leaves its own on m_axis_state.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "OnnxText.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;
using driver::beatLines;
using driver::OutputBeat;
using driver::RawResult;

namespace {

constexpr uint32_t kFrameError = 1, kBadContext = 2;
constexpr unsigned kRestart = 1, kLoad = 2;
constexpr const char *kLstm = FINNGL_FIXTURES "/a04_lstm_w4a4/model.onnx";

driver::HardwareOptions ported(int64_t contexts) {
  driver::HardwareOptions hardware;
  hardware.contexts = contexts;
  hardware.statePorts = true;
  return hardware;
}

/// The small LSTM (4 bits, 8 to 16) with three contexts.
class StatePorts : public ::testing::Test {
protected:
  static std::unique_ptr<Network> network;
  std::vector<CodeTensor> inputs, want;
  int64_t stepElements = 0, hidden = 0;

  static void SetUpTestSuite() {
    network = Network::compile("state_ports", kLstm, ported(3),
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
    ASSERT_TRUE(loads().isState());
    ASSERT_TRUE(saves().isState());
  }

  const StreamPort &in() const { return network->stream(true, 0); }
  const StreamPort &loads() const { return network->stream(true, 1); }
  const StreamPort &saves() const { return network->stream(false, 3); }
  /// Steps [from, from + count) of the sequence as one packet.
  std::string steps(int64_t from, int64_t count, unsigned context,
                    unsigned user) const {
    return beatLines(in(),
                     std::span(inputs[0].data)
                         .subspan(from * stepElements, count * stepElements),
                     user, /*ends=*/true, context);
  }
  std::string load(std::span<const int64_t> codes, unsigned context) const {
    return beatLines(loads(), codes, 0, /*ends=*/true, context);
  }
  /// All states after the first `count` steps of the sequence.
  std::vector<int64_t> statesAfter(int64_t count) const {
    std::string error;
    auto outputs = network->reference->runPrefix(inputs, count, error);
    EXPECT_TRUE(outputs) << error;
    return outputs ? outputs->back().data : std::vector<int64_t>();
  }
  std::string expect(int64_t sequence, int64_t packets, int64_t errors) const {
    std::string text;
    for (int64_t o = 0; o < 4; ++o) {
      const StreamPort &port = network->stream(false, o);
      int64_t count = port.steps > 1 ? sequence : packets;
      text += "expect " + std::to_string(o) + " " +
              std::to_string(count * port.beatsPerStep + errors) + "\n";
    }
    return text + "read 14\n";
  }
  /// Codes of a port's good beats.
  static std::vector<int64_t> codes(const RawResult &result, int64_t port) {
    std::vector<int64_t> all;
    for (const OutputBeat &beat : result.beats)
      if (beat.port == port && beat.user == 0)
        all.insert(all.end(), beat.codes.begin(), beat.codes.end());
    return all;
  }
  std::vector<int64_t> answers(int64_t from, int64_t to) const {
    return {want[0].data.begin() + from * hidden,
            want[0].data.begin() + to * hidden};
  }
};

std::unique_ptr<Network> StatePorts::network;

TEST_F(StatePorts, RandomOrder) { network->checkContexts(3, /*seeds=*/8); }

TEST_F(StatePorts, WindowsBackToBack) { network->check(3, 4); }

TEST_F(StatePorts, WhatIsSavedContinuesElsewhere) {
  // Twelve steps on context 0; its saved states go back in on context 2.
  RawResult first = network->simulate(
      steps(0, 12, 0, kRestart) + expect(12, 1, 0), /*seed=*/1);
  std::vector<int64_t> saved = codes(first, 3);
  EXPECT_EQ(saved, statesAfter(12));
  RawResult second = network->simulate(
      load(saved, 2) + steps(12, 10, 2, kLoad) + expect(10, 1, 0), 1);
  EXPECT_EQ(second.reads, std::vector<uint32_t>{0});
  EXPECT_EQ(codes(second, 0), answers(12, 22));
  EXPECT_EQ(codes(second, 3), statesAfter(22));
}

TEST_F(StatePorts, ALoadIsOfItsPacketOnly) {
  // Context 1 loads, goes on, restarts; context 0 keeps what it has stored.
  std::vector<int64_t> saved = statesAfter(9);
  RawResult result = network->simulate(
      load(saved, 1) + steps(0, 2, 0, kRestart) + steps(9, 2, 1, kLoad) +
          steps(2, 1, 0, 0) + steps(11, 1, 1, 0) + steps(0, 1, 1, kRestart) +
          expect(7, 5, 0),
      2);
  std::vector<int64_t> all;
  for (auto [from, to] :
       {std::pair<int64_t, int64_t>{0, 2}, {9, 11}, {2, 3}, {11, 12}, {0, 1}}) {
    std::vector<int64_t> part = answers(from, to);
    all.insert(all.end(), part.begin(), part.end());
  }
  EXPECT_EQ(codes(result, 0), all);
  EXPECT_EQ(result.reads, std::vector<uint32_t>{0});
}

TEST_F(StatePorts, ABrokenLoadIsAnError) {
  // A load that ends early spoils each step of its packet; the next packet of
  // the context starts anew although it asks to go on.
  std::vector<int64_t> saved = statesAfter(5);
  for (size_t beats = 1; beats < size_t(loads().beatsPerStep); beats += 3) {
    auto cut = std::span(saved).first(beats * loads().elementsPerBeat);
    RawResult result = network->simulate(
        load(cut, 0) + load(saved, 1) + steps(5, 3, 0, kLoad) +
            steps(5, 2, 1, kLoad) + steps(0, 4, 0, 0) + expect(6, 2, 3),
        3);
    EXPECT_EQ(result.reads, std::vector<uint32_t>{kFrameError});
    std::vector<int64_t> all = answers(5, 7), anew = answers(0, 4);
    all.insert(all.end(), anew.begin(), anew.end());
    EXPECT_EQ(codes(result, 0), all);
  }
}

TEST_F(StatePorts, ALoadOfNoContextIsDropped) {
  std::vector<int64_t> saved = statesAfter(5), other = statesAfter(6);
  RawResult result = network->simulate(
      load(other, 3) + load(saved, 1) + steps(5, 2, 1, kLoad) + expect(2, 1, 0),
      1);
  EXPECT_EQ(result.reads, std::vector<uint32_t>{kBadContext});
  EXPECT_EQ(codes(result, 0), answers(5, 7));
}

TEST_F(StatePorts, ALoadOfAnotherContextIsReported) {
  RawResult result = network->simulate(
      load(statesAfter(5), 2) + steps(5, 2, 1, kLoad) + expect(2, 1, 0), 0);
  EXPECT_EQ(result.reads, std::vector<uint32_t>{kFrameError});
}

struct Case {
  const char *name, *model, *folding;
  int64_t contexts, interleave = 1;
};

/// Other cells, memories and numbers of contexts.
class StatePortsOf : public ::testing::TestWithParam<Case> {};

TEST_P(StatePortsOf, RandomOrder) {
  const Case &c = GetParam();
  driver::HardwareOptions hardware = ported(c.contexts);
  hardware.interleave = c.interleave;
  auto network = Network::compile("state_ports_" + std::string(c.name),
                                  std::string(FINNGL_FIXTURES "/") + c.model +
                                      "/model.onnx",
                                  hardware, c.folding);
  ASSERT_TRUE(network);
  network->checkContexts(c.contexts, /*seeds=*/4);
}

INSTANTIATE_TEST_SUITE_P(
    StatePorts, StatePortsOf,
    ::testing::Values(Case{"one_context", "a04_lstm_w4a4", "", 1},
                      Case{"interleaved", "a04_lstm_w4a4", "", 5, 3},
                      Case{"block_ram", "a04_lstm_w4a4", "", 300},
                      Case{"passes", "d02_gru_reset_before_row", "", 2},
                      Case{"qonnx", "c03_qonnx_row_mixed", "", 1},
                      Case{"head", "fsdd_lstm_w8a6", "", 2}),
    [](const auto &info) { return std::string(info.param.name); });

/// Two scans in a row: two regions and states of two widths share the ports.
TEST(StatePortsOfScans, InARow) {
  OnnxText first, second, graph;
  QuantSpec narrow{.bits = 4, .scale = {0.25}},
      wide{.bits = 6, .scale = {0.25}};
  auto accumulate = [](OnnxText &body, const char *state, const char *in,
                       const char *next, const QuantSpec &quant) {
    std::string sum = std::string(next) + "_sum";
    body.node("Add", {state, in}, sum);
    body.quant(sum, quant, next);
  };
  for (const char *name : {"h", "g", "x"})
    first.valueInfo("input", name, {1, 2});
  for (const char *name : {"h_next", "g_next", "y"})
    first.valueInfo("output", name, {1, 2});
  first.quant("x", narrow, "xq");
  accumulate(first, "h", "xq", "h_next", narrow);
  accumulate(first, "g", "h_next", "g_next", wide);
  first.node("Identity", {"g_next"}, "y");
  for (const char *name : {"s", "v"})
    second.valueInfo("input", name, {1, 2});
  for (const char *name : {"s_next", "w"})
    second.valueInfo("output", name, {1, 2});
  accumulate(second, "s", "v", "s_next", wide);
  second.node("Identity", {"s_next"}, "w");
  graph.valueInfo("input", "xs", {10, 1, 2});
  for (const char *name : {"h_last", "s_last"})
    graph.valueInfo("output", name, {1, 2});
  graph.valueInfo("output", "ws", {10, 1, 2});
  graph.tensor("h0", {1, 2}, {0.25, -0.5});
  graph.tensor("g0", {1, 2}, {0, 1.5});
  graph.tensor("s0", {1, 2}, {0, 1});
  graph.scan({"h0", "g0", "xs"}, {"h_last", "g_last", "ys"}, 1, first);
  graph.scan({"s0", "ys"}, {"s_last", "ws"}, 1, second);
  ASSERT_TRUE(writeOnnx(graph, "two_scans.onnx"));
  auto network =
      Network::compile("state_ports_scans", "two_scans.onnx", ported(2));
  ASSERT_TRUE(network);
  network->checkContexts(2, /*seeds=*/4);
}

} // namespace
