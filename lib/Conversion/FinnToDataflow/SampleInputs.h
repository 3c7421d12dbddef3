//===- SampleInputs.h - Graph inputs of one step a sample -------*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_FINNTODATAFLOW_SAMPLEINPUTS_H
#define FINNGL_LIB_CONVERSION_FINNTODATAFLOW_SAMPLEINPUTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl {

/// Samples of a window: the steps of time that all graph inputs have. An error
/// that names the input and `mode` where one has none or other ones.
mlir::FailureOr<int64_t> samplesOfWindow(mlir::func::FuncOp main,
                                         llvm::StringRef mode);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_FINNTODATAFLOW_SAMPLEINPUTS_H
