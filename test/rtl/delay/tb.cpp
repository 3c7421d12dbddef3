// finngl_delay against a queue of words.
#include "bench.h"
using namespace bench;

int main() {
  Bench b;
  b.dut.data_i = 0;
  b.reset();
  std::vector<int64_t> sent;
  for (int n = 0; n < 500; ++n) {
    sent.push_back(value(P_Width, false));
    setPort(b.dut.data_i, P_Width, sent.back());
    b.settle();
    if (n >= P_Depth)
      expect(getField(b.dut.data_o, 0, P_Width, false), sent[n - P_Depth], "data_o", n);
    else if (P_Reset)
      expect(getField(b.dut.data_o, 0, P_Width, false), 0, "data_o after reset", n);
    b.tick();
  }
  return finish("delay");
}
