//===- ScheduleTest.cpp - Offsets, period, network cycles -----------------===//

#include "finngl/Core/Schedule.h"
#include <gtest/gtest.h>

using namespace finngl;

namespace {

/// LSTM `inputs` -> `units`: h in the MVU, c in the tail; gates ready at 2.
RegionShape lstm(int64_t inputs, int64_t units) {
  RegionShape shape;
  shape.passes = {{units, 4, 0, true, {}}};
  shape.states = {{units, inputs, -1, 9}, {units, -1, 2, 6}};
  shape.inputs = {{inputs, 0, -1, -1}};
  shape.outputs = {{9}, {6}, {9}};
  return shape;
}

Folding one(int64_t pe, int64_t simd, int64_t lanes) {
  return {{{pe, simd}}, lanes};
}

/// A cell whose second product is of r * h: h in the first MVU and in the tail,
/// the result written by the second tail.
RegionShape resetBefore(int64_t inputs, int64_t units) {
  RegionShape shape;
  shape.passes = {{units, 3, 0, true, {}},
                  {units, 1, 0, false, {{units, 0, 0, 4}}}};
  shape.states = {{units, inputs, 2, 5, 0, 0, 1}};
  shape.inputs = {{inputs, 0, -1, -1}};
  shape.outputs = {{5, 1}, {5, 1}};
  shape.handovers = {{0, 2, 1, 3}, {0, 0, 1, 1}};
  return shape;
}

TEST(Schedule, FullyParallelRowsAreBoundByTheLoop) {
  RegionSchedule s(lstm(10, 20), one(80, 1, 1));
  EXPECT_EQ(s.columnGroups(0), 30);
  EXPECT_EQ(s.rowGroups(0), 1);
  EXPECT_EQ(s.beatAt(0, 0), 34);  // 30 columns, latency 4
  EXPECT_EQ(s.beatAt(0, 19), 53); // one unit a cycle
  // h[0] is readable in cycle 34 + 9 + 1 and is column 10 of the next step.
  EXPECT_EQ(s.period(), 34);
  EXPECT_EQ(s.stateBanks(s.shape().states[0]), 1);
}

TEST(Schedule, OneMultiplierIsBoundByTheProducts) {
  RegionSchedule s(lstm(10, 20), one(1, 1, 1));
  EXPECT_LE(s.period(), 4 * 20 * 30 + 64);
  EXPECT_GE(s.period(), 4 * 20 * 30);
  EXPECT_EQ(s.stateBanks(s.shape().states[0]), 2); // a late row reads the old h
  EXPECT_EQ(s.beatAt(0, 0), 4 * 30 + 4);
}

TEST(Schedule, RefusesWhatTheHardwareCannotDo) {
  RegionShape shape = lstm(10, 20);
  EXPECT_FALSE(illegal(shape, one(80, 1, 1)));
  EXPECT_TRUE(
      illegal(shape, one(6, 1, 1))); // neither divisor nor multiple of 4
  EXPECT_TRUE(illegal(shape, one(84, 1, 1)));  // 21 units
  EXPECT_TRUE(illegal(shape, one(80, 21, 1))); // no operand is so long
  EXPECT_TRUE(illegal(shape, one(80, 1, 3)));  // 3 lanes of 20 units
  EXPECT_TRUE(illegal(shape, one(12, 2, 3)));  // h between lanes and simd
  EXPECT_TRUE(illegal(shape, one(80, 10, 1))); // 20 beats in 3 cycles
  EXPECT_TRUE(illegal(shape, one(28, 17, 1))); // 20 units padded to 119
  EXPECT_FALSE(illegal(shape, one(80, 10, 10)));
}

/// Passes of one stage are told apart by the lengths of their vectors.
TEST(Schedule, DoesNotPadTwoLengthsToOne) {
  RegionShape shape;
  shape.passes = {{8, 1, 0, false, {}}, {7, 0, 0, false, {}}};
  shape.inputs = {{4, 0, -1, -1}};
  auto folded = [](int64_t lanes) {
    return Folding{{{lanes, 1}, {1, 1}}, lanes};
  };
  EXPECT_FALSE(illegal(shape, folded(1)));
  auto reason = illegal(shape, folded(2));
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("of 8 and of 7 elements"), std::string::npos);
}

