// finngl_state_file: random reads on both ports and random writes in every cycle against a model with its own bank
// pointers; with several contexts the slots are random. Elements that were never written are compared only where the
// initial value is asked for.
#include "stream_bench.h"

#include <fstream>
#include <optional>
#include <string>
#include <vector>

using namespace finngl::bench;

#ifndef P_InitFileA
#define P_InitFileA ""
#define P_InitFileB ""
#endif
#ifndef P_ExternalInit
#define P_ExternalInit 0
#endif

#ifndef P_Contexts
#define P_Contexts 1
#endif
#ifndef P_Bram
#define P_Bram 0
#endif

using Vector = std::vector<std::optional<uint64_t>>;

/// One word of the group's elements a line; the benches' words have at most 64 bits.
static void writeImage(const char *name, const std::vector<uint64_t> &elements, int lanes) {
  std::ofstream file(name);
  for (size_t group = 0; group < elements.size(); group += lanes) {
    uint64_t word = 0;
    for (int l = 0; l < lanes; ++l)
      word |= elements[group + l] << (l * P_BW);
    char text[32];
    std::snprintf(text, sizeof text, "%0*llx\n", (lanes * P_BW + 3) / 4, static_cast<unsigned long long>(word));
    file << text;
  }
}

int main() {
  Random random(1);
  std::vector<uint64_t> init(P_N, 0);
  if (*P_InitFileA || *P_InitFileB)
    for (auto &element : init)
      element = random() & mask(P_BW);
  if (*P_InitFileA)
    writeImage(P_InitFileA, init, P_S ? P_S : 1);
  if (*P_InitFileB)
    writeImage(P_InitFileB, init, P_L);

  Clocked bench;
  DUT &dut = bench.dut;
  std::vector<Vector> banks(P_Banks * P_Contexts, Vector(P_N));
  int aBank = 0, bBank = 0, wBank = 0, bBeat = 0, wBeat = 0;
  auto reset = [&] {
    dut.b_valid_i = dut.w_valid_i = dut.a_step_end_i = 0;
    bench.reset(2);
    aBank = bBank = bBeat = wBeat = 0;
    wBank = P_Banks - 1;
  };
  reset();
  struct Read {
    bool valid = false, first = false, load = false;
    int element = 0;
    Vector data;
    std::vector<uint64_t> loaded; ///< on a_init_i or b_init_i in the data's cycle
  } readA, readB;
  uint64_t initReads = 0, storedReads = 0, loadReads = 0;
  auto compare = [&](auto &port, const Read &read, const char *what) {
    for (size_t l = 0; l < read.data.size(); ++l) {
      const uint64_t got = getBits(port, int(l) * P_BW, P_BW);
      if (read.load)
        equal(got, read.loaded[l], what);
      else if (read.first)
        equal(got, init[read.element + l], what);
      else if (read.data[l])
        equal(got, *read.data[l], what);
      loadReads += read.load;
      initReads += !read.load && read.first;
      storedReads += !read.load && !read.first && read.data[l];
    }
  };
  for (int i = 0; i < 30000; ++i) {
    if (random() % 2000 == 0) {
      reset();
      readA = readB = Read();
    }
    if (P_Contexts > 1) {
      dut.a_slot_i = aBank = random() % banks.size();
      dut.b_slot_i = bBank = random() % banks.size();
      do
        dut.w_slot_i = wBank = random() % banks.size();
      while (P_Bram && (wBank == aBank || wBank == bBank)); // the schedule never does
    }
    Read nextA, nextB;
    const int element = P_S ? random() % (P_N / (P_S ? P_S : 1)) * P_S : 0;
    dut.a_addr_i = P_S ? element / (P_S ? P_S : 1) : 0;
    dut.a_first_i = nextA.first = random() % 4 == 0;
    dut.a_load_i = random() % 4 == 0;
    nextA.load = P_ExternalInit && dut.a_load_i;
    dut.a_step_end_i = random() % 8 == 0;
    nextA.element = element;
    for (int l = 0; l < P_S; ++l)
      nextA.data.push_back(banks[aBank][element + l]);
    dut.b_valid_i = nextB.valid = random() & 1;
    dut.b_first_i = nextB.first = random() % 4 == 0;
    dut.b_load_i = random() % 4 == 0;
    nextB.load = P_ExternalInit && dut.b_load_i;
    nextB.element = bBeat * P_L;
    for (int l = 0; l < P_L; ++l)
      nextB.data.push_back(banks[bBank][bBeat * P_L + l]);
    dut.w_valid_i = random() & 1;
    std::vector<uint64_t> written;
    for (int l = 0; l < P_L; ++l) {
      written.push_back(random() & mask(P_BW));
      setBits(dut.w_data_i, l * P_BW, P_BW, written.back());
    }
    // What is loaded belongs to the addresses of one cycle ago.
    auto drive = [&](auto &port, Read &read, int lanes) {
      read.loaded.clear();
      for (int l = 0; l < lanes; ++l) {
        read.loaded.push_back(random() & mask(P_BW));
        setBits(port, l * P_BW, P_BW, read.loaded.back());
      }
    };
    drive(dut.a_init_i, readA, P_S);
    drive(dut.b_init_i, readB, P_L);
    bench.settle();
    compare(dut.a_data_o, readA, "a_data_o");
    if (P_HasB) {
      equal(dut.b_valid_o, readB.valid, "b_valid_o");
      if (readB.valid)
        compare(dut.b_data_o, readB, "b_data_o");
    }
    if (dut.w_valid_i) {
      for (int l = 0; l < P_L; ++l)
        banks[wBank][wBeat * P_L + l] = written[l];
      if (++wBeat == P_N / P_L) {
        wBeat = 0;
        wBank = P_Banks - 1 - wBank;
        if (P_Banks == 1)
          wBank = 0;
      }
    }
    if (dut.b_valid_i && ++bBeat == P_N / P_L) {
      bBeat = 0;
      bBank = (bBank + 1) % P_Banks;
    }
    if (dut.a_step_end_i)
      aBank = (aBank + 1) % P_Banks;
    readA = nextA;
    readB = nextB;
    bench.tick();
  }
  check(initReads > 1000 && storedReads > 1000, "coverage", initReads, storedReads);
  check(!P_ExternalInit || loadReads > 1000, "coverage of loads", loadReads);
  return pass("state_file", initReads + storedReads);
}
