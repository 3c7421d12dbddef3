// finngl_line_buffer: random groups of rows back to back, also broken ones, against the windows written out; without
// broken ones s_ready_o and m_valid_o of each cycle against the registers on counters (Core/StreamLines).
#include "packet_bench.h"

#include "lib/Core/StreamLines.cpp"

#include <algorithm>
#include <string>

using namespace finngl::bench;

// The module's defaults, where a run gives no other value.
#ifndef P_InBits
#define P_InBits P_ElemBits
#endif
#ifndef P_InSigned
#define P_InSigned 1
#endif
#ifndef P_StrideW
#define P_StrideW 1
#endif
#ifndef P_DilationW
#define P_DilationW 1
#endif
#ifndef P_PadLeft
#define P_PadLeft 0
#endif
#ifndef P_PadRight
#define P_PadRight 0
#endif
#ifndef P_Pad
#define P_Pad 0
#endif

constexpr Layout kLayout{P_Lanes, P_InBits, P_ElemBits};
constexpr int kGroup = P_InRows * P_Width * P_Beats;

/// Entry e of a table of 32-bit entries in hex digits, entry 0 at the end.
static int entryOf(const std::string &digits, int e) {
  const std::string padded = std::string(8 * (P_OutRows * P_KernelH), '0') + digits;
  return std::stoi(padded.substr(padded.size() - 8 * (e + 1), 8), nullptr, 16);
}

static finngl::StreamLines geometry() {
  finngl::StreamLines lines;
  lines.columns = {P_Width, P_KernelW, P_StrideW, P_DilationW, P_PadLeft, P_PadRight};
  lines.beats = P_Beats;
  lines.inRows = P_InRows;
  lines.outRows = P_OutRows;
  lines.kernelH = P_KernelH;
  lines.lag = P_Lag;
  for (int e = 0; e < P_OutRows * P_KernelH; ++e)
    lines.taps.push_back(entryOf(P_Taps, e));
  return lines;
}

/// A group as it is sent; with `errors` a third of them end anywhere, with s_last_i, s_err_i or both.
static std::vector<Beat> makeGroup(Random &random, bool errors) {
  std::vector<Beat> group;
  for (int b = 0; b < kGroup; ++b) {
    group.push_back(randomBeat(random, kLayout));
    group.back().last = group.back().err = false;
  }
  group.back().last = random() % 4 == 0;
  if (errors && random() % 3 == 0) {
    group.resize(random() % group.size() + 1);
    group.back().err = random() % 2;
    group.back().last = !group.back().err || random() % 2;
  }
  return group;
}

struct Windows {
  std::deque<Beat> beats; // of a broken group: those that may come before it is closed
  bool good, frameError;
};

/// The windows of each group in turn, from all rows of good groups so far.
class Reference {
public:
  Windows answer(std::vector<Beat> group) {
    const Beat end = group.back();
    Windows out{{}, int(group.size()) == kGroup && !end.err, int(group.size()) < kGroup && !end.err};
    if (!out.good)
      group.pop_back(); // nobody may see it
    const size_t before = rows.size();
    for (size_t b = 0; b < group.size(); ++b) {
      if (b % (P_Width * P_Beats) == 0)
        rows.emplace_back();
      rows.back().push_back(group[b].elements);
    }
    for (int v = 0; v < P_OutRows; ++v)
      for (int x = -P_PadLeft; x + (P_KernelW - 1) * P_DilationW < P_Width + P_PadRight; x += P_StrideW)
        for (int a = 0; a < P_KernelH; ++a)
          for (int b = 0; b < P_KernelW; ++b)
            for (int beat = 0; beat < P_Beats; ++beat) {
              const int back = entryOf(P_Taps, v * P_KernelH + a);
              Beat tap{{}, user(group, end), false, false};
              if (!element(int(before) + P_InRows - 1 - back, back, x + b * P_DilationW, beat, tap.elements)) {
                rows.resize(before);
                return out; // the broken group does not come so far
              }
              out.beats.push_back(tap);
            }
    out.beats.back().last = end.last;
    if (!out.good) {
      out.beats.pop_back(); // waits for the end
      rows.resize(before);
    }
    return out;
  }

private:
  std::vector<std::vector<std::vector<uint64_t>>> rows; // [row][position, beat][lane]

  static uint64_t user(const std::vector<Beat> &group, const Beat &end) {
    return (group.empty() ? end : group[0]).user;
  }

