//===- SegmentTableTest.cpp - Thresholds by table and one comparator ------===//

#include "finngl/Core/SegmentTable.h"
#include "RandomCases.h"
#include "finngl/Core/LinearThresholds.h"
#include <algorithm>
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::test;

namespace {

int differences(std::span<const StepFunction> channels,
                const SegmentTable &table) {
  int count = 0;
  for (size_t c = 0; c < channels.size(); ++c)
    for (int64_t a = channels[c].aMin; a <= channels[c].aMax; ++a)
      count += table.apply(a, c) != evaluate(channels[c], a);
  return count;
}

void expectWellFormed(const SegmentTable &table, size_t channels) {
  EXPECT_GE(table.idxBits, 1u);
  EXPECT_GE(table.segBits, 1u);
  EXPECT_EQ(table.entries.size(), size_t(1) << table.idxBits);
  EXPECT_EQ(table.start.size(), channels);
  for (const SegmentTable::Entry &entry : table.entries) {
    EXPECT_GE(entry.tau, 0);
    EXPECT_LT(entry.tau, int64_t(1) << table.segBits);
    for (int64_t y : {entry.yLo, entry.yHi})
      EXPECT_LE(bitWidthFor(std::min(toInteger(y), Integer(0)),
                            std::max(toInteger(y), Integer(0)),
                            table.outSigned),
                table.outWidth);
  }
}

std::vector<StepFunction> functionsOf(const AffineQuantisation &q) {
  std::vector<StepFunction> result;
  for (size_t c = 0; c < q.channels(); ++c)
    result.push_back(stepFunction(q, c));
  return result;
}

TEST(SegmentTableTest, ConstantFunction) {
  std::vector<StepFunction> constant = {{-50, 50, -3, {}}};
  auto table = solveSegmentTable(constant);
  ASSERT_TRUE(table);
  expectWellFormed(*table, 1);
  EXPECT_TRUE(table->outSigned);
  EXPECT_EQ(table->outWidth, 3u);
  EXPECT_EQ(differences(constant, *table), 0);
}

TEST(SegmentTableTest, OneBreakIsOneComparator) {
  std::vector<StepFunction> step = {{-50, 50, 0, {{17, 1}}}};
  auto table = solveSegmentTable(step);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->idxBits, 1u);
  EXPECT_EQ(table->segBits, 1u);
  EXPECT_EQ(table->fracBits, 0u);
  EXPECT_EQ(table->outWidth, 1u);
  EXPECT_EQ(differences(step, *table), 0);
}

TEST(SegmentTableTest, NonMonotoneAndFalling) {
  std::vector<StepFunction> bumps = {
      {-50, 50, 0, {{-40, 2}, {-11, 1}, {3, -1}, {4, 2}, {48, 0}}}};
  auto table = solveSegmentTable(bumps);
  ASSERT_TRUE(table);
  expectWellFormed(*table, 1);
  EXPECT_EQ(differences(bumps, *table), 0);

  std::vector<StepFunction> falling = {
      {-50, 50, 9, {{-20, 6}, {5, 1}}},
      {-50, 50, 9, {{-10, 6}, {15, 4}, {16, 1}}},
      {-15, 0, 6, {}}};
  table = solveSegmentTable(falling);
  ASSERT_TRUE(table);
  EXPECT_EQ(differences(falling, *table), 0);
}

TEST(SegmentTableTest, ShiftedChannelsNeedNoFraction) {
  std::vector<StepFunction> channels;
  for (int64_t shift : {0, 7, -13, 40})
    channels.push_back(
        {-100, 100, 0, {{-30 + shift, 1}, {0 + shift, 2}, {31 + shift, 3}}});
  auto table = solveSegmentTable(channels);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->fracBits, 0u);
  EXPECT_EQ(differences(channels, *table), 0);
}

