//===- SolveSegmentTable.cpp - Shared breaks and their segments -----------===//
//
// 1. Line up the channels: a list of values and for each break between two of
//    them, per channel, the last place before it and the first place behind it.
// 2. For F = 2^f find starts s[c] and a place tau[j] for each break with
//      before[c][j]*F + s[c] < tau[j] <= behind[c][j]*F + s[c],
//    a system of difference constraints: raise s until nothing moves.
// 3. Put the breaks, each free within its interval, into different segments.
//
//===----------------------------------------------------------------------===//

#include "Int128.h"
#include "SegmentAlignment.h"
#include "finngl/Core/SegmentTable.h"
#include <algorithm>
#include <bit>
#include <cstdlib>

using namespace finngl;

namespace {

constexpr int64_t kLargestPlace = int64_t(1) << 50;
constexpr unsigned kMaxPositionBits = 62;

/// Places in parts, at most: starts beside them overflow nothing.
constexpr int64_t kLargestScaled = int64_t(1) << 58;
constexpr int64_t kLargestStart = int64_t(1) << 60;
/// Further from every place than any start moves one.
constexpr int64_t kNowhere = int64_t(1) << 62;

/// Step 2 for one number of fraction bits.
class Placement {
public:
  Placement(const Alignment &alignment, unsigned fracBits)
      : alignment(alignment), unit(int64_t(1) << fracBits),
        start(alignment.channels.size()), least(alignment.breaks()) {
    for (const std::vector<Neighbours> &row : alignment.channels)
      for (const Neighbours &place : row) {
        before.push_back(place.before ? *place.before * unit : -kNowhere);
        behind.push_back(place.behind ? *place.behind * unit : kNowhere);
      }
  }

  struct Interval {
    Int128 lo, hi;
  };

  bool solve() {
    guess();
    // A tight chain visits each break and each channel once.
    size_t rounds = std::min(alignment.channels.size(), alignment.breaks()) + 2;
    while (rounds-- > 0 && isBounded())
      if (!raise())
        return true;
    return false;
  }

  int64_t startOf(size_t channel) const { return start[channel]; }

  /// Where each break may lie: lo <= tau <= hi.
  std::vector<Interval> intervals() const {
    std::vector<Interval> result(alignment.breaks(), {-kInfinity, kInfinity});
    for (size_t c = 0; c < start.size(); ++c)
      for (size_t j = 0; j < result.size(); ++j) {
        if (alignment.channels[c][j].before)
          result[j].lo = std::max<Int128>(result[j].lo,
                                          rowOf(before, c)[j] + start[c] + 1);
        if (alignment.channels[c][j].behind)
          result[j].hi =
              std::min<Int128>(result[j].hi, rowOf(behind, c)[j] + start[c]);
      }
    return result;
  }

private:
  bool isBounded() const {
    return std::all_of(start.begin(), start.end(),
                       [](int64_t s) { return s <= kLargestStart; });
  }

  /// Largest start of `c`, less that of `d`, in whole places: the nearest
  /// approach of d's place behind a break and c's place before it.
  std::optional<int64_t> reach(size_t c, size_t d) const {
    std::optional<int64_t> result;
    for (size_t j = 0; j < alignment.breaks(); ++j) {
      const auto &before = alignment.channels[c][j].before;
      const auto &behind = alignment.channels[d][j].behind;
      if (before && behind)
        result =
            std::min(result.value_or(kLargestPlace * 4), *behind - *before);
    }
    return result;
  }

  /// The middle of what the channel with the most breaks allows each other one:
  /// mostly a solution already, and one with room on both sides.
  void guess() {
    auto breaksInside = [](const std::vector<Neighbours> &row) {
      return std::count_if(row.begin(), row.end(), [](const Neighbours &place) {
        return place.before && place.behind;
      });
    };
    const auto &rows = alignment.channels;
    size_t reference =
        std::max_element(rows.begin(), rows.end(),
                         [&](const auto &a, const auto &b) {
                           return breaksInside(a) < breaksInside(b);
                         }) -
        rows.begin();
    for (size_t c = 0; c < rows.size(); ++c) {
      auto most = reach(c, reference), least = reach(reference, c);
      if (most && least)
        start[c] = int64_t(floorDiv(Int128(*most - *least) * unit, 2));
      else if (most || least)
        start[c] = most ? *most * unit - 1 : 1 - *least * unit;
    }
  }

