//===- Cycles.h - Scheduled cycles against simulated ones -------*- C++ -*-===//

#ifndef FINNGL_DRIVER_CYCLES_H
#define FINNGL_DRIVER_CYCLES_H

#include "finngl/Core/Schedule.h"
#include "finngl/Driver/Model.h"
#include "finngl/Driver/Simulation.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>

namespace finngl::driver {

/// Key of report.json: the hash of stages/dataflow.mlir. Only what compile
/// wrote may be read again: its printer and schedule take the stage for valid.
inline constexpr const char *kDataflowHashKey = "dataflow_hash";

/// stages/dataflow.mlir of a compile directory. Nothing and `error` unless it
/// is as compile wrote it.
mlir::OwningOpRef<mlir::ModuleOp> compiledDataflow(Model &model,
                                                   std::string &error);

/// Timing of the network in a compile directory. Nothing and `error` as above.
std::optional<NetworkShape> compiledNetwork(Model &model, std::string &error);

/// What differs between the schedule of `result`'s traffic, sent without any
/// stall, and its simulation; one text a difference. `steps` as in simulate(),
/// of packets back to back.
std::vector<std::string> compareCycles(const NetworkShape &network,
                                       const SimulationResult &result,
                                       int64_t steps = 0);

/// Sets `cycles.source` of DIR/report.json to "simulated".
bool markSimulated(const std::filesystem::path &directory, std::string &error);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_CYCLES_H
