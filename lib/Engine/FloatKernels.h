//===- FloatKernels.h - Operators in float32 --------------------*- C++ -*-===//

#ifndef FINNGL_LIB_ENGINE_FLOATKERNELS_H
#define FINNGL_LIB_ENGINE_FLOATKERNELS_H

#include "finngl/Engine/FloatEvaluator.h"

namespace finngl::engine {

/// Relative error of one rounding to float32.
inline constexpr double unitRoundoff = 0x1p-24;
/// Absolute error of the smallest results.
inline constexpr double underflow = 0x1p-149;
/// Absolute error of sigmoid and tanh, whose values are at most 1: 4 units in
/// the last place of [1/2, 1).
inline constexpr double activationError = 0x1p-22;

/// Index -1 gives an exact 0.
FloatValue gather(const FloatValue &value, std::vector<int64_t> shape,
                  const Indices &indices);

/// Gathers from the concatenation of the parts.
FloatValue join(llvm::ArrayRef<const FloatValue *> parts,
                std::vector<int64_t> shape, const Indices &indices);

/// Data and, in `levelBounds`, the uncertainty of each rounding decision.
FloatValue quantise(qonnx::QuantOp op, const FloatValue &input,
                    std::vector<double> &levelBounds);
FloatValue quantiseLinear(qonnx::QuantizeLinearOp op, const FloatValue &input,
                          std::vector<double> &levelBounds);
FloatValue dequantiseLinear(qonnx::DequantizeLinearOp op,
                            const FloatValue &input);

/// Dot products in any order of summation.
FloatValue matMul(std::vector<int64_t> shape, const MatMulPlan &plan,
                  const FloatValue &lhs, const FloatValue &rhs);

/// Data, and in `gapBounds` how far the distance between any two elements may
/// be from its real value.
FloatValue argMax(qonnx::ArgMaxOp op, const FloatValue &input,
                  std::vector<double> &gapBounds);

FloatValue topK(qonnx::TopKOp op, const FloatValue &input);

FloatValue softmax(const FloatValue &input, int64_t axis, bool log);
/// What the host makes of a graph output: a kHostAttr.
FloatValue hosted(mlir::DictionaryAttr host, const FloatValue &output);

FloatValue sigmoid(const FloatValue &input);
/// Elementwise functions of one operand.
mlir::FailureOr<FloatValue> activation(mlir::Operation *op,
                                       const FloatValue &input);

FloatValue conv(qonnx::ConvOp op, const FloatValue &input,
                const FloatValue &weights);
FloatValue maxPool(qonnx::MaxPoolOp op, const FloatValue &input);
FloatValue averagePool(qonnx::AveragePoolOp op, const FloatValue &input);
FloatValue batchNorm(qonnx::BatchNormOp op, const FloatValue &input);

} // namespace finngl::engine

#endif // FINNGL_LIB_ENGINE_FLOATKERNELS_H
