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

// LLVM's arena is a template: our build of it poisons memory that the
// distribution's libMLIR, built without ASan, then uses.
extern "C" const char *__asan_default_options();
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0";
}

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
  options.maxPositions = 1 << 16;
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
