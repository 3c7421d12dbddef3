//===- NetworkTimes.h - What a network's cycles are told by -----*- C++ -*-===//

#ifndef FINNGL_CORE_NETWORKTIMES_H
#define FINNGL_CORE_NETWORKTIMES_H

#include "finngl/Core/Schedule.h"

namespace finngl {

/// Cycles of one inference, between two, and from a sample's last beat to its
/// answer's first (docs/Protocol.md).
struct NetworkTimes {
  int64_t latency = 0, interval = 0, tick = 0;
};

/// With several `contexts` they take turns.
NetworkTimes timesOf(const NetworkShape &network, int64_t contexts);

/// What a folding is chosen by, simulated. Of packets that are sequences:
/// cycles of one (`tick` is 0), of `contexts` that take turns their share of a
/// round. Of samples: cycles from the last beat of a sample in an idle network
/// to its answer, and those with a sample right before it.
struct Merit {
  int64_t tick = 0, cycles = 0;
};
Merit meritOf(const NetworkShape &network, int64_t contexts);

/// True if streams wait for one another.
bool isStuck(const NetworkShape &network);

} // namespace finngl

#endif // FINNGL_CORE_NETWORKTIMES_H
