//===- StatePorts.h - One port for all states -------------------*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_FINNTODATAFLOW_STATEPORTS_H
#define FINNGL_LIB_CONVERSION_FINNTODATAFLOW_STATEPORTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl {

/// Turns the arguments and results that finn-expose-states made into one last
/// argument and one last result of all states: the regions start from their
/// constants again and get the parts of the argument as loads. An error if
/// there is no such state, if others are inputs of the graph, or if a scan's
/// load bit would come too late.
mlir::LogicalResult addStatePorts(mlir::func::FuncOp main);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_FINNTODATAFLOW_STATEPORTS_H
