//===- StepFunction.cpp - Piecewise constant integer functions ------------===//

#include "finngl/Core/StepFunction.h"
#include <algorithm>
#include <cassert>

using namespace finngl;

void StepFunction::append(int64_t at, int64_t value) {
  assert(aMin < at && at <= aMax && "step outside of the domain");
  if (!steps.empty() && steps.back().at == at)
    steps.pop_back();
  assert((steps.empty() || steps.back().at < at) && "steps out of order");
  if (last() != value)
    steps.push_back({at, value});
}

/// The first step behind a.
static std::vector<Step>::const_iterator stepAfter(const StepFunction &function,
                                                   int64_t a) {
  return std::upper_bound(
      function.steps.begin(), function.steps.end(), a,
      [](int64_t place, const Step &step) { return place < step.at; });
}

int64_t finngl::evaluate(const StepFunction &function, int64_t a) {
  assert(function.aMin <= a && a <= function.aMax && "outside of the domain");
  auto next = stepAfter(function, a);
  return next == function.steps.begin() ? function.first
                                        : std::prev(next)->value;
}

StepFunction finngl::compose(const StepFunction &function,
                             std::span<const int64_t> table,
                             int64_t tableFirst) {
  auto lookUp = [&](int64_t value) {
    assert(value >= tableFirst && size_t(value - tableFirst) < table.size() &&
           "outside of the table");
    return table[value - tableFirst];
  };
  StepFunction result{function.aMin, function.aMax, lookUp(function.first), {}};
  for (const Step &step : function.steps)
    result.append(step.at, lookUp(step.value));
  return result;
}

StepFunction finngl::mirror(const StepFunction &function) {
  StepFunction result{-function.aMax, -function.aMin, function.last(), {}};
  for (size_t i = function.steps.size(); i-- > 0;)
    result.append(1 - function.steps[i].at,
                  i == 0 ? function.first : function.steps[i - 1].value);
  return result;
}

StepFunction finngl::restrict(const StepFunction &function, int64_t aMin,
                              int64_t aMax) {
  assert(aMin <= aMax && "empty part");
  StepFunction result{aMin, aMax, evaluate(function, aMin), {}};
  for (auto step = stepAfter(function, aMin);
       step != function.steps.end() && step->at <= aMax; ++step)
    result.append(step->at, step->value);
  return result;
}

template <typename Order>
static bool isOrdered(const StepFunction &function, Order inOrder) {
  int64_t previous = function.first;
  for (const Step &step : function.steps) {
    if (!inOrder(previous, step.value))
      return false;
    previous = step.value;
  }
  return true;
}

bool finngl::isNonDecreasing(const StepFunction &function) {
  return isOrdered(function, std::less<int64_t>());
}

bool finngl::isNonIncreasing(const StepFunction &function) {
  return isOrdered(function, std::greater<int64_t>());
}

std::optional<int64_t> finngl::thresholdOf(const StepFunction &function,
                                           int64_t level) {
  if (function.first >= level)
    return function.aMin;
  auto step = std::lower_bound(
      function.steps.begin(), function.steps.end(), level,
      [](const Step &step, int64_t value) { return step.value < value; });
  if (step == function.steps.end())
    return std::nullopt;
  return step->at;
}

std::optional<std::vector<int64_t>>
finngl::multiThresholds(const StepFunction &function, int64_t lo, int64_t hi) {
  if (!isNonDecreasing(function) || function.first < lo || function.last() > hi)
    return std::nullopt;
  std::vector<int64_t> thresholds;
  thresholds.reserve(hi - lo);
  for (int64_t level = lo + 1; level <= hi; ++level)
    thresholds.push_back(
        thresholdOf(function, level).value_or(function.aMax + 1));
  return thresholds;
}
