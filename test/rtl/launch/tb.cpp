// finngl_launch: the launch condition, cycle by cycle, under conditions that are mostly or sometimes fulfilled.
#include "stream_bench.h"

#include <algorithm>
#include <deque>

#ifndef P_InFlight
#define P_InFlight 1
#define P_Loop 1
#define P_CtxBits 1
#endif

using namespace finngl::bench;

int main() {
  Clocked bench;
  DUT &dut = bench.dut;
  Random random(1);
  uint64_t launches = 0, closest = 0, held = 0, crowded = 0;
  std::deque<std::pair<int64_t, uint64_t>> loop; // end and context of what is in the loop
  for (int density = 1; density <= 64; density *= 4) {
    dut.full_i = 0;
    dut.first_i = 0;
    dut.first_full_i = 0;
    dut.room_i = 0;
    bench.reset();
    loop.clear();
    int64_t next = 0; // earliest cycle of the next launch
    for (int i = 0; i < 10000; ++i) {
      auto flags = [&](int count) {
        uint64_t value = 0;
        for (int b = 0; b < count; ++b)
          value |= uint64_t(random() % density != 0 || density == 1) << b;
        return value;
      };
      dut.full_i = flags(P_NIn);
      dut.first_i = random() & mask(P_NFirst > 0 ? P_NFirst : 1);
      dut.first_full_i = flags(P_NFirst);
      dut.room_i = flags(P_NOut);
      if (random() % 1000 == 0) {
        dut.full_i = 0;
        bench.reset(1);
        next = i;
        loop.clear();
        continue;
      }
      dut.ctx_i = random() & mask(P_CtxBits);
      bench.settle();
      while (!loop.empty() && loop.front().first <= i)
        loop.pop_front();
      const bool same = std::any_of(loop.begin(), loop.end(), [&](auto &step) { return step.second == dut.ctx_i; });
      const bool full = loop.size() == P_InFlight, free = P_InFlight == 1 || (!same && !full);
      const bool launch = dut.full_i == mask(P_NIn) && dut.room_i == mask(P_NOut) &&
                          ((dut.first_full_i | ~dut.first_i) & mask(P_NFirst)) == mask(P_NFirst) && i >= next && free;
      held += i >= next && same;
      crowded += i >= next && full;
      equal(dut.launch_o, launch, "launch_o");
      if (launch) {
        closest += i == next;
        next = i + P_Period;
        if (P_InFlight > 1)
          loop.push_back({i + P_Loop, dut.ctx_i});
        ++launches;
      }
      bench.tick();
    }
  }
  check(closest > 50, "coverage of launches at the earliest cycle", closest, 50);
  if (P_InFlight > 1)
    check(held > 50 && crowded > 50, "coverage of the loop", held, crowded);
  return pass("launch", launches);
}
