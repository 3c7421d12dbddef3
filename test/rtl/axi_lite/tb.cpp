// finngl_axi_lite: random reads and writes with address and data in any order and random ready, against a model of the
// registers; pulses arrive all the time, so counters are compared with the value at the address handshake.
#include "stream_bench.h"

#include <cstring>
#include <vector>

using namespace finngl::bench;

int main() {
  Clocked bench;
  DUT &dut = bench.dut;
  Random random(1);
  uint32_t errors = 0, magic = 0;
  std::memcpy(&magic, "FNGL", 4);
  std::vector<uint32_t> counters(P_NCount);
  uint64_t reads = 0, writes = 0;
  dut.s_axi_arvalid_i = dut.s_axi_awvalid_i = dut.s_axi_wvalid_i = dut.s_axi_rready_i = dut.s_axi_bready_i = 0;
  dut.error_i = dut.count_i = 0;
  bench.reset();
  bool reading = false, answered = false, addressGiven = false, dataGiven = false, applied = false;
  uint32_t answer = 0, writeAddress = 0, writeData = 0, strobe = 0;
  for (int i = 0; i < 40000; ++i) {
    dut.busy_i = random() & 1;
    dut.error_i = random() % 16 ? 0 : random() & 7;
    dut.count_i = random() & mask(P_NCount);
    // Reads.
    if (!reading && !answered && random() % 2) {
      reading = true;
      dut.s_axi_araddr_i = (random() % 4 ? random() % (8 + P_NCount + 1) * 4 : random() % 64 * 4);
    }
    dut.s_axi_arvalid_i = reading;
    dut.s_axi_rready_i = random() & 1;
    // Writes: a new one when the last is answered.
    if (!addressGiven && !dut.s_axi_awvalid_i && !applied && random() % 4 == 0) {
      writeAddress = random() % 2 ? 0x14 : random() % 64 * 4;
      writeData = random();
      strobe = random() & 15;
      applied = true;
    }
    if (applied && !addressGiven && random() % 2)
      dut.s_axi_awvalid_i = 1;
    if (applied && !dataGiven && random() % 2)
      dut.s_axi_wvalid_i = 1;
    dut.s_axi_awaddr_i = writeAddress;
    dut.s_axi_wdata_i = writeData;
    dut.s_axi_wstrb_i = strobe;
    dut.s_axi_bready_i = random() & 1;
    bench.settle();
    equal(dut.s_axi_rresp_o | dut.s_axi_bresp_o, 0, "response");
    equal(dut.s_axi_rvalid_o, answered, "rvalid");
    if (answered) {
      equal(dut.s_axi_rdata_o, answer, "rdata");
      if (dut.s_axi_rready_i) {
        answered = false;
        ++reads;
      }
    }
    if (reading && dut.s_axi_arready_o) {
      const int word = dut.s_axi_araddr_i / 4;
      answer = word == 0   ? magic
               : word == 1 ? uint32_t(P_Version)
               : word == 2 ? uint32_t(0) // hash: a parameter of 64 bits, left at its default here
               : word == 4 ? dut.busy_i
               : word == 5 ? errors
               : word >= 8 && word < 8 + P_NCount ? counters[word - 8]
                                                  : 0;
      reading = false;
      answered = true;
    }
    const bool write = addressGiven && dataGiven && !dut.s_axi_bvalid_o && applied;
    if (write && writeAddress == 0x14 && (strobe & 1))
      errors &= ~writeData;
    errors |= dut.error_i;
    if (dut.s_axi_bvalid_o) {
      check(addressGiven && dataGiven, "answer before address and data");
      if (dut.s_axi_bready_i) {
        addressGiven = dataGiven = applied = false;
        ++writes;
      }
    }
    const bool addressTaken = dut.s_axi_awvalid_i && dut.s_axi_awready_o;
    const bool dataTaken = dut.s_axi_wvalid_i && dut.s_axi_wready_o;
    for (int c = 0; c < P_NCount; ++c)
      counters[c] += (dut.count_i >> c) & 1;
    bench.tick();
    if (addressTaken) {
      addressGiven = true;
      dut.s_axi_awvalid_i = 0;
    }
    if (dataTaken) {
      dataGiven = true;
      dut.s_axi_wvalid_i = 0;
    }
  }
  check(reads > 3000 && writes > 1000, "coverage", reads, writes);
  return pass("axi_lite", reads + writes);
}
