//===- Passes.h - Passes on imported models ---------------------*- C++ -*-===//

#ifndef FINNGL_DIALECT_QONNX_TRANSFORMS_PASSES_H
#define FINNGL_DIALECT_QONNX_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace finngl::qonnx {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "finngl/Dialect/QONNX/Transforms/Passes.h.inc"
} // namespace finngl::qonnx

#endif // FINNGL_DIALECT_QONNX_TRANSFORMS_PASSES_H
