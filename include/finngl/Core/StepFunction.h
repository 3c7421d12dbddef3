//===- StepFunction.h - Piecewise constant integer functions ----*- C++ -*-===//
//
// What a quantiser is once its input is an integer: a list of break points.
// Every hardware form (requant, segment table, MultiThreshold) is made from a
// step function and proved by comparing step functions.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_STEPFUNCTION_H
#define FINNGL_CORE_STEPFUNCTION_H

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace finngl {

/// From `at` on the function has `value`.
struct Step {
  int64_t at;
  int64_t value;
  friend bool operator==(const Step &, const Step &) = default;
};

/// `first` for aMin <= a < steps[0].at, then steps[i].value from steps[i].at
/// on. Invariant: aMin < steps[0].at < ... <= aMax and neighbouring values
/// differ, so equal functions on one domain have equal representations.
struct StepFunction {
  int64_t aMin = 0, aMax = 0;
  int64_t first = 0;
  std::vector<Step> steps;

  int64_t last() const { return steps.empty() ? first : steps.back().value; }
  /// Appends a step at a place not below the last one: replaces a step at the
  /// same place, drops one that changes nothing. Keeps the invariant.
  void append(int64_t at, int64_t value);
  friend bool operator==(const StepFunction &, const StepFunction &) = default;
};

/// Requires aMin <= a <= aMax.
int64_t evaluate(const StepFunction &function, int64_t a);

/// `table[f(a) - tableFirst]`. Requires every value of f to index the table.
StepFunction compose(const StepFunction &function,
                     std::span<const int64_t> table, int64_t tableFirst);

/// `f(-a)` on the negated domain.
StepFunction mirror(const StepFunction &function);

/// f on [aMin, aMax], a part of its domain that is not empty.
StepFunction restrict(const StepFunction &function, int64_t aMin, int64_t aMax);

/// No step goes down (up).
bool isNonDecreasing(const StepFunction &function);
bool isNonIncreasing(const StepFunction &function);

/// The first a with f(a) >= level, for a non-decreasing f: aMin if the level
/// is always reached, nothing if it never is.
std::optional<int64_t> thresholdOf(const StepFunction &function, int64_t level);

/// Thresholds t of a MultiThreshold with `f(a) = lo + #{j : a >= t[j]}` on f's
/// domain, one a unit level of (lo, hi]: aMin for a level that is always
/// reached, aMax + 1 for one that never is. Nothing if f decreases somewhere
/// or leaves [lo, hi].
std::optional<std::vector<int64_t>>
multiThresholds(const StepFunction &function, int64_t lo, int64_t hi);

} // namespace finngl

#endif // FINNGL_CORE_STEPFUNCTION_H
