//===- SegmentTable.cpp - Meaning of a segment table ----------------------===//

#include "finngl/Core/SegmentTable.h"
#include "Int128.h"
#include <algorithm>

using namespace finngl;

int64_t SegmentTable::apply(int64_t a, size_t channel) const {
  int64_t last = (int64_t(1) << (idxBits + segBits)) - 1;
  int64_t shift = start.size() == 1 ? start[0] : start[channel];
  int64_t t = std::clamp((a << fracBits) + shift, int64_t(0), last);
  const Entry &entry = entries[t >> segBits];
  int64_t inSegment = t & ((int64_t(1) << segBits) - 1);
  return inSegment >= entry.tau ? entry.yHi : entry.yLo;
}

/// The value can change only where t enters a segment or reaches its tau.
StepFunction finngl::stepFunction(const SegmentTable &table, size_t channel,
                                  int64_t aMin, int64_t aMax) {
  StepFunction result{aMin, aMax, table.apply(aMin, channel), {}};
  int64_t shift =
      table.start.size() == 1 ? table.start[0] : table.start[channel];
  auto visit = [&](int64_t t) {
    int64_t a =
        int64_t(ceilDiv(Int128(t) - shift, Int128(1) << table.fracBits));
    if (aMin < a && a <= aMax)
      result.append(a, table.apply(a, channel));
  };
  for (size_t i = 0; i < table.entries.size(); ++i) {
    int64_t segment = int64_t(i) << table.segBits;
    visit(segment);
    visit(segment + std::max(table.entries[i].tau, int64_t(0)));
  }
  return result;
}
