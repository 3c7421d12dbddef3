// finngl_resize: every lane keeps its number.
#include "bench.h"
using namespace bench;

int main() {
  DUT dut;
  for (int n = 0; n < 1000; ++n) {
    std::vector<int64_t> lanes;
    for (int l = 0; l < P_Lanes; ++l) {
      lanes.push_back(value(P_InWidth, P_InSigned));
      setField(dut.data_i, l * P_InWidth, P_InWidth, lanes[l]);
    }
    dut.eval();
    for (int l = 0; l < P_Lanes; ++l)
      expect(getField(dut.data_o, l * P_OutWidth, P_OutWidth, P_InSigned), lanes[l], "lane", l);
  }
  return finish("resize");
}
