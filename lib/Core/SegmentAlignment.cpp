//===- SegmentAlignment.cpp - Channels lined up break by break ------------===//

#include "SegmentAlignment.h"
#include <algorithm>
#include <limits>

using namespace finngl;

namespace {

std::vector<int64_t> valuesOf(const StepFunction &f) {
  std::vector<int64_t> result = {f.first};
  for (const Step &step : f.steps)
    result.push_back(step.value);
  return result;
}

/// Where `part` stands in `whole`, if in exactly one place.
std::optional<size_t> uniqueStretch(const std::vector<int64_t> &whole,
                                    const std::vector<int64_t> &part) {
  auto find = [&](auto from) {
    return std::search(from, whole.end(), part.begin(), part.end());
  };
  auto found = find(whole.begin());
  if (found == whole.end() || find(std::next(found)) != whole.end())
    return std::nullopt;
  return found - whole.begin();
}

/// All values of the channels in the order in which they are met.
std::vector<int64_t> commonValues(std::span<const StepFunction> channels,
                                  bool rising, bool falling) {
  std::vector<int64_t> result;
  for (const StepFunction &f : channels) {
    std::vector<int64_t> values = valuesOf(f);
    if (rising || falling)
      result.insert(result.end(), values.begin(), values.end());
    else if (values.size() > result.size())
      result = std::move(values);
  }
  if (rising || falling) {
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    if (!rising)
      std::reverse(result.begin(), result.end());
  }
  return result;
}

/// `positions` are those of f's values among all values.
std::vector<Neighbours> neighboursOf(const StepFunction &f,
                                     const std::vector<size_t> &positions,
                                     size_t breaks) {
  std::vector<Neighbours> result;
  size_t step = 0;
  for (size_t j = 0; j < breaks; ++j) {
    while (step < positions.size() && positions[step] <= j)
      ++step;
    // positions[step] is the first value behind break j.
    if (step == 0)
      result.push_back({std::nullopt, f.aMin});
    else if (step == positions.size())
      result.push_back({f.aMax, std::nullopt});
    else
      result.push_back({f.steps[step - 1].at - 1, f.steps[step - 1].at});
  }
  return result;
}

} // namespace

std::optional<Alignment> finngl::align(std::span<const StepFunction> channels) {
  bool rising = std::all_of(channels.begin(), channels.end(), isNonDecreasing);
  bool falling = std::all_of(channels.begin(), channels.end(), isNonIncreasing);
  Alignment result{commonValues(channels, rising, falling), {}};
  for (const StepFunction &f : channels) {
    std::vector<int64_t> values = valuesOf(f);
    std::vector<size_t> positions;
    auto stretch =
        rising || falling ? std::nullopt : uniqueStretch(result.values, values);
    if (!rising && !falling && !stretch)
      return std::nullopt;
    for (size_t i = 0; i < values.size(); ++i)
      positions.push_back(stretch ? *stretch + i
                                  : std::find(result.values.begin(),
                                              result.values.end(), values[i]) -
                                        result.values.begin());
    result.channels.push_back(neighboursOf(f, positions, result.breaks()));
  }
  return result;
}

Alignment finngl::align(const LinearThresholds &thresholds) {
  Alignment result;
  size_t levels = thresholds.slack[0].size();
  for (const auto &row : thresholds.slack) {
    result.channels.emplace_back();
    for (auto [lowest, highest] : row) {
      Neighbours place;
      if (lowest != std::numeric_limits<int64_t>::min())
        place.before = lowest - 1;
      if (highest != std::numeric_limits<int64_t>::max())
        place.behind = highest;
      result.channels.back().push_back(place);
    }
  }
  // Levels that all channels always (or never) reach are no breaks.
  auto allOf = [&](size_t level, auto side) {
    return std::none_of(
        result.channels.begin(), result.channels.end(),
        [&](const auto &row) { return (row[level].*side).has_value(); });
  };
  size_t begin = 0, end = levels;
  while (begin < end && allOf(begin, &Neighbours::before))
    ++begin;
  while (end > begin && allOf(end - 1, &Neighbours::behind))
    --end;
  for (auto &row : result.channels)
    row = {row.begin() + begin, row.begin() + end};
  for (size_t level = begin; level <= end; ++level)
    result.values.push_back(thresholds.lo + int64_t(level));
  return result;
}
