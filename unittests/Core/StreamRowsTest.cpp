//===- StreamRowsTest.cpp - finngl_swg_stream on counters -----------------===//
//
// Cycles worked out by hand. The module's bench compares the same object with
// the RTL.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/StreamRows.h"
#include "gtest/gtest.h"
#include <vector>

using namespace finngl;

namespace {

using Cycles = std::vector<int64_t>;

struct Trace {
  Cycles taken, read;
};

/// A beat is always offered, the output never waits; the beat offered from
/// cycle `restart` on restarts.
Trace trace(const StreamRows &rows, int64_t cycles, int64_t restart = -1) {
  StreamRowsState state(rows);
  Trace trace;
  for (int64_t now = 0; now < cycles; ++now) {
    bool take = state.ready(), read = state.canRead();
    if (take) {
      state.take(restart >= 0 && now >= restart);
      trace.taken.push_back(now);
      if (now >= restart)
        restart = -1;
    }
    if (read) {
      state.read();
      trace.read.push_back(now);
    }
  }
  return trace;
}

TEST(StreamRows, PaddingComesBeforeTheStreamOnly) {
  StreamRows rows;
  rows.rows = {0, 3, 1, 1, 1, 0};
  rows.columns.extent = 2;
  EXPECT_EQ(rows.reach(), 3);
  EXPECT_EQ(rows.first(), 1);
  EXPECT_EQ(rows.ringBeats(), 6);
  // Row 1 begins in cycle 2 and ends in 3; its windows are read until 8. From
  // then on no row is padding.
  Trace r = trace(rows, 18);
  EXPECT_EQ(r.taken, (Cycles{0, 1, 2, 3, 9, 10, 16, 17}));
  EXPECT_EQ(r.read, (Cycles{3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 17}));
}

TEST(StreamRows, RowsBetweenWindowsArePassedOver) {
  StreamRows rows;
  rows.rows = {0, 1, 3, 1, 0, 0};
  EXPECT_EQ(rows.first(), 0);
  Trace r = trace(rows, 10);
  EXPECT_EQ(r.taken, (Cycles{0, 2, 3, 4, 6, 7, 8}));
  EXPECT_EQ(r.read, (Cycles{1, 5, 9}));
}

TEST(StreamRows, WaitHoldsRowsBack) {
  StreamRows rows;
  rows.wait = 2;
  EXPECT_EQ(rows.first(), 2);
  Trace r = trace(rows, 8);
  EXPECT_EQ(r.taken, (Cycles{0, 1, 2, 4, 6}));
  EXPECT_EQ(r.read, (Cycles{3, 5, 7}));
}

TEST(StreamRows, ARestartForgetsTheRows) {
  StreamRows rows;
  rows.rows.kernel = 2;
  // Without the restart the row taken in 4 would make the second window.
  Trace r = trace(rows, 9, /*restart=*/4);
  EXPECT_EQ(r.taken, (Cycles{0, 1, 4, 5, 8}));
  EXPECT_EQ(r.read, (Cycles{2, 3, 6, 7}));
  r = trace(rows, 9);
  EXPECT_EQ(r.taken, (Cycles{0, 1, 4, 7}));
  EXPECT_EQ(r.read, (Cycles{2, 3, 5, 6, 8}));
}

} // namespace
