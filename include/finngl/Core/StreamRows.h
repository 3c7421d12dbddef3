//===- StreamRows.h - Windows of an image without a last row ----*- C++ -*-===//
//
// Geometry of finngl_swg_stream and its registers on counters: which beat may
// be taken and which tap is there, cycle by cycle.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_STREAMROWS_H
#define FINNGL_CORE_STREAMROWS_H

#include "finngl/Core/StreamWindow.h"
#include <optional>

namespace finngl {

/// Samples of a stream that make a row of something: the one `first` samples
/// behind a restart, and each `stride` samples behind that.
struct SampleRows {
  int64_t first = 0, stride = 1;
  /// The index of the row that the sample makes, or nothing.
  std::optional<int64_t> rowOf(int64_t sinceRestart) const {
    int64_t behind = sinceRestart - first;
    return behind >= 0 && behind % stride == 0 ? std::optional(behind / stride)
                                               : std::nullopt;
  }
};

/// Windows over rows that go on until a restart, `beats` a position.
struct StreamRows {
  StreamWindow::Axis rows; ///< without an extent and a padding at its end
  StreamWindow::Axis columns;
  int64_t beats = 1;
  int64_t wait = 0;     ///< rows behind a window's last one that it waits for
  int64_t beatTaps = 1; ///< rows of a window in one of its beats

  /// Rows from a window's first one to the one with which it is there.
  int64_t reach() const { return rows.span() + wait; }
  /// The row of the stream with which the first row of windows is there; the
  /// others follow every `rows.stride` rows.
  int64_t first() const { return reach() - 1 - rows.padBegin; }
  /// The samples that make a row of windows, where these make a row.
  SampleRows behind(SampleRows in) const {
    return {in.first + in.stride * first(), in.stride * rows.stride};
  }
  int64_t ringBeats() const { return reach() * columns.extent * beats; }
};

/// The registers of finngl_swg_stream without its data. In a cycle ready() and
/// canRead() are asked first, then take() and read() follow in this order.
class StreamRowsState {
public:
  explicit StreamRowsState(const StreamRows &rows) : s(rows) { forget(); }
  /// s_ready_o.
  bool ready() const { return !complete(); }
  /// `restart`: the beat is the first one of a packet that restarts.
  void take(bool restart);
  /// The next tap's beat is there.
  bool canRead() const;
  void read();

private:
  StreamRows s;
  /// From the first row of the next row of windows on: rows that are complete,
  /// and those of them that are padding.
  int64_t ahead, padded;
  int64_t column = 0, beat = 0; ///< of the row that is not complete
  /// Window ox, tap (ky, kx), the first of those in its beat.
  struct {
    int64_t ox, ky, kx, beat;
  } next = {0, 0, 0, 0};

  void forget() { ahead = padded = s.rows.padBegin; }
  bool complete() const { return ahead == s.reach(); }
  bool atEnd() const;
};

} // namespace finngl

#endif // FINNGL_CORE_STREAMROWS_H
