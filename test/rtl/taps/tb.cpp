// finngl_taps: tap k is the pulse of k cycles ago; reset clears what is under way.
#include "bench.h"
using namespace bench;

int main() {
  Bench b;
  b.dut.pulse_i = 0;
  b.reset();
  std::vector<bool> sent(P_Depth, false); // nothing is under way after reset
  for (int n = 0; n < 3000; ++n) {
    bool reset = n % 500 == 499;
    b.dut.pulse_i = chance(n % 1000 < 500 ? 50 : 100);
    sent.push_back(b.dut.pulse_i);
    b.settle();
    for (int k = 0; k <= P_Depth; ++k)
      expect(getField(b.dut.taps_o, k, 1, false), sent[sent.size() - 1 - k], "tap", k);
    b.dut.rst_ni = !reset;
    b.tick();
    b.dut.rst_ni = 1;
    if (reset)
      sent.assign(P_Depth, false);
  }
  return finish("taps");
}
