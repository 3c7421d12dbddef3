//===- RandomNetworkTest.cpp - Random sizes, widths and budgets -----------===//
//
// FINNGL_RANDOM_CASES sets how many (3); case i is the same in every run.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "RandomLstm.h"
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

/// A random model; a budget that is doubled until compile accepts it.
void runCase(unsigned seed) {
  std::mt19937 random(1000 + seed);
  auto pick = [&](int lo, int hi) {
    return lo + int(random() % (hi - lo + 1));
  };
  LstmChoice choice;
  choice.hidden = pick(2, 24);
  choice.input = pick(1, 16);
  choice.steps = pick(3, 20);
  choice.activationBits = pick(3, 8);
  choice.weightBits = pick(2, 8);
  choice.sharedScale = random() % 2;
  choice.seed = seed;
  std::string name = "random_" + std::to_string(seed);
  SCOPED_TRACE(name + ": " + choice.describe());
  ASSERT_TRUE(writeLstm(choice, name + ".onnx"));
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

TEST(RandomNetwork, BitExactWithinBudgetAsScheduled) {
  for (int i = 0; i < cases(); ++i)
    runCase(unsigned(i));
}

} // namespace
