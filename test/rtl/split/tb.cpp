// finngl_split: whole, short and broken steps under stalls; each output gives one step of the right beats for each
// packet.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

namespace {

struct Beat {
  bool last = false, err = false;
};
struct Part {
  int output;
  uint64_t beat; ///< number of the input beat, if good
  bool last, err;
};

std::vector<int> sizes() {
  std::vector<int> all;
  for (int k = 0; k < P_N; ++k)
    all.push_back(int((uint64_t(P_Sizes) >> (k * P_SizeBits)) & mask(P_SizeBits)));
  return all;
}

uint64_t errors = 0, wholes = 0;

/// One packet's beats, and what the outputs must give.
std::vector<Beat> packet(Random &random, uint64_t from, std::deque<Part> &want) {
  int total = 0;
  for (int size : sizes())
    total += size;
  const int die = int(random() % 4);
  const int length = die == 0 ? 1 + int(random() % total) : total;
  std::vector<Beat> beats(length);
  const bool broken = die == 1 && random() % 2;
  const int at = broken ? int(random() % length) : length - 1;
  beats.resize(at + 1);
  beats[at].err = broken;
  beats[at].last = !broken || random() % 2;
  const bool whole = !broken && length == total;
  int beat = 0;
  for (int k = 0; k < P_N; ++k)
    for (int e = 0, size = sizes()[k]; e < size; ++e, ++beat) {
      const bool closes = !whole && beat >= at;
      want.push_back({k, from + uint64_t(beat), e + 1 == size || closes, closes});
      if (closes) {
        beat += size - e;
        break;
      }
    }
  ++(whole ? wholes : errors);
  return beats;
}

uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles) {
  Random random(seed);
  Stall source(idle, seed + 1);
  std::vector<Stall> sinks;
  for (int k = 0; k < P_N; ++k)
    sinks.emplace_back(backpressure, seed + 2 + k);
  DUT &dut = bench.dut;
  dut.s_valid_i = 0;
  dut.m_ready_i = 0;
  bench.reset();
  std::deque<Beat> queue;
  std::deque<Part> want;
  uint64_t number = 0, parts = 0;
  bool offering = false;
  for (int i = 0; i < cycles; ++i) {
    if (queue.empty())
      for (const Beat &beat : packet(random, number, want))
        queue.push_back(beat);
    offering = offering || source.active();
    uint64_t ready = 0;
    for (int k = 0; k < P_N; ++k)
      ready |= uint64_t(sinks[k].active()) << k;
    dut.s_valid_i = offering;
    dut.s_last_i = offering ? queue.front().last : random() & 1;
    dut.s_err_i = offering ? queue.front().err : random() & 1;
    dut.m_ready_i = ~ready & mask(P_N);
    bench.settle();
    const uint64_t valid = dut.m_valid_o;
    dut.m_ready_i = ready;
    bench.settle();
    equal(dut.m_valid_o, valid, "valid depends on ready");
    equal(valid, offering ? uint64_t(1) << want.front().output : 0, "m_valid_o");
    bool framed = false;
    if (valid & ready) {
      const Part part = want.front();
      equal(dut.m_last_o, part.last, "m_last_o");
      equal(dut.m_err_o, part.err, "m_err_o");
      if (!part.err)
        equal(number, part.beat, "beat of the part");
      want.pop_front();
      // An error's beat stays until the last output has its own.
      const bool taken = !part.err || part.output == P_N - 1;
      equal(dut.s_ready_o, taken, "s_ready_o");
      framed = part.err && taken && !queue.front().err;
      if (taken) {
        queue.pop_front();
        offering = false;
        ++number;
      }
      ++parts;
    }
    equal(dut.frame_error_o, framed, "frame_error_o");
    if (idle == Stall::Never && backpressure == Stall::Never)
      check(valid & ready, "a beat each cycle");
    bench.tick();
  }
  return parts;
}

} // namespace

int main() {
  Clocked bench;
  uint64_t parts = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      parts += run(bench, idle, backpressure, 100 * idle + 10 * backpressure, 4000);
  check(errors > 100 && wholes > 100, "coverage", errors, wholes);
  return pass("split", parts);
}
