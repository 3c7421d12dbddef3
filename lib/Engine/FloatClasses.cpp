//===- FloatClasses.cpp - Decisions between classes in float32 ------------===//

#include "FloatKernels.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

FloatValue engine::argMax(qonnx::ArgMaxOp op, const FloatValue &input,
                          std::vector<double> &gapBounds) {
  FloatValue result;
  result.shape = cast<RankedTensorType>(op.getType()).getShape().vec();
  std::vector<Indices> slices;
  for (int64_t k = 0; k < input.shape[op.getAxis()]; ++k)
    slices.push_back(sliceIndices(input.shape, op.getAxis(), k));
  for (size_t i = 0; i < slices[0].size(); ++i) {
    size_t best = 0;
    double bound = 0;
    for (size_t k = 0; k < slices.size(); ++k) {
      float x = input.data[slices[k][i]], most = input.data[slices[best][i]];
      if (x > most || (op.getSelectLast() && x == most))
        best = k;
      bound = std::max(bound, input.bounds[slices[k][i]]);
    }
    result.codes.push_back(int64_t(best));
    result.data.push_back(float(best));
    gapBounds.push_back(2 * bound);
  }
  result.bounds.assign(result.data.size(), 0.0);
  return result;
}
