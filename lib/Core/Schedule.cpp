//===- Schedule.cpp - Offsets and period of one region --------------------===//

#include "finngl/Core/Schedule.h"
#include <algorithm>

namespace finngl {

int64_t RegionShape::columns() const {
  int64_t total = 0;
  for (const auto *list : {&states, &inputs})
    for (const Operand &operand : *list)
      if (operand.column >= 0)
        total += operand.size;
  return total;
}

static bool divide(int64_t a, int64_t b) { return a % b == 0 || b % a == 0; }

std::optional<std::string> illegal(const RegionShape &s, const Folding &f) {
  auto text = [](int64_t v) { return std::to_string(v); };
  if (f.pe < 1 || f.simd < 1 || f.lanes < 1)
    return "pe, simd and lanes start at 1";
  if (s.units % f.lanes != 0)
    return "lanes " + text(f.lanes) + " does not divide the " + text(s.units) +
           " units";
  if (s.blocks == 0)
    return f.pe == 1 && f.simd == 1
               ? std::nullopt
               : std::optional<std::string>(
                     "a region without a matrix has pe = simd = 1");
  for (const auto *list : {&s.states, &s.inputs})
    for (const RegionShape::Operand &operand : *list) {
      if (operand.column >= 0 && operand.size % f.simd != 0)
        return "simd " + text(f.simd) + " does not divide the " +
               text(operand.size) + " columns of an operand";
      if (operand.column >= 0 && !divide(f.simd, f.lanes))
        return "simd " + text(f.simd) + " and lanes " + text(f.lanes) +
               " do not divide one another";
    }
  if (s.rows() % f.pe != 0)
    return "pe " + text(f.pe) + " does not divide the " + text(s.rows()) +
           " rows";
  if (!divide(f.pe, s.blocks))
    return "pe " + text(f.pe) + " is neither a divisor nor a multiple of the " +
           text(s.blocks) + " row blocks";
  int64_t units = std::max<int64_t>(1, f.pe / s.blocks);
  if (units % f.lanes != 0)
    return "lanes " + text(f.lanes) + " does not divide the " + text(units) +
           " units of a row group";
  int64_t least = s.columns();
  if (s.split)
    least = std::min(s.split, s.columns() - s.split);
  if (units / f.lanes > least / f.simd)
    return "a row group of " + text(units / f.lanes) +
           " beats does not drain in its " + text(least / f.simd) + " cycles";
  return std::nullopt;
}

RegionSchedule::RegionSchedule(const RegionShape &shape, const Folding &folding)
    : s(shape), f(folding) {
  if (s.blocks) {
    nc = s.columns() / f.simd;
    groups = s.rows() / f.pe;
  }
  p = computePeriod();
}

static int64_t floorLog2(int64_t v) {
  int64_t bits = 0;
  while (v > 1) {
    v /= 2;
    ++bits;
  }
  return bits;
}

// As the header of finngl_mvu says.
int64_t RegionSchedule::mvuLatency() const {
  int64_t ceilLog2 = floorLog2(f.simd) + ((f.simd & (f.simd - 1)) ? 1 : 0);
  return s.mvuDsp ? f.simd + 3 : 2 + ceilLog2 / 2;
}

int64_t RegionSchedule::beatAt(int64_t b) const {
  if (!s.blocks)
    return 1 + b; // finngl_beat_counter answers one cycle after the launch
  int64_t r = rowsPerBeat();
  if (r > f.pe)
    return (b + 1) * (r / f.pe) * nc + mvuLatency();
  int64_t beatsPerGroup = f.pe / r;
  return (b / beatsPerGroup + 1) * nc + mvuLatency() + b % beatsPerGroup;
}

int64_t RegionSchedule::computePeriod() const {
  int64_t least = s.blocks ? groups * nc : beats();
  for (const RegionShape::Operand &state : s.states) {
    if (state.writeAt < 0)
      continue;
    // The tail reads an element again one cycle after its write at best; the
    // read is issued one cycle before its data are needed.
    if (state.readAt >= 0)
      least = std::max(least, state.writeAt + 2 - state.readAt);
    if (state.column < 0)
      continue;
    // Column group k of the next step's first row group.
    for (int64_t k = 0; k < state.size / f.simd; ++k) {
      int64_t beat = ((k + 1) * f.simd - 1) / f.lanes;
      int64_t readable = beatAt(beat) + state.writeAt + 1;
      least = std::max(least, readable - (state.column / f.simd + k));
    }
  }
  return least;
}

int64_t RegionSchedule::releaseAt(const RegionShape::Operand &input) const {
  int64_t end = 0;
  if (input.column >= 0)
    end = passEnd();
  if (input.readAt >= 0)
    end = std::max(end, lastBeatAt() + input.readAt - 1);
  return end;
}

int64_t RegionSchedule::inputSlots(const RegionShape::Operand &input) const {
  int64_t load = input.size / inputLanes(input);
  // One slot is read from launch to release, another filled meanwhile.
  int64_t held = releaseAt(input) + 1 + load + 1;
  return std::max<int64_t>(2, (held + p - 1) / p);
}

int64_t RegionSchedule::outputSteps(int64_t output) const {
  int64_t held = lastBeatAt() + s.outputAt[output] + 2;
  return (held + p - 1) / p + 1;
}

int64_t RegionSchedule::inputLanes(const RegionShape::Operand &input) const {
  return input.column >= 0 ? std::max(f.simd, input.readAt >= 0 ? f.lanes : 1)
                           : f.lanes;
}

} // namespace finngl
