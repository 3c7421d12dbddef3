// finngl_axis_in: all combinations of its inputs.
#include "bench.h"
using namespace bench;

int main() {
  DUT dut;
  for (int dest = 0; dest < 1 << P_DestBits; ++dest)
    for (int bits = 0; bits < 8; ++bits) {
      bool valid = bits & 1, last = bits & 2, ready = bits & 4;
      bool bad = dest >= P_Contexts;
      dut.s_tvalid_i = valid;
      dut.s_tlast_i = last;
      dut.s_tdest_i = dest;
      dut.m_ready_i = ready;
      dut.eval();
      int where = dest * 8 + bits;
      expect(dut.m_valid_o, valid && !bad, "m_valid_o", where);
      // Without valid the ready of a bad beat is free.
      if (valid || !bad)
        expect(dut.s_tready_o, bad || ready, "s_tready_o", where);
      expect(dut.bad_context_o, valid && bad && last, "bad_context_o", where);
    }
  return finish("axis_in");
}
