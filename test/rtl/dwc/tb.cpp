// finngl_dwc: random packets, also with a last inside a group and with error beats, against a model of the rules.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

struct Beat {
  std::vector<uint64_t> elements; // empty: undefined
  uint64_t user = 0;
  bool last = false, err = false;
};

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles, bool errors) {
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.m_ready_i = 0;
  bench.reset();
  bench.tick();
  std::deque<Beat> expected;
  Beat group, in;
  bool offering = false;
  uint64_t sent = 0, taken = 0, frameErrors = 0, frameSeen = 0;
  int packetBeat = 0;
  auto accept = [&](const Beat &beat) {
    if (P_OutElems >= P_InElems) {
      if (group.elements.empty())
        group.user = beat.user;
      group.elements.insert(group.elements.end(), beat.elements.begin(), beat.elements.end());
      const bool complete = int(group.elements.size()) == P_OutElems;
      if (!complete && !beat.last && !beat.err)
        return;
      frameErrors += !complete && !beat.err;
      group.last = beat.last || beat.err;
      group.err = beat.err || !complete;
      if (group.err && P_OutElems > P_InElems)
        group.elements.clear();
      expected.push_back(group);
      group = Beat();
    } else {
      for (int part = 0; part < P_InElems / P_OutElems; ++part) {
        Beat out{{}, beat.user, false, beat.err};
        for (int e = 0; e < P_OutElems; ++e)
          out.elements.push_back(beat.elements[part * P_OutElems + e]);
        out.last = beat.err || (beat.last && part == P_InElems / P_OutElems - 1);
        expected.push_back(out);
        if (beat.err)
          break;
      }
    }
  };
  for (int i = 0; i < cycles; ++i) {
    if (!offering && source.active()) {
      offering = true;
      in = Beat();
      for (int e = 0; e < P_InElems; ++e)
        in.elements.push_back(random() & mask(P_ElemBits));
      in.user = random() & mask(P_UserBits);
      ++packetBeat;
      const bool groupEnd = packetBeat * P_InElems % P_OutElems == 0;
      in.err = errors && random() % 16 == 0;
      in.last = in.err || (groupEnd ? random() % 3 == 0 : errors && random() % 8 == 0);
      if (in.last)
        packetBeat = 0;
    }
    dut.s_valid_i = offering;
    for (int e = 0; e < P_InElems; ++e)
      setBits(dut.s_data_i, e * P_ElemBits, P_ElemBits, offering ? in.elements[e] : random());
    dut.s_user_i = offering ? in.user : random() & mask(P_UserBits);
    dut.s_last_i = offering ? in.last : random() & 1;
    dut.s_err_i = offering ? in.err : random() & 1;
    const bool ready = sink.active();
    dut.m_ready_i = !ready;
    bench.settle();
    const bool validBefore = dut.m_valid_o;
    dut.m_ready_i = ready;
    bench.settle();
    equal(dut.m_valid_o, validBefore, "valid depends on ready");
    frameSeen += dut.frame_error_o;
    if (P_InElems == P_OutElems && offering)
      accept(in); // wires: it leaves in the same cycle
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      const Beat &out = expected.front();
      for (size_t e = 0; e < out.elements.size(); ++e)
        equal(getBits(dut.m_data_o, int(e) * P_ElemBits, P_ElemBits), out.elements[e], "m_data_o");
      equal(dut.m_user_o, out.user, "m_user_o");
      equal(dut.m_last_o, out.last, "m_last_o");
      equal(dut.m_err_o, out.err, "m_err_o");
      if (ready) {
        expected.pop_front();
        ++sent;
      }
    }
    if (offering && dut.s_ready_o) {
      if (P_InElems != P_OutElems)
        accept(in);
      offering = false;
      ++taken;
    } else if (P_InElems == P_OutElems && offering) {
      expected.clear(); // not taken: offered again in the next cycle
    }
    bench.tick();
  }
  if (P_OutElems > P_InElems) { // everything that was taken is in the group or has left or is at the output
    check(expected.size() <= 2, "beats that never came", expected.size(), 2);
    check(frameErrors - frameSeen <= 1, "frame_error_o", frameSeen, frameErrors);
  } else {
    equal(frameSeen, 0, "frame_error_o");
    check(expected.size() <= P_InElems / P_OutElems, "beats that never came", expected.size(), 0);
  }
  if (idle == Stall::Never && backpressure == Stall::Never && !errors)
    check((P_InElems > P_OutElems ? sent : taken) + 2 >= uint64_t(cycles), "beats per cycle", sent, cycles);
  return sent;
}

int main() {
  Clocked bench;
  uint64_t sent = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int part = 0; part < 4; ++part)
        sent += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + part, 3000, part % 2);
  return pass("dwc", sent);
}
