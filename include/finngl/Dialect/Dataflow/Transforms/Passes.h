//===- Passes.h - Passes on regions of cores --------------------*- C++ -*-===//

#ifndef FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSES_H
#define FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSES_H

#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace finngl::df {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "finngl/Dialect/Dataflow/Transforms/Passes.h.inc"
} // namespace finngl::df

#endif // FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSES_H