  /// False if the row of a broken group ends before. Rows before the first group are undefined.
  bool element(int row, int back, int column, int beat, std::vector<uint64_t> &out) const {
    if (back == (P_Lag + 1) * P_InRows || column < 0 || column >= P_Width) {
      out.assign(P_Lanes, uint64_t(int64_t(P_Pad)) & mask(P_ElemBits));
      return true;
    }
    if (row < 0)
      return true;
    const size_t at = size_t(column) * P_Beats + beat;
    if (row >= int(rows.size()) || at >= rows[row].size())
      return false;
    for (uint64_t element : rows[row][at])
      out.push_back(uint64_t(valueOf(element, P_InBits, P_InSigned)) & mask(P_ElemBits));
    return true;
  }
};

/// The registers on counters beside the module, cycle by cycle.
struct Registers {
  finngl::StreamLinesState state{geometry()};
  bool valid = false;
  void compare(const DUT &dut) const {
    equal(dut.s_ready_o, state.ready(), "s_ready_o of the cycle model");
    equal(dut.m_valid_o, valid, "m_valid_o of the cycle model");
  }
  void advance(bool take, bool nextReady) {
    const bool read = (!valid || nextReady) && state.canRead();
    valid = read || (valid && !nextReady);
    if (take)
      state.take();
    if (read)
      state.read();
  }
};

/// Sends `groups` groups, or stops in the middle after `limit` cycles.
static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int groups, bool errors, int64_t limit) {
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.m_ready_i = 0;
  bench.reset();
  Reference reference;
  Registers registers;
  std::deque<Beat> input;
  std::deque<Windows> expected;
  uint64_t sent = 0, frameErrors = 0, frameSeen = 0;
  bool offering = false;
  int left = groups;
  int64_t cycles = 0, quiet = 0; // cycles in which nothing moved
  for (; (left || !input.empty() || !expected.empty()) && quiet < 2000 && cycles < limit; ++cycles, ++quiet) {
    if (input.empty() && left) {
      --left;
      const std::vector<Beat> group = makeGroup(random, errors);
      expected.push_back(reference.answer(group));
      frameErrors += expected.back().frameError;
      input.assign(group.begin(), group.end());
    }
    offering = !input.empty() && (offering || source.active());
    const Beat in = offering ? input.front() : randomBeat(random, kLayout);
    dut.s_valid_i = offering;
    for (int e = 0; e < P_Lanes; ++e)
      setBits(dut.s_data_i, e * P_InBits, P_InBits, in.elements[e]);
    dut.s_user_i = in.user;
    dut.s_last_i = in.last;
    dut.s_err_i = in.err;
    dut.m_ready_i = sink.active();
    bench.settle();
    frameSeen += dut.frame_error_o;
    if (!errors)
      registers.compare(dut);
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      Windows &group = expected.front();
      if (dut.m_err_o) {
        check(!group.good, "an error for a good group");
        equal(dut.m_last_o, true, "m_last_o of an error");
      } else {
        check(!group.beats.empty(), "a broken group that goes on");
        const Beat &out = group.beats.front();
        for (size_t e = 0; e < out.elements.size(); ++e)
          equal(getBits(dut.m_data_o, int(e) * P_ElemBits, P_ElemBits), out.elements[e], "m_data_o");
        equal(dut.m_user_o, out.user, "m_user_o");
        equal(dut.m_last_o, out.last, "m_last_o");
      }
      if (dut.m_ready_i) {
        ++sent;
        quiet = 0;
        if (!dut.m_err_o)
          group.beats.pop_front();
        if (dut.m_err_o || (group.good && group.beats.empty()))
          expected.pop_front();
      }
    }
    registers.advance(offering && dut.s_ready_o, dut.m_ready_i);
    if (offering && dut.s_ready_o) {
      input.pop_front();
      offering = false;
      quiet = 0;
    }
    bench.tick();
  }
  if (cycles == limit)
    return sent; // and a reset follows
  check(!left && input.empty() && expected.empty(), "groups that never came", expected.size(), 0);
  equal(frameSeen + dut.frame_error_o, frameErrors, "frame_error_o");
  if (idle == Stall::Never && backpressure == Stall::Never && !errors) {
    const int64_t out = geometry().outBeats(); // one beat a cycle on the side that has more of them
    check(cycles <= groups * std::max<int64_t>(kGroup, out) + kGroup + out + 4, "cycles", cycles, groups * out);
  }
  return sent;
}

int main() {
  Clocked bench;
  uint64_t sent = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (bool errors : {false, true})
        for (int64_t limit : {int64_t(97), INT64_MAX}) // the first run is reset in the middle
          sent += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + errors, 40, errors, limit);
  return pass("line_buffer", sent);
}
