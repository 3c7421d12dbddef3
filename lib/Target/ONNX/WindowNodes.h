//===- WindowNodes.h - Convolutions, pools, normalisation -------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_ONNX_WINDOWNODES_H
#define FINNGL_LIB_TARGET_ONNX_WINDOWNODES_H

#include "GraphWriter.h"

namespace finngl::to_onnx {

/// ONNX' name of an operator over windows or channels of images; "" for others
/// and for what opset 17 cannot say.
llvm::StringRef windowNode(mlir::Operation *op);

/// Initialisers of its constant operands, and its attributes.
std::vector<std::string> windowConstants(GraphWriter &out, mlir::Operation *op,
                                         const std::string &name);
void setWindowAttributes(onnx::NodeProto *node, mlir::Operation *op);

} // namespace finngl::to_onnx

#endif // FINNGL_LIB_TARGET_ONNX_WINDOWNODES_H
