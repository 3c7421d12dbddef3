// finngl_vector_mem: random writes and reads every cycle against an array; what is unwritten, or written in the cycle
// of its read in block RAM, is not compared.
#include "stream_bench.h"

#include <optional>
#include <vector>

using namespace finngl::bench;

#ifndef P_Bram
#define P_Bram 0
#endif

using Group = std::vector<std::optional<uint64_t>>;

int main() {
  DUT dut;
  Random random(1);
  std::vector<Group> slots(P_Slots, Group(P_N));
  Group expectA, expectB;
  uint64_t sameCycle = 0, nextCycle = 0;
  int lastGroup = 0, lastSlot = 0;
  bool lastWrite = false;
  dut.clk_i = 0;
  for (int i = 0; i < 20000; ++i) {
    // Half of the reads aim at the elements written now or one cycle ago.
    const int group = random() % (P_N / P_WL), slot = random() % P_Slots;
    const bool write = random() % 4 != 0;
    Group data(P_WL);
    dut.wr_en_i = write;
    dut.wr_addr_i = group;
    dut.wr_slot_i = slot;
    for (int l = 0; l < P_WL; ++l) {
      data[l] = random() & mask(P_BW);
      setBits(dut.wr_data_i, l * P_BW, P_BW, *data[l]);
    }
    auto aim = [&](int lanes, int &readSlot) {
      const int kind = random() % 4;
      const int element = kind == 0 ? group * P_WL : kind == 1 ? lastGroup * P_WL : int(random() % P_N);
      readSlot = kind == 0 ? slot : kind == 1 ? lastSlot : int(random() % P_Slots);
      sameCycle += kind == 0 && write;
      nextCycle += kind == 1 && lastWrite;
      return element / lanes;
    };
    Group nextA, nextB;
    int readSlot = 0;
#if P_RA > 0
    dut.a_addr_i = aim(P_RA, readSlot);
    dut.a_slot_i = readSlot;
    for (int l = 0; l < P_RA; ++l)
      nextA.push_back(slots[readSlot][dut.a_addr_i * P_RA + l]);
#endif
#if P_RB > 0
    dut.b_addr_i = aim(P_RB, readSlot);
    dut.b_slot_i = readSlot;
    for (int l = 0; l < P_RB; ++l)
      nextB.push_back(slots[readSlot][dut.b_addr_i * P_RB + l]);
#endif
    // A row's write group is one word: all of it is undefined.
    auto forget = [&](Group &read, int first, int readSlot) {
      for (size_t l = 0; l < read.size(); ++l)
        if (P_Bram && write && readSlot == slot && (first + int(l)) / P_WL == group)
          read[l].reset();
    };
#if P_RA > 0
    forget(nextA, dut.a_addr_i * P_RA, dut.a_slot_i);
#endif
#if P_RB > 0
    forget(nextB, dut.b_addr_i * P_RB, dut.b_slot_i);
#endif
    dut.eval();
    for (size_t l = 0; l < expectA.size(); ++l)
      if (expectA[l])
        equal(getBits(dut.a_data_o, l * P_BW, P_BW), *expectA[l], "a_data_o");
    for (size_t l = 0; l < expectB.size(); ++l)
      if (expectB[l])
        equal(getBits(dut.b_data_o, l * P_BW, P_BW), *expectB[l], "b_data_o");
    if (write)
      for (int l = 0; l < P_WL; ++l)
        slots[slot][group * P_WL + l] = data[l];
    expectA = nextA;
    expectB = nextB;
    lastGroup = group;
    lastSlot = slot;
    lastWrite = write;
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
    ++cycle;
  }
  check(sameCycle > 100 && nextCycle > 100, "coverage of reads near writes", sameCycle, nextCycle);
  return pass("vector_mem", checks);
}
