//===- FuzzImport.cpp - Any bytes into the importer -----------------------===//
//
// A module or at least one error: nothing else may come out of any bytes. Small
// limits, so that what is slow or large by design is not mistaken for a fault.
//
//===----------------------------------------------------------------------===//

#include "finngl/Import/ONNX/Importer.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  unsigned errors = 0;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        errors += diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
        return mlir::success();
      });
  finngl::ImportOptions options;
  options.openDim = 3;
  options.maxFoldedElements = 1 << 16;
  options.maxFoldedProducts = 1 << 20;
  auto module = finngl::importOnnxBytes(
      &context, std::string_view(reinterpret_cast<const char *>(data), size),
      "fuzz.onnx", "", options);
  bool good =
      module ? errors == 0 && succeeded(mlir::verify(*module)) : errors > 0;
  if (!good) {
    std::fprintf(stderr, "module %s with %u errors\n",
                 module ? "made" : "refused", errors);
    std::abort();
  }
  return 0;
}
