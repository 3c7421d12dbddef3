// finngl_fifo against a queue, for every pair of stall patterns, with a reset in mid-stream.
#include "stream_bench.h"

#include <deque>

using namespace finngl::bench;

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles) {
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  std::deque<uint64_t> queue;
  uint64_t word = 0, passed = 0;
  bool offering = false;
  DUT &dut = bench.dut;
  dut.in_valid_i = 0;
  dut.out_ready_i = 0;
  bench.reset();
  bench.tick(); // ready is a register
  for (int i = 0; i < cycles; ++i) {
    if (!offering && source.active()) {
      offering = true;
      word = random() & mask(P_Width);
    }
    const bool ready = sink.active();
    dut.in_valid_i = !offering;
    dut.out_ready_i = !ready;
    bench.settle();
    const bool readyBefore = dut.in_ready_o, validBefore = dut.out_valid_o;
    dut.in_valid_i = offering;
    dut.out_ready_i = ready;
    dut.in_data_i = word;
    bench.settle();
    equal(dut.in_ready_o, readyBefore, "ready depends on an input");
    equal(dut.out_valid_o, validBefore, "valid depends on an input");
    equal(dut.in_ready_o, queue.size() < P_Depth, "in_ready_o");
    equal(dut.out_valid_o, !queue.empty(), "out_valid_o");
    if (!queue.empty())
      equal(dut.out_data_o, queue.front(), "out_data_o");
    const bool push = offering && dut.in_ready_o, pop = ready && dut.out_valid_o;
    if (pop) {
      queue.pop_front();
      ++passed;
    }
    if (push) {
      queue.push_back(word);
      offering = false;
    }
    bench.tick();
  }
  if (idle == Stall::Never && backpressure == Stall::Never)
    check(passed + 2 >= uint64_t(cycles) / (P_Depth > 1 ? 1 : 2), "words per cycle", passed, cycles);
  return passed;
}

int main() {
  Clocked bench;
  uint64_t passed = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int part = 0; part < 3; ++part) // the reset of parts 1 and 2 hits a running stream
        passed += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + part, 4000);
  return pass("fifo", passed);
}