/// Units in groups of 3, columns in groups of 4: a multiple of both for h and
/// c, of 4 for x.
TEST(Schedule, PadsWhatTheFoldingDoesNotDivide) {
  Folding f = one(12, 4, 1);
  RegionShape shape = lstm(10, 20);
  ASSERT_FALSE(illegal(shape, f));
  RegionSchedule s(shape, f);
  const RegionShape &wide = s.shape();
  EXPECT_EQ(wide.passes[0].units, 24);
  EXPECT_EQ(wide.inputs[0].size, 12);
  EXPECT_EQ(wide.inputs[0].given, 10);
  EXPECT_EQ(wide.states[0].column, 12);
  EXPECT_EQ(wide.states[0].given, 20);
  EXPECT_EQ(wide.states[1].size, 24);
  EXPECT_EQ(s.rowGroups(0), 8);
  EXPECT_EQ(s.columnGroups(0), 9);
  // Two of the four columns divide the stream of ten.
  EXPECT_EQ(s.inputLanes(wide.inputs[0]), 2);
  EXPECT_EQ(loadCycles(wide, f), 5);
  EXPECT_EQ(s.outputBeats(2), 20);
  EXPECT_EQ(s.outputLanes(2), 1);
  RegionShape twice = padded(wide, f);
  EXPECT_EQ(twice.passes[0].units, 24);
  EXPECT_EQ(twice.inputs[0].given, 10);
  EXPECT_EQ(twice.columns(0), wide.columns(0));
}

TEST(Schedule, LanesThatDoNotDivideGiveStepsAsOneBeat) {
  RegionSchedule s(lstm(10, 20), one(12, 3, 3));
  EXPECT_EQ(s.beats(0), 7);
  EXPECT_EQ(s.outputBeats(2), 7);
  EXPECT_EQ(s.outputLanes(2), 20);
  EXPECT_TRUE(s.packs(2));
}

/// The first part of a split matrix ends where the second one's columns begin.
TEST(Schedule, PaddingMovesTheSplit) {
  RegionShape shape = lstm(10, 20);
  shape.passes[0].split = 10;
  EXPECT_EQ(padded(shape, one(80, 4, 1)).passes[0].split, 12);
}

