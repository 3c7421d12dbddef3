// finngl_axis_in: random beats, also of contexts that do not exist or change inside a step, against the rules.
#include "stream_bench.h"

using namespace finngl::bench;

int main() {
  Clocked bench;
  DUT &dut = bench.dut;
  Random random(1);
  int beat = 0, context = 0;
  uint64_t steps = 0, mixed = 0, dropped = 0;
  bench.reset();
  for (int i = 0; i < 30000; ++i) {
    if (random() % 1000 == 0) {
      dut.s_tvalid_i = 0;
      bench.reset(1);
      beat = 0;
    }
    const bool valid = random() % 4 != 0, last = random() % 4 == 0, ready = random() & 1;
    const int dest = random() % 8 == 0 || beat == 0 ? random() % (1 << P_DestBits) : context;
    const bool bad = dest >= P_Contexts, changed = !bad && P_Contexts > 1 && beat > 0 && dest != context;
    dut.s_tvalid_i = valid;
    dut.s_tlast_i = last;
    dut.s_tdest_i = dest;
    dut.m_ready_i = ready;
    bench.settle();
    equal(dut.m_valid_o, valid && !bad, "m_valid_o");
    // Without valid the ready of a bad beat is free.
    if (valid || !bad)
      equal(dut.s_tready_o, bad || ready, "s_tready_o");
    equal(dut.bad_context_o, valid && bad && last, "bad_context_o");
    equal(dut.frame_error_o, valid && changed && ready, "frame_error_o");
    if (valid && !bad) {
      equal(dut.m_err_o, changed, "m_err_o");
      equal(dut.m_ctx_o, changed ? context : P_Contexts > 1 ? dest : 0, "m_ctx_o");
    }
    dropped += valid && bad;
    if (valid && !bad && ready) {
      mixed += changed;
      if (beat == 0)
        context = dest;
      const bool end = changed || last || beat == P_Beats - 1;
      beat = end ? 0 : beat + 1;
      steps += end;
    }
    bench.tick();
  }
  check(dropped > 300, "coverage of bad contexts", dropped);
  check(P_Contexts == 1 || P_Beats == 1 || mixed > 300, "coverage of changes inside a step", mixed);
  return pass("axis_in", steps);
}
