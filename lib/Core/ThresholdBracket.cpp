//===- ThresholdBracket.cpp - Deciding thresholds without reading them ----===//
//
// A quantiser on one or two scales has thresholds that are evenly spaced but
// for rounding. Searching them costs 8 dependent loads for 8 bits and a table
// larger than the cache; two lines cost a product and a sum each.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace finngl;
using namespace finngl::kernels;

static std::span<const int64_t> rowAt(const ThresholdConstants &constants,
                                      size_t channel) {
  size_t row = constants.perChannel ? channel : 0;
  return std::span(constants.thresholds)
      .subspan(row * constants.count, constants.count);
}

/// Mean distance of a row's reachable thresholds; 0 if there are not two.
static double meanDistance(std::span<const int64_t> row, int64_t lo,
                           int64_t hi) {
  auto first = std::upper_bound(row.begin(), row.end(), lo);
  auto last = std::upper_bound(first, row.end(), hi);
  if (last - first < 2)
    return 0.0;
  return (double(*(last - 1)) - double(*first)) / double(last - first - 1);
}

/// The tightest lines around one row, the upper one by its height above the
/// lower one: it has passed level j + 1 at threshold j, the lower one has not
/// just before it.
struct Row {
  double low, width;
};

static Row enclose(std::span<const int64_t> thresholds, int64_t lo, int64_t hi,
                   double slope) {
  constexpr double none = std::numeric_limits<double>::infinity();
  double low = none, high = -none;
  for (size_t j = 0; j < thresholds.size(); ++j) {
    double level = double(j + 1);
    if (thresholds[j] <= hi)
      high =
          std::max(high, level - slope * double(std::max(thresholds[j], lo)));
    if (thresholds[j] > lo)
      low = std::min(low,
                     level - slope * double(std::min(thresholds[j] - 1, hi)));
  }
  // Without a threshold above `lo` all are reached; without one up to `hi` none
  // is, which any line above the lower one says, too.
  double reach = slope * std::max(-double(lo), double(hi));
  if (low == none)
    low = double(thresholds.size() + 1) + reach;
  return {low, std::max(high - low, 0.0)};
}

/// Lines before they are rounded, and what no number on the way exceeds, in the
/// kernel and in this file.
struct Enclosure {
  double slope[2], width = 0, inKernel = 0, here = 0;
  std::vector<double> low;
};

/// No result is that of more than 8 roundings in the kernel, its constants'
/// included, and of 8 in this file: the margin is more than their errors.
template <typename Real> static Lines<Real> roundLines(const Enclosure &from) {
  constexpr double kernelUnit = std::numeric_limits<Real>::epsilon() / 2;
  constexpr double unit = std::numeric_limits<double>::epsilon() / 2;
  double margin = 10 * (kernelUnit * from.inKernel + unit * from.here);
  Lines<Real> lines;
  for (size_t i = 0; i < 2; ++i)
    lines.slope[i] = Real(from.slope[i]);
  lines.width = Real(from.width + 2 * margin);
  for (double low : from.low)
    lines.low.push_back(Real(low - margin));
  return lines;
}

static Enclosure encloseRows(const ThresholdConstants &constants, int64_t lo,
                             int64_t hi, const double (&magnitude)[2],
                             double slope) {
  Enclosure lines;
  double largest = 0, products = 0, sum = std::max(-double(lo), double(hi));
  for (size_t ch = 0; ch < constants.channels; ++ch) {
    Row row = enclose(rowAt(constants, ch), lo, hi, slope);
    lines.width = std::max(lines.width, row.width);
    double offset = constants.offset.empty() ? 0 : double(constants.offset[ch]);
    lines.low.push_back(row.low + slope * offset);
    largest = std::max(largest, std::fabs(lines.low.back()));
    sum = std::max(sum, std::fabs(offset));
  }
  for (size_t i = 0; i < 2; ++i) {
    double coefficient = double(constants.coefficient[i]);
    lines.slope[i] = slope * coefficient;
    products += std::fabs(coefficient) * magnitude[i];
  }
  lines.inKernel = slope * products + largest + lines.width + 2;
  lines.here = lines.inKernel + 2 * slope * sum + double(constants.count);
  return lines;
}

std::optional<ThresholdBracket>
kernels::makeBracket(const ThresholdConstants &constants, int64_t lo,
                     int64_t hi, const double (&magnitude)[2]) {
  double distance = 0;
  for (size_t ch = 0; ch < constants.channels && constants.count; ++ch)
    distance = std::max(distance, meanDistance(rowAt(constants, ch), lo, hi));
  constexpr int64_t most = 1 << 30; // the kernel counts in 32 bits
  if (distance <= 0 || int64_t(constants.count) > most ||
      std::max(constants.bias, -constants.bias) > most)
    return std::nullopt;
  Enclosure lines = encloseRows(constants, lo, hi, magnitude, 1 / distance);
  if (lines.inKernel > double(most))
    return std::nullopt;
  ThresholdBracket bracket;
  bracket.floats = roundLines<float>(lines);
  bracket.doubles = roundLines<double>(lines);
  // Where the lines differ, all of a group is looked at again: rare it must be
  // in floats to win, and not rare at all to be better than searches only.
  bracket.inFloats = bracket.floats.width < 1.0 / 128;
  if (!bracket.inFloats && bracket.doubles.width > 1.0 / 8)
    return std::nullopt;
  return bracket;
}