/// A period is legal iff no state element is read before its last write; the
/// schedule's is the least such. Checked element by element.
TEST(Schedule, PeriodIsTheLeastWithoutHazard) {
  for (int64_t inputs : {4, 7, 10, 12})
    for (int64_t units : {4, 12, 13, 20})
      for (int64_t pe : {1, 2, 4, 8, 16, 20, 48, 80})
        for (int64_t simd : {1, 2, 4, 5})
          for (int64_t lanes : {1, 2, 4, 5}) {
            RegionShape shape = lstm(inputs, units);
            Folding f = one(pe, simd, lanes);
            if (illegal(shape, f))
              continue;
            RegionSchedule s(shape, f);
            int64_t all = s.shape().passes[0].units;
            int64_t first = s.shape().states[0].column;
            auto hazardFree = [&](int64_t p) {
              if (p < s.rowGroups(0) * s.columnGroups(0))
                return false;
              for (int64_t e = 0; e < all; ++e) {
                int64_t beat = s.beatAt(0, e / lanes);
                int64_t hRead = p + (first + e) / simd;
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

/// Nothing is read before it is there, and no step overwrites what the step
/// before still reads.
TEST(Schedule, PassesFollowOneAnotherWithoutHazard) {
  int legal = 0;
  for (int64_t inputs : {4, 10})
    for (int64_t units : {4, 12})
      for (int64_t pe : {1, 3, 12, 36})
        for (int64_t simd : {1, 2})
          for (int64_t pe1 : {1, 2, 4, 12})
            for (int64_t lanes : {1, 2}) {
              RegionShape shape = resetBefore(inputs, units);
              Folding f{{{pe, simd}, {pe1, 2}}, lanes};
              if (illegal(shape, f))
                continue;
              ++legal;
              RegionSchedule s(shape, f);
              int64_t start = s.startAt(1), last = s.passEnd(1);
              bool tight = false;
              auto before = [&](int64_t write, int64_t read) {
                EXPECT_LT(write, read);
                tight |= write + 1 == read;
              };
              for (int64_t e = 0; e < units; ++e) {
                int64_t b = e / lanes;
                before(s.beatAt(0, b) + 4, start + e / 2);
                before(s.beatAt(0, b) + 2, s.beatAt(1, b) + 3 - 1);
                before(s.beatAt(0, b) + 0, s.beatAt(1, b) + 1 - 1);
                EXPECT_GT(s.period() + s.beatAt(0, b) + 4, last);
                EXPECT_LT(s.beatAt(1, b) + 5, s.period() + (inputs + e) / simd);
              }
              EXPECT_TRUE(tight);
            }
  EXPECT_GT(legal, 50);
}

TEST(NetworkCycles, OnePacketOfARegion) {
  RegionSchedule s(lstm(10, 20), one(80, 1, 1));
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
  EXPECT_EQ(one.lastOutput, 10 + 24 * s.period() + s.lastBeatAt(0) + 9 + 1);
  NetworkCycles two = simulate(network, 2);
  EXPECT_EQ(two.lastOutput - one.lastOutput, 25 * s.period());
  NetworkCycles tick = simulate(network, 1, 1);
  EXPECT_EQ(tick.firstOutput - tick.lastInput, 1 + s.beatAt(0, 0) + 9 + 1);
}

/// Two contexts that take turns: the order of steps changes when a packet ends,
/// not how many steps there are.
TEST(NetworkCycles, PacketsOfContextsEndWithTheirLastStep) {
  RegionSchedule s(lstm(10, 20), one(80, 1, 1));
  NetworkShape network;
  network.ports.push_back({.beats = 10, .steps = 25});
  network.regions.push_back({s, 25, {0}, {}});
  network.ports.push_back({.region = 0,
                           .beats = 20,
                           .steps = 25,
                           .graphOutput = true,
                           .ready = 9,
                           .capacity = s.outputSteps(2)});
  NetworkCycles two = simulate(network, 2);
  NetworkCycles turns = simulate(network, Traffic::takingTurns(2, 1, 25));
  EXPECT_EQ(turns.lastOutput, two.lastOutput);
  EXPECT_EQ(turns.packetEnds[1], two.packetEnds[1]);
  EXPECT_EQ(turns.packetEnds[0], two.lastOutput - s.period());
}

/// With several contexts in flight only steps of one context wait for the
/// state.
TEST(NetworkCycles, ContextsInFlightFillTheLoop) {
  RegionShape shape = lstm(10, 20);
  Folding folding = one(80, 5, 5);
  RegionSchedule alone(shape, folding);
  EXPECT_EQ(alone.inFlight(), 1);
  EXPECT_EQ(alone.period(), alone.loop());
  EXPECT_EQ(alone.interval(), alone.loop());
  for (int64_t k : {2, 3, 4, 8}) {
    RegionSchedule s(shape, folding, k);
    EXPECT_EQ(s.period(), 6); // 30 columns, five at once
    EXPECT_EQ(s.loop(), alone.loop());
    NetworkShape network;
    network.ports.push_back({.lanes = 5, .beats = 2, .steps = 25});
    network.regions.push_back({s, 25, {0}, {}});
    network.ports.push_back({.region = 0,
                             .lanes = 5,
                             .beats = 4,
                             .steps = 25,
                             .graphOutput = true,
                             .ready = 9,
                             .capacity = s.outputSteps(2)});
    auto last = [&](const Traffic &traffic) {
      return simulate(network, traffic).lastOutput;
    };
    int64_t contexts = s.inFlight();
    EXPECT_EQ(last(Traffic::takingTurns(contexts, 3, 25)) -
                  last(Traffic::takingTurns(contexts, 2, 25)),
              25 * s.turn());
    // One context alone gains nothing.
    EXPECT_EQ(last(Traffic::backToBack(3)) - last(Traffic::backToBack(2)),
              25 * s.loop());
  }
}

TEST(Traffic, StepsInOrderOfArrival) {
  Traffic traffic{{{0, 2}, {1, 1}}, {0, 1, 0}};
  auto packets = [](const std::vector<Traffic::Step> &steps) {
    std::vector<int64_t> list;
    for (const Traffic::Step &step : steps)
      list.push_back(step.packet * 100 + step.first * 10 + step.last);
    return list;
  };
  EXPECT_EQ(packets(traffic.steps(5)), (std::vector<int64_t>{10, 111, 1}));
  EXPECT_EQ(packets(traffic.steps(1)), (std::vector<int64_t>{111, 11}));
  EXPECT_EQ(packets(traffic.starts()), (std::vector<int64_t>{11, 111}));
  EXPECT_EQ(packets(Traffic::backToBack(2).steps(2)),
            (std::vector<int64_t>{10, 1, 110, 101}));
}

/// A reader of a sequence and of its last state, without a FIFO between: the
/// input waits for the reader and the reader for the whole packet.
TEST(NetworkCycles, StreamsThatWaitForOneAnotherAreFound) {
  RegionSchedule s(lstm(10, 20), {{{80, 1}}, 1});
  NetworkShape network;
  network.ports.push_back({.beats = 10, .steps = 25});
  network.ports.push_back({.region = 0, .beats = 20, .lastOnly = true});
  network.ports.push_back(
      {.region = 1, .beats = 20, .steps = 25, .graphOutput = true});
  network.regions.push_back({s, 25, {0}, {}});
  network.regions.push_back({s, 25, {0}, {{0, 1}}});
  EXPECT_TRUE(simulate(network, 1).stuck);
  network.regions[1].inputs[0] = 3;
  network.ports.push_back(
      {.source = 0, .beats = 10, .steps = 25, .capacity = 25});
  EXPECT_FALSE(simulate(network, 1).stuck);
}

TEST(NetworkCycles, AnInputWaitsForItsSlowestReader) {
  RegionSchedule fast(lstm(10, 20), one(80, 1, 1)),
      slow(lstm(10, 20), one(4, 1, 1));
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
