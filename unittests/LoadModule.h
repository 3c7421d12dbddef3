//===- LoadModule.h - Modules of the evaluators' tests ----------*- C++ -*-===//

#ifndef FINNGL_UNITTESTS_LOADMODULE_H
#define FINNGL_UNITTESTS_LOADMODULE_H

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Support/Tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>
#include <string>

namespace finngl {

/// A file of unittests/, and the diagnostics that arise while it is used.
class LoadedModule {
public:
  explicit LoadedModule(const std::string &file) {
    context.loadDialect<qonnx::QONNXDialect, mlir::func::FuncDialect>();
    context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
      messages += diagnostic.str() + "\n";
    });
    module = mlir::parseSourceFile<mlir::ModuleOp>(
        std::string(FINNGL_SOURCE_DIR) + "/unittests/" + file, &context);
    EXPECT_TRUE(module) << file << ": " << messages;
  }

  mlir::func::FuncOp function(llvm::StringRef name) {
    auto found = module->lookupSymbol<mlir::func::FuncOp>(name);
    EXPECT_TRUE(found) << name.str();
    return found;
  }

  std::string messages;

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

inline FloatTensor vectorOf(std::vector<float> values) {
  return {{int64_t(values.size())}, std::move(values)};
}

} // namespace finngl

#endif // FINNGL_UNITTESTS_LOADMODULE_H
