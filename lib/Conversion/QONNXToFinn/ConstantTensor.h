//===- ConstantTensor.h - Values known at compile time ----------*- C++ -*-===//
//
// Meaning of the model, (a): what depends on constants only is computed once,
// in float32, operator by operator; a quantised constant is its codes.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CONVERSION_CONSTANTTENSOR_H
#define FINNGL_LIB_CONVERSION_CONSTANTTENSOR_H

#include "finngl/Analysis/LinearForm.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"

namespace finngl {

/// Row-major. Element = levels[i] * scale exactly if there are levels, else
/// values[i]. `scale`: 1 entry, or one for each index of dimension `axis`.
struct ConstantTensor {
  llvm::SmallVector<int64_t, 4> shape;
  std::vector<int64_t> levels;
  std::vector<float> scale;
  int64_t axis = -1;
  std::vector<float> values;

  bool isQuantised() const { return !scale.empty(); }
  size_t size() const { return isQuantised() ? levels.size() : values.size(); }
  /// Index into `scale` of element i.
  size_t scaleIndex(size_t i) const;
  Rational exact(size_t i) const;
  float float32(size_t i) const;
};

/// The result of an op whose operands are all constants; a refusal if the op
/// is not evaluated on constants.
Result<ConstantTensor>
evaluateConstant(mlir::Operation *op,
                 llvm::ArrayRef<const ConstantTensor *> operands);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_CONSTANTTENSOR_H
