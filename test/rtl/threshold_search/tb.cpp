// finngl_threshold_search against a plain count.
#include "bench.h"
#include <algorithm>
using namespace bench;

#ifndef P_Bias
#define P_Bias 0
#endif

constexpr int count = (1 << P_Levels) - 1;

/// Images of the stages, as the module's header says.
void writeImages(const std::vector<std::vector<int64_t>> &t) {
  for (int s = 0; s < P_Levels; ++s) {
    std::vector<int64_t> words;
    for (const auto &row : t)
      for (int prefix = 0; prefix < 1 << s; ++prefix)
        words.push_back(row[(1 << (P_Levels - 1 - s)) * (2 * prefix + 1) - 1]);
    writeImage(("t" + std::to_string(s) + ".hex").c_str(), words, P_TWidth);
  }
}

int main() {
  std::vector<std::vector<int64_t>> t(P_Channels, std::vector<int64_t>(count));
  int64_t never = maxOf(P_TWidth, true);
  for (auto &row : t) {
    for (auto &e : row)
      e = chance(10) ? never : value(P_InWidth, P_InSigned);
    std::sort(row.begin(), row.end());
  }
  writeImages(t);
  Bench b;
  const int beats = 4001; // resets come in the middle of a step
  std::vector<int64_t> a(beats), want(beats);
  for (int k = 0; k < beats; ++k) {
    const auto &row = t[k % P_Channels];
    a[k] = value(P_InWidth, P_InSigned);
    if (chance(60)) // aim at a threshold or its neighbour
      a[k] = std::clamp(row[uniform(0, count - 1)] - uniform(0, 1), minOf(P_InWidth, P_InSigned),
                        maxOf(P_InWidth, P_InSigned));
    want[k] = P_Bias + std::count_if(row.begin(), row.end(), [&](int64_t e) { return a[k] >= e; });
  }
  streams(
      b, P_Levels, beats, [&](int k) { setPort(b.dut.data_i, P_InWidth, a[k]); },
      [&](int k) {
        expect(getField(b.dut.data_o, 0, P_OutWidth, false), want[k] & int64_t(mask(P_OutWidth)), "data_o", k);
      });
  return finish("threshold_search");
}
