// finngl_line_buffer: random groups of rows back to back, also broken ones, against the windows written out; without
// broken ones s_ready_o and m_valid_o of each cycle against the registers on counters (Core/StreamLines).
#include "group_bench.h"

#include "lib/Core/StreamLines.cpp"

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

#ifndef P_BeatTaps
#define P_BeatTaps 1
#endif

constexpr Layout kLayout{P_Lanes, P_InBits, P_ElemBits};
constexpr int kGroup = P_InRows * P_Width * P_Beats;

static finngl::StreamLines geometry() {
  finngl::StreamLines lines;
  lines.columns = {P_Width, P_KernelW, P_StrideW, P_DilationW, P_PadLeft, P_PadRight};
  lines.beats = P_Beats;
  lines.beatTaps = P_BeatTaps;
  lines.inRows = P_InRows;
  lines.outRows = P_OutRows;
  lines.kernelH = P_KernelH;
  lines.lag = P_Lag;
  for (int e = 0; e < P_OutRows * P_KernelH; ++e)
    lines.taps.push_back(entryOf(P_Taps, e));
  return lines;
}

/// The windows of each group in turn, from all rows of good groups so far.
class Reference {
public:
  Answer answer(std::vector<Beat> group) {
    const Beat end = group.back();
    const bool whole = int(group.size()) == kGroup;
    Answer out{{}, whole && !end.err, !whole && !end.err, group[0].user};
    if (!out.good)
      group.pop_back(); // nobody may see it
    const size_t before = rows.size();
    for (size_t b = 0; b < group.size(); ++b) {
      if (b % (P_Width * P_Beats) == 0)
        rows.emplace_back();
      rows.back().push_back(group[b].elements);
    }
    const bool all = windows(before, out);
    out.beats = sideBySide(out.beats, P_BeatTaps);
    if (all)
      out.beats.back().last = end.last;
    if (all && !out.good)
      out.beats.pop_back(); // waits for the end
    if (!out.good)
      rows.resize(before);
    return out;
  }

private:
  std::vector<std::vector<std::vector<uint64_t>>> rows; // [row][position, beat][lane]

  static uint64_t user(const std::vector<Beat> &group, const Beat &end) {
    return (group.empty() ? end : group[0]).user;
  }

  /// False if a broken group does not come so far.
  bool windows(size_t before, Answer &out) const {
    for (int v = 0; v < P_OutRows; ++v)
      for (int x = -P_PadLeft; x + (P_KernelW - 1) * P_DilationW < P_Width + P_PadRight; x += P_StrideW)
        for (int a = 0; a < P_KernelH; ++a)
          for (int b = 0; b < P_KernelW; ++b)
            for (int beat = 0; beat < P_Beats; ++beat) {
              const int back = entryOf(P_Taps, v * P_KernelH + a);
              Beat tap{{}, out.closingUser, false, false};
              if (!element(int(before) + P_InRows - 1 - back, back, x + b * P_DilationW, beat, tap.elements))
                return false;
              out.beats.push_back(tap);
            }
    return true;
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

struct Registers : finngl::StreamLinesState {
  Registers() : StreamLinesState(geometry()) {}
  void cycle(const Beat *taken, bool readNext) {
    if (taken)
      take();
    if (readNext)
      read();
  }
};

int main() { return runGroups<Reference, Registers>("line_buffer", {kLayout, kGroup, geometry().outBeats()}); }
