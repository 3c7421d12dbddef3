//===- StreamLines.cpp - The registers of finngl_line_buffer on counters --===//

#include "finngl/Core/StreamLines.h"
#include "Counter.h"
#include <cassert>
#include <utility>

namespace finngl {

StreamLinesState::StreamLinesState(StreamLines lines) : s(std::move(lines)) {
  assert(int64_t(s.taps.size()) == s.outRows * s.kernelH);
}

void StreamLinesState::take() {
  if (++written < s.inRows * s.columns.extent * s.beats)
    return;
  written = 0;
  ++ahead;
}

bool StreamLinesState::atEnd() const {
  return next.v == s.outRows - 1 && next.ox == s.columns.count() - 1 &&
         next.ky == s.kernelH - s.beatTaps && next.kx == s.columns.kernel - 1 &&
         next.beat == s.beats - 1;
}

bool StreamLinesState::canRead() const {
  if (ahead > 0)
    return true;
  if (written == 0 || atEnd())
    return false;
  int64_t column = next.ox * s.columns.stride - s.columns.padBegin +
                   next.kx * s.columns.dilation;
  if (!s.columns.contains(column))
    return true;
  for (int64_t tap = next.ky; tap < next.ky + s.beatTaps; ++tap) {
    int64_t row = s.inRows - 1 - s.taps[next.v * s.kernelH + tap];
    // Older rows, padding among them, need not be waited for.
    if (row >= 0 &&
        (row * s.columns.extent + column) * s.beats + next.beat >= written)
      return false;
  }
  return true;
}

void StreamLinesState::read() {
  if (wraps(next.beat, s.beats) && wraps(next.kx, s.columns.kernel) &&
      wraps(next.ky, s.kernelH, s.beatTaps) &&
      wraps(next.ox, s.columns.count()) && wraps(next.v, s.outRows))
    --ahead; // the group's last tap
}

} // namespace finngl
