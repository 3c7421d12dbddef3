// finngl_hold: the word of the last pulse, in the pulse's own cycle already.
#include "bench.h"
using namespace bench;

int main() {
  DUT dut;
  dut.clk_i = 0;
  int64_t held = 0;
  for (int n = 0; n < 2000; ++n) {
    int64_t word = value(P_Width, false);
    bool pulse = n == 0 || chance(n % 400 < 200 ? 50 : 10);
    dut.pulse_i = pulse;
    setPort(dut.data_i, P_Width, word);
    if (pulse)
      held = word;
    dut.eval();
    expect(getField(dut.data_o, 0, P_Width, false), held, "data_o", n);
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
  }
  return finish("hold");
}
