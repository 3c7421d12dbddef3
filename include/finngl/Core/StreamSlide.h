//===- StreamSlide.h - Rows of a stream for the windows over it -*- C++ -*-===//
//
// Table of finngl_slide and its registers on counters: which beat may be taken
// and which one is there, cycle by cycle.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_STREAMSLIDE_H
#define FINNGL_CORE_STREAMSLIDE_H

#include <cstdint>
#include <deque>
#include <vector>

namespace finngl {

/// Groups of `rows` rows of `beats` beats. Each group gives the steps whose age
/// it has reached, one row each, to the contexts that began as long ago.
struct StreamSlide {
  struct Step {
    int64_t age;      ///< groups since the context's first one, 0 to maxAge
    int64_t source;   ///< row of the group
    bool first, last; ///< of its context's window
  };
  int64_t beats = 1, rows = 1, contexts = 1, maxAge = 0;
  std::vector<Step> steps; ///< by descending age

  int64_t groupBeats() const { return rows * beats; }
};

/// The registers of finngl_slide without its data. In a cycle ready() and
/// canRead() are asked first, then advance(), take() and read() follow in this
/// order.
class StreamSlideState {
public:
  /// Behind so many groups of a stream.
  explicit StreamSlideState(StreamSlide slide, int64_t before = 0);
  /// s_ready_o.
  bool ready() const { return held.size() < 2; }
  /// The next step's beat is there.
  bool canRead() const { return !held.empty() && reached(); }
  /// Once a cycle: passes over a step whose age is not reached; true if it did.
  bool advance();
  /// `restart`: the beat is the first one of a packet that restarts.
  void take(bool restart);
  void read();

private:
  StreamSlide s;
  std::deque<int64_t> held; ///< ages of the groups that are complete
  int64_t written = 0;      ///< beats of the group that is not
  int64_t age;              ///< its age, or of the last group between two
  int64_t step = 0, beat = 0;

  bool reached() const { return s.steps[step].age <= held.front(); }
  void leaveStep();
};

} // namespace finngl

#endif // FINNGL_CORE_STREAMSLIDE_H
