//===- FloatClasses.cpp - Decisions between classes in float32 ------------===//

#include "FloatKernels.h"
#include <algorithm>
#include <cmath>

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

/// `p = exp(x - most) / sum`, or `x - most - log(sum)`. If no x is off by more
/// than b, p is off by a factor of exp(2 b) at most, its logarithm by 2 b. Own
/// errors: an exponential's, 2^-22 as in sigmoid, a sum's n roundings, and
/// those of the quotient or of the differences.
FloatValue engine::softmax(const FloatValue &input, int64_t axis, bool log) {
  FloatValue result = input;
  result.codes.clear();
  std::vector<Indices> slices;
  for (int64_t k = 0; k < input.shape[axis]; ++k)
    slices.push_back(sliceIndices(input.shape, axis, k));
  double ownRelative =
      2 * activationError + (double(slices.size()) + 2) * unitRoundoff;
  for (size_t i = 0; i < slices[0].size(); ++i) {
    double most = -HUGE_VAL, bound = 0, sum = 0;
    for (const Indices &slice : slices) {
      most = std::max(most, double(input.data[slice[i]]));
      bound = std::max(bound, input.bounds[slice[i]]);
    }
    for (const Indices &slice : slices)
      sum += std::exp(input.data[slice[i]] - most);
    for (const Indices &slice : slices) {
      double x = input.data[slice[i]], share = std::exp(x - most) / sum;
      double logarithm = x - most - std::log(sum);
      result.data[slice[i]] = float(log ? logarithm : share);
      result.bounds[slice[i]] =
          log ? 2 * bound + ownRelative +
                    2 * unitRoundoff *
                        (std::fabs(x) + std::fabs(most) + std::fabs(logarithm))
              : share * (std::expm1(2 * bound) + ownRelative) + underflow;
    }
  }
  return result;
}

FloatValue engine::hosted(DictionaryAttr host, const FloatValue &output) {
  StringRef function = host.getAs<StringAttr>(qonnx::kHostFunction).getValue();
  if (function == "Sigmoid")
    return sigmoid(output);
  int64_t axis = host.getAs<IntegerAttr>(qonnx::kHostAxis).getInt();
  return softmax(output, axis, function == "LogSoftmax");
}
