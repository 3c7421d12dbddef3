//===- HardwareReport.h - What report.json says of hardware -----*- C++ -*-===//

#ifndef FINNGL_LIB_DRIVER_HARDWAREREPORT_H
#define FINNGL_LIB_DRIVER_HARDWAREREPORT_H

#include "finngl/Core/Resources.h"
#include "finngl/Core/Schedule.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <nlohmann/json.hpp>

namespace finngl::driver {

nlohmann::ordered_json toJson(const Resources &r, const char *source);

/// One entry of `kernels` for each core and MVU.
void describeKernels(df::RegionOp region, const RegionSchedule &schedule,
                     nlohmann::ordered_json &kernels);

/// One entry of `kernels` for each elastic module between the regions of
/// `main`, with a region's keys: `pe` is elements a beat, `cycles` are beats of
/// the longer side for each vector `[n]` of its result.
void describeModules(mlir::func::FuncOp main, nlohmann::ordered_json &kernels);

/// The parts of a step of the state ports, from the finn module: name,
/// elements, width, and the range that the network is proved for.
nlohmann::ordered_json describeStates(mlir::ModuleOp finn);

} // namespace finngl::driver

#endif // FINNGL_LIB_DRIVER_HARDWAREREPORT_H
