//===- NetworkTimes.h - What a network's cycles are told by -----*- C++ -*-===//

#ifndef FINNGL_CORE_NETWORKTIMES_H
#define FINNGL_CORE_NETWORKTIMES_H

#include "finngl/Core/Schedule.h"
#include <limits>

namespace finngl {

/// Cycles of one inference, between two, and from a sample's last beat to its
/// answer's first (docs/Protocol.md).
struct NetworkTimes {
  int64_t latency = 0, interval = 0, tick = 0;
};

/// With several `contexts` they take turns.
NetworkTimes timesOf(const NetworkShape &network, int64_t contexts);

/// What is to be little: of sequences, whose cycles count; of samples, where a
/// per cent of the cycles to an answer is worth two of those between samples.
/// Either is of the same order, so that figures ask the same of resources.
inline double sequenceFigure(int64_t cycles) {
  return double(cycles) * double(cycles);
}
inline double sampleFigure(int64_t tick, int64_t interval) {
  return double(tick) * double(tick) * double(interval);
}

/// What a folding is chosen by, simulated; as it is here where streams wait for
/// one another.
struct Merit {
  /// Of one inference: of a sequence, while all contexts take turns; of a
  /// sample that comes right behind another, to its answer.
  int64_t cycles = INT64_MAX;
  double figure = std::numeric_limits<double>::infinity();
  int64_t simulated = 0; ///< cycles that this took
};
/// `contexts` take turns.
Merit meritOf(const NetworkShape &network, int64_t contexts);

/// True if streams wait for one another.
bool isStuck(const NetworkShape &network);

} // namespace finngl

#endif // FINNGL_CORE_NETWORKTIMES_H
