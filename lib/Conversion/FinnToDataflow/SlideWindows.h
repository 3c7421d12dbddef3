//===- SlideWindows.h - A window network over an endless stream -*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_FINNTODATAFLOW_SLIDEWINDOWS_H
#define FINNGL_LIB_CONVERSION_FINNTODATAFLOW_SLIDEWINDOWS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl {

/// Makes of a network for one window the network that answers for the window
/// that begins with each sample of a stream (ADR 0009). Types become those of
/// one sample. Errors are reported on the ops.
mlir::LogicalResult slideWindows(mlir::func::FuncOp main);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_FINNTODATAFLOW_SLIDEWINDOWS_H
