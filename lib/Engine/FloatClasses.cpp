//===- FloatClasses.cpp - Decisions between classes in float32 ------------===//

#include "FloatKernels.h"
#include "finngl/Core/LeadingPositions.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::engine;

/// How far any of `elements` may be from its real value.
static double worstBound(const FloatValue &value, const Indices &elements) {
  double worst = 0;
  for (int64_t element : elements)
    worst = std::max(worst, value.bounds[element]);
  return worst;
}

FloatValue engine::argMax(qonnx::ArgMaxOp op, const FloatValue &input,
                          std::vector<double> &gapBounds) {
  FloatValue result;
  result.shape = cast<RankedTensorType>(op.getType()).getShape().vec();
  size_t elements = elementCount(result.shape);
  result.codes.resize(elements);
  result.bounds.assign(elements, 0.0);
  gapBounds.resize(elements);
  for (auto [from, to] : llvm::zip(linesAlong(input.shape, op.getAxis()),
                                   linesAlong(result.shape, op.getAxis()))) {
    double bound = worstBound(input, from);
    auto leading =
        leadingPositions(from.size(), to.size(), [&](size_t a, size_t b) {
          float x = input.data[from[a]], y = input.data[from[b]];
          return x > y || (op.getSelectLast() && x == y);
        });
    for (auto [element, position] : llvm::zip(to, leading)) {
      result.codes[element] = int64_t(position);
      gapBounds[element] = 2 * bound;
    }
  }
  result.data.assign(result.codes.begin(), result.codes.end());
  return result;
}

/// A rank's element moves no further than the one that moves most.
FloatValue engine::topK(qonnx::TopKOp op, const FloatValue &input) {
  FloatValue result;
  result.shape = cast<RankedTensorType>(op.getType()).getShape().vec();
  result.data.resize(elementCount(result.shape));
  result.bounds.resize(result.data.size());
  for (auto [from, to] : llvm::zip(linesAlong(input.shape, op.getAxis()),
                                   linesAlong(result.shape, op.getAxis()))) {
    double bound = worstBound(input, from);
    auto leading =
        leadingPositions(from.size(), to.size(), [&](size_t a, size_t b) {
          return input.data[from[a]] > input.data[from[b]];
        });
    for (auto [element, position] : llvm::zip(to, leading)) {
      result.data[element] = input.data[from[position]];
      result.bounds[element] = bound;
    }
  }
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
