//===- Requant.cpp - Meaning and inverse of a requant ---------------------===//

#include "finngl/Core/Requant.h"
#include "Int128.h"
#include <algorithm>

using namespace finngl;

static int64_t channelOf(const std::vector<int64_t> &values, size_t channel) {
  return values.size() == 1 ? values[0] : values[channel];
}

int64_t Requant::apply(int64_t a, size_t channel) const {
  bool below = split && a < channelOf(split->at, channel);
  int64_t v = p * a + channelOf(below ? split->cBelow : c, channel);
  int64_t y = v >> k;
  int64_t fraction = v - (y << k);
  if (fraction < channelOf(w, channel))
    y -= y & 1;
  return std::clamp(y, lo, hi);
}

/// One side of a split (or all of it): p >= 0. The tie fix moves the threshold
/// of the odd levels up by w: y >= j iff v >= j*2^k + (j odd ? w : 0).
static StepFunction inverse(const Requant &requant, Int128 p, Int128 c,
                            Int128 w, int64_t aMin, int64_t aMax) {
  auto value = [&](int64_t a) {
    Int128 v = p * a + c, y = v >> requant.k;
    if (v - (y << requant.k) < w)
      y -= y & 1;
    return int64_t(std::clamp(y, Int128(requant.lo), Int128(requant.hi)));
  };
  StepFunction result{aMin, aMax, value(aMin), {}};
  int64_t last = value(aMax);
  for (int64_t level = result.first + 1; level <= last; ++level) {
    Int128 threshold = (Int128(level) << requant.k) + (level & 1 ? w : 0);
    result.append(int64_t(ceilDiv(threshold - c, p)), level);
  }
  return result;
}

StepFunction finngl::stepFunction(const Requant &requant, size_t channel,
                                  int64_t aMin, int64_t aMax) {
  int64_t w = std::clamp(channelOf(requant.w, channel), int64_t(0),
                         int64_t(1) << requant.k);
  auto part = [&](int64_t c, int64_t from, int64_t to) {
    if (requant.p >= 0)
      return inverse(requant, requant.p, c, w, from, to);
    return mirror(inverse(requant, -Int128(requant.p), c, w, -to, -from));
  };
  int64_t c = channelOf(requant.c, channel);
  if (!requant.split)
    return part(c, aMin, aMax);
  int64_t at = channelOf(requant.split->at, channel);
  int64_t cBelow = channelOf(requant.split->cBelow, channel);
  if (at <= aMin)
    return part(c, aMin, aMax);
  if (at > aMax)
    return part(cBelow, aMin, aMax);
  StepFunction below = part(cBelow, aMin, at - 1);
  StepFunction above = part(c, at, aMax);
  below.aMax = aMax;
  below.append(at, above.first);
  for (const Step &step : above.steps)
    below.append(step.at, step.value);
  return below;
}
