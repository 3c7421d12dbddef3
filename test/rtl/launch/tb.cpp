// finngl_launch: the launch condition, cycle by cycle, under conditions that are mostly or sometimes fulfilled.
#include "stream_bench.h"

using namespace finngl::bench;

int main() {
  Clocked bench;
  DUT &dut = bench.dut;
  Random random(1);
  uint64_t launches = 0, closest = 0;
  for (int density = 1; density <= 64; density *= 4) {
    dut.full_i = 0;
    dut.first_i = 0;
    dut.first_full_i = 0;
    dut.room_i = 0;
    bench.reset();
    int64_t next = 0; // earliest cycle of the next launch
    for (int i = 0; i < 10000; ++i) {
      auto flags = [&](int count) {
        uint64_t value = 0;
        for (int b = 0; b < count; ++b)
          value |= uint64_t(random() % density != 0 || density == 1) << b;
        return value;
      };
      dut.full_i = flags(P_NIn);
      dut.first_i = random() & 1;
      dut.first_full_i = flags(P_NFirst);
      dut.room_i = flags(P_NOut);
      if (random() % 1000 == 0) {
        dut.full_i = 0;
        bench.reset(1);
        next = i;
        continue;
      }
      bench.settle();
      const bool launch = dut.full_i == mask(P_NIn) && dut.room_i == mask(P_NOut) &&
                          (!dut.first_i || dut.first_full_i == mask(P_NFirst)) && i >= next;
      equal(dut.launch_o, launch, "launch_o");
      if (launch) {
        closest += i == next;
        next = i + P_Period;
        ++launches;
      }
      bench.tick();
    }
  }
  check(closest > 50, "coverage of launches at the earliest cycle", closest, 50);
  return pass("launch", launches);
}
