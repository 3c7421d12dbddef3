//===- ClassNodes.h - Decisions between classes -----------------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_ONNX_CLASSNODES_H
#define FINNGL_LIB_TARGET_ONNX_CLASSNODES_H

#include "GraphWriter.h"

namespace finngl::to_onnx {

/// Writes Softmax, LogSoftmax, ArgMax and TopK; false of other operators.
/// Positions are cast to float32, the type that they have in the dialect.
bool writeClassNode(GraphWriter &out, mlir::Operation *op);

} // namespace finngl::to_onnx

#endif // FINNGL_LIB_TARGET_ONNX_CLASSNODES_H
