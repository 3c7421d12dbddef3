//===- Schedule.cpp - Offsets and period of one region --------------------===//

#include "finngl/Core/Schedule.h"
#include <algorithm>

namespace finngl {

int64_t RegionShape::columns(int64_t pass) const {
  int64_t total = 0;
  for (const auto *list : {&states, &inputs})
    for (const Operand &operand : *list)
      if (operand.column >= 0 && operand.mvu == pass)
        total += operand.size;
  for (const Vector &vector : passes[pass].vectors)
    total += vector.size;
  return total;
}

static bool divide(int64_t a, int64_t b) { return a % b == 0 || b % a == 0; }

static std::string text(int64_t v) { return std::to_string(v); }

static std::optional<std::string> illegalColumns(int64_t size, int64_t simd,
                                                 int64_t lanes) {
  if (size % simd != 0)
    return "simd " + text(simd) + " does not divide the " + text(size) +
           " columns of an operand";
  if (!divide(simd, lanes))
    return "simd " + text(simd) + " and lanes " + text(lanes) +
           " do not divide one another";
  return std::nullopt;
}

/// Rows, columns and read-out of one pass' matrix-vector unit.
static std::optional<std::string> illegalArray(const RegionShape &s,
                                               const Folding &f, size_t pass) {
  const RegionShape::Pass &shape = s.passes[pass];
  auto [pe, simd] = f.passes[pass];
  for (const auto *list : {&s.states, &s.inputs})
    for (const RegionShape::Operand &operand : *list)
      if (operand.column >= 0 && operand.mvu == int64_t(pass))
        if (auto reason = illegalColumns(operand.size, simd, f.lanes))
          return reason;
  for (const RegionShape::Vector &vector : shape.vectors)
    if (auto reason = illegalColumns(vector.size, simd, f.lanes))
      return reason;
  if (shape.rows() % pe != 0)
    return "pe " + text(pe) + " does not divide the " + text(shape.rows()) +
           " rows";
  if (!divide(pe, shape.blocks))
    return "pe " + text(pe) + " is neither a divisor nor a multiple of the " +
           text(shape.blocks) + " row blocks";
  int64_t units = std::max<int64_t>(1, pe / shape.blocks);
  if (units % f.lanes != 0)
    return "lanes " + text(f.lanes) + " does not divide the " + text(units) +
           " units of a row group";
  int64_t columns = s.columns(pass), least = columns;
  if (shape.split)
    least = std::min(shape.split, columns - shape.split);
  if (units / f.lanes > least / simd)
    return "a row group of " + text(units / f.lanes) +
           " beats does not drain in its " + text(least / simd) + " cycles";
  return std::nullopt;
}

std::optional<std::string> illegalPass(const RegionShape &s, const Folding &f,
                                       size_t pass) {
  auto [pe, simd] = f.passes[pass];
  if (pe < 1 || simd < 1 || f.lanes < 1)
    return "pe, simd and lanes start at 1";
  if (s.passes[pass].units % f.lanes != 0)
    return "lanes " + text(f.lanes) + " does not divide the " +
           text(s.passes[pass].units) + " units";
  if (s.passes[pass].blocks)
    return illegalArray(s, f, pass);
  if (pe != 1 || simd != 1)
    return "a pass without a matrix has pe = simd = 1";
  return std::nullopt;
}

std::optional<std::string> illegal(const RegionShape &s, const Folding &f) {
  if (f.passes.size() != s.passes.size())
    return "the region has " + text(s.passes.size()) + " passes, not " +
           text(f.passes.size());
  for (size_t k = 0; k < s.passes.size(); ++k)
    if (auto reason = illegalPass(s, f, k))
      return reason;
  return std::nullopt;
}

RegionSchedule::RegionSchedule(const RegionShape &shape, const Folding &folding,
                               int64_t interleave)
    : s(shape), f(folding), times(shape.passes.size()), interleave(interleave) {
  for (size_t k = 0; k < times.size(); ++k) {
    if (s.passes[k].blocks) {
      times[k].columnGroups = s.columns(k) / f.passes[k].simd;
      times[k].rowGroups = s.passes[k].rows() / f.passes[k].pe;
    }
    times[k].start = earliestStart(k);
  }
  p = issueDistance();
  l = std::max(p, loopDistance());
  if (interleave == 1)
    p = l;
}

int64_t RegionSchedule::inFlight() const {
  return std::min(interleave, (l + p - 1) / p);
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
int64_t RegionSchedule::mvuLatency(int64_t pass) const {
  int64_t simd = f.passes[pass].simd;
  int64_t ceilLog2 = floorLog2(simd) + ((simd & (simd - 1)) ? 1 : 0);
  return s.passes[pass].mvuDsp ? simd + 3 : 2 + ceilLog2 / 2;
}

int64_t RegionSchedule::beatAt(int64_t pass, int64_t b) const {
  const PassTimes &time = times[pass];
  if (!s.passes[pass].blocks)
    return time.start + 1 + b; // finngl_beat_counter takes one cycle
  int64_t r = rowsPerBeat(pass), pe = f.passes[pass].pe;
  int64_t nc = time.columnGroups, first = time.start + mvuLatency(pass);
  if (r > pe)
    return first + (b + 1) * (r / pe) * nc;
  int64_t beatsPerGroup = pe / r;
  return first + (b / beatsPerGroup + 1) * nc + b % beatsPerGroup;
}

/// What an element of an earlier pass is written and read again takes a cycle
/// each, as in a state's register file.
int64_t RegionSchedule::earliestStart(int64_t pass) const {
  int64_t least = 0;
  for (const RegionShape::Vector &v : s.passes[pass].vectors)
    for (int64_t k = 0; k < v.size / simd(pass); ++k) {
      int64_t beat = ((k + 1) * simd(pass) - 1) / f.lanes;
      int64_t readable = beatAt(v.from, beat) + v.writeAt + 1;
      least = std::max(least, readable - (v.column / simd(pass) + k));
    }
  for (const RegionShape::Handover &h : s.handovers)
    if (h.to == pass)
      for (int64_t b = 0; b < beats(pass); ++b) {
        int64_t readable = beatAt(h.from, b) + h.readyAt + 2;
        // beatAt(pass, b) still counts from a start of zero.
        least = std::max(least, readable - (beatAt(pass, b) + h.readAt));
      }
  return least;
}

int64_t RegionSchedule::latestRead(const RegionShape::Operand &state) const {
  int64_t latest = INT64_MIN;
  if (state.writeAt < 0)
    return latest;
  if (state.column >= 0)
    latest = passEnd(state.mvu) - (beatAt(state.writer, 0) + state.writeAt);
  if (state.readAt >= 0)
    for (int64_t b = 0; b < beats(state.tail); ++b)
      latest = std::max(latest, beatAt(state.tail, b) + state.readAt - 1 -
                                    beatAt(state.writer, b) - state.writeAt);
  return latest;
}

int64_t RegionSchedule::stateBanks(const RegionShape::Operand &state) const {
  return latestRead(state) > 0 ? 2 : 1;
}

/// Least period such that a step reads what the step before wrote.
int64_t RegionSchedule::afterState(const RegionShape::Operand &state) const {
  // With two banks the step after the next one may not overwrite what is read.
  int64_t least = std::max<int64_t>(0, latestRead(state) + 1);
  // A tail's read is issued one cycle before its data are needed.
  if (state.readAt >= 0)
    for (int64_t b = 0; b < beats(state.tail); ++b)
      least = std::max(least, beatAt(state.writer, b) + state.writeAt + 2 -
                                  beatAt(state.tail, b) - state.readAt);
  if (state.column < 0)
    return least;
  // Column group k of the next step's first row group.
  int64_t simd = f.passes[state.mvu].simd;
  for (int64_t k = 0; k < state.size / simd; ++k) {
    int64_t beat = ((k + 1) * simd - 1) / f.lanes;
    int64_t readable = beatAt(state.writer, beat) + state.writeAt + 1;
    least = std::max(least,
                     readable - startAt(state.mvu) - (state.column / simd + k));
  }
  return least;
}

/// Least distance of two steps, of whatever context: each array and each tail
/// is reserved for one step after the other.
int64_t RegionSchedule::issueDistance() const {
  int64_t least = 1;
  for (size_t k = 0; k < times.size(); ++k) {
    least =
        std::max({least, beats(k), times[k].rowGroups * times[k].columnGroups});
    // The next step's vector may not overwrite what is still read.
    for (const RegionShape::Vector &v : s.passes[k].vectors)
      least = std::max(least, passEnd(k) + 1 - beatAt(v.from, 0) - v.writeAt);
  }
  return least;
}

int64_t RegionSchedule::loopDistance() const {
  int64_t least = 1;
  for (const RegionShape::Operand &state : s.states)
    if (state.writeAt >= 0)
      least = std::max(least, afterState(state));
  return least;
}

int64_t RegionSchedule::passEnd(int64_t pass) const {
  const PassTimes &time = times[pass];
  return time.start + time.rowGroups * time.columnGroups - 1;
}

bool RegionSchedule::tailIsLast(const RegionShape::Operand &input) const {
  return input.readAt >= 0 &&
         (input.column < 0 ||
          lastBeatAt(input.tail) + input.readAt - 1 >= passEnd(input.mvu));
}

int64_t RegionSchedule::releaseAt(const RegionShape::Operand &input) const {
  if (tailIsLast(input))
    return lastBeatAt(input.tail) + input.readAt - 1;
  return input.column >= 0 ? passEnd(input.mvu) : 0;
}

int64_t RegionSchedule::inputSlots(const RegionShape::Operand &input) const {
  int64_t load = input.size / inputLanes(input);
  // One slot is read from launch to release, another filled meanwhile.
  int64_t held = releaseAt(input) + 1 + load + 1;
  return std::max<int64_t>(2, (held + p - 1) / p);
}

int64_t RegionSchedule::outputSteps(int64_t output) const {
  const RegionShape::Output &o = s.outputs[output];
  int64_t held = lastBeatAt(o.pass) + o.at + 2;
  return (held + p - 1) / p + 1;
}

int64_t RegionSchedule::end() const {
  int64_t last = 0;
  for (const RegionShape::Output &o : s.outputs)
    last = std::max(last, lastBeatAt(o.pass) + o.at);
  return last;
}

int64_t
RegionSchedule::handoverWords(const RegionShape::Handover &handover) const {
  int64_t longest = 0, n = beats(handover.to);
  for (int64_t b = 0; b < n; ++b)
    longest =
        std::max(longest, beatAt(handover.to, b) + handover.readAt -
                              beatAt(handover.from, b) - handover.readyAt);
  // No more steps than begin while a beat waits, and the one that it is of.
  int64_t spread = beatAt(handover.from, n - 1) - beatAt(handover.from, 0);
  return std::max<int64_t>(2, n * ((longest + spread) / p + 1));
}

int64_t RegionSchedule::inputLanes(const RegionShape::Operand &input) const {
  // What nobody reads still paces the steps.
  int64_t byTail = input.readAt >= 0 ? f.lanes : 1;
  return input.column >= 0 ? std::max(simd(input.mvu), byTail) : byTail;
}

} // namespace finngl
