// finngl_out_port behind a model of a region: launches when there is room (sometimes in every cycle that allows it),
// the beats come a fixed latency later. Steps with errors, packets of several steps, every stall pattern, resets in
// mid-stream; with an open sink the launches must follow at full rate.
#include "stream_bench.h"

#include <deque>

using namespace finngl::bench;

#ifndef P_Keep
#define P_Keep P_Beats
#endif

struct Beat {
  uint64_t data = 0, user = 0;
  bool err = false, last = false, end = false; // end: last beat of its step that leaves
  bool padding = false;
};

constexpr int UserWidth = P_UserBits ? P_UserBits : 1;

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles) {
  Random random(seed);
  Stall launcher(idle, seed + 1), sink(backpressure, seed + 2);
  const int latency = 1 + random() % 7;
  DUT &dut = bench.dut;
  dut.reserve_i = dut.valid_i = dut.m_ready_i = 0;
  bench.reset();
  bench.tick();
  std::deque<std::pair<int64_t, Beat>> pipe; // cycle at which it leaves the region
  std::deque<Beat> waiting;
  int64_t nextLaunch = 0;
  int credit = P_Steps;
  uint64_t launches = 0, sent = 0;
  for (int64_t i = 0; i < cycles; ++i) {
    dut.reserve_i = 0;
    equal(dut.room_o, credit > 0, "room_o");
    if (dut.room_o && i >= nextLaunch && launcher.active()) {
      dut.reserve_i = 1;
      ++launches;
      nextLaunch = i + P_Beats;
      Beat meta;
      meta.user = P_UserBits ? random() & mask(P_UserBits) : 0;
      meta.err = random() % 8 == 0;
      meta.last = random() % 3 == 0;
      for (int b = 0; b < P_Beats; ++b) {
        meta.data = random() & mask(P_W);
        meta.end = b == P_Keep - 1;
        meta.padding = b >= P_Keep;
        pipe.push_back({i + latency + b, meta});
      }
    }
    const bool valid = !pipe.empty() && pipe.front().first == i;
    const Beat in = valid ? pipe.front().second : Beat{random(), random() & mask(UserWidth), true, true, true, false};
    if (valid)
      pipe.pop_front();
    dut.valid_i = valid;
    setBits(dut.data_i, 0, P_W, in.data);
    dut.user_i = in.user;
    dut.err_i = in.err;
    dut.last_i = in.last;
    const bool ready = sink.active();
    dut.m_ready_i = !ready;
    bench.settle();
    const bool validBefore = dut.m_valid_o;
    dut.m_ready_i = ready;
    bench.settle();
    equal(dut.m_valid_o, validBefore, "valid depends on ready");
    equal(dut.m_valid_o, !waiting.empty(), "m_valid_o");
    credit -= dut.reserve_i;
    if (!waiting.empty()) {
      const Beat &out = waiting.front();
      equal(dut.m_err_o, out.err, "m_err_o");
      equal(dut.m_last_o, out.err || (out.last && out.end), "m_last_o");
      if (!out.err)
        equal(getBits(dut.m_data_o, 0, P_W), out.data, "m_data_o");
      equal(dut.m_user_o, out.user, "m_user_o");
      if (ready) {
        credit += out.end;
        waiting.pop_front();
        ++sent;
      }
    }
    if (valid && !in.padding) {
      const bool keep = !P_LastOnly || in.last || in.err;
      if (keep && (!in.err || in.end))
        waiting.push_back(in);
      credit += !keep && in.end;
    }
    bench.tick();
  }
  // A step's credit is away from its launch to one cycle after its last beat.
  if (idle == Stall::Never && backpressure == Stall::Never && P_Steps * P_Beats >= latency + P_Beats + 2)
    check(launches + 2 >= uint64_t(cycles) / P_Beats, "launches at full rate", launches, cycles / P_Beats);
  return sent;
}

int main() {
  Clocked bench;
  uint64_t sent = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int part = 0; part < 4; ++part)
        sent += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + part, 4000);
  return pass("out_port", sent);
}
