//===- Passes.h - Passes on integer-only networks ---------------*- C++ -*-===//

#ifndef FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_H
#define FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace finngl::finn {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "finngl/Dialect/Finn/Transforms/Passes.h.inc"
} // namespace finngl::finn

#endif // FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_H