  /// Raises the starts to what the breaks ask now; false if nothing moved. The
  /// inner loops are the cost of a table: no branches.
  bool raise() {
    std::fill(least.begin(), least.end(), -kNowhere);
    for (size_t c = 0; c < start.size(); ++c) {
      const int64_t *row = rowOf(before, c);
      for (size_t j = 0; j < least.size(); ++j)
        least[j] = std::max(least[j], row[j] + start[c] + 1);
    }
    bool moved = false;
    for (size_t c = 0; c < start.size(); ++c) {
      const int64_t *row = rowOf(behind, c);
      int64_t raised = start[c];
      for (size_t j = 0; j < least.size(); ++j)
        raised = std::max(raised, least[j] - row[j]);
      moved |= raised > start[c];
      start[c] = raised;
    }
    return moved;
  }

  const int64_t *rowOf(const std::vector<int64_t> &places, size_t c) const {
    return places.data() + c * alignment.breaks();
  }

  const Alignment &alignment;
  int64_t unit;
  std::vector<int64_t> before, behind; ///< of each channel, break by break
  std::vector<int64_t> start, least;
};

/// Step 3: places of the breaks for one segment size and origin.
struct Packing {
  unsigned segBits = 0, idxBits = 0;
  Int128 shift = 0; ///< added to every start and break
  std::vector<Int128> tau;
};

std::optional<Packing> packAt(const std::vector<Placement::Interval> &intervals,
                              unsigned segBits, Int128 shift) {
  Packing result{segBits, 1, shift, {}};
  Int128 segment = -1; // of the newest break
  Int128 groupHi = 0;  // how far that break may still move up
  for (const auto &[lo, hi] : intervals) {
    Int128 from = lo + shift, to = hi + shift;
    if (!result.tau.empty() && from <= result.tau.back()) {
      result.tau.push_back(result.tau.back()); // one place serves both
      continue;
    }
    Int128 place = std::max(from, (segment + 1) << segBits);
    if (place > to) {
      // The newest break and this one must share a place.
      if (result.tau.empty() || from > groupHi)
        return std::nullopt;
      std::replace(result.tau.begin(), result.tau.end(),
                   Int128(result.tau.back()), from);
      place = from;
    } else {
      groupHi = to;
    }
    result.tau.push_back(place);
    segment = place >> segBits;
  }
  while (segment >> result.idxBits > 0)
    ++result.idxBits;
  return result;
}

/// The fewest segments, then the smallest ones. Origins: the first break at the
/// least place (1), or some break's upper end at the border of a segment.
std::optional<Packing> pack(const std::vector<Placement::Interval> &intervals,
                            unsigned maxIdxBits) {
  if (intervals.empty())
    return Packing{1, 1, 0, {}};
  constexpr size_t maxOrigins = 64;
  size_t stride = intervals.size() / maxOrigins + 1;
  Int128 natural = 1 - intervals.front().lo;
  Int128 span = intervals.back().hi + natural;
  std::optional<Packing> best;
  auto attempt = [&](unsigned segBits, Int128 shift) {
    auto packing = packAt(intervals, segBits, shift);
    if (packing && packing->idxBits <= maxIdxBits &&
        packing->idxBits + segBits <= kMaxPositionBits &&
        (!best || packing->idxBits < best->idxBits))
      best = std::move(packing);
  };
  for (unsigned segBits = 1;
       segBits < kMaxPositionBits && (span >> segBits) >= 0; ++segBits) {
    if ((span >> segBits) >> maxIdxBits > 1)
      continue; // more segments than the table may have
    attempt(segBits, natural);
    for (size_t j = 0; j < intervals.size(); j += stride)
      attempt(segBits, natural + floorMod(-(intervals[j].hi + natural),
                                          Int128(1) << segBits));
    if (best && best->idxBits == 1)
      break;
    if ((span >> segBits) == 0)
      break; // one segment holds all
  }
  return best;
}

SegmentTable makeTable(const Alignment &alignment, unsigned fracBits,
                       const Placement &placement, const Packing &packing) {
  SegmentTable result;
  result.fracBits = fracBits;
  result.segBits = packing.segBits;
  result.idxBits = packing.idxBits;
  auto [least, largest] =
      std::minmax_element(alignment.values.begin(), alignment.values.end());
  result.outSigned = *least < 0;
  result.outWidth =
      bitWidthFor(toInteger(*least), toInteger(*largest), result.outSigned);
  for (size_t c = 0; c < alignment.channels.size(); ++c)
    result.start.push_back(int64_t(placement.startOf(c) + packing.shift));
  size_t done = 0;
  for (Int128 segment = 0; segment < Int128(1) << packing.idxBits; ++segment) {
    SegmentTable::Entry entry{0, alignment.values[done],
                              alignment.values[done]};
    for (; done < packing.tau.size() &&
           packing.tau[done] >> packing.segBits == segment;
         ++done) {
      entry.tau = int64_t(packing.tau[done] - (segment << packing.segBits));
      entry.yHi = alignment.values[done + 1];
    }
    result.entries.push_back(entry);
  }
  return result;
}

/// As many as leave all scaled places within reach.
unsigned mostFracBits(const Alignment &alignment) {
  int64_t largest = 1;
  for (const std::vector<Neighbours> &row : alignment.channels)
    for (const auto &[before, behind] : row)
      largest = std::max({largest, std::abs(before.value_or(0)),
                          std::abs(behind.value_or(0))});
  return std::bit_width(uint64_t(kLargestScaled / largest)) - 1;
}

std::optional<SegmentTable> solve(const Alignment &alignment,
                                  unsigned maxIdxBits, unsigned maxFracBits) {
  maxFracBits = std::min(maxFracBits, mostFracBits(alignment));
  // A placement scales to any larger unit, and one that fails takes all its
  // rounds: find the least unit that has one by halving.
  unsigned least = 0;
  for (unsigned end = maxFracBits + 1; least < end;) {
    unsigned middle =
        least == 0 && end > maxFracBits ? maxFracBits : (least + end - 1) / 2;
    if (Placement(alignment, middle).solve())
      end = middle;
    else
      least = middle + 1;
  }
  std::optional<SegmentTable> best;
  for (unsigned fracBits = least; fracBits <= maxFracBits; ++fracBits) {
    Placement placement(alignment, fracBits);
    if (!placement.solve())
      continue;
    unsigned limit = best ? best->idxBits - 1 : maxIdxBits;
    if (auto packing = pack(placement.intervals(), limit))
      best = makeTable(alignment, fracBits, placement, *packing);
    if (best && best->idxBits == 1)
      break;
  }
  return best;
}

bool isWithinReach(int64_t aMin, int64_t aMax) {
  return -kLargestPlace <= aMin && aMax <= kLargestPlace;
}

} // namespace

