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
         next.ky == w.rows.kernel - 1 && next.kx == w.columns.kernel - 1 &&
         next.beat == w.beats - 1;
}

bool StreamWindowState::canRead() const {
  if (!written.begun || (atEnd() && !written.done))
    return false;
  int64_t row = firstRow() + next.ky * w.rows.dilation;
  int64_t column = next.ox * w.columns.stride - w.columns.padBegin +
                   next.kx * w.columns.dilation;
  return !w.rows.contains(row) || !w.columns.contains(column) ||
         std::tie(row, column, next.beat) <
             std::tie(written.row, written.column, written.beat);
}

void StreamWindowState::read() {
  if (wraps(next.beat, w.beats) && wraps(next.kx, w.columns.kernel) &&
      wraps(next.ky, w.rows.kernel) && wraps(next.ox, w.columns.count()) &&
      wraps(next.oy, w.rows.count()))
    reset(); // the image's last tap
}

} // namespace finngl
