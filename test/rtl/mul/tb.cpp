// finngl_mul against the plain product.
#include "bench.h"
using namespace bench;

int main() {
  Bench b;
  const int beats = 3000;
  std::vector<int64_t> x(beats), y(beats);
  for (int k = 0; k < beats; ++k)
    x[k] = value(P_AWidth, P_ASigned), y[k] = value(P_BWidth, P_BSigned);
  streams(
      b, 1, beats,
      [&](int k) {
        setPort(b.dut.a_i, P_AWidth, x[k]);
        setPort(b.dut.b_i, P_BWidth, y[k]);
      },
      [&](int k) {
        expect(getField(b.dut.data_o, 0, P_OutWidth, true), signExtend(uint64_t(x[k] * y[k]), P_OutWidth), "data_o", k);
      });
  return finish("mul");
}