std::optional<SegmentTable>
finngl::solveSegmentTable(std::span<const StepFunction> channels,
                          unsigned maxIdxBits, unsigned maxFracBits) {
  for (const StepFunction &f : channels)
    if (!isWithinReach(f.aMin, f.aMax))
      return std::nullopt;
  auto alignment = align(channels);
  if (!alignment)
    return std::nullopt;
  auto result = solve(*alignment, maxIdxBits, maxFracBits);
  for (size_t c = 0; result && c < channels.size(); ++c)
    if (stepFunction(*result, c, channels[c].aMin, channels[c].aMax) !=
        channels[c])
      return std::nullopt;
  return result;
}

std::optional<SegmentTable>
finngl::solveSegmentTable(const LinearThresholds &thresholds,
                          std::pair<int64_t, int64_t> sums, unsigned maxIdxBits,
                          unsigned maxFracBits) {
  if (!isWithinReach(sums.first, sums.second))
    return std::nullopt;
  auto result = solve(align(thresholds), maxIdxBits, maxFracBits);
  // Proved: the table counts levels whose thresholds lie in the slack.
  for (size_t c = 0; result && c < thresholds.slack.size(); ++c) {
    StepFunction f = stepFunction(*result, c, sums.first, sums.second);
    const auto &row = thresholds.slack[c];
    auto counted =
        multiThresholds(f, thresholds.lo, thresholds.lo + int64_t(row.size()));
    if (!counted)
      return std::nullopt;
    for (size_t j = 0; j < row.size(); ++j)
      if ((*counted)[j] < row[j].first || (*counted)[j] > row[j].second)
        return std::nullopt;
  }
  return result;
}
