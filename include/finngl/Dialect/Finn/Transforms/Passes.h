//===- Passes.h - Passes on integer-only networks ---------------*- C++ -*-===//

#ifndef FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_H
#define FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_H

#include "finngl/Dialect/Finn/IR/Finn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace finngl::finn {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "finngl/Dialect/Finn/Transforms/Passes.h.inc"

/// `<node>.state<index>`.
std::string stateName(ScanOp scan, size_t index);

/// What the pass finn-expose-states does.
void exposeStates(mlir::func::FuncOp function);

/// What the pass finn-hoist-input-products does, to one scan and to all.
void hoistInputProducts(ScanOp scan);
void hoistInputProducts(mlir::func::FuncOp function);
} // namespace finngl::finn

#endif // FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_H