TEST(SegmentTableTest, HalfAStepNeedsOneFractionBit) {
  // Breaks 10, 21 and 10, 20: no shift makes them equal, half a place does.
  std::vector<StepFunction> channels = {{0, 99, 0, {{10, 1}, {21, 2}}},
                                        {0, 99, 0, {{10, 1}, {20, 2}}}};
  auto table = solveSegmentTable(channels);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->fracBits, 1u);
  EXPECT_EQ(differences(channels, *table), 0);
  EXPECT_FALSE(solveSegmentTable(channels, 10, 0));
  // Distances that differ by two places fit no number of fraction bits.
  channels[0].steps[1].at = 22;
  EXPECT_FALSE(solveSegmentTable(channels));
}

TEST(SegmentTableTest, FarPlacesWithHalfAStep) {
  // As far as a table reaches, on both sides of zero, at most fraction bits.
  constexpr int64_t kFar = int64_t(1) << 49;
  for (int64_t sign : {-1, 1}) {
    int64_t at = sign * kFar;
    std::vector<StepFunction> channels = {
        {-2 * kFar, 2 * kFar, 0, {{at, 1}, {at + 11, 2}}},
        {-2 * kFar, 2 * kFar, 0, {{at, 1}, {at + 10, 2}}},
        {-2 * kFar, 2 * kFar, 0, {{-at, 1}, {-at + 10, 2}}}};
    auto table = solveSegmentTable(channels, 10, 16);
    ASSERT_TRUE(table);
    EXPECT_EQ(table->fracBits, 1u);
    for (size_t c = 0; c < channels.size(); ++c)
      EXPECT_EQ(stepFunction(*table, c, -2 * kFar, 2 * kFar), channels[c]);
    // Infeasible at any number of bits: rounds raise far starts to the end.
    channels[0].steps[1].at = at + 12;
    EXPECT_FALSE(solveSegmentTable(channels, 10, 16));
  }
}

TEST(SegmentTableTest, UnreachableStepsConstrainNothing) {
  // The second channel's other breaks would lie elsewhere, behind its range.
  std::vector<StepFunction> channels = {
      {-100, 100, 0, {{-30, 1}, {0, 2}, {31, 3}}},
      {-20, 5, 1, {{1, 2}}},
      {50, 60, 3, {}},
      {-100, -90, 0, {}}};
  auto table = solveSegmentTable(channels);
  ASSERT_TRUE(table);
  EXPECT_EQ(differences(channels, *table), 0);
}

TEST(SegmentTableTest, RefusesSequencesThatDiffer) {
  std::vector<StepFunction> channels = {{0, 9, 0, {{3, 2}, {5, 0}}},
                                        {0, 9, 0, {{3, 1}, {5, 0}}}};
  EXPECT_FALSE(solveSegmentTable(channels));
  // 0 occurs twice in the longest sequence: which one is meant?
  channels[1] = {0, 9, 0, {}};
  EXPECT_FALSE(solveSegmentTable(channels));
}

TEST(SegmentTableTest, IndexLimitIsKept) {
  std::vector<StepFunction> channels = {{0, 5000, 0, {}}};
  for (int64_t i = 0; i < 20; ++i)
    channels[0].append(1 + i * i * i / 2 + i, i + 1);
  auto table = solveSegmentTable(channels);
  ASSERT_TRUE(table);
  EXPECT_EQ(differences(channels, *table), 0);
  EXPECT_FALSE(solveSegmentTable(channels, 4));
}

TEST(SegmentTableTest, RandomChannelsEqualBruteForce) {
  RandomCases cases(31);
  int solved = 0;
  const int total = 800;
  for (int i = 0; i < total; ++i) {
    auto channels = functionsOf(cases.affine(cases.integer(1, 6)));
    auto table = solveSegmentTable(channels);
    if (!table)
      continue;
    ++solved;
    expectWellFormed(*table, channels.size());
    ASSERT_EQ(differences(channels, *table), 0) << "case " << i;
  }
  // Half-even ties and double steps at zero are beyond it in some cases.
  EXPECT_GT(solved, total * 8 / 10);
}

