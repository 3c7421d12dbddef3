//===- QONNX.h - The dialect of imported models -----------------*- C++ -*-===//

#ifndef FINNGL_DIALECT_QONNX_IR_QONNX_H
#define FINNGL_DIALECT_QONNX_IR_QONNX_H

#include "finngl/Core/Quantiser.h"
#include "finngl/Support/Indexing.h"
#include "finngl/Support/Windows.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <optional>

#include "finngl/Dialect/QONNX/IR/QONNXDialect.h.inc"
#include "finngl/Dialect/QONNX/IR/QONNXEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "finngl/Dialect/QONNX/IR/QONNXAttrs.h.inc"
#define GET_OP_CLASSES
#include "finngl/Dialect/QONNX/IR/QONNXOps.h.inc"

namespace finngl::qonnx {

/// Name of the attribute on arguments and results of `main` that holds the
/// ONNX tensor's name.
inline constexpr llvm::StringLiteral kNameAttr = "qonnx.name";

/// On arguments of `main` that come as integers (`--input NAME:siN:SCALE`).
inline constexpr llvm::StringLiteral kRawAttr = "qonnx.raw";

/// Dictionary on the module: sizes that the file leaves open, as they were
/// chosen at import, by `input[axis]`.
inline constexpr llvm::StringLiteral kOpenDimsAttr = "qonnx.open_dims";

/// Dictionary on a result of `main`: the function of the file's graph output
/// that the host applies to it, and along which dimension.
inline constexpr llvm::StringLiteral kHostAttr = "qonnx.host";
inline constexpr llvm::StringLiteral kHostFunction = "function";
inline constexpr llvm::StringLiteral kHostAxis = "axis";

/// What to do about a function at the end that has no integers.
inline constexpr const char *kHeadRemedy =
    "a Softmax, LogSoftmax or Sigmoid as graph output is left to the host by "
    "finngl compile --head logits";

/// The record of Core behind the attribute, and back.
Quantiser toQuantiser(QuantiserAttr attr);
QuantiserAttr fromQuantiser(mlir::MLIRContext *context,
                            const Quantiser &quantiser);

/// Which element of its operand each element of a reshape, transpose or gather
/// is; nothing for other operators.
std::optional<Indices> movedElements(mlir::Operation *op);

/// The geometry of a convolution or pool.
Window windowOf(ConvOp op);
Window windowOf(MaxPoolOp op);
Window windowOf(AveragePoolOp op);

} // namespace finngl::qonnx

#endif // FINNGL_DIALECT_QONNX_IR_QONNX_H
