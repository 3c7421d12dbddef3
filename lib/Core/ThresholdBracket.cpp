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

/// Mean distance of a row's reachable thresholds; 0 if there are not two.
static double meanDistance(std::span<const int64_t> row, int64_t lo,
                           int64_t hi) {
  auto first = std::upper_bound(row.begin(), row.end(), lo);
  auto last = std::upper_bound(first, row.end(), hi);
  if (last - first < 2)
    return 0.0;
  return (double(*(last - 1)) - double(*first)) / double(last - first - 1);
}

/// The tightest lines around one row: the upper one has passed level j + 1 at
/// threshold j, the lower one has not just before it. `margin` is more than all
/// that doubles round here and in the kernel.
static void enclose(ThresholdBracket &bracket, std::span<const int64_t> row,
                    int64_t lo, int64_t hi, double slope, double margin) {
  constexpr double none = std::numeric_limits<double>::infinity();
  double low = none, high = -none;
  for (size_t j = 0; j < row.size(); ++j) {
    double level = double(j + 1);
    if (row[j] <= hi)
      high = std::max(high, level - slope * double(std::max(row[j], lo)));
    if (row[j] > lo)
      low = std::min(low, level - slope * double(std::min(row[j] - 1, hi)));
  }
  // No threshold within the range: the count is 0 or all of them.
  double end = double(row.size() + 1);
  double reach = slope * std::max(-double(lo), double(hi));
  bracket.low.push_back((low == none ? end + reach : low) - margin);
  bracket.high.push_back((high == -none ? -end - reach : high) + margin);
}

/// Every number on the way is less than `largest`: products, their sums and the
/// lines' constants. None is the result of more than 8 roundings, so all errors
/// together are less than largest * 2^-48, the margin.
std::optional<ThresholdBracket>
kernels::makeBracket(const ThresholdConstants &constants, int64_t lo,
                     int64_t hi, const double (&magnitude)[2]) {
  size_t rows = constants.perChannel ? constants.channels : 1;
  auto rowAt = [&](size_t row) {
    return std::span(constants.thresholds)
        .subspan(row * constants.count, constants.count);
  };
  double distance = 0;
  for (size_t row = 0; row < rows && constants.count; ++row)
    distance = std::max(distance, meanDistance(rowAt(row), lo, hi));
  constexpr int64_t most = 1 << 30; // the kernel counts in 32 bits
  if (distance <= 0 || int64_t(constants.count) > most ||
      std::max(constants.bias, -constants.bias) > most)
    return std::nullopt;
  ThresholdBracket bracket;
  double slope = 1 / distance, sum = std::max(-double(lo), double(hi));
  for (size_t i = 0; i < 2; ++i) {
    bracket.slope[i] = slope * double(constants.coefficient[i]);
    sum += std::fabs(double(constants.coefficient[i])) * magnitude[i];
  }
  for (int64_t offset : constants.offset)
    sum = std::max(sum, 2 * std::fabs(double(offset)));
  double largest = 4 * (slope * sum + double(constants.count) + 2);
  double gaps = 0;
  for (size_t ch = 0; ch < constants.channels; ++ch) {
    enclose(bracket, rowAt(rows == 1 ? 0 : ch), lo, hi, slope,
            largest * 0x1p-48);
    gaps += std::clamp(bracket.high[ch] - bracket.low[ch], 0.0, 1.0);
    if (!constants.offset.empty()) {
      bracket.low[ch] += slope * double(constants.offset[ch]);
      bracket.high[ch] += slope * double(constants.offset[ch]);
    }
  }
  // A row that is searched costs more than one that was not tried by lines.
  if (gaps > 1.0 / 8)
    return std::nullopt;
  return bracket;
}
