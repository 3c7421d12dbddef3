//===- SegmentAlignment.h - Channels lined up break by break ----*- C++ -*-===//
//
// Private to Core.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CORE_SEGMENTALIGNMENT_H
#define FINNGL_LIB_CORE_SEGMENTALIGNMENT_H

#include "finngl/Core/LinearThresholds.h"
#include "finngl/Core/SegmentTable.h"

namespace finngl {

/// Places next to a break in one channel; no entry if the channel has no place
/// on that side.
struct Neighbours {
  std::optional<int64_t> before, behind;
};

/// values[j] holds before break j, values[j + 1] behind it.
struct Alignment {
  std::vector<int64_t> values;
  std::vector<std::vector<Neighbours>> channels;

  size_t breaks() const { return values.size() - 1; }
};

/// Nothing if the channels' value sequences do not agree.
std::optional<Alignment> align(std::span<const StepFunction> channels);

/// One break a level that some channel reaches at some places only.
Alignment align(const LinearThresholds &thresholds);

} // namespace finngl

#endif // FINNGL_LIB_CORE_SEGMENTALIGNMENT_H
