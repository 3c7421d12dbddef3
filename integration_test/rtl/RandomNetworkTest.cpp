//===- RandomNetworkTest.cpp - Random sizes, widths and budgets -----------===//
//
// And random foldings, which pad what they do not divide.
// FINNGL_RANDOM_CASES sets how many (3); case i is the same in every run.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "RandomRnn.h"
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::test;

namespace {

int cases() {
  const char *text = std::getenv("FINNGL_RANDOM_CASES");
  return text ? std::atoi(text) : 3;
}

RnnChoice randomLstm(std::mt19937 &random, unsigned seed) {
  auto pick = [&](int lo, int hi) {
    return lo + int(random() % (hi - lo + 1));
  };
  RnnChoice choice;
  choice.hidden = pick(2, 24);
  choice.input = pick(1, 16);
  choice.steps = pick(3, 20);
  choice.activationBits = pick(3, 8);
  choice.weightBits = pick(2, 8);
  choice.sharedScale = random() % 2;
  choice.seed = seed;
  return choice;
}

/// A random model; a budget that is doubled until compile accepts it.
void runCase(unsigned seed) {
  std::mt19937 random(1000 + seed);
  auto pick = [&](int lo, int hi) {
    return lo + int(random() % (hi - lo + 1));
  };
  RnnChoice choice = randomLstm(random, seed);
  std::string name = "random_" + std::to_string(seed);
  SCOPED_TRACE(name + ": " + choice.describe());
  ASSERT_TRUE(writeRnn(choice, name + ".onnx"));
  std::unique_ptr<Network> network;
  driver::HardwareOptions hardware;
  hardware.budget = {{"lut", pick(1500, 12000)}, {"dsp", pick(0, 64)}};
  for (int attempt = 0; attempt < 6 && !network; ++attempt) {
    network = Network::compile(name, name + ".onnx", hardware, "",
                               /*allowRefusal=*/attempt < 5);
    if (!network)
      for (auto &[key, limit] : hardware.budget)
        limit = 2 * limit + 1;
  }
  ASSERT_TRUE(network);
  std::ifstream file(network->directory / "report.json");
  auto report = nlohmann::json::parse(file, nullptr, false);
  std::printf("%s: %s; budget", name.c_str(), choice.describe().c_str());
  for (const auto &[key, limit] : hardware.budget) {
    int64_t used = report["resources"].value(key, int64_t(0));
    std::printf(" %s %lld of %lld", key.c_str(), static_cast<long long>(used),
                static_cast<long long>(limit));
    EXPECT_LE(used, limit) << key;
  }
  std::printf("\n");
  network->check(/*packets=*/2, /*seeds=*/1);
}

/// Any folding, until compile accepts one; contexts and state ports as chance
/// has it.
void runFolding(unsigned seed) {
  std::mt19937 random(2000 + seed);
  auto pick = [&](int lo, int hi) {
    return lo + int(random() % (hi - lo + 1));
  };
  RnnChoice choice = randomLstm(random, seed);
  std::string name = "random_folding_" + std::to_string(seed);
  ASSERT_TRUE(writeRnn(choice, name + ".onnx"));
  driver::HardwareOptions hardware;
  hardware.contexts = random() % 2 ? 1 : pick(2, 5);
  hardware.statePorts = random() % 2;
  const char *impls[] = {"lut", "dsp", "dsp_packed"};
  std::unique_ptr<Network> network;
  std::string folding;
  for (int attempt = 0; attempt < 40 && !network; ++attempt) {
    int units = pick(1, choice.hidden), lanes = pick(1, units);
    int simd = lanes * pick(1, 3);
    folding = R"({"scan_0.mvu": {"pe": )" + std::to_string(4 * units) +
              R"(, "simd": )" + std::to_string(simd) + R"(, "impl": ")" +
              impls[random() % 3] + R"("}, "scan_0.tail": {"pe": )" +
              std::to_string(lanes) + "}}";
    network = Network::compile(name, name + ".onnx", hardware, folding,
                               /*allowRefusal=*/true);
  }
  ASSERT_TRUE(network) << choice.describe();
  SCOPED_TRACE(name + ": " + choice.describe() + ", " + folding);
  std::printf("%s: %s; %s\n", name.c_str(), choice.describe().c_str(),
              folding.c_str());
  if (hardware.contexts > 1 || hardware.statePorts)
    network->checkContexts(hardware.contexts, /*seeds=*/2);
  else
    network->check(/*packets=*/2, /*seeds=*/2);
}

TEST(RandomNetwork, AnyFoldingIsBitExactAndAsScheduled) {
  for (int i = 0; i < cases(); ++i)
    runFolding(unsigned(i));
}

TEST(RandomNetwork, BitExactWithinBudgetAsScheduled) {
  for (int i = 0; i < cases(); ++i)
    runCase(unsigned(i));
}

} // namespace
