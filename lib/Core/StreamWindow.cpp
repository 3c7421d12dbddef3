//===- StreamWindow.cpp - The registers of finngl_swg on counters ---------===//

#include "finngl/Core/StreamWindow.h"
#include "Counter.h"
#include <tuple>

namespace finngl {

void StreamWindowState::reset() {
  written = {0, 0, 0, false, false};
  next = {0, 0, 0, 0, 0};
}

void StreamWindowState::take() {
  written.begun = true;
  if (++written.beat < w.beats)
    return;
  written.beat = 0;
  if (++written.column < w.columns.extent)
    return;
  written.column = 0;
  written.done = ++written.row == w.rows.extent;
}

bool StreamWindowState::atEnd() const {
  return lastRow() && next.ox == w.columns.count() - 1 &&
         next.ky == w.rows.kernel - w.beatTaps &&
         next.kx == w.columns.kernel - 1 && next.beat == w.beats - 1;
}

bool StreamWindowState::canRead() const {
  if (!written.begun || (atEnd() && !written.done))
    return false;
  int64_t column = next.ox * w.columns.stride - w.columns.padBegin +
                   next.kx * w.columns.dilation;
  if (!w.columns.contains(column))
    return true;
  for (int64_t tap = next.ky; tap < next.ky + w.beatTaps; ++tap) {
    int64_t row = firstRow() + tap * w.rows.dilation;
    if (w.rows.contains(row) &&
        std::tie(row, column, next.beat) >=
            std::tie(written.row, written.column, written.beat))
      return false;
  }
  return true;
}

void StreamWindowState::read() {
  if (wraps(next.beat, w.beats) && wraps(next.kx, w.columns.kernel) &&
      wraps(next.ky, w.rows.kernel, w.beatTaps) &&
      wraps(next.ox, w.columns.count()) && wraps(next.oy, w.rows.count()))
    reset(); // the image's last tap
}

} // namespace finngl
