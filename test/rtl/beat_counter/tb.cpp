// finngl_beat_counter: numbers marked beats, or makes a step's beats from a start pulse.
#include "bench.h"
using namespace bench;

int main() {
  Bench b;
  b.dut.start_i = 0;
  b.reset();
  int beat = 0; // the next beat's number
  int left = 0; // Generate: beats still to be made
  for (int n = 0; n < 4000; ++n) {
    bool reset = n % 700 == 699;
    // A step may start in the cycle of the one before's last beat, not sooner.
    bool start = P_Generate ? left <= 1 && chance(n % 2000 < 1000 ? 100 : 20) : chance(n % 2000 < 1000 ? 100 : 40);
    b.dut.start_i = start;
    b.settle();
    bool valid = P_Generate ? left > 0 : start;
    expect(b.dut.valid_o, valid, "valid_o", n);
    if (valid)
      expect(b.dut.addr_o, beat, "addr_o", n);
    expect(b.dut.last_o, valid && beat == P_Beats - 1, "last_o", n);
    b.dut.rst_ni = !reset;
    b.tick();
    b.dut.rst_ni = 1;
    if (valid)
      beat = (beat + 1) % P_Beats;
    if (left > 0)
      --left;
    if (P_Generate && start)
      left = P_Beats;
    if (reset)
      beat = left = 0;
  }
  return finish("beat_counter");
}
