//===- RawInputTest.cpp - compile --input NAME:siN:SCALE[:OFFSET] ---------===//
//
// A graph input that comes as raw integers: the network is the model's own on
// raw * scale + offset, and its hardware is exact.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

/// Of the compiled directory or the model; its level int.
std::optional<Plan> planOf(driver::Model &model, const std::string &path) {
  return model.open(path) && model.toFinn() ? model.buildPlan() : std::nullopt;
}

/// Products and sums of these are exact in float32.
constexpr float kScale = 0.0625f, kOffset = -1.5f;

class RawInput
    : public ::testing::TestWithParam<std::pair<const char *, const char *>> {};

TEST_P(RawInput, IsTheModelOnScaledIntegers) {
  auto [fixture, input] = GetParam();
  std::string path = std::string(FINNGL_FIXTURES "/") + fixture + "/model.onnx";
  driver::HardwareOptions hardware;
  hardware.inputs = {std::string(input) + ":si9:0.0625:-1.5"};
  auto network =
      Network::compile(std::string("raw_") + fixture, path, hardware);
  ASSERT_TRUE(network);
  network->check(/*packets=*/2, /*seeds=*/2);

  driver::Model model;
  std::optional<Plan> plain = planOf(model, path);
  ASSERT_TRUE(plain);
  std::mt19937 random(3);
  FloatTensor raw{network->plan->inputs()[0].onnxShape, {}}, real = raw;
  for (int64_t i = 0; i < raw.elements(); ++i) {
    raw.data.push_back(float(int(random() % 512) - 256));
    real.data.push_back(raw.data.back() * kScale + kOffset);
  }
  std::string error;
  auto rawCodes = network->plan->encode(raw, 0, error),
       realCodes = plain->encode(real, 0, error);
  ASSERT_TRUE(rawCodes && realCodes) << error;
  auto got = network->plan->run(std::span(&*rawCodes, 1), error),
       wanted = plain->run(std::span(&*realCodes, 1), error);
  ASSERT_TRUE(got && wanted) << error;
  EXPECT_EQ((*got)[0].data, (*wanted)[0].data);

  // No float stands for a neighbouring integer.
  raw.data[3] = 0.5f;
  EXPECT_FALSE(network->plan->encode(raw, 0, error));
  EXPECT_NE(error.find("is the value of no code"), std::string::npos) << error;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RawInput,
    ::testing::Values(std::pair("e02_convlstm1d_folded_qcdq_scan", "book"),
                      std::pair("fsdd_lstm_w8a6", "frames")),
    [](const auto &info) { return std::string(info.param.first); });

} // namespace
