// Packets of random beats, also broken ones, through a module with one stream in and one out that answers each packet
// by itself at one beat a cycle.
#ifndef FINNGL_TEST_RTL_COMMON_PACKET_BENCH_H
#define FINNGL_TEST_RTL_COMMON_PACKET_BENCH_H

#include "stream_bench.h"

#include <deque>
#include <vector>

namespace finngl::bench {

struct Beat {
  std::vector<uint64_t> elements; // empty: undefined
  uint64_t user = 0;
  bool last = false, err = false;
};

/// Elements of a beat, bits of an element on either side, and beats that come out behind the last one in.
struct Layout {
  int lanes, in, out, trailing = 1;
};

inline int64_t valueOf(uint64_t element, int width, bool isSigned) {
  const uint64_t sign = uint64_t(1) << (width - 1);
  return isSigned && element & sign ? int64_t(element) - int64_t(2 * sign) : int64_t(element);
}

inline Beat randomBeat(Random &random, Layout layout) {
  Beat beat{{}, random() & mask(P_UserBits), bool(random() & 1), bool(random() & 1)};
  for (int e = 0; e < layout.lanes; ++e)
    beat.elements.push_back(random() & mask(layout.in));
  return beat;
}

/// A packet of random beats; with `errors` half of them end anywhere, with or without s_err_i.
inline std::vector<Beat> randomPacket(Random &random, size_t beats, Layout layout, bool errors) {
  std::vector<Beat> packet;
  for (size_t b = 0; b < beats; ++b) {
    packet.push_back(randomBeat(random, layout));
    packet.back().last = packet.back().err = false;
  }
  if (errors && random() % 2) {
    packet.resize(random() % packet.size() + 1);
    packet.back().err = random() % 2;
  }
  packet.back().last = true;
  return packet;
}

/// `make(random, errors)` gives a packet, `answer(packet)` the beats that come of it. Returns the beats taken.
template <class Make, class Answer>
uint64_t sendPackets(Clocked &bench, int idle, int backpressure, bool errors, Layout layout, Make make, Answer answer) {
  const uint64_t seed = 100 * idle + 10 * backpressure + errors;
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.m_ready_i = 0;
  bench.reset();
  bench.tick();
  std::deque<Beat> input, expected;
  uint64_t taken = 0, cycle = 0, quiet = 0; // cycles in which nothing moved
  bool offering = false;
  int left = 60;
  for (; (left || !input.empty() || !expected.empty()) && quiet < 2000; ++cycle, ++quiet) {
    if (input.empty() && left) {
      --left;
      const std::vector<Beat> packet = make(random, errors), out = answer(packet);
      input.assign(packet.begin(), packet.end());
      expected.insert(expected.end(), out.begin(), out.end());
    }
    offering = !input.empty() && (offering || source.active());
    const Beat in = offering ? input.front() : randomBeat(random, layout);
    dut.s_valid_i = offering;
    for (int e = 0; e < layout.lanes; ++e)
      setBits(dut.s_data_i, e * layout.in, layout.in, in.elements[e]);
    dut.s_user_i = in.user;
    dut.s_last_i = in.last;
    dut.s_err_i = in.err;
    dut.m_ready_i = sink.active();
    bench.settle();
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      const Beat &out = expected.front();
      for (size_t e = 0; e < out.elements.size(); ++e)
        equal(getBits(dut.m_data_o, int(e) * layout.out, layout.out), out.elements[e], "m_data_o");
      equal(dut.m_user_o, out.user, "m_user_o");
      equal(dut.m_last_o, out.last, "m_last_o");
      equal(dut.m_err_o, out.err, "m_err_o");
      if (dut.m_ready_i) {
        expected.pop_front();
        quiet = 0;
      }
    }
    if (offering && dut.s_ready_o) {
      ++taken;
      input.pop_front();
      offering = false;
      quiet = 0;
    }
    bench.tick();
  }
  check(!left && input.empty() && expected.empty(), "beats that never came", expected.size(), 0);
  if (idle == Stall::Never && backpressure == Stall::Never && !errors)
    check(cycle <= taken + 1 + layout.trailing, "cycles", cycle, taken + 1 + layout.trailing); // one beat a cycle
  return taken;
}

/// All patterns of stalls, good packets and broken ones.
template <class Make, class Answer> int runPackets(const char *name, Layout layout, Make make, Answer answer) {
  Clocked bench;
  uint64_t taken = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (bool errors : {false, true})
        taken += sendPackets(bench, idle, backpressure, errors, layout, make, answer);
  return pass(name, taken);
}

} // namespace finngl::bench

#endif // FINNGL_TEST_RTL_COMMON_PACKET_BENCH_H
