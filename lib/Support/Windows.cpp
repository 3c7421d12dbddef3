//===- Windows.cpp - Which elements a sliding window sees -----------------===//

#include "finngl/Support/Windows.h"

using namespace finngl;

int64_t finngl::windowCount(const Window &window, size_t d, int64_t extent) {
  int64_t reach = (window.kernel[d] - 1) * window.dilations[d] + 1;
  int64_t room = extent + window.padsBegin[d] + window.padsEnd[d] - reach;
  return room < 0 ? 0 : room / window.strides[d] + 1;
}

WindowPlan finngl::planWindows(Shape spatial, const Window &window) {
  // Dimension by dimension: `from` is [taps, positions] of those before.
  WindowPlan plan{1, 1, {0}};
  for (size_t d = 0; d < spatial.size(); ++d) {
    int64_t positions = windowCount(window, d, spatial[d]);
    WindowPlan next{
        plan.positions * positions, plan.taps * window.kernel[d], {}};
    next.from.reserve(next.positions * next.taps);
    for (int64_t outer = 0; outer < plan.taps; ++outer)
      for (int64_t tap = 0; tap < window.kernel[d]; ++tap)
        for (int64_t before = 0; before < plan.positions; ++before)
          for (int64_t position = 0; position < positions; ++position) {
            int64_t base = plan.from[outer * plan.positions + before];
            int64_t at = position * window.strides[d] - window.padsBegin[d] +
                         tap * window.dilations[d];
            bool inside = base >= 0 && at >= 0 && at < spatial[d];
            next.from.push_back(inside ? base * spatial[d] + at : -1);
          }
    plan = std::move(next);
  }
  return plan;
}

void finngl::forEachWindow(Shape shape, const Window &window,
                           const std::function<void(const Indices &)> &visit) {
  Shape spatial = shape.subspan(2);
  WindowPlan plan = planWindows(spatial, window);
  int64_t size = elementCount(spatial);
  Indices elements;
  for (int64_t channel = 0; channel < shape[0] * shape[1]; ++channel)
    for (int64_t position = 0; position < plan.positions; ++position) {
      elements.clear();
      for (int64_t tap = 0; tap < plan.taps; ++tap)
        if (int64_t from = plan.from[tap * plan.positions + position];
            from >= 0)
          elements.push_back(channel * size + from);
      visit(elements);
    }
}

ConvPlan finngl::planConv(Shape input, Shape weights, const Window &window,
                          int64_t groups) {
  Shape spatial = input.subspan(2);
  WindowPlan windows = planWindows(spatial, window);
  int64_t channels = input[0] * input[1], size = elementCount(spatial);
  ConvPlan plan;
  plan.patches.reserve(channels * windows.from.size());
  for (int64_t channel = 0; channel < channels; ++channel)
    for (int64_t from : windows.from)
      plan.patches.push_back(from < 0 ? -1 : channel * size + from);
  plan.product = {weights[0] / groups,
                  weights[1] * windows.taps,
                  windows.positions,
                  {},
                  {}};
  const MatMulPlan &product = plan.product;
  for (int64_t batch = 0; batch < input[0] * groups; ++batch) {
    plan.product.lhsOffsets.push_back(batch % groups * product.rows *
                                      product.inner);
    plan.product.rhsOffsets.push_back(batch * product.inner * product.columns);
  }
  return plan;
}
