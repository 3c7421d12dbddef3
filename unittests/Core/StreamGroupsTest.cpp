//===- StreamGroupsTest.cpp - finngl_line_buffer and _slide on counters ---===//
//
// Cycles worked out by hand. The benches of the modules compare the same
// objects with the RTL.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/StreamLines.h"
#include "finngl/Core/StreamSlide.h"
#include "gtest/gtest.h"

using namespace finngl;

namespace {

using Cycles = std::vector<int64_t>;

struct Trace {
  Cycles taken, read;
};

/// One beat offered every `pace` cycles; the output never waits.
Trace trace(StreamLines lines, int64_t cycles, int64_t pace) {
  StreamLinesState state(std::move(lines));
  Trace trace;
  for (int64_t now = 0; now < cycles; ++now) {
    bool take = now % pace == 0 && state.ready(), read = state.canRead();
    if (take) {
      state.take();
      trace.taken.push_back(now);
    }
    if (read) {
      state.read();
      trace.read.push_back(now);
    }
  }
  return trace;
}

TEST(StreamLines, NextGroupIsTakenMeanwhile) {
  StreamLines causal;
  causal.columns.extent = 2;
  causal.kernelH = 3;
  causal.lag = 2;
  causal.taps = {2, 1, 0};
  EXPECT_EQ(causal.outBeats(), 6);
  EXPECT_EQ(causal.ringBeats(), 8);
  // Older rows need not be waited for, once the group has begun; the second
  // group is whole in cycle 4 and the first one read to its end in cycle 6.
  Trace r = trace(causal, 13, 1);
  EXPECT_EQ(r.taken, (Cycles{0, 1, 2, 3, 7, 8}));
  EXPECT_EQ(r.read, (Cycles{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(StreamLines, TapsWaitForTheirBeats) {
  StreamLines row;
  row.columns = {3, 3, 1, 1, 1, 1};
  row.taps = {0};
  EXPECT_EQ(row.columns.count(), 3);
  Trace r = trace(row, 12, 4);
  EXPECT_EQ(r.taken, (Cycles{0, 4, 8}));
  EXPECT_EQ(r.read, (Cycles{1, 2, 5, 6, 7, 9, 10, 11}));
}

TEST(StreamLines, LastTapWaitsForTheGroup) {
  StreamLines rows; // reads the first row only
  rows.inRows = 2;
  rows.taps = {1};
  Trace r = trace(rows, 9, 4);
  EXPECT_EQ(r.taken, (Cycles{0, 4, 8}));
  EXPECT_EQ(r.read, (Cycles{5}));
}

TEST(StreamSlide, AgesAreReached) {
  StreamSlide slide;
  slide.beats = 2;
  slide.contexts = 3;
  slide.maxAge = 2;
  slide.steps = {
      {2, 0, false, true}, {1, 0, false, false}, {0, 0, true, false}};
  StreamSlideState state(slide);
  Trace r;
  Cycles skipped;
  for (int64_t now = 0; now < 29; ++now) {
    // The fourth group restarts.
    bool take = state.ready(), read = state.canRead();
    if (state.advance())
      skipped.push_back(now);
    if (take) {
      state.take(r.taken.empty() || r.taken.size() == 6);
      r.taken.push_back(now);
    }
    if (read) {
      state.read();
      r.read.push_back(now);
    }
  }
  EXPECT_EQ(r.taken,
            (Cycles{0, 1, 2, 3, 6, 7, 11, 12, 17, 18, 21, 22, 26, 27}));
  EXPECT_EQ(skipped, (Cycles{2, 3, 6, 17, 18, 21}));
  EXPECT_EQ(r.read, (Cycles{4,  5,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                            16, 19, 20, 22, 23, 24, 25, 26, 27, 28}));
}

} // namespace
