// finngl_row_ring: random writes and reads every cycle against rows written out, 0 at first; a word written in the
// cycle of its read is not compared.
#include "stream_bench.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

using namespace finngl::bench;

using Word = std::optional<std::vector<uint64_t>>;

constexpr uint64_t kSign = uint64_t(1) << (P_InBits - 1);
/// A written element as it is read.
static uint64_t widened(uint64_t element) {
  return (P_InSigned ? (element ^ kSign) - kSign : element) & mask(P_ElemBits);
}

/// How a port names a row.
static int nameOf(int row) { return P_Taps > 1 ? row : row * P_RowWords; }

constexpr int kRowBits = std::max<int>(1, std::bit_width(unsigned((P_Taps > 1 ? P_Rows : P_Rows * P_RowWords) - 1)));

int main() {
  DUT dut;
  Random random(1);
  std::vector<std::vector<Word>> rows(P_Rows, std::vector<Word>(P_RowWords, std::vector<uint64_t>(P_Lanes)));
  std::vector<Word> expected(P_Taps);
  uint64_t compared = 0;
  dut.clk_i = 0;
  for (int i = 0; i < 20000; ++i) {
    const bool write = random() % 4 != 0, read = random() % 4 != 0;
    const int w_row = random() % P_Rows, w_offset = random() % P_RowWords;
    const int r_offset = random() % P_RowWords;
    const uint64_t pad = random() & random() & mask(P_Taps);
    std::vector<uint64_t> data;
    for (int e = 0; e < P_Lanes; ++e) {
      data.push_back(random() & mask(P_InBits));
      setBits(dut.data_i, e * P_InBits, P_InBits, data.back());
    }
    dut.write_i = write;
    dut.w_row_i = nameOf(w_row);
    dut.w_offset_i = w_offset;
    dut.read_i = read;
    dut.r_offset_i = r_offset;
    dut.pad_i = pad;
    for (int t = 0; t < P_Taps; ++t) {
      const int row = random() % P_Rows;
      setBits(dut.r_row_i, t * kRowBits, kRowBits, nameOf(row));
      if (!read)
        continue;
      if (pad >> t & 1) {
        expected[t] = std::vector<uint64_t>(P_Lanes, uint64_t(int64_t(P_Pad)) & mask(P_ElemBits));
        continue;
      }
      expected[t] = rows[row][r_offset];
      if (expected[t])
        for (uint64_t &element : *expected[t])
          element = widened(element);
      if (write && row == w_row && r_offset == w_offset)
        expected[t].reset();
    }
    if (write)
      rows[w_row][w_offset] = data;
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
    for (int t = 0; t < P_Taps; ++t)
      for (int e = 0; expected[t] && e < P_Lanes; ++e, ++compared)
        equal(getBits(dut.data_o, (t * P_Lanes + e) * P_ElemBits, P_ElemBits), (*expected[t])[e], "data_o");
  }
  check(compared > 5000, "too few words compared", compared, 5000);
  return pass("row_ring", compared);
}
