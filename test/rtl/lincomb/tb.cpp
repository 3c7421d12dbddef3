// finngl_lincomb against its formula.
#include "bench.h"
#include <algorithm>
using namespace bench;

int main() {
  std::vector<int64_t> c(P_Channels, 0);
#ifdef P_CFile
  for (auto &e : c)
    e = value(P_CWidth, true);
  writeImage(P_CFile, c, P_CWidth);
#elif defined(P_C)
  c[0] = P_C;
#endif
  int width[4];
  bool isSigned[4];
  std::vector<int64_t> p[4]; // one, or one a channel
  for (int i = 0; i < P_Terms; ++i) {
    width[i] = int(hexField(P_Widths, i * 32, 32));
    isSigned[i] = P_Signed >> i & 1;
    p[i] = {signExtend(hexField(P_Coeffs, i * 48, 48), 48)};
  }
#ifdef P_PFile
  std::vector<Bits> image(P_PChannels, Bits(P_Terms * P_PWidth));
  for (int i = 0; i < P_Terms; ++i)
    if (P_Varying >> i & 1) {
      p[i].resize(P_PChannels);
      for (int ch = 0; ch < P_PChannels; ++ch) {
        p[i][ch] = value(P_PWidth, true);
        image[ch].set(i * P_PWidth, P_PWidth, uint64_t(p[i][ch]));
      }
    }
  writeImage(P_PFile, image);
#endif
  Bench b;
  const int beats = 3001; // resets come in the middle of a step
  std::vector<std::vector<int64_t>> v(beats, std::vector<int64_t>(P_Terms));
  std::vector<int64_t> want(beats);
  for (int k = 0; k < beats; ++k) {
    int64_t y = c[k % P_Channels];
    for (int i = 0; i < P_Terms; ++i) {
      v[k][i] = value(width[i], isSigned[i]);
      y += p[i][size_t(k) % p[i].size()] * v[k][i];
    }
#if P_Clamp
    y = std::clamp<int64_t>(y, P_Lo, P_Hi);
#endif
    want[k] = P_OutSigned ? signExtend(uint64_t(y), P_OutWidth) : int64_t(uint64_t(y) & mask(P_OutWidth));
  }
  streams(
      b, P_Fast ? 1 : 2, beats,
      [&](int k) {
        for (int i = 0; i < P_Terms; ++i)
          setField(b.dut.data_i, i * P_MaxIn, width[i], v[k][i]);
      },
      [&](int k) { expect(getField(b.dut.data_o, 0, P_OutWidth, P_OutSigned), want[k], "data_o", k); });
  return finish("lincomb");
}
