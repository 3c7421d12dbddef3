// finngl_arg_max: packets of random steps, also broken ones, against the index written out. Few bits make many ties.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

struct Beat {
  uint64_t data = 0, user = 0;
  bool last = false, err = false;
};

static int64_t valueOf(uint64_t element) {
  const uint64_t sign = uint64_t(1) << (P_ElemBits - 1);
  return P_Signed && element & sign ? int64_t(element) - int64_t(2 * sign) : int64_t(element);
}

/// Beats of a packet of whole steps; a broken one ends anywhere, with or without s_err_i.
static std::vector<Beat> makePacket(Random &random, bool errors) {
  std::vector<Beat> packet((1 + random() % 4) * P_Elements);
  for (Beat &beat : packet) {
    beat.data = random() & mask(P_ElemBits);
    beat.user = random() & mask(P_UserBits);
  }
  if (errors && random() % 2) {
    packet.resize(random() % packet.size() + 1);
    packet.back().err = random() % 2;
  }
  packet.back().last = true;
  return packet;
}

static std::vector<Beat> indices(const std::vector<Beat> &packet) {
  std::vector<Beat> out;
  for (size_t from = 0; from + P_Elements <= packet.size(); from += P_Elements) {
    Beat index = packet[from + P_Elements - 1];
    index.data = 0;
    for (size_t k = 1; k < P_Elements; ++k) {
      const int64_t value = valueOf(packet[from + k].data), most = valueOf(packet[from + index.data].data);
      if (P_SelectLast ? value >= most : value > most)
        index.data = k;
    }
    out.push_back(index);
  }
  const bool whole = packet.size() % P_Elements == 0;
  if (whole && packet.back().err)
    out.pop_back(); // instead of an index
  if (!whole || packet.back().err)
    out.push_back({0, packet.back().user, true, true});
  return out;
}

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, bool errors) {
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.m_ready_i = 0;
  bench.reset();
  bench.tick();
  std::deque<Beat> input, expected;
  uint64_t taken = 0;
  bool offering = false;
  int left = 60, cycle = 0;
  const int limit = 20000 * P_Elements;
  for (; (left || !expected.empty()) && cycle < limit; ++cycle) {
    if (input.empty() && left) {
      --left;
      const std::vector<Beat> packet = makePacket(random, errors), out = indices(packet);
      input.assign(packet.begin(), packet.end());
      expected.insert(expected.end(), out.begin(), out.end());
    }
    offering = !input.empty() && (offering || source.active());
    const Beat in = offering ? input.front() : Beat{random(), random(), bool(random() & 1), bool(random() & 1)};
    dut.s_valid_i = offering;
    dut.s_data_i = in.data & mask(P_ElemBits);
    dut.s_user_i = in.user & mask(P_UserBits);
    dut.s_last_i = in.last;
    dut.s_err_i = in.err;
    dut.m_ready_i = sink.active();
    bench.settle();
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      const Beat &out = expected.front();
      if (!out.err)
        equal(dut.m_data_o, out.data, "m_data_o");
      equal(dut.m_user_o, out.user, "m_user_o");
      equal(dut.m_last_o, out.last, "m_last_o");
      equal(dut.m_err_o, out.err, "m_err_o");
      if (dut.m_ready_i)
        expected.pop_front();
    }
    if (offering && dut.s_ready_o) {
      ++taken;
      input.pop_front();
      offering = false;
    }
    bench.tick();
  }
  check(cycle < limit, "indices that never came", expected.size(), 0);
  if (idle == Stall::Never && backpressure == Stall::Never && !errors)
    check(uint64_t(cycle) <= taken + 2, "cycles", cycle, taken + 2); // one beat a cycle
  return taken;
}

int main() {
  Clocked bench;
  uint64_t taken = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int errors = 0; errors < 2; ++errors)
        taken += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + errors, errors);
  return pass("arg_max", taken);
}
