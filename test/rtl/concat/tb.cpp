// finngl_concat: random column addresses; each segment's memory answers with its name and the address it was given.
#include "stream_bench.h"

#include <vector>

using namespace finngl::bench;

int main() {
  DUT dut;
  Random random(1);
  std::vector<int> sizes;
  int total = 0;
  for (int s = 0; s < P_Segs; ++s) {
    sizes.push_back((uint64_t(P_Sizes) >> (s * P_SizeBits)) & mask(P_SizeBits));
    total += sizes.back();
  }
  uint64_t expected = 0;
  bool known = false;
  dut.clk_i = 0;
  auto answer = [](int segment, uint64_t address) { return (uint64_t(segment + 1) << 12 | address) * 7 & mask(P_W); };
  for (int i = 0; i < 5000; ++i) {
    dut.addr_i = random() % total;
    dut.eval();
    if (known)
      equal(getBits(dut.data_o, 0, P_W), expected, "data_o");
    int segment = 0, address = dut.addr_i;
    while (address >= sizes[segment])
      address -= sizes[segment++];
    equal(getBits(dut.seg_addr_o, segment * P_AddrBits, P_AddrBits), address, "seg_addr_o");
    std::vector<uint64_t> answers;
    for (int s = 0; s < P_Segs; ++s)
      answers.push_back(answer(s, getBits(dut.seg_addr_o, s * P_AddrBits, P_AddrBits)));
    dut.clk_i = 1;
    dut.eval();
    for (int s = 0; s < P_Segs; ++s)
      setBits(dut.seg_data_i, s * P_W, P_W, answers[s]);
    dut.clk_i = 0;
    dut.eval();
    expected = answer(segment, address);
    known = true;
    ++cycle;
  }
  return pass("concat", cycle);
}
