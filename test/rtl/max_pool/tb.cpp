// finngl_max_pool: packets of random windows, also broken ones, against the maximum written out.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

struct Beat {
  std::vector<uint64_t> elements; // empty: undefined
  uint64_t user = 0;
  bool last = false, err = false;
};

static int64_t valueOf(uint64_t element) {
  const uint64_t sign = uint64_t(1) << (P_ElemBits - 1);
  return P_Signed && element & sign ? int64_t(element) - int64_t(2 * sign) : int64_t(element);
}

/// Beats of a packet of whole windows; a broken one ends anywhere, with or without s_err_i.
static std::vector<Beat> makePacket(Random &random, bool errors) {
  std::vector<Beat> packet((1 + random() % 4) * P_Taps * P_Beats);
  for (Beat &beat : packet) {
    for (int e = 0; e < P_Lanes; ++e)
      beat.elements.push_back(random() & mask(P_ElemBits));
    beat.user = random() & mask(P_UserBits);
  }
  if (errors && random() % 2) {
    packet.resize(random() % packet.size() + 1);
    packet.back().err = random() % 2;
  }
  packet.back().last = true;
  return packet;
}

static std::vector<Beat> maxima(const std::vector<Beat> &packet) {
  std::vector<Beat> out;
  const size_t window = P_Taps * P_Beats;
  for (size_t from = 0; from < packet.size(); from += window)
    for (size_t b = from + window - P_Beats; b < from + window && b < packet.size(); ++b) {
      Beat most = packet[b];
      for (size_t tap = from + (b - from) % P_Beats; tap < b; tap += P_Beats)
        for (int e = 0; e < P_Lanes; ++e)
          if (valueOf(packet[tap].elements[e]) > valueOf(most.elements[e]))
            most.elements[e] = packet[tap].elements[e];
      out.push_back(most);
    }
  const bool broken = packet.size() % window || packet.back().err;
  if (broken) {
    // Instead of a maximum, if the beat is one of a last tap.
    if ((packet.size() - 1) % window >= window - P_Beats)
      out.pop_back();
    out.push_back({{}, packet.back().user, true, true});
  }
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
  const int limit = 20000 * P_Taps * P_Beats;
  for (; (left || !expected.empty()) && cycle < limit; ++cycle) {
    if (input.empty() && left) {
      --left;
      const std::vector<Beat> packet = makePacket(random, errors), out = maxima(packet);
      input.assign(packet.begin(), packet.end());
      expected.insert(expected.end(), out.begin(), out.end());
    }
    offering = !input.empty() && (offering || source.active());
    const Beat in = offering ? input.front() : Beat{std::vector<uint64_t>(P_Lanes, random())};
    dut.s_valid_i = offering;
    for (int e = 0; e < P_Lanes; ++e)
      setBits(dut.s_data_i, e * P_ElemBits, P_ElemBits, in.elements[e] & mask(P_ElemBits));
    dut.s_user_i = offering ? in.user : random() & mask(P_UserBits);
    dut.s_last_i = offering ? in.last : random() & 1;
    dut.s_err_i = offering ? in.err : random() & 1;
    dut.m_ready_i = sink.active();
    bench.settle();
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      const Beat &out = expected.front();
      for (size_t e = 0; e < out.elements.size(); ++e)
        equal(getBits(dut.m_data_o, e * P_ElemBits, P_ElemBits), out.elements[e], "m_data_o");
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
  check(cycle < limit, "maxima that never came", expected.size(), 0);
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
  return pass("max_pool", taken);
}
