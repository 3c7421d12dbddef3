// finngl_swg_stream: random rows back to back, also broken ones and restarts, against the windows written out; without
// broken ones s_ready_o and m_valid_o of each cycle against the registers on counters (Core/StreamRows).
#include "group_bench.h"

#include "lib/Core/StreamRows.cpp"

using namespace finngl::bench;

// The module's defaults, where a run gives no other value.
#ifndef P_InBits
#define P_InBits P_ElemBits
#endif
#ifndef P_InSigned
#define P_InSigned 1
#endif
#ifndef P_StrideH
#define P_StrideH 1
#endif
#ifndef P_StrideW
#define P_StrideW 1
#endif
#ifndef P_DilationH
#define P_DilationH 1
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
#ifndef P_Wait
#define P_Wait 0
#endif

constexpr Layout kLayout{P_Lanes, P_InBits, P_ElemBits};
constexpr int kRow = P_Width * P_Beats;

static finngl::StreamRows geometry() {
  finngl::StreamRows rows;
  rows.rows = {0, P_KernelH, P_StrideH, P_DilationH, P_PadTop, 0};
  rows.columns = {P_Width, P_KernelW, P_StrideW, P_DilationW, P_PadLeft, P_PadRight};
  rows.beats = P_Beats;
  rows.wait = P_Wait;
  rows.beatTaps = P_BeatTaps;
  return rows;
}

/// The windows that each row completes, from all rows since the restart.
class Reference {
public:
  Answer answer(std::vector<Beat> row) {
    const Beat begin = row.front(), end = row.back();
    const bool whole = int(row.size()) == kRow;
    if (packetBegins && (begin.user & 1))
      restart();
    packetBegins = end.last || end.err;
    Answer out{{}, whole && !end.err, !whole && !end.err, (begin.user & ~uint64_t(1)) | uint64_t(given == 0)};
    if (!out.good)
      row.pop_back(); // nobody may see it
    rows.push_back(row);
    const int top = given * P_StrideH - P_PadTop;
    if (int(rows.size()) - 1 == top + geometry().reach() - 1) {
      const bool all = windows(top, out);
      out.beats = sideBySide(out.beats, P_BeatTaps);
      if (all)
        out.beats.back().last = true;
      if (all && !out.good)
        out.beats.pop_back(); // waits for the row's end
      ++given;
    }
    if (!out.good)
      restart();
    return out;
  }

private:
  std::vector<std::vector<Beat>> rows; // since the restart
  int given = 0;                       // rows of windows since then
  bool packetBegins = true;

  void restart() {
    rows.clear();
    given = 0;
  }
  /// False if a broken row does not come so far.
  bool windows(int top, Answer &out) const {
    for (int x = -P_PadLeft; x + (P_KernelW - 1) * P_DilationW < P_Width + P_PadRight; x += P_StrideW)
      for (int a = 0; a < P_KernelH; ++a)
        for (int b = 0; b < P_KernelW; ++b)
          for (int beat = 0; beat < P_Beats; ++beat) {
            Beat tap{{}, out.closingUser, false, false};
            if (!element(top + a * P_DilationH, x + b * P_DilationW, beat, tap.elements))
              return false;
            out.beats.push_back(tap);
          }
    return true;
  }
  /// False if the row is broken and ends before.
  bool element(int row, int column, int beat, std::vector<uint64_t> &out) const {
    out.assign(P_Lanes, uint64_t(int64_t(P_Pad)) & mask(P_ElemBits));
    if (row < 0 || column < 0 || column >= P_Width)
      return true;
    const size_t at = size_t(column) * P_Beats + beat;
    if (at >= rows[row].size())
      return false;
    for (int e = 0; e < P_Lanes; ++e)
      out[e] = uint64_t(valueOf(rows[row][at].elements[e], P_InBits, P_InSigned)) & mask(P_ElemBits);
    return true;
  }
};

struct Registers : finngl::StreamRowsState {
  Registers() : StreamRowsState(geometry()) {}
  bool packetBegins = true;
  void cycle(const Beat *taken, bool readNext) {
    if (taken) {
      take(packetBegins && (taken->user & 1));
      packetBegins = taken->last;
    }
    if (readNext)
      read();
  }
};

int main() {
  // Rows wait while a row of windows is read: both beats count.
  const int64_t out = geometry().columns.count() * P_KernelH / P_BeatTaps * P_KernelW * P_Beats + kRow + 2;
  return runGroups<Reference, Registers>("swg_stream", {kLayout, kRow, out});
}
