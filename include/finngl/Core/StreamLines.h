//===- StreamLines.h - Windows over rows without end, in beats --*- C++ -*-===//
//
// Geometry of finngl_line_buffer.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_STREAMLINES_H
#define FINNGL_CORE_STREAMLINES_H

#include "finngl/Core/StreamWindow.h"
#include <vector>

namespace finngl {

/// Groups of `inRows` rows of positions of `beats` beats come in; for each
/// group `outRows` rows of windows go out.
struct StreamLines {
  int64_t inRows = 1, outRows = 1;
  int64_t kernel = 1; ///< taps down the rows
  StreamWindow::Axis columns;
  int64_t beats = 1;
  int64_t lag = 0; ///< oldest group that a tap reads
  /// `[outRows, kernel]`: rows back from the newest group's last one, or
  /// `padding()`.
  std::vector<int64_t> taps;

  int64_t padding() const { return (lag + 1) * inRows; }
  /// Beats of the groups that the ring holds: one more is written while the
  /// newest is read.
  int64_t ringBeats() const {
    return (lag + 2) * inRows * columns.extent * beats;
  }
};

} // namespace finngl

#endif // FINNGL_CORE_STREAMLINES_H
