// finngl_fork: each consumer sees each word once, in order, whatever the others do.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles) {
  Random random(seed);
  Stall source(idle, seed + 1);
  std::vector<Stall> sinks;
  for (int i = 0; i < P_N; ++i)
    sinks.emplace_back(backpressure, seed + 2 + i);
  std::vector<bool> taken(P_N);
  uint64_t word = 0, passed = 0;
  bool offering = false;
  DUT &dut = bench.dut;
  dut.s_valid_i = 0;
  dut.m_ready_i = 0;
  bench.reset();
  for (int i = 0; i < cycles; ++i) {
    if (!offering && source.active()) {
      offering = true;
      word = random() & mask(P_Width);
    }
    uint64_t ready = 0;
    for (int c = 0; c < P_N; ++c)
      ready |= uint64_t(sinks[c].active()) << c;
    dut.s_valid_i = offering;
    dut.s_data_i = word;
    dut.m_ready_i = ~ready & mask(P_N);
    bench.settle();
    const uint64_t validBefore = dut.m_valid_o;
    dut.m_ready_i = ready;
    bench.settle();
    equal(dut.m_valid_o, validBefore, "valid depends on ready");
    bool all = true;
    for (int c = 0; c < P_N; ++c) {
      const bool valid = (dut.m_valid_o >> c) & 1, consumerReady = (ready >> c) & 1;
      equal(valid, offering && !taken[c], "m_valid_o");
      if (valid && consumerReady) {
        equal(dut.m_data_o, word, "m_data_o");
        taken[c] = true;
      }
      all = all && (taken[c] || consumerReady);
    }
    equal(dut.s_ready_o, all, "s_ready_o");
    if (offering && dut.s_ready_o) {
      taken.assign(P_N, false);
      offering = false;
      ++passed;
    }
    bench.tick();
  }
  if (idle == Stall::Never && backpressure == Stall::Never)
    equal(passed, cycles, "words per cycle");
  return passed;
}

int main() {
  Clocked bench;
  uint64_t passed = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int part = 0; part < 3; ++part)
        passed += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + part, 4000);
  return pass("fork", passed);
}
