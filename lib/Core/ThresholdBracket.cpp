//===- ThresholdBracket.cpp - Deciding thresholds without reading them ----===//
//
// A quantiser on one or two scales has thresholds that are evenly spaced but
// for rounding. Searching them costs 8 dependent loads for 8 bits and a table
// larger than the cache; two lines cost a product and two shifts.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#include "finngl/Core/Number.h"
#include <algorithm>

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

/// The tightest lines of slope p / 2^k around one row: the upper one has passed
/// level j + 1 at threshold j, the lower one has not just before it.
static void enclose(ThresholdBracket &bracket, std::span<const int64_t> row,
                    int64_t lo, int64_t hi) {
  int64_t low = INT64_MAX, high = INT64_MIN;
  for (size_t j = 0; j < row.size(); ++j) {
    int64_t level = int64_t(j + 1) << bracket.k;
    if (row[j] <= hi) {
      int64_t at = std::max(row[j], lo) >> bracket.shift;
      high = std::max(high, level - bracket.p * at);
    }
    if (row[j] > lo) {
      int64_t before = std::min(row[j] - 1, hi) >> bracket.shift;
      low = std::min(low, level - 1 - bracket.p * before);
    }
  }
  // No threshold within the range: the count is 0 or all of them.
  int64_t end = int64_t(row.size() + 1) << bracket.k;
  int64_t reach =
      bracket.p * std::max(-(lo >> bracket.shift), hi >> bracket.shift);
  bracket.low.push_back(low == INT64_MAX ? end + reach : low);
  bracket.high.push_back(high == INT64_MIN ? -end - reach : high);
}

std::optional<ThresholdBracket>
kernels::makeBracket(const ThresholdConstants &constants, int64_t lo,
                     int64_t hi) {
  size_t rows = constants.perChannel ? constants.channels : 1;
  auto rowAt = [&](size_t row) {
    return std::span(constants.thresholds)
        .subspan(row * constants.count, constants.count);
  };
  double distance = 0;
  for (size_t row = 0; row < rows && constants.count; ++row)
    distance = std::max(distance, meanDistance(rowAt(row), lo, hi));
  if (distance <= 0)
    return std::nullopt;
  ThresholdBracket bracket;
  unsigned width = bitWidthFor(toInteger(lo), toInteger(hi), true);
  bracket.shift = width > 31 ? width - 31 : 0;
  distance /= double(int64_t(1) << bracket.shift);
  // p of 20 to 28 bits; level * 2^k and p * x stay below 2^60.
  while (bracket.k < 60 &&
         double(int64_t(2) << bracket.k) / distance < 0x1p28 &&
         (int64_t(constants.count + 2) << (bracket.k + 1)) < int64_t(1) << 59)
    ++bracket.k;
  bracket.p = int32_t(double(int64_t(1) << bracket.k) / distance);
  if (bracket.p < 1)
    return std::nullopt;
  int64_t gaps = 0, unit = int64_t(1) << bracket.k;
  for (size_t ch = 0; ch < constants.channels; ++ch) {
    enclose(bracket, rowAt(rows == 1 ? 0 : ch), lo, hi);
    gaps +=
        std::clamp<int64_t>(bracket.high[ch] - bracket.low[ch], 0, unit) >> 8;
  }
  // A row that is searched costs more than one that was not tried by lines.
  if (gaps > (unit >> 8) / 8)
    return std::nullopt;
  return bracket;
}
