//===- Windows.h - Which elements a sliding window sees ---------*- C++ -*-===//
//
// Geometry of Conv and of the pools, in one place for every level: tensors are
// `[N, C, spatial dimensions...]` as in ONNX.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_SUPPORT_WINDOWS_H
#define FINNGL_SUPPORT_WINDOWS_H

#include "finngl/Support/Indexing.h"
#include <functional>

namespace finngl {

/// One entry for each spatial dimension. Tap k of a window at position p looks
/// at `p * stride - padBegin + k * dilation`; outside of the tensor is padding.
struct Window {
  Indices kernel, strides, dilations, padsBegin, padsEnd;
};

/// Windows that fit a dimension of `extent` elements; less than 1 if none.
int64_t windowCount(const Window &window, size_t dimension, int64_t extent);

struct WindowPlan {
  int64_t positions, taps;
  /// `[taps, positions]`, both row-major over the spatial dimensions: the
  /// element of one channel, or -1 for padding.
  Indices from;
};
WindowPlan planWindows(Shape spatial, const Window &window);

/// Calls `visit` with the elements that each window of a pool sees, padding
/// left out, in the order of the result; `shape` is `[N, C, D...]`.
void forEachWindow(Shape shape, const Window &window,
                   const std::function<void(const Indices &)> &visit);

/// A convolution as one matrix product a group: weights as they lie, `[M /
/// groups, C / groups * taps]`, by patches of the input.
struct ConvPlan {
  /// `[N, groups, C / groups, taps, positions]`: elements of the input, or -1
  /// for padding.
  Indices patches;
  MatMulPlan product;
};
ConvPlan planConv(Shape input, Shape weights, const Window &window,
                  int64_t groups);

} // namespace finngl

#endif // FINNGL_SUPPORT_WINDOWS_H
