// finngl_reverser: random packets, also broken, continued and too long ones, against a model of the rules.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

struct Beat {
  uint64_t data = 0, user = 0;
  bool last = false, err = false;
};

/// A packet of `steps` steps; maybe with an error.
static std::vector<Beat> makePacket(Random &random, int steps, bool errors) {
  std::vector<Beat> packet;
  const bool restart = !errors || random() % 8 != 0;
  for (int b = 0; b < steps * P_Beats; ++b)
    packet.push_back(
        {random() & mask(P_W), (random() & mask(P_UserBits)) >> 1 << 1 | uint64_t(b ? random() & 1 : restart)});
  if (errors && random() % 4 == 0) // cut inside a step, or closed by an error upstream
    packet.resize(random() % packet.size() + 1);
  packet.back().last = true;
  packet.back().err = errors && random() % 6 == 0;
  return packet;
}

/// What comes out, and which error is reported.
static std::vector<Beat> reversed(const std::vector<Beat> &packet, bool &frameError, bool &overrun) {
  const int beats = int(packet.size());
  const bool restart = packet[0].user & 1;
  overrun = restart && beats > P_Steps * P_Beats;
  frameError = !restart || (!overrun && beats % P_Beats != 0 && !packet.back().err);
  if (overrun || frameError || packet.back().err)
    return {Beat{0, 0, true, true}};
  std::vector<Beat> out;
  for (int s = beats / P_Beats - 1; s >= 0; --s)
    for (int b = 0; b < P_Beats; ++b) {
      out.push_back(packet[s * P_Beats + b]);
      out.back().user |= 1;
      out.back().last = false;
    }
  out.back().last = true;
  return out;
}

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles, bool errors) {
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.m_ready_i = 0;
  bench.reset();
  bench.tick();
  std::deque<Beat> input, expected;
  uint64_t sent = 0, frameErrors = 0, overruns = 0, frameSeen = 0, overrunSeen = 0, taken = 0;
  bool offering = false;
  const bool full = idle == Stall::Never && backpressure == Stall::Never && !errors;
  for (int i = 0; i < cycles; ++i) {
    if (input.empty()) {
      // Packets of one length pass at full rate.
      int steps = full ? P_Steps : int(random() % P_Steps) + 1 + (errors && random() % 5 == 0 ? P_Steps : 0);
      std::vector<Beat> packet = makePacket(random, steps, errors);
      bool frame, over;
      for (const Beat &beat : reversed(packet, frame, over))
        expected.push_back(beat);
      frameErrors += frame;
      overruns += over;
      input.assign(packet.begin(), packet.end());
    }
    offering = offering || source.active();
    const Beat &in = input.front();
    dut.s_valid_i = offering;
    dut.s_data_i = offering ? in.data : random() & mask(P_W);
    dut.s_user_i = offering ? in.user : random() & mask(P_UserBits);
    dut.s_last_i = offering ? in.last : random() & 1;
    dut.s_err_i = offering ? in.err : random() & 1;
    const bool ready = sink.active();
    dut.m_ready_i = ready;
    bench.settle();
    frameSeen += dut.frame_error_o;
    overrunSeen += dut.overrun_o;
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      const Beat &out = expected.front();
      equal(dut.m_err_o, out.err, "m_err_o");
      equal(dut.m_last_o, out.last, "m_last_o");
      if (!out.err) {
        equal(dut.m_data_o, out.data, "m_data_o");
        equal(dut.m_user_o, out.user, "m_user_o");
      }
      if (ready) {
        expected.pop_front();
        ++sent;
      }
    }
    if (offering && dut.s_ready_o) {
      input.pop_front();
      offering = false;
      ++taken;
    }
    bench.tick();
  }
  check(frameErrors - frameSeen <= 3, "frame_error_o", frameSeen, frameErrors);
  check(overruns - overrunSeen <= 3, "overrun_o", overrunSeen, overruns);
  if (full)
    check(taken + 4 >= uint64_t(cycles) || P_Steps * P_Beats < 3, "beats per cycle", taken, cycles);
  return sent;
}

int main() {
  Clocked bench;
  uint64_t sent = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int part = 0; part < 4; ++part)
        sent += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + part, 3000, part % 2);
  return pass("reverser", sent);
}
