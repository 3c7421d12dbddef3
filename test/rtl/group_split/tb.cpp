// finngl_group_split: every group.
#include "stream_bench.h"

using namespace finngl::bench;

int main() {
  DUT dut;
  for (int group = 0; group < P_Groups; ++group) {
    dut.group_i = group;
    dut.eval();
    equal(dut.row_o, group / P_Ratio, "row_o");
    equal(dut.sub_o, group % P_Ratio, "sub_o");
  }
  return pass("group_split", P_Groups);
}
