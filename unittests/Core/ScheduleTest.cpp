//===- ScheduleTest.cpp - Offsets, period, network cycles -----------------===//

#include "finngl/Core/Schedule.h"
#include <gtest/gtest.h>

using namespace finngl;

namespace {

/// LSTM `inputs` -> `units`: h in the MVU, c in the tail; gates ready at 2.
RegionShape lstm(int64_t inputs, int64_t units) {
  RegionShape shape;
  shape.units = units;
  shape.blocks = 4;
  shape.mvuDsp = true;
  shape.states = {{units, inputs, -1, 9}, {units, -1, 2, 6}};
  shape.inputs = {{inputs, 0, -1, -1}};
  shape.outputAt = {9, 6, 9};
  return shape;
}

TEST(Schedule, FullyParallelRowsAreBoundByTheLoop) {
  RegionSchedule s(lstm(10, 20), {80, 1, 1});
  EXPECT_EQ(s.columnGroups(), 30);
  EXPECT_EQ(s.rowGroups(), 1);
  EXPECT_EQ(s.beatAt(0), 34);  // 30 columns, latency 4
  EXPECT_EQ(s.beatAt(19), 53); // one unit a cycle
  // h[0] is readable in cycle 34 + 9 + 1 and is column 10 of the next step.
  EXPECT_EQ(s.period(), 34);
  EXPECT_EQ(s.stateBanks(), 1);
}

TEST(Schedule, OneMultiplierIsBoundByTheProducts) {
  RegionSchedule s(lstm(10, 20), {1, 1, 1});
  EXPECT_LE(s.period(), 4 * 20 * 30 + 64);
  EXPECT_GE(s.period(), 4 * 20 * 30);
  EXPECT_EQ(s.stateBanks(), 2); // a late row reads the old h
  EXPECT_EQ(s.beatAt(0), 4 * 30 + 4);
}

TEST(Schedule, RefusesWhatTheHardwareCannotDo) {
  RegionShape shape = lstm(10, 20);
  EXPECT_FALSE(illegal(shape, {80, 1, 1}));
  EXPECT_TRUE(illegal(shape, {80, 3, 1}));  // 3 does not divide 10
  EXPECT_TRUE(illegal(shape, {6, 1, 1}));   // neither divisor nor multiple of 4
  EXPECT_TRUE(illegal(shape, {80, 1, 3}));  // 3 lanes of 20 units
  EXPECT_TRUE(illegal(shape, {80, 10, 1})); // 20 beats in 3 cycles
  EXPECT_FALSE(illegal(shape, {80, 10, 10}));
}

/// A period is legal iff no state element is read before its last write; the
/// schedule's is the least such. Checked element by element.
TEST(Schedule, PeriodIsTheLeastWithoutHazard) {
  for (int64_t inputs : {4, 10, 12})
    for (int64_t units : {4, 12, 20})
      for (int64_t pe : {1, 2, 4, 8, 16, 48, 80})
        for (int64_t simd : {1, 2, 4})
          for (int64_t lanes : {1, 2, 4}) {
            RegionShape shape = lstm(inputs, units);
            Folding f{pe, simd, lanes};
            if (illegal(shape, f))
              continue;
            RegionSchedule s(shape, f);
            auto hazardFree = [&](int64_t p) {
              if (p < s.rowGroups() * s.columnGroups())
                return false;
              for (int64_t e = 0; e < units; ++e) {
                int64_t beat = s.beatAt(e / lanes);
                int64_t hRead = p + (inputs + e) / simd;
                int64_t cRead = p + beat + 2 - 1;
                if (hRead < beat + 9 + 1 || cRead < beat + 6 + 1)
                  return false;
              }
              return true;
            };
            EXPECT_TRUE(hazardFree(s.period()));
            EXPECT_FALSE(hazardFree(s.period() - 1));
          }
}

TEST(NetworkCycles, OnePacketOfARegion) {
  RegionSchedule s(lstm(10, 20), {80, 1, 1});
  NetworkShape network;
  network.ports.push_back({.beats = 10, .steps = 25});
  network.regions.push_back({s, 25, {0}, {}});
  network.ports.push_back({.region = 0,
                           .beats = 20,
                           .steps = 25,
                           .graphOutput = true,
                           .ready = 9,
                           .capacity = s.outputSteps(2)});
  NetworkCycles one = simulate(network, 1);
  // 10 beats in, launch, 24 periods, last beat, tail, output register.
  EXPECT_EQ(one.lastOutput, 10 + 24 * s.period() + s.lastBeatAt() + 9 + 1);
  NetworkCycles two = simulate(network, 2);
  EXPECT_EQ(two.lastOutput - one.lastOutput, 25 * s.period());
  NetworkCycles tick = simulate(network, 1, 1);
  EXPECT_EQ(tick.firstOutput - tick.lastInput, 1 + s.beatAt(0) + 9 + 1);
}

TEST(NetworkCycles, AnInputWaitsForItsSlowestReader) {
  RegionSchedule fast(lstm(10, 20), {80, 1, 1}), slow(lstm(10, 20), {4, 1, 1});
  NetworkShape network;
  network.ports.push_back({.beats = 10, .steps = 25});
  auto addRegion = [&](const RegionSchedule &s) {
    network.ports.push_back({.region = int64_t(network.regions.size()),
                             .beats = 20,
                             .steps = 25,
                             .graphOutput = true,
                             .ready = 9,
                             .capacity = s.outputSteps(2)});
    network.regions.push_back({s, 25, {0}, {}});
  };
  addRegion(slow);
  int64_t alone = simulate(network, 1).lastOutput;
  addRegion(fast);
  EXPECT_EQ(simulate(network, 1).lastOutput, alone);
  EXPECT_EQ(simulate(network, 2).lastOutput, alone + 25 * slow.period());
}

} // namespace
