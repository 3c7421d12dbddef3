// finngl_mvu against a plain matrix product: passes back to back and with gaps,
// the cycle of every beat and read, with random operands, then all at their
// extremes.
#include "bench.h"
#include <memory>
using namespace bench;

#ifndef P_LaneW
#define P_LaneW 18
#endif
#ifndef P_Split
#define P_Split 0
#endif

constexpr int rows = P_G * P_PE, cols = P_NC * P_SIMD;
// Repeats the formula of the header.
constexpr int clog2(int n) { return n <= 1 ? 0 : 1 + clog2((n + 1) / 2); }
constexpr int latency = P_Dsp ? P_SIMD + 3 : 2 + clog2(P_SIMD) / 2;

struct Pass {
  int64_t start;
  std::vector<int64_t> x;
};

/// Fills the image; with packing, weights are small enough for the low lane.
std::vector<std::vector<int64_t>> makeWeights(int kind) {
  int64_t lo = minOf(P_WW, true), hi = maxOf(P_WW, true);
  if (P_Pack) {
    int64_t xMax = std::max(-minOf(P_XW, P_XSigned), maxOf(P_XW, P_XSigned));
    int64_t bound = maxOf(P_LaneW, true) / (cols * xMax);
    lo = std::max(lo, -bound), hi = std::min(hi, bound);
    if (P_WW + P_LaneW == 27)
      lo = std::max(lo, -hi); // the header's condition on the pre-adder
  }
  std::vector<std::vector<int64_t>> w(rows, std::vector<int64_t>(cols));
  for (auto &row : w)
    for (auto &e : row) {
      int64_t die = kind ? kind : uniform(0, 9);
      e = die == 1 ? lo : die == 2 ? hi : uniform(lo, hi);
    }
  std::vector<Bits> image(P_G * P_NC, Bits(P_PE * P_SIMD * P_WW));
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < cols; ++c)
      image[r / P_PE * P_NC + c / P_SIMD].set((r % P_PE * P_SIMD + c % P_SIMD) * P_WW, P_WW, uint64_t(w[r][c]));
  writeImage(P_File, image);
  return w;
}

void run(int kind, int passes) {
  auto w = makeWeights(kind);
  auto b = std::make_unique<Bench>();
  b->dut.start_i = 0;
  b->reset();
  std::map<int64_t, std::vector<int64_t>> due;   // rows of the beat of a cycle
  std::map<int64_t, std::vector<int64_t>> early; // first parts, without valid
  std::map<int64_t, int> reads;
  Pass pass{-1, {}};
  int64_t next = b->cycle, addr = -1;
  for (int sent = 0; sent < passes || !due.empty() || !reads.empty();) {
    for (int i = 0; i < P_SIMD; ++i)
      setField(b->dut.data_i, i * P_XW, P_XW, addr < 0 ? value(P_XW, P_XSigned) : pass.x[addr * P_SIMD + i]);
    b->dut.start_i = sent < passes && b->cycle == next;
    if (b->dut.start_i) {
      // The last word of the pass before is on data_i in this very cycle,
      // already driven.
      pass.start = next;
      pass.x.assign(cols, 0);
      for (auto &e : pass.x) {
        int64_t die = uniform(0, 9);
        e = kind == 1 || (kind == 0 && die == 0) ? minOf(P_XW, P_XSigned)
            : kind == 2 || die == 1              ? maxOf(P_XW, P_XSigned)
                                                 : value(P_XW, P_XSigned);
      }
      std::vector<int64_t> y(rows), part(rows);
      for (int r = 0; r < rows; ++r)
        for (int c = 0; c < cols; ++c)
          (c < P_Split * P_SIMD ? part : y)[r] += w[r][c] * pass.x[c];
      for (int r = 0; r < rows; r += P_R) {
        int64_t cycle = P_R <= P_PE ? next + (r / P_PE + 1) * P_NC + latency + r % P_PE / P_R
                                    : next + int64_t(r + P_R) / P_PE * P_NC + latency;
        due[cycle].assign(y.begin() + r, y.begin() + r + P_R);
        if (P_Split)
          early[cycle - (P_NC - P_Split)].assign(part.begin() + r, part.begin() + r + P_R);
      }
      for (int i = 0; i < P_G * P_NC; ++i)
        reads[next + i] = i;
      next += P_G * P_NC + (sent < passes / 2 || chance(50) ? 0 : uniform(1, 2 * P_NC + 3));
      ++sent;
    }
    b->settle();
    auto read = reads.find(b->cycle);
    expect(b->dut.rd_o, read != reads.end(), "rd_o", b->cycle);
    addr = -1;
    if (read != reads.end()) {
      addr = read->second % P_NC;
      expect(b->dut.addr_o, addr, "addr_o", b->cycle);
      expect(b->dut.last_o, read->second == P_G * P_NC - 1, "last_o", b->cycle);
      reads.erase(read);
    } else {
      expect(b->dut.last_o, 0, "last_o", b->cycle);
    }
    auto beat = due.find(b->cycle);
    expect(b->dut.valid_o, beat != due.end(), "valid_o", b->cycle);
    if (beat != due.end()) {
      for (int l = 0; l < P_R; ++l)
        expect(getField(b->dut.data_o, l * P_AW, P_AW, true), signExtend(uint64_t(beat->second[l]), P_AW), "data_o",
               b->cycle);
      due.erase(beat);
    }
    auto part = early.find(b->cycle);
    if (part != early.end()) {
      for (int l = 0; l < P_R; ++l)
        expect(getField(b->dut.data_o, l * P_AW, P_AW, true), signExtend(uint64_t(part->second[l]), P_AW), "part",
               b->cycle);
      early.erase(part);
    }
    b->tick();
  }
}

int main() {
  run(0, 40);
  run(1, 4);
  run(2, 4);
  return finish("mvu");
}
