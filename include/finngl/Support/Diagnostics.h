//===- Diagnostics.h - Messages a user can act on ---------------*- C++ -*-===//

#ifndef FINNGL_SUPPORT_DIAGNOSTICS_H
#define FINNGL_SUPPORT_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include <string>

namespace finngl {

/// Location of an ONNX node: file, index in its graph, name and operator.
mlir::Location nodeLocation(mlir::MLIRContext *context, llvm::StringRef file,
                            unsigned index, llvm::StringRef name,
                            llvm::StringRef opType);

/// The same node's part `part`: its name becomes `name/part`. A location that
/// nodeLocation did not make stays as it is.
mlir::Location partLocation(mlir::Location location, llvm::StringRef part);

/// `model.onnx: node 12 "/lstm/Quant_3" (Quant)` for a location made by
/// nodeLocation (of a fused one the first), else the location as MLIR prints
/// it.
std::string describe(mlir::Location location);

/// ONNX name of the node behind a location, or "".
std::string nodeName(mlir::Location location);

/// Prints every diagnostic of its context to stderr while it lives, as
/// `<location>: error: <message>` with notes below, and counts errors.
class DiagnosticPrinter {
public:
  explicit DiagnosticPrinter(mlir::MLIRContext *context,
                             llvm::raw_ostream &stream);
  unsigned errors() const { return errorCount; }

private:
  mlir::ScopedDiagnosticHandler handler;
  unsigned errorCount = 0;
};

} // namespace finngl

#endif // FINNGL_SUPPORT_DIAGNOSTICS_H
