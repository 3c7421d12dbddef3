// finngl_segment_table against its formula.
#include "bench.h"
#include <algorithm>
using namespace bench;

int main() {
  struct Segment {
    int64_t tau, hi, lo;
  };
  std::vector<Segment> segments(size_t(1) << P_IdxBits);
  std::vector<Bits> image;
  for (Segment &s : segments) {
    s = {P_SegBits ? value(P_SegBits ? P_SegBits : 1, false) : 0, value(P_OutWidth, false), value(P_OutWidth, false)};
    image.emplace_back(P_SegBits + 2 * P_OutWidth);
    image.back().set(0, P_OutWidth, uint64_t(s.lo));
    image.back().set(P_OutWidth, P_OutWidth, uint64_t(s.hi));
    image.back().set(2 * P_OutWidth, P_SegBits, uint64_t(s.tau));
  }
  writeImage(P_File, image);
  std::vector<int64_t> start(P_Channels, 0);
#ifdef P_StartFile
  for (auto &s : start)
    s = value(P_StartWidth, true);
  writeImage(P_StartFile, start, P_StartWidth);
#elif defined(P_Start)
  start[0] = P_Start;
#endif
  Bench b;
  const int beats = 4001; // resets come in the middle of a step
  std::vector<int64_t> a(beats), want(beats);
  for (int k = 0; k < beats; ++k) {
    int64_t s = P_HasStart ? start[k % P_Channels] : 0, end = int64_t(1) << (P_IdxBits + P_SegBits);
    a[k] = value(P_InWidth, P_InSigned);
    if (chance(50)) { // aim at a threshold or its neighbour
      int64_t idx = uniform(0, (1 << P_IdxBits) - 1), t = (idx << P_SegBits) + segments[idx].tau - uniform(0, 1);
      a[k] = std::clamp((t - s) >> P_FracBits, minOf(P_InWidth, P_InSigned), maxOf(P_InWidth, P_InSigned));
    }
    int64_t t = std::clamp<int64_t>((a[k] << P_FracBits) + s, 0, end - 1);
    const Segment &segment = segments[t >> P_SegBits];
    want[k] = int64_t(t & int64_t(mask(P_SegBits))) >= segment.tau ? segment.hi : segment.lo;
  }
  streams(
      b, 2, beats, [&](int k) { setPort(b.dut.data_i, P_InWidth, a[k]); },
      [&](int k) { expect(getField(b.dut.data_o, 0, P_OutWidth, false), want[k], "data_o", k); });
  return finish("segment_table");
}
