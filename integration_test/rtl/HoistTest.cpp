//===- HoistTest.cpp - Products of scan inputs before their scan ----------===//
//
// finn-hoist-input-products changes no code at level int, and its hardware is
// that of the network without the pass, bit for bit.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "RandomCell.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::test;
namespace fs = std::filesystem;

namespace {

int64_t productsInScans(mlir::ModuleOp module) {
  int64_t count = 0;
  module.walk([&](finn::MatMulOp product) {
    count += mlir::isa<finn::ScanOp>(product->getParentOp());
  });
  return count;
}

/// Level int before and after the pass on random codes; the number of products
/// that left their scan.
int64_t checkCodes(driver::Model &model) {
  mlir::OwningOpRef<mlir::ModuleOp> hoisted = model.finnModule().clone();
  mlir::PassManager passes(model.context());
  auto &ofFunction = passes.nest<mlir::func::FuncOp>();
  ofFunction.addPass(finn::createHoistInputProducts());
  ofFunction.addPass(finn::createVerifyInteger());
  EXPECT_TRUE(mlir::succeeded(passes.run(*hoisted))) << model.name();
  auto before = model.buildPlan();
  auto after = Plan::build(hoisted->lookupSymbol<mlir::func::FuncOp>("main"));
  if (!before || !after) {
    ADD_FAILURE() << model.name() << ": no plan";
    return 0;
  }
  std::mt19937 random{11};
  for (int round = 0; round < 20; ++round) {
    std::vector<CodeTensor> inputs = randomCodes(*before, random);
    std::string error;
    auto want = before->run(inputs, error), got = after->run(inputs, error);
    EXPECT_TRUE(want && got) << model.name() << ": " << error;
    for (size_t o = 0; want && got && o < want->size(); ++o)
      EXPECT_EQ((*got)[o].data, (*want)[o].data)
          << model.name() << ", output " << o;
  }
  return productsInScans(model.finnModule()) - productsInScans(*hoisted);
}

/// Eight products of an LSTM, four of them of the input; six and three of a
/// GRU.
TEST(HoistLevels, FixturesKeepTheirCodes) {
  for (auto [name, hoisted] :
       {std::pair{"a01_lstm_w8a8", 4}, std::pair{"fsdd_lstm_w8a6", 4},
        std::pair{"a11_lstm_bidirectional", 8},
        std::pair{"d02_gru_reset_before_row", 3}}) {
    driver::Model model;
    ASSERT_TRUE(
        model.open(std::string(FINNGL_FIXTURES "/") + name + "/model.onnx"));
    model.takeDefaultShapes();
    ASSERT_TRUE(model.toFinn());
    EXPECT_EQ(checkCodes(model), hoisted) << name;
  }
}

TEST(HoistLevels, ReferenceModelsKeepTheirCodes) {
  const char *folder = std::getenv("FINNGL_MODELS");
  if (!folder)
    GTEST_SKIP() << "FINNGL_MODELS names no folder with reference models";
  for (const char *name : {"a03_lstm_mixed", "d01_gru_reset_after_row"}) {
    driver::Model model;
    ASSERT_TRUE(model.open((fs::path(folder) / name / "model.onnx").string()));
    model.takeDefaultShapes();
    ASSERT_TRUE(model.toFinn());
    EXPECT_GT(checkCodes(model), 0) << name;
  }
}

TEST(HoistLevels, RandomCellsKeepTheirCodes) {
  int64_t changed = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    fs::path folder = "hoist_cell_" + std::to_string(seed);
    fs::create_directories(folder);
    ASSERT_TRUE(randomCell(seed).write(folder / "model.onnx"));
    driver::Model model;
    ASSERT_TRUE(model.open((folder / "model.onnx").string()));
    if (model.toFinn()) // else refused, which is no news here
      changed += checkCodes(model) > 0;
    fs::remove_all(folder);
  }
  EXPECT_GE(changed, 10);
}

struct Case {
  const char *name, *model;
  std::map<std::string, int64_t> budget;
};

// fsdd, d02: W*x and U*h of unrelated scales, two coefficients in a gate's sum.
// d02: the product of r * h stays. a11: one direction is reversed.
const Case kCases[] = {
    {"lstm", "a01_lstm_w8a8", {{"lut", 8000}, {"dsp", 48}}},
    {"lstm_two_scales", "fsdd_lstm_w8a6", {{"lut", 40000}, {"dsp", 160}}},
    {"gru_two_scales",
     "d02_gru_reset_before_row",
     {{"lut", 8000}, {"dsp", 16}}},
    {"bidirectional", "a11_lstm_bidirectional", {{"lut", 30000}, {"dsp", 60}}},
};

class Hoist : public ::testing::TestWithParam<Case> {};

nlohmann::json reportOf(const std::string &directory) {
  std::ifstream file(directory + "/report.json");
  return nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
}

/// One MVU before each scan holds the rows of all gates.
TEST_P(Hoist, BitExactAndAsScheduled) {
  std::string name = GetParam().name;
  driver::CompileOptions options;
  options.model =
      std::string(FINNGL_FIXTURES "/") + GetParam().model + "/model.onnx";
  options.output = "whole_" + name;
  options.hardware.budget = GetParam().budget;
  ASSERT_EQ(driver::compile(options), driver::Good);
  options.hardware.hoistInputProducts = true;
  auto network =
      Network::compile("hoisted_" + name, options.model, options.hardware);
  ASSERT_TRUE(network);
  network->check(/*packets=*/3, /*seeds=*/3);
  auto before = reportOf("whole_" + name), after = reportOf("hoisted_" + name);
  size_t scans = std::ranges::count_if(before["regions"], [](auto &region) {
    return std::string(region["name"]).starts_with("scan");
  });
  EXPECT_EQ(after["regions"].size(), before["regions"].size() + scans);
  for (const auto &[what, r] : {std::pair{"whole", before}, {"hoisted", after}})
    std::printf("%s, %s: %d cycles a step, latency %d, %d LUT, %d DSP\n",
                GetParam().name, what, r["cycles"]["per_step"].get<int>(),
                r["cycles"]["latency"].get<int>(),
                r["resources"]["lut"].get<int>(),
                r["resources"]["dsp"].get<int>());
}

/// Streams between regions carry the context of each step.
TEST(HoistContexts, PacketsContinueAndMoveBitExact) {
  driver::HardwareOptions hardware;
  hardware.hoistInputProducts = hardware.statePorts = true;
  hardware.contexts = 3;
  auto network =
      Network::compile("hoisted_contexts",
                       FINNGL_FIXTURES "/a04_lstm_w4a4/model.onnx", hardware);
  ASSERT_TRUE(network);
  network->checkContexts(/*contexts=*/3, /*seeds=*/3);
}

INSTANTIATE_TEST_SUITE_P(Cases, Hoist, ::testing::ValuesIn(kCases),
                         [](const auto &info) { return info.param.name; });

} // namespace
