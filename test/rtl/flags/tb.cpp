// finngl_flags: random reads and writes against an array, with resets, also in the middle of clearing.
#include "stream_bench.h"

#include <vector>

using namespace finngl::bench;

int main() {
  Clocked bench;
  DUT &dut = bench.dut;
  Random random(1);
  std::vector<uint64_t> flags(P_Contexts);
  uint64_t written = 0, set = 0;
  int clearing = 0; // cycles that are left
  auto reset = [&] {
    dut.write_i = random() & 1;
    bench.reset(1);
    flags.assign(P_Contexts, 0);
    clearing = P_Contexts > 1 ? P_Contexts : 0;
  };
  reset();
  for (int i = 0; i < 30000; ++i) {
    if (random() % (20 * P_Contexts) == 0)
      reset();
    const int context = random() % P_Contexts;
    dut.ctx_i = context;
    dut.write_i = random() & 1;
    dut.flags_i = random() & mask(P_Width);
    bench.settle();
    equal(dut.ready_o, clearing == 0, "ready_o");
    if (clearing) {
      --clearing;
    } else {
      equal(dut.flags_o, flags[context], "flags_o");
      set += flags[context] != 0;
      if (dut.write_i) {
        flags[context] = dut.flags_i;
        ++written;
      }
    }
    bench.tick();
  }
  check(written > 1000 && set > 1000, "coverage", written, set);
  return pass("flags", written);
}
