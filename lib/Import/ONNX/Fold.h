//===- Fold.h - Arithmetic on host constants --------------------*- C++ -*-===//
//
// Constant folding as ONNX defines it: float32, operator by operator. Callers
// have checked types, shapes and sizes.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_IMPORT_ONNX_FOLD_H
#define FINNGL_LIB_IMPORT_ONNX_FOLD_H

#include "finngl/Support/OnnxTensor.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace finngl::import {

/// `op` on every element of a float32 tensor.
OnnxTensor foldUnary(const OnnxTensor &x, llvm::function_ref<float(float)> op);
/// `op` on float32 tensors that broadcast to `shape`.
OnnxTensor foldBinary(const OnnxTensor &a, const OnnxTensor &b,
                      llvm::ArrayRef<int64_t> shape,
                      llvm::function_ref<float(float, float)> op);
/// `op` on integer tensors of one type that broadcast to `shape`; nothing if it
/// returns true (overflow) or a result does not fit the type.
std::optional<OnnxTensor>
foldIntegers(const OnnxTensor &a, const OnnxTensor &b,
             llvm::ArrayRef<int64_t> shape,
             llvm::function_ref<bool(int64_t, int64_t, int64_t &)> op);
/// Product of `[M, K]` and `[K, N]`, summed in float32 from k = 0.
OnnxTensor foldMatMul(const OnnxTensor &a, const OnnxTensor &b);
/// Permuted dimensions of a tensor of any type.
OnnxTensor foldTranspose(const OnnxTensor &x, llvm::ArrayRef<int64_t> perm);
/// Tensors of one type joined along `axis`.
OnnxTensor foldConcat(llvm::ArrayRef<const OnnxTensor *> parts, int64_t axis);

/// Elements at `indices` of dimension `axis`, of a tensor of any type.
OnnxTensor foldGather(const OnnxTensor &x, int64_t axis,
                      llvm::ArrayRef<int64_t> indices);

} // namespace finngl::import

#endif // FINNGL_LIB_IMPORT_ONNX_FOLD_H
