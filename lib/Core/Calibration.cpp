//===- Calibration.cpp - Scales from recorded values ----------------------===//

#include "finngl/Core/Calibration.h"
#include <algorithm>
#include <cmath>

using namespace finngl;

/// splitmix64: good enough to choose what to keep, and the same everywhere.
static uint64_t nextRandom(uint64_t &state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void ValueSample::add(float value) {
  lowest = seen ? std::min(lowest, value) : value;
  highest = seen ? std::max(highest, value) : value;
  ++seen;
  if (kept.size() < kCapacity) {
    kept.push_back(value);
    return;
  }
  // Reservoir: the n-th value stays with probability capacity / n.
  uint64_t place = nextRandom(random) % seen;
  if (place < kCapacity)
    kept[place] = value;
}

std::optional<CalibrationMethod>
finngl::parseCalibration(std::string_view name) {
  if (name == "minmax")
    return CalibrationMethod::MinMax;
  if (name == "percentile")
    return CalibrationMethod::Percentile;
  if (name == "mse")
    return CalibrationMethod::Mse;
  return std::nullopt;
}

CodeRange finngl::codeRange(unsigned bits, bool isSigned, bool narrow) {
  if (!isSigned)
    return {0, (int64_t(1) << bits) - 1};
  int64_t half = int64_t(1) << (bits - 1);
  return {narrow ? 1 - half : -half, half - 1};
}

double finngl::respond(double x, Response response) {
  switch (response) {
  case Response::Identity:
    return x;
  case Response::Sigmoid:
    return 1.0 / (1.0 + std::exp(-x));
  case Response::Tanh:
    return std::tanh(x);
  }
  return x;
}

static std::vector<double> responses(std::span<const float> values,
                                     Response response) {
  std::vector<double> result;
  result.reserve(values.size());
  for (float value : values)
    result.push_back(respond(value, response));
  return result;
}

/// quantisationError with the responses of the values at hand.
static double errorOf(std::span<const float> values,
                      std::span<const double> wanted, double scale,
                      CodeRange range, Response response) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double code = std::clamp(std::nearbyint(values[i] / scale),
                             double(range.lo), double(range.hi));
    double error = respond(code * scale, response) - wanted[i];
    sum += error * error;
  }
  return values.empty() ? 0.0 : sum / double(values.size());
}

double finngl::quantisationError(std::span<const float> values, double scale,
                                 CodeRange range, Response response) {
  return errorOf(values, responses(values, response), scale, range, response);
}

double finngl::signalPower(std::span<const float> values, Response response) {
  if (values.empty())
    return 0.0;
  double sum = 0, squares = 0;
  for (double value : responses(values, response)) {
    sum += value;
    squares += value * value;
  }
  double mean = sum / double(values.size());
  return std::max(squares / double(values.size()) - mean * mean, 0.0);
}

/// Smallest scale at which [least, most] is not clamped.
static double coveringScale(double least, double most, CodeRange range) {
  double scale = std::max(most, 0.0) / double(range.hi);
  if (range.lo < 0)
    scale = std::max(scale, std::max(-least, 0.0) / double(-range.lo));
  return scale;
}

static double percentileScale(std::span<const float> values, double percentile,
                              CodeRange range) {
  std::vector<double> scales;
  for (float value : values)
    scales.push_back(coveringScale(value, value, range));
  auto place = scales.begin() +
               std::ptrdiff_t(percentile / 100.0 * double(scales.size() - 1));
  std::nth_element(scales.begin(), place, scales.end());
  return *place;
}

/// The best of a geometric row of scales below the covering one.
static double leastErrorScale(std::span<const float> values, double covering,
                              CodeRange range, Response response) {
  constexpr unsigned kTries = 128;
  constexpr double kStep = 0.97; // the last try clips at 2 % of the extreme
  std::vector<double> wanted = responses(values, response);
  double best = covering, bestError = INFINITY, scale = covering;
  for (unsigned i = 0; i < kTries; ++i, scale *= kStep) {
    double error = errorOf(values, wanted, scale, range, response);
    if (error < bestError) {
      best = scale;
      bestError = error;
    }
  }
  return best;
}

double finngl::chooseScale(std::span<const float> values, float least,
                           float most, CodeRange range, Response response,
                           const ScaleChoice &choice) {
  double covering = coveringScale(least, most, range), scale = covering;
  if (covering > 0 && choice.method == CalibrationMethod::Percentile)
    scale = percentileScale(values, choice.percentile, range);
  else if (covering > 0 && choice.method == CalibrationMethod::Mse)
    scale = leastErrorScale(values, covering, range, response);
  // Most values may be zero: their percentile says nothing then.
  if (scale <= 0)
    scale = covering;
  // Scales are float32, and a subnormal one would lose its precision.
  return scale < 0x1p-100 ? 1.0 : scale;
}
