// finngl_handover: words come out in order, at most Words wait, reset forgets them.
#include "bench.h"
#include <deque>
using namespace bench;

int main() {
  Bench b;
  b.dut.w_valid_i = 0;
  b.dut.r_valid_i = 0;
  b.reset();
  std::deque<int64_t> waiting;
  for (int n = 0; n < 6000; ++n) {
    bool reset = n % 1000 == 999;
    int pace = n / 500 % 3; // fills up, empties, both at once
    bool read = !waiting.empty() && chance(pace == 0 ? 20 : 90);
    bool write = (waiting.size() < size_t(P_Words) || read) && chance(pace == 1 ? 20 : 90);
    int64_t word = value(P_Width, false);
    b.dut.w_valid_i = write;
    setField(b.dut.w_data_i, 0, P_Width, word);
    b.dut.r_valid_i = read;
    b.dut.rst_ni = !reset;
    b.tick();
    b.dut.rst_ni = 1;
    b.settle();
    if (read && !reset)
      expect(getField(b.dut.r_data_o, 0, P_Width, false), waiting.front(), "word", n);
    if (read)
      waiting.pop_front();
    if (write)
      waiting.push_back(word);
    if (reset)
      waiting.clear();
  }
  return finish("handover");
}
