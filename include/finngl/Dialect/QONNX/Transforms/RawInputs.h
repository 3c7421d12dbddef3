//===- RawInputs.h - Graph inputs that come as raw integers -----*- C++ -*-===//

#ifndef FINNGL_DIALECT_QONNX_TRANSFORMS_RAWINPUTS_H
#define FINNGL_DIALECT_QONNX_TRANSFORMS_RAWINPUTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>
#include <vector>

namespace finngl::qonnx {

/// A graph input whose elements are integers of `bits` bits: prices, volumes,
/// converter counts. The model's input is `raw * scale + offset`, in float32
/// at level onnx; scale and offset have one entry, or one for each element of
/// the innermost dimension. No scale is zero.
struct RawInput {
  std::string name;
  unsigned bits = 16; ///< 1 to 32
  bool isSigned = true;
  std::vector<float> scale = {1.0f}, offset = {0.0f};

  int64_t lo() const { return isSigned ? -(int64_t(1) << (bits - 1)) : 0; }
  int64_t hi() const { return (int64_t(1) << (bits - isSigned)) - 1; }
};

/// Puts the integers' own quantiser, a product and a sum behind each of the
/// inputs; conversion folds them into the quantiser that follows. A name that
/// is no graph input, or lists that do not fit it, are errors.
mlir::LogicalResult takeRawInputs(mlir::func::FuncOp main,
                                  llvm::ArrayRef<RawInput> inputs);

} // namespace finngl::qonnx

#endif // FINNGL_DIALECT_QONNX_TRANSFORMS_RAWINPUTS_H
