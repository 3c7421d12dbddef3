//===- Staircase.cpp - Step functions as threshold counts -----------------===//

#include "Staircase.h"
#include <algorithm>

namespace finngl::to_onnx {

/// Rows of equal length; there is at least one threshold.
static void pad(std::vector<std::vector<int64_t>> &rows, size_t least,
                int64_t never) {
  size_t longest = least;
  for (const auto &row : rows)
    longest = std::max(longest, row.size());
  for (auto &row : rows)
    row.resize(longest, never);
}

Staircase::Staircase(const std::vector<StepFunction> &channels) {
  bias = channels.front().first;
  int64_t never = channels.front().aMax + 1;
  for (const StepFunction &function : channels) {
    bias = std::min(bias, function.first);
    never = std::max(never, function.aMax + 1);
  }
  for (const StepFunction &function : channels) {
    auto &rise = up.emplace_back(), &fall = down.emplace_back();
    // The bias is common; what a channel starts above it is always reached.
    rise.assign(size_t(function.first - bias), function.aMin);
    int64_t value = function.first;
    for (const Step &step : function.steps) {
      auto &row = step.value > value ? rise : fall;
      row.insert(row.end(), size_t(std::abs(step.value - value)), step.at);
      value = step.value;
    }
  }
  pad(up, 1, never);
  pad(down, 0, never);
}

} // namespace finngl::to_onnx
