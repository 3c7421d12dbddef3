//===- SegmentTable.h - Thresholds by table and one comparator --*- C++ -*-===//
//
// The hardware's universal threshold core: any piecewise constant functions
// that differ between channels by about a shift. One table serves all channels;
// a channel has only its start value.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_SEGMENTTABLE_H
#define FINNGL_CORE_SEGMENTTABLE_H

#include "finngl/Core/StepFunction.h"
#include <span>
#include <utility>

namespace finngl {

struct LinearThresholds;

/// t = (a << fracBits) + start[c], saturated to [0, 2^(idxBits + segBits) - 1];
/// entry t >> segBits; y = (t mod 2^segBits) >= tau ? yHi : yLo.
/// idxBits >= 1 and segBits >= 1 always, so no hardware vector is empty. An
/// entry without a break has yLo == yHi and tau == 0.
struct SegmentTable {
  struct Entry {
    int64_t tau, yLo, yHi;
  };

  unsigned fracBits = 0, segBits = 1, idxBits = 1;
  unsigned outWidth = 1;
  bool outSigned = false;
  std::vector<int64_t> start; ///< 1 or C
  std::vector<Entry> entries; ///< 2^idxBits

  int64_t apply(int64_t a, size_t channel = 0) const;
};

/// One table for all channels (one function each, or one for all). Their value
/// sequences must agree: all non-decreasing or all non-increasing (then any
/// values may be missing in a channel), or each a stretch, found once, of the
/// longest one. Takes the fewest fracBits that are possible, more only if that
/// halves the table; then the fewest segBits. Proved by comparing whole step
/// functions; nothing if the bounds do not suffice or |a| exceeds 2^50. Places
/// beyond 2^(57 - maxFracBits) have fewer fracBits.
std::optional<SegmentTable>
solveSegmentTable(std::span<const StepFunction> channels,
                  unsigned maxIdxBits = 10, unsigned maxFracBits = 8);

/// The same over the sum of linear thresholds, using their slack; sums is
/// [min, max] of `LinearThresholds::sum` over the box.
std::optional<SegmentTable>
solveSegmentTable(const LinearThresholds &thresholds,
                  std::pair<int64_t, int64_t> sums, unsigned maxIdxBits = 10,
                  unsigned maxFracBits = 8);

/// The table's function of one channel on [aMin, aMax], exactly.
StepFunction stepFunction(const SegmentTable &table, size_t channel,
                          int64_t aMin, int64_t aMax);

} // namespace finngl

#endif // FINNGL_CORE_SEGMENTTABLE_H
