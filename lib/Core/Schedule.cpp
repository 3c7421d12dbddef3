//===- Schedule.cpp - Offsets and period of one region --------------------===//

#include "finngl/Core/Schedule.h"
#include <algorithm>
#include <map>
#include <numeric>

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

static int64_t roundUp(int64_t n, int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

/// Cuts the MVUs' columns anew, after their vectors have got other sizes.
static void placeColumns(RegionShape &s) {
  for (size_t k = 0; k < s.passes.size(); ++k) {
    std::vector<std::pair<int64_t *, int64_t>> segments; // column, size
    for (auto *list : {&s.states, &s.inputs})
      for (RegionShape::Operand &operand : *list)
        if (operand.column >= 0 && operand.mvu == int64_t(k))
          segments.push_back({&operand.column, operand.size});
    for (RegionShape::Vector &vector : s.passes[k].vectors)
      segments.push_back({&vector.column, vector.size});
    std::sort(segments.begin(), segments.end(),
              [](auto &a, auto &b) { return *a.first < *b.first; });
    int64_t column = 0, split = s.passes[k].split;
    for (auto [at, size] : segments) {
      if (split && *at < split)
        s.passes[k].split = column + size;
      *at = column;
      column += size;
    }
  }
}

RegionShape padded(RegionShape s, const Folding &f) {
  std::map<int64_t, int64_t> multiples; // by length, of vectors of the tails
  auto divideBy = [&](int64_t length, int64_t divisor) {
    int64_t &multiple = multiples.try_emplace(length, f.lanes).first->second;
    multiple = std::lcm(multiple, divisor);
  };
  auto columnsOf = [&](const RegionShape::Operand &operand) {
    return operand.column >= 0 ? f.passes[operand.mvu].simd : 1;
  };
  for (size_t k = 0; k < s.passes.size(); ++k) {
    const RegionShape::Pass &pass = s.passes[k];
    int64_t group = pass.blocks ? f.passes[k].pe / pass.blocks : 1;
    divideBy(pass.units, std::max<int64_t>(1, group));
    for (const RegionShape::Vector &vector : pass.vectors)
      divideBy(vector.size, f.passes[k].simd);
  }
  for (const RegionShape::Operand &state : s.states)
    divideBy(state.size, columnsOf(state));
  for (const RegionShape::Operand &input : s.inputs)
    if (input.readAt >= 0)
      divideBy(input.size, columnsOf(input));
  auto grow = [&](int64_t &length) {
    length = roundUp(length, multiples.at(length));
  };
  for (auto *list : {&s.states, &s.inputs})
    for (RegionShape::Operand &operand : *list) {
      if (!operand.given)
        operand.given = operand.size;
      if (list == &s.states || operand.readAt >= 0)
        grow(operand.size);
      else
        operand.size = roundUp(operand.size, columnsOf(operand));
    }
  for (RegionShape::Output &output : s.outputs)
    if (!output.size)
      output.size = s.passes[output.pass].units;
  for (RegionShape::Pass &pass : s.passes) {
    grow(pass.units);
    for (RegionShape::Vector &vector : pass.vectors)
      grow(vector.size);
  }
  placeColumns(s);
  return s;
}

int64_t inputLanes(const RegionShape::Operand &input, const Folding &f) {
  // What nobody reads still paces the steps.
  int64_t byTail = input.readAt >= 0 ? f.lanes : 1;
  int64_t byMvu = input.column >= 0 ? f.passes[input.mvu].simd : 1;
  int64_t most = std::gcd(input.given, std::max(byMvu, byTail));
  int64_t fewer = std::min(byMvu, byTail); // a part or a multiple of it
  return divide(most, fewer) ? most : std::gcd(most, fewer);
}

int64_t loadCycles(const RegionShape &s, const Folding &f) {
  int64_t most = 0;
  for (const RegionShape::Operand &input : s.inputs)
    most = std::max(most, input.given / inputLanes(input, f));
  return most;
}

/// Where one memory is written by a tail and read by an MVU, or read by both,
/// its lanes divide one another.
static bool sharesMemory(const RegionShape &s, int64_t pass) {
  auto reads = [&](const RegionShape::Operand &operand) {
    return operand.column >= 0 && operand.mvu == pass;
  };
  return !s.passes[pass].vectors.empty() ||
         std::any_of(s.states.begin(), s.states.end(), reads) ||
         std::any_of(s.inputs.begin(), s.inputs.end(), [&](auto &input) {
           return reads(input) && input.readAt >= 0;
         });
}

/// Elements of the longest operand of a pass' matrix-vector unit.
static int64_t longestOperand(const RegionShape &s, int64_t pass) {
  int64_t longest = 0;
  for (const auto *list : {&s.states, &s.inputs})
    for (const RegionShape::Operand &operand : *list)
      if (operand.column >= 0 && operand.mvu == pass)
        longest = std::max(longest, operand.size);
  for (const RegionShape::Vector &vector : s.passes[pass].vectors)
    longest = std::max(longest, vector.size);
  return longest;
}

/// Rows and columns of one pass' matrix-vector unit, before padding.
static std::optional<std::string> illegalArray(const RegionShape &s,
                                               const Folding &f, size_t pass) {
  const RegionShape::Pass &shape = s.passes[pass];
  auto [pe, simd] = f.passes[pass];
  if (pe > shape.rows())
    return "pe " + text(pe) + " is more than the " + text(shape.rows()) +
           " rows";
  if (!divide(pe, shape.blocks))
    return "pe " + text(pe) + " is neither a divisor nor a multiple of the " +
           text(shape.blocks) + " row blocks";
  if (int64_t longest = longestOperand(s, pass); simd > longest)
    return "simd " + text(simd) + " is more than the " + text(longest) +
           " columns of the longest operand";
  if (sharesMemory(s, pass) && !divide(simd, f.lanes))
    return "simd " + text(simd) + " and lanes " + text(f.lanes) +
           " do not divide one another";
  int64_t units = std::max<int64_t>(1, pe / shape.blocks);
  if (units % f.lanes != 0)
    return "lanes " + text(f.lanes) + " does not divide the " + text(units) +
           " units of a row group";
  return std::nullopt;
}

/// What follows from the padding.
static std::optional<std::string> illegalPadding(const RegionShape &s,
                                                 const RegionShape &wide,
                                                 const Folding &f,
                                                 size_t pass) {
  int64_t units = s.passes[pass].units, all = wide.passes[pass].units;
  if (all >= 2 * units && all > units)
    return "pe, simd and lanes pad " + text(units) + " units to " + text(all) +
           ", twice as many or more";
  if (!s.passes[pass].blocks)
    return std::nullopt;
  auto [pe, simd] = f.passes[pass];
  auto [rows, columns, split] = wide.matrix(pass);
  int64_t least = split ? std::min(split, columns - split) : columns;
  int64_t beats = std::max<int64_t>(1, pe / s.passes[pass].blocks) / f.lanes;
  if (beats > least / simd)
    return "a row group of " + text(beats) + " beats does not drain in its " +
           text(least / simd) + " cycles";
  return std::nullopt;
}

/// What does not depend on other passes.
static std::optional<std::string> illegalAlone(const RegionShape &s,
                                               const Folding &f, size_t pass) {
  auto [pe, simd] = f.passes[pass];
  if (pe < 1 || simd < 1 || f.lanes < 1)
    return "pe, simd and lanes start at 1";
  if (f.lanes > s.passes[pass].units)
    return "lanes " + text(f.lanes) + " is more than the " +
           text(s.passes[pass].units) + " units";
  if (!s.passes[pass].blocks && (pe != 1 || simd != 1))
    return "a pass without a matrix has pe = simd = 1";
  if (s.passes[pass].blocks)
    if (auto reason = illegalArray(s, f, pass))
      return reason;
  return std::nullopt;
}

std::optional<std::string> illegalPass(const RegionShape &s, const Folding &f,
                                       size_t pass) {
  auto reason = illegalAlone(s, f, pass);
  return reason ? reason : illegalPadding(s, padded(s, f), f, pass);
}

/// A pass is told from others of its stage by its length.
static std::optional<std::string> illegalTogether(const RegionShape &s,
                                                  const RegionShape &wide) {
  for (size_t k = 0; k < s.passes.size(); ++k)
    for (size_t other = 0; other < k; ++other)
      if (int64_t a = s.passes[other].units, b = s.passes[k].units;
          a != b && wide.passes[other].units == wide.passes[k].units)
        return "pe, simd and lanes pad vectors of " + text(a) + " and of " +
               text(b) + " elements to the same length, " +
               text(wide.passes[k].units);
  return std::nullopt;
}

std::optional<std::string> illegal(const RegionShape &s, const Folding &f) {
  if (f.passes.size() != s.passes.size())
    return "the region has " + text(s.passes.size()) + " passes, not " +
           text(f.passes.size());
  for (size_t k = 0; k < s.passes.size(); ++k)
    if (auto reason = illegalAlone(s, f, k))
      return reason;
  RegionShape wide = padded(s, f);
  for (size_t k = 0; k < s.passes.size(); ++k)
    if (auto reason = illegalPadding(s, wide, f, k))
      return reason;
  return illegalTogether(s, wide);
}

RegionSchedule::RegionSchedule(const RegionShape &shape, const Folding &folding,
                               int64_t interleave)
    : s(padded(shape, folding)), f(folding), times(shape.passes.size()),
      interleave(interleave) {
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
  int64_t load = input.given / inputLanes(input);
  // One slot is read from launch to release, another filled meanwhile.
  int64_t held = releaseAt(input) + 1 + load + 1;
  return std::max<int64_t>(2, (held + p - 1) / p);
}

int64_t RegionSchedule::outputBeats(int64_t output) const {
  return (s.outputs[output].size + f.lanes - 1) / f.lanes;
}

int64_t RegionSchedule::outputLanes(int64_t output) const {
  int64_t size = s.outputs[output].size;
  return size % f.lanes ? size : f.lanes;
}

/// Cycle after the launch in which the last beat of an output is there.
int64_t RegionSchedule::outputAt(int64_t output) const {
  const RegionShape::Output &o = s.outputs[output];
  return beatAt(o.pass, outputBeats(output) - 1) + o.at;
}

int64_t RegionSchedule::outputSteps(int64_t output) const {
  int64_t held = outputAt(output) + 2;
  return (held + p - 1) / p + 1;
}

int64_t RegionSchedule::end() const {
  int64_t last = 0;
  for (size_t i = 0; i < s.outputs.size(); ++i)
    last = std::max(last, outputAt(i) + packs(i));
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

} // namespace finngl
