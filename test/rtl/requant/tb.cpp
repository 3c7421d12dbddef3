// finngl_requant against its formula.
#include "bench.h"
#include <algorithm>
using namespace bench;

int main() {
  std::vector<int64_t> c(P_Channels, 0), w(P_Channels, 0);
#ifdef P_CFile
  for (auto &e : c)
    e = value(P_CWidth, true);
  writeImage(P_CFile, c, P_CWidth);
#else
  c[0] = P_C;
#endif
#ifdef P_WFile
  for (auto &e : w)
    e = chance(20) ? int64_t(1) << P_K : uniform(0, int64_t(1) << P_K);
  writeImage(P_WFile, w, P_K + 1);
#elif defined(P_W)
  w[0] = P_W;
#endif
  Bench b;
  const int beats = 3001; // resets come in the middle of a step
  std::vector<int64_t> a(beats), want(beats);
  for (int k = 0; k < beats; ++k) {
    a[k] = value(P_InWidth, P_InSigned);
    int64_t v = int64_t(P_P) * a[k] + c[k % P_Channels];
    int64_t y = v >> P_K;
    if (P_HasTie && (v & int64_t(mask(P_K))) < w[k % P_Channels])
      y -= y & 1;
    want[k] = std::clamp<int64_t>(y, P_Lo, P_Hi);
  }
  streams(
      b, 3, beats, [&](int k) { setPort(b.dut.data_i, P_InWidth, a[k]); },
      [&](int k) { expect(getField(b.dut.data_o, 0, P_OutWidth, P_OutSigned), want[k], "data_o", k); });
  return finish("requant");
}
