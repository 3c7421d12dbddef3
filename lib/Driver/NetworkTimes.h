//===- NetworkTimes.h - The cycles of report.json ---------------*- C++ -*-===//

#ifndef FINNGL_LIB_DRIVER_NETWORKTIMES_H
#define FINNGL_LIB_DRIVER_NETWORKTIMES_H

#include "finngl/Core/Schedule.h"

namespace finngl::driver {

/// Cycles of one inference, between two, and from a sample's last beat to its
/// answer's first (docs/Protocol.md).
struct NetworkTimes {
  int64_t latency = 0, interval = 0, tick = 0;
};

/// With several `contexts` they take turns.
NetworkTimes timesOf(const NetworkShape &network, int64_t contexts);

/// True if streams wait for one another.
bool isStuck(const NetworkShape &network);

} // namespace finngl::driver

#endif // FINNGL_LIB_DRIVER_NETWORKTIMES_H
