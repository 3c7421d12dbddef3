//===- EnvelopeTest.cpp - Cells of 16 units within a few DSPs -------------===//
//
// An LSTM and a GRU 16 to 16, W8A8: at most 32 cycles a step with at most 115
// DSPs, exact in simulated hardware. docs/Performance.md quotes what this
// prints.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "RandomRnn.h"
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::test;

namespace {

constexpr int64_t kMostCycles = 32, kMostDsps = 115;

void checkEnvelope(RnnChoice::Cell cell, const std::string &name) {
  RnnChoice choice;
  choice.cell = cell;
  choice.hidden = choice.input = choice.steps = 16;
  choice.activationBits = choice.weightBits = 8;
  ASSERT_TRUE(writeRnn(choice, name + ".onnx"));
  driver::HardwareOptions hardware;
  hardware.budget = {{"lut", 20000}, {"dsp", kMostDsps}};
  auto network = Network::compile(name, name + ".onnx", hardware);
  ASSERT_TRUE(network);
  network->check(/*packets=*/3, /*seeds=*/20);
  std::ifstream file(network->directory / "report.json");
  auto report = nlohmann::json::parse(file, nullptr, false);
  auto cycles = report["cycles"]["per_step"].get<int64_t>();
  auto dsps = report["resources"]["dsp"].get<int64_t>();
  std::printf("| %s 16->16 W8A8 | %lld | %lld | %lld | %lld |\n",
              cell == RnnChoice::Cell::Gru ? "GRU" : "LSTM",
              static_cast<long long>(cycles), static_cast<long long>(dsps),
              report["resources"]["lut"].get<long long>(),
              report["resources"]["ff"].get<long long>());
  EXPECT_LE(cycles, kMostCycles);
  EXPECT_LE(dsps, kMostDsps);
}

TEST(Envelope, Lstm) { checkEnvelope(RnnChoice::Cell::Lstm, "envelope_lstm"); }

TEST(Envelope, Gru) { checkEnvelope(RnnChoice::Cell::Gru, "envelope_gru"); }

} // namespace
