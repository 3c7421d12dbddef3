//===- Staircase.h - Step functions as threshold counts ---------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_ONNX_STAIRCASE_H
#define FINNGL_LIB_TARGET_ONNX_STAIRCASE_H

#include "finngl/Core/StepFunction.h"
#include <vector>

namespace finngl::to_onnx {

/// One function a channel (or one for all) as
/// `bias + #{t in up : a >= t} - #{t in down : a >= t}`: each step up or down
/// by d is d equal thresholds, so that any function of an integer has this
/// form; a non-decreasing one has no `down`. Rows are ascending and padded to
/// equal length with a place that the domain does not reach.
struct Staircase {
  std::vector<std::vector<int64_t>> up, down; ///< [channel][threshold]
  int64_t bias = 0;

  explicit Staircase(const std::vector<StepFunction> &channels);
  size_t ups() const { return up.front().size(); }
  size_t downs() const { return down.front().size(); }
};

} // namespace finngl::to_onnx

#endif // FINNGL_LIB_TARGET_ONNX_STAIRCASE_H
