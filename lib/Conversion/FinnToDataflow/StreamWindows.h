//===- StreamWindows.h - Windows over one stream without an end -*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_FINNTODATAFLOW_STREAMWINDOWS_H
#define FINNGL_LIB_CONVERSION_FINNTODATAFLOW_STREAMWINDOWS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl {

/// True if anything in the network gathers several steps of time.
bool hasWindows(mlir::func::FuncOp main);

/// Makes of a network for one window the network whose image goes on until a
/// restart and that answers each step of its scan. Types become those of one
/// row. Errors are reported on the ops.
mlir::LogicalResult streamWindows(mlir::func::FuncOp main);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_FINNTODATAFLOW_STREAMWINDOWS_H
