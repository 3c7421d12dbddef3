//===- CalibrationTest.cpp - Scales from recorded values ------------------===//

#include "finngl/Core/Calibration.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace finngl;

static ScaleChoice by(CalibrationMethod method) {
  ScaleChoice choice;
  choice.method = method;
  return choice;
}

TEST(ValueSampleTest, KeepsExtremesAndAUniformSample) {
  ValueSample sample, same;
  constexpr int kCount = 200000;
  for (int i = 0; i < kCount; ++i) {
    sample.add(float(i));
    same.add(float(i));
  }
  EXPECT_EQ(sample.least(), 0.0f);
  EXPECT_EQ(sample.most(), float(kCount - 1));
  ASSERT_EQ(sample.values().size(), ValueSample::kCapacity);
  EXPECT_TRUE(std::equal(sample.values().begin(), sample.values().end(),
                         same.values().begin()));
  // Each quarter of the stream has a quarter of the places, give or take ten
  // standard deviations.
  int quarters[4] = {};
  for (float value : sample.values())
    ++quarters[int(value) * 4 / kCount];
  for (int count : quarters)
    EXPECT_NEAR(count, int(ValueSample::kCapacity) / 4, 560);
}

TEST(CodeRangeTest, BitWidths) {
  EXPECT_EQ(codeRange(6, true).lo, -32);
  EXPECT_EQ(codeRange(6, true).hi, 31);
  EXPECT_EQ(codeRange(8, true, /*narrow=*/true).lo, -127);
  EXPECT_EQ(codeRange(6, false).lo, 0);
  EXPECT_EQ(codeRange(6, false).hi, 63);
}

TEST(ChooseScaleTest, MinMaxCoversBothEnds) {
  float values[] = {-4.0f, 1.0f, 3.0f};
  CodeRange range = codeRange(4, true);
  double scale = chooseScale(values, -4.0f, 3.0f, range, Response::Identity,
                             by(CalibrationMethod::MinMax));
  EXPECT_EQ(scale, 0.5); // -8 codes below zero, 7 above: 4 / 8 > 3 / 7
}

TEST(ChooseScaleTest, PercentileLeavesTheOutlierOut) {
  std::vector<float> values(999, 1.0f);
  values.push_back(100.0f);
  ScaleChoice choice = by(CalibrationMethod::Percentile);
  choice.percentile = 99.0;
  EXPECT_EQ(chooseScale(values, 1.0f, 100.0f, codeRange(4, false),
                        Response::Identity, choice),
            1.0 / 15);
}

TEST(ChooseScaleTest, LeastErrorIsNotBeatenByTheOtherMethods) {
  std::vector<float> values;
  for (int i = 1; i < 1000; ++i) // long tail
    values.push_back(std::pow(std::sin(float(i)), 9.0f) * 10.0f);
  CodeRange range = codeRange(4, true);
  auto errorBy = [&](CalibrationMethod method) {
    double scale = chooseScale(values, -10.0f, 10.0f, range, Response::Identity,
                               by(method));
    return quantisationError(values, scale, range, Response::Identity);
  };
  double best = errorBy(CalibrationMethod::Mse);
  EXPECT_LT(best, errorBy(CalibrationMethod::MinMax));
  EXPECT_LE(best, errorBy(CalibrationMethod::Percentile));
}

TEST(ChooseScaleTest, SaturatingReadersAllowClamping) {
  std::vector<float> values;
  for (int i = -200; i <= 200; ++i)
    values.push_back(float(i) / 10.0f); // tanh is flat beyond 3
  CodeRange range = codeRange(6, true);
  auto choose = [&](Response response) {
    return chooseScale(values, -20.0f, 20.0f, range, response,
                       by(CalibrationMethod::Mse));
  };
  EXPECT_LT(choose(Response::Tanh), 0.5 * choose(Response::Identity));
}

TEST(ChooseScaleTest, ZerosHaveAScale) {
  std::vector<float> zeros(10, 0.0f);
  for (auto method : {CalibrationMethod::MinMax, CalibrationMethod::Percentile,
                      CalibrationMethod::Mse})
    EXPECT_EQ(chooseScale(zeros, 0.0f, 0.0f, codeRange(8, true),
                          Response::Identity, by(method)),
              1.0);
}
