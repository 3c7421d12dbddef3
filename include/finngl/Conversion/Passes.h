//===- Passes.h - Steps between dialects ------------------------*- C++ -*-===//

#ifndef FINNGL_CONVERSION_PASSES_H
#define FINNGL_CONVERSION_PASSES_H

#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include <memory>

namespace finngl {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "finngl/Conversion/Passes.h.inc"
} // namespace finngl

#endif // FINNGL_CONVERSION_PASSES_H
