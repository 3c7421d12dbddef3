// The model of the slice against its formula, with 48-bit wrap. (The primitive
// itself has no free model.)
#include "bench.h"
using namespace bench;

int main() {
  Bench b;
  struct Operands {
    int64_t a, d, b, pcin;
    bool acc;
  };
  std::vector<Operands> sent;
  int64_t p = 0;
  for (int n = 0; n < 5000; ++n) {
    Operands o{value(26, true), value(26, true), value(18, true), value(48, true), n > 0 && chance(80)};
    sent.push_back(o);
    setPort(b.dut.a_i, 27, o.a);
    setPort(b.dut.d_i, 27, o.d);
    setPort(b.dut.b_i, 18, o.b);
    setPort(b.dut.pcin_i, 48, o.pcin);
    b.dut.acc_i = o.acc;
    b.settle();
    if (n >= 4) {
      const Operands &m = sent[n - 4];
      p = signExtend(uint64_t((m.a + m.d) * m.b + (P_Cascade ? sent[n - 1].pcin : 0) + (m.acc ? p : 0)), 48);
      expect(getField(b.dut.p_o, 0, 48, true), p, "p_o", n);
      expect(getField(b.dut.pcout_o, 0, 48, true), p, "pcout_o", n);
    }
    b.tick();
  }
  return finish("dsp48e2");
}
