// finngl_join: steps of random length on every stream, some closed with an error, under stalls on each side.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

namespace {

struct Beat {
  uint64_t data = 0;
  bool last = false, err = false;
};

uint64_t errors = 0, wholes = 0;

/// One step on each stream, and the joint one.
void step(Random &random, std::vector<std::deque<Beat>> &streams, std::deque<Beat> &want) {
  bool broken = false;
  for (int k = 0; k < P_N; ++k) {
    const int length = 1 + int(random() % 5);
    const bool err = random() % 8 == 0;
    const int closing = err ? int(random() % length) : length - 1;
    for (int b = 0; b <= closing; ++b) {
      const bool ends = b == closing;
      broken = broken || (err && ends);
      Beat beat{random() & mask(P_Width), ends, err && ends};
      streams[k].push_back(beat);
      if (!broken || (ends && k == P_N - 1))
        want.push_back({beat.data, ends && k == P_N - 1, broken});
    }
  }
  ++(broken ? errors : wholes);
}

uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles) {
  Random random(seed);
  std::vector<Stall> sources;
  for (int k = 0; k < P_N; ++k)
    sources.emplace_back(idle, seed + 2 + k);
  Stall sink(backpressure, seed + 1);
  DUT &dut = bench.dut;
  dut.s_valid_i = 0;
  dut.m_ready_i = 0;
  bench.reset();
  std::vector<std::deque<Beat>> streams(P_N);
  std::vector<bool> offering(P_N);
  std::deque<Beat> want;
  uint64_t given = 0;
  for (int i = 0; i < cycles; ++i) {
    while (want.size() < 20)
      step(random, streams, want);
    uint64_t valid = 0, last = 0, err = 0;
    for (int k = 0; k < P_N; ++k) {
      offering[k] = !streams[k].empty() && (offering[k] || sources[k].active());
      const Beat beat = offering[k] ? streams[k].front() : Beat{random() & mask(P_Width), bool(random() & 1), false};
      setBits(dut.s_data_i, k * P_Width, P_Width, beat.data);
      valid |= uint64_t(offering[k]) << k;
      last |= uint64_t(beat.last) << k;
      err |= uint64_t(beat.err) << k;
    }
    const bool ready = sink.active();
    dut.s_valid_i = valid;
    dut.s_last_i = last;
    dut.s_err_i = err;
    dut.m_ready_i = !ready;
    bench.settle();
    const bool offered = dut.m_valid_o;
    dut.m_ready_i = ready;
    bench.settle();
    equal(dut.m_valid_o, offered, "valid depends on ready");
    if (offered && ready) {
      const Beat beat = want.front();
      want.pop_front();
      if (!beat.err)
        equal(getBits(dut.m_data_o, 0, P_Width), beat.data, "m_data_o");
      equal(dut.m_last_o, beat.last, "m_last_o");
      equal(dut.m_err_o, beat.err, "m_err_o");
      ++given;
    }
    const uint64_t taken = valid & dut.s_ready_o;
    check((taken & (taken - 1)) == 0, "one stream at a time", taken);
    for (int k = 0; k < P_N; ++k)
      if ((taken >> k) & 1) {
        streams[k].pop_front();
        offering[k] = false;
      }
    if (idle == Stall::Never && backpressure == Stall::Never)
      check(taken, "a beat each cycle");
    bench.tick();
  }
  return given;
}

} // namespace

int main() {
  Clocked bench;
  uint64_t given = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      given += run(bench, idle, backpressure, 100 * idle + 10 * backpressure, 4000);
  check(errors > 100 && wholes > 100, "coverage", errors, wholes);
  return pass("join", given);
}
