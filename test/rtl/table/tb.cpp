// finngl_table against its image.
#include "bench.h"
using namespace bench;

int main() {
  std::vector<int64_t> words(size_t(1) << P_InWidth);
  for (auto &w : words)
    w = value(P_OutWidth, false);
  writeImage(P_File, words, P_OutWidth);
  Bench b;
  std::vector<int64_t> code(2000);
  for (auto &c : code)
    c = value(P_InWidth, false);
  streams(
      b, 1, int(code.size()), [&](int k) { setPort(b.dut.data_i, P_InWidth, code[k]); },
      [&](int k) { expect(getField(b.dut.data_o, 0, P_OutWidth, false), words[code[k]], "data_o", k); });
  return finish("table");
}