/// Through an activation table, as a gate's accumulator to sigmoid chain.
TEST(SegmentTableTest, ComposedActivationsEqualBruteForce) {
  RandomCases cases(32);
  int solved = 0;
  for (int i = 0; i < 300; ++i) {
    AffineQuantisation q = cases.affine(1);
    std::vector<int64_t> values;
    for (int64_t code = q.lo; code <= q.hi; ++code)
      values.push_back(cases.integer(-4, 11));
    if (cases.chance(70))
      std::sort(values.begin(), values.end());
    std::vector<StepFunction> channels = {
        compose(stepFunction(q), values, q.lo)};
    auto table = solveSegmentTable(channels);
    ASSERT_TRUE(table) << "one channel can always be placed";
    ++solved;
    expectWellFormed(*table, 1);
    ASSERT_EQ(differences(channels, *table), 0);
  }
  EXPECT_EQ(solved, 300);
}

TEST(SegmentTableTest, MutantsAreSeenOrEquivalent) {
  RandomCases cases(33);
  int seen = 0;
  for (int i = 0; i < 150; ++i) {
    auto channels = functionsOf(cases.affine(1));
    auto table = solveSegmentTable(channels);
    if (!table)
      continue;
    auto check = [&](const SegmentTable &mutant) {
      bool equivalent = stepFunction(mutant, 0, channels[0].aMin,
                                     channels[0].aMax) == channels[0];
      EXPECT_EQ(differences(channels, mutant) == 0, equivalent);
      seen += !equivalent;
    };
    for (int64_t delta : {-1, 1}) {
      SegmentTable moved = *table;
      moved.start[0] += delta;
      check(moved);
      for (size_t entry = 0; entry < table->entries.size(); ++entry) {
        SegmentTable mutant = *table;
        mutant.entries[entry].tau += delta;
        check(mutant);
        mutant = *table;
        mutant.entries[entry].yHi += delta;
        check(mutant);
      }
    }
  }
  EXPECT_GT(seen, 1000);
}

TEST(SegmentTableTest, GateOfManyChannels) {
  RandomCases cases(34);
  for (int i = 0; i < 6; ++i) {
    AffineQuantisation q;
    q.ratio =
        cases.floatScale() * cases.floatScale() / cases.floatScale() / 256;
    q.lo = -32;
    q.hi = 31;
    for (int c = 0; c < 64; ++c) {
      q.offset.push_back(cases.floatScale() * cases.integer(-40, 40));
      q.range.push_back({-40000, 40000});
    }
    auto channels = functionsOf(q);
    auto table = solveSegmentTable(channels);
    ASSERT_TRUE(table);
    expectWellFormed(*table, 64);
    EXPECT_LE(table->idxBits, 8u);
    EXPECT_LE(table->fracBits, 8u);
    std::span<const StepFunction> some(channels.data(), 2);
    EXPECT_EQ(differences(some, *table), 0);
  }
}

TEST(SegmentTableTest, OneTableForAGateOfTwoScales) {
  RandomCases cases(35);
  int solved = 0;
  for (int i = 0; i < 40; ++i) {
    LinearQuantisation q;
    Rational output = cases.floatScale();
    for (int term = 0; term < 2; ++term) {
      q.ratio.push_back(cases.floatScale() * cases.floatScale() / output / 16);
      q.range.push_back({-cases.integer(20, 200), cases.integer(20, 200)});
    }
    size_t count = cases.integer(1, 16);
    for (size_t c = 0; c < count; ++c)
      q.offset.push_back(cases.floatScale() * cases.integer(-9, 9));
    q.lo = -8;
    q.hi = 7;
    std::optional<SegmentTable> table;
    for (unsigned skip = 0; skip < 8 && !table; ++skip) {
      auto t = solveLinearThresholds(q, skip);
      ASSERT_TRUE(t);
      table = solveSegmentTable(*t, sumRange(*t, q.range));
      if (!table)
        continue;
      ++solved;
      for (int point = 0; point < 4000; ++point) {
        size_t c = cases.integer(0, count - 1);
        std::vector<int64_t> v;
        for (auto [lo, hi] : q.range)
          v.push_back(cases.integer(lo, hi));
        ASSERT_EQ(table->apply(t->sum(v), c), q.apply(v, c));
      }
    }
  }
  EXPECT_EQ(solved, 40);
}

} // namespace
