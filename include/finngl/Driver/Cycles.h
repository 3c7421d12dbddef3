//===- Cycles.h - Scheduled cycles against simulated ones -------*- C++ -*-===//

#ifndef FINNGL_DRIVER_CYCLES_H
#define FINNGL_DRIVER_CYCLES_H

#include "finngl/Core/Schedule.h"
#include "finngl/Driver/Model.h"
#include "finngl/Driver/Simulation.h"
#include <optional>

namespace finngl::driver {

/// Timing of the network in a compile directory, from its
/// stages/dataflow.mlir. Nothing and `error` if that cannot be read.
std::optional<NetworkShape> compiledNetwork(Model &model, std::string &error);

/// What differs between the schedule of `result`'s packets, sent back to back
/// without any stall, and their simulation; one text a difference.
std::vector<std::string> compareCycles(const NetworkShape &network,
                                       const SimulationResult &result);

/// Sets `cycles.source` of DIR/report.json to "simulated".
bool markSimulated(const std::filesystem::path &directory, std::string &error);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_CYCLES_H
