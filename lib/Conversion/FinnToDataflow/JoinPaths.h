//===- JoinPaths.h - FIFOs where paths of different lag meet ----*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_FINNTODATAFLOW_JOINPATHS_H
#define FINNGL_LIB_CONVERSION_FINNTODATAFLOW_JOINPATHS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl {

/// Paths that meet in one region: the shorter ones get a FIFO that holds what
/// arrives until the longest has seen what it needs. Reversers and FIFOs of
/// whole packets bound the sequence, by the model's steps or by `maxSteps`.
void joinPaths(mlir::func::FuncOp main, int64_t maxSteps);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_FINNTODATAFLOW_JOINPATHS_H
