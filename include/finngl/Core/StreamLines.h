//===- StreamLines.h - Windows over an endless stream of rows ---*- C++ -*-===//
//
// Geometry of finngl_line_buffer and its registers on counters: which beat may
// be taken and which tap is there, cycle by cycle.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_STREAMLINES_H
#define FINNGL_CORE_STREAMLINES_H

#include "finngl/Core/StreamWindow.h"
#include <vector>

namespace finngl {

/// Windows over groups of `inRows` rows, `beats` a position; `outRows` rows of
/// windows of `kernelH` taps down and `columns` across for each group.
struct StreamLines {
  StreamWindow::Axis columns;
  int64_t beats = 1;
  int64_t inRows = 1, outRows = 1, kernelH = 1;
  int64_t lag = 0;      ///< age of the oldest group that a tap reads
  int64_t beatTaps = 1; ///< rows of a window in one of its beats
  /// [outRows * kernelH]: rows back from the newest group's last one; row
  /// `outside()` is padding.
  std::vector<int64_t> taps;

  int64_t outside() const { return (lag + 1) * inRows; }
  /// Beats that the ring holds: what is read, and the next group.
  int64_t ringBeats() const {
    return (lag + 2) * inRows * columns.extent * beats;
  }
  /// Beats of the windows of one group.
  int64_t outBeats() const {
    return outRows * columns.count() * (kernelH / beatTaps) * columns.kernel *
           beats;
  }
};

/// The registers of finngl_line_buffer without its data. In a cycle ready() and
/// canRead() are asked first, then take() and read() follow in this order.
class StreamLinesState {
public:
  explicit StreamLinesState(StreamLines lines);
  /// s_ready_o.
  bool ready() const { return ahead < 2; }
  void take();
  /// The next tap's beat is there.
  bool canRead() const;
  void read();

private:
  StreamLines s;
  int64_t ahead = 0;   ///< complete groups that are not read to their end
  int64_t written = 0; ///< beats of the group that is not complete
  /// Row v and window ox, tap (ky, kx), the first of those in its beat.
  struct {
    int64_t v, ox, ky, kx, beat;
  } next = {0, 0, 0, 0, 0};

  bool atEnd() const;
};

} // namespace finngl

#endif // FINNGL_CORE_STREAMLINES_H
