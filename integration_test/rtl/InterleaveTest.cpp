//===- InterleaveTest.cpp - Steps of several contexts in flight -----------===//
//
// K contexts that take turns get K steps in max(K * period, loop) cycles, as
// Core/Schedule says; whatever the order, every answer is exact.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "RandomRnn.h"
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::test;

namespace {

driver::HardwareOptions inFlight(int64_t contexts, int64_t interleave) {
  driver::HardwareOptions hardware;
  hardware.contexts = contexts;
  hardware.interleave = interleave;
  return hardware;
}

nlohmann::json reportOf(const Network &network) {
  std::ifstream file(network.directory / "report.json");
  return nlohmann::json::parse(file, nullptr, false);
}

/// Cycles a step of `contexts` contexts that take turns for many steps, in
/// Verilator, which must agree with the schedule to the cycle.
double simulatedInterval(Network &network, int64_t contexts) {
  std::vector<CodeTensor> inputs = network.randomInputs(),
                          want = network.expected(inputs);
  int64_t steps = 1; // of the inputs that are sequences
  for (const StreamPort &port : network.simulator->streams())
    steps = std::max(steps, port.steps);
  auto end = [&](int64_t rounds) {
    Traffic turns = Traffic::takingTurns(contexts, rounds, steps);
    std::vector<driver::Packet> packets;
    for (const Traffic::Packet &packet : turns.packets)
      packets.push_back({inputs, true, packet.context});
    std::string error;
    auto result = network.simulator->run(packets, 0, error, turns.order);
    EXPECT_TRUE(result) << error;
    if (!result)
      return int64_t(0);
    for (const std::string &text :
         driver::compareCycles(*network.shape, *result))
      ADD_FAILURE() << network.directory << ": " << text;
    for (const auto &outputs : result->outputs)
      for (size_t o = 0; o < want.size(); ++o)
        EXPECT_EQ(outputs[o].data, want[o].data) << network.directory;
    return result->lastOutput;
  };
  return double(end(3) - end(2)) / double(contexts * steps);
}

struct Case {
  const char *name, *model, *folding;
  int64_t contexts, interleave;
};

class Interleave : public ::testing::TestWithParam<Case> {};

TEST_P(Interleave, ExactInAnyOrderAndAsScheduled) {
  const Case &c = GetParam();
  auto network = Network::compile(
      "interleave_" + std::string(c.name),
      std::string(FINNGL_FIXTURES "/") + c.model + "/model.onnx",
      inFlight(c.contexts, c.interleave), c.folding);
  ASSERT_TRUE(network);
  network->checkContexts(c.contexts, /*seeds=*/4);
  double interval = simulatedInterval(*network, c.interleave);
  EXPECT_EQ(int64_t(std::ceil(interval)),
            reportOf(*network)["cycles"]["per_step"].get<int64_t>());
}

constexpr const char *kParallel =
    R"({"thresholds": {"impl": "segment_table"},
        "scan_0.mvu": {"pe": 64, "simd": 8, "impl": "lut"},
        "scan_0.tail": {"pe": 8, "impl": "lut"}})";
constexpr const char *kSerial =
    R"({"scan_0.mvu": {"pe": 8, "simd": 4}, "scan_0.tail": {"pe": 2}})";

INSTANTIATE_TEST_SUITE_P(
    Cases, Interleave,
    ::testing::Values(Case{"two", "a04_lstm_w4a4", kParallel, 2, 2},
                      Case{"four_of_seven", "a04_lstm_w4a4", kParallel, 7, 4},
                      Case{"nothing_to_gain", "a04_lstm_w4a4", kSerial, 3, 3},
                      Case{"passes", "d02_gru_reset_before_row", "", 4, 3},
                      Case{"chosen", "c03_qonnx_row_mixed", "", 8, 8},
                      Case{"initial_states", "b10_notebook_exact", "", 4, 4},
                      Case{"head", "fsdd_lstm_w8a6", "", 4, 2}),
    [](const auto &info) { return std::string(info.param.name); });

/// One folding of an LSTM 16 to 16, W8A8, with one context and with four in
/// flight: docs/Contexts.md quotes what this prints.
TEST(Interleaving, FourContextsHaveThreeTimesTheThroughput) {
  RnnChoice choice;
  choice.hidden = choice.input = choice.steps = 16;
  choice.activationBits = choice.weightBits = 8;
  ASSERT_TRUE(writeRnn(choice, "interleaving.onnx"));
  std::map<int64_t, double> interval, lut;
  for (int64_t k : {1, 4}) {
    auto network = Network::compile("interleaving_" + std::to_string(k),
                                    "interleaving.onnx", inFlight(k, k),
                                    R"({"thresholds": {"impl": "segment_table"},
            "scan_0.mvu": {"pe": 64, "simd": 8, "impl": "dsp_packed"},
            "scan_0.tail": {"pe": 4, "impl": "dsp"}})");
    ASSERT_TRUE(network);
    interval[k] = simulatedInterval(*network, k);
    lut[k] = reportOf(*network)["resources"]["lut"].get<double>();
    std::printf("LSTM 16->16 W8A8, %lld in flight: %.2f cycles a step "
                "simulated, %.0f LUT by the model\n",
                static_cast<long long>(k), interval[k], lut[k]);
  }
  std::printf("throughput x %.2f, LUT + %.1f %%\n", interval[1] / interval[4],
              100 * (lut[4] / lut[1] - 1));
  EXPECT_GE(interval[1], 3 * interval[4]);
  EXPECT_LE(lut[4], 1.25 * lut[1]);
}

} // namespace
