//===- StreamWindow.h - Sliding windows of a stream, in beats ---*- C++ -*-===//
//
// Geometry of finngl_swg and its registers on counters: which beat may be taken
// and which tap is there, cycle by cycle.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_STREAMWINDOW_H
#define FINNGL_CORE_STREAMWINDOW_H

#include <cstdint>

namespace finngl {

/// Windows over an image that comes in row-major order, `beats` a position.
struct StreamWindow {
  /// Tap k of window o is at `o * stride - padBegin + k * dilation`.
  struct Axis {
    int64_t extent = 1, kernel = 1, stride = 1, dilation = 1;
    int64_t padBegin = 0, padEnd = 0;
    int64_t span() const { return (kernel - 1) * dilation + 1; }
    int64_t count() const {
      return (extent + padBegin + padEnd - span()) / stride + 1;
    }
    bool contains(int64_t at) const { return at >= 0 && at < extent; }
  };
  Axis rows, columns;
  int64_t beats = 1;
  /// Rows of a window in one of its beats.
  int64_t beatTaps = 1;

  /// Beats of the rows that a window reaches.
  int64_t ringBeats() const { return rows.span() * columns.extent * beats; }
};

/// The registers of finngl_swg without its data.
class StreamWindowState {
public:
  explicit StreamWindowState(const StreamWindow &window) : w(window) {
    reset();
  }
  /// s_ready_o.
  bool ready() const { return !written.done && (room() || lastRow()); }
  void take();
  /// The next tap's beat is there.
  bool canRead() const;
  void read();

private:
  StreamWindow w;
  struct {
    int64_t row, column, beat;
    bool begun, done;
  } written;
  /// Window (oy, ox), tap (ky, kx), the first of those in its beat.
  struct {
    int64_t oy, ox, ky, kx, beat;
  } next;

  void reset();
  int64_t firstRow() const { return next.oy * w.rows.stride - w.rows.padBegin; }
  bool room() const { return written.row < firstRow() + w.rows.span(); }
  bool lastRow() const { return next.oy == w.rows.count() - 1; }
  bool atEnd() const;
};

} // namespace finngl

#endif // FINNGL_CORE_STREAMWINDOW_H
