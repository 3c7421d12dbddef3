//===- Export.h - Stages as ONNX files --------------------------*- C++ -*-===//
//
// Exact copies of two stages in QONNX and FINN conventions: IR version 8, opset
// 17, domain qonnx.custom_op.general version 1, every tensor annotated.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_TARGET_ONNX_EXPORT_H
#define FINNGL_TARGET_ONNX_EXPORT_H

#include <optional>
#include <string>

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace finngl {

/// The qonnx function `main` as a serialised model: standard operators, Quant
/// and BipolarQuant, Scan. Nothing if an operator has no counterpart in opset
/// 17; a remark on that operator says so.
std::optional<std::string> exportQonnx(mlir::func::FuncOp main);

/// The finn function `main` as a serialised model of integers in float32:
/// MatMul (activation first, weight [K, N]), Mul, Add, Sub, MultiThreshold,
/// Scan. A step is a row [1, n], a sequence [T, 1, n]; inputs and outputs are
/// codes, and their doc_string says what real value a code stands for.
/// Nothing if a value or a sum can leave [-2^24, 2^24], where float32 is no
/// longer exact; a remark names the tensor.
std::optional<std::string> exportFinn(mlir::func::FuncOp main);

} // namespace finngl

#endif // FINNGL_TARGET_ONNX_EXPORT_H
