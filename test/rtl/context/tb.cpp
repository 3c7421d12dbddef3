// finngl_context against one flag and one bank a context.
#include "stream_bench.h"

#include <vector>

using namespace finngl::bench;

#ifndef P_Lost
#define P_Lost 0
#endif
#ifndef P_Stepwise
#define P_Stepwise 0
#endif

int main() {
  Clocked bench;
  DUT &dut = bench.dut;
  Random random(1);
  std::vector<bool> written(P_Contexts), bank(P_Contexts);
  uint64_t inits = 0, continued = 0;
  auto reset = [&] {
    dut.launch_i = 0;
    bench.reset(1);
    written.assign(P_Contexts, false);
    if (!P_Stepwise) // whose banks outlive a reset
      bank.assign(P_Contexts, false);
    for (int clearing = P_Contexts > 1 && !P_Stepwise ? P_Contexts : 0; clearing > 0; --clearing)
      bench.tick();
  };
  reset();
  for (int i = 0; i < 20000; ++i) {
    if (random() % 500 == 0)
      reset();
    const int context = random() % P_Contexts;
    dut.ctx_i = context;
    dut.launch_i = random() & 1;
    dut.first_i = random() & 1;
    dut.restart_i = random() % 4 == 0;
    dut.err_i = random() % 8 == 0;
    bench.settle();
    equal(dut.init_o, dut.first_i && (dut.restart_i || (!P_Stepwise && !written[context])), "init_o");
    equal(dut.lost_o, P_Lost && !dut.first_i && !written[context], "lost_o");
    equal(dut.bank_o, bank[context], "bank_o");
    inits += dut.init_o;
    continued += dut.first_i && !dut.init_o;
    if (dut.launch_i) {
      written[context] = !dut.err_i;
      bank[context] = !bank[context];
    }
    bench.tick();
  }
  check(inits > 1000 && continued > 1000, "coverage", inits, continued);
  return pass("context", inits);
}
