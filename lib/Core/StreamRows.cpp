//===- StreamRows.cpp - The registers of finngl_swg_stream on counters ----===//

#include "finngl/Core/StreamRows.h"
#include "Counter.h"
#include <algorithm>
#include <tuple>

namespace finngl {

void StreamRowsState::take(bool restart) {
  if (restart)
    forget();
  if (wraps(beat, s.beats) && wraps(column, s.columns.extent))
    ++ahead;
}

bool StreamRowsState::atEnd() const {
  return next.ox == s.columns.count() - 1 &&
         next.ky == s.rows.kernel - s.beatTaps &&
         next.kx == s.columns.kernel - 1 && next.beat == s.beats - 1;
}

bool StreamRowsState::canRead() const {
  if (complete())
    return true;
  // Before its last row has begun a restart may come instead of it.
  if (ahead != s.reach() - 1 || (column == 0 && beat == 0) || atEnd())
    return false;
  int64_t at = next.ox * s.columns.stride - s.columns.padBegin +
               next.kx * s.columns.dilation;
  if (!s.columns.contains(at))
    return true;
  // Rows come one behind another: those of the last tap decide.
  int64_t row = (next.ky + s.beatTaps - 1) * s.rows.dilation;
  return row < padded ||
         std::tie(row, at, next.beat) < std::tie(ahead, column, beat);
}

void StreamRowsState::read() {
  if (wraps(next.beat, s.beats) && wraps(next.kx, s.columns.kernel) &&
      wraps(next.ky, s.rows.kernel, s.beatTaps) &&
      wraps(next.ox, s.columns.count())) {
    ahead -= s.rows.stride;
    padded = std::max<int64_t>(padded - s.rows.stride, 0);
  }
}

} // namespace finngl
