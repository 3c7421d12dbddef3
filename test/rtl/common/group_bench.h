// An endless stream of groups of beats, also broken ones, through a module that answers each group by itself, beside
// its registers on counters.
#ifndef FINNGL_TEST_RTL_COMMON_GROUP_BENCH_H
#define FINNGL_TEST_RTL_COMMON_GROUP_BENCH_H

#include "packet_bench.h"

#include <algorithm>
#include <string>

namespace finngl::bench {

/// What comes of a group. A broken one is closed by an error beat with these user bits.
struct Answer {
  std::deque<Beat> beats; // of a broken group: those that may come before it is closed
  bool good, frameError;
  uint64_t closingUser;
};

/// Sizes of a group, in beats: taken, given if nothing is left out.
struct GroupShape {
  Layout layout;
  int in;
  int64_t out;
};

/// Entry e of a table of 32-bit entries in hex digits, entry 0 at the end.
inline int entryOf(const std::string &digits, int e) {
  const std::string padded = std::string(8 * (e + 1), '0') + digits;
  return std::stoi(padded.substr(padded.size() - 8 * (e + 1), 8), nullptr, 16);
}

/// A group as it is sent, now and then the last of its packet; with `errors` a third of them end anywhere, with
/// s_last_i, s_err_i or both.
inline std::vector<Beat> randomGroup(Random &random, GroupShape shape, bool errors) {
  std::vector<Beat> group;
  for (int b = 0; b < shape.in; ++b) {
    group.push_back(randomBeat(random, shape.layout));
    group.back().last = group.back().err = false;
  }
  group.back().last = random() % 8 == 0;
  if (errors && random() % 3 == 0) {
    group.resize(random() % group.size() + 1);
    group.back().err = random() % 2;
    group.back().last = !group.back().err || random() % 2;
  }
  return group;
}

/// Compares `Registers` with the module cycle by cycle:
/// ready(), canRead() of the registers as they stand, then cycle(taken beat or null, read).
template <class Registers> class BesideModule {
public:
  void compare(const DUT &dut) const {
    equal(dut.s_ready_o, registers.ready(), "s_ready_o of the cycle model");
    equal(dut.m_valid_o, valid, "m_valid_o of the cycle model");
  }
  void advance(const Beat *taken, bool nextReady) {
    const bool read = (!valid || nextReady) && registers.canRead();
    valid = read || (valid && !nextReady);
    registers.cycle(taken, read);
  }

private:
  Registers registers;
  bool valid = false;
};

/// Sends `groups` groups, or stops in the middle after `limit` cycles. Returns the beats that came.
template <class Reference, class Registers>
uint64_t sendGroups(Clocked &bench, GroupShape shape, int idle, int backpressure, bool errors, int groups,
                    int64_t limit) {
  const Layout layout = shape.layout;
  const uint64_t seed = 100 * idle + 10 * backpressure + errors;
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.m_ready_i = 0;
  bench.reset();
  Reference reference;
  BesideModule<Registers> beside;
  std::deque<Beat> input;
  std::deque<Answer> expected;
  uint64_t came = 0, frameErrors = 0, frameSeen = 0;
  bool offering = false;
  int left = groups;
  int64_t cycles = 0, quiet = 0; // cycles in which nothing moved
  for (; (left || !input.empty() || !expected.empty()) && quiet < 2000 && cycles < limit; ++cycles, ++quiet) {
    if (input.empty() && left) {
      --left;
      const std::vector<Beat> group = randomGroup(random, shape, errors);
      const Answer answer = reference.answer(group);
      if (!answer.good || !answer.beats.empty())
        expected.push_back(answer);
      frameErrors += answer.frameError;
      input.assign(group.begin(), group.end());
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
    frameSeen += dut.frame_error_o;
    if (!errors)
      beside.compare(dut);
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      Answer &group = expected.front();
      if (dut.m_err_o) {
        check(!group.good, "an error for a good group");
        equal(dut.m_last_o, true, "m_last_o of an error");
        equal(dut.m_user_o, group.closingUser, "m_user_o of an error");
      } else {
        check(!group.beats.empty(), "a broken group that goes on");
        const Beat &out = group.beats.front();
        for (size_t e = 0; e < out.elements.size(); ++e)
          equal(getBits(dut.m_data_o, int(e) * layout.out, layout.out), out.elements[e], "m_data_o");
        equal(dut.m_user_o, out.user, "m_user_o");
        equal(dut.m_last_o, out.last, "m_last_o");
      }
      if (dut.m_ready_i) {
        ++came;
        quiet = 0;
        if (!dut.m_err_o)
          group.beats.pop_front();
        if (dut.m_err_o || (group.good && group.beats.empty()))
          expected.pop_front();
      }
    }
    const bool taken = offering && dut.s_ready_o;
    beside.advance(taken ? &in : nullptr, dut.m_ready_i);
    if (taken) {
      input.pop_front();
      offering = false;
      quiet = 0;
    }
    bench.tick();
  }
  if (cycles == limit)
    return came; // and a reset follows
  check(!left && input.empty() && expected.empty(), "groups that never came", expected.size(), 0);
  equal(frameSeen + dut.frame_error_o, frameErrors, "frame_error_o");
  // One beat a cycle on the side that has more of them, behind the first group's way through.
  const int64_t most = groups * std::max<int64_t>(shape.in, shape.out) + shape.in + shape.out + 4;
  if (idle == Stall::Never && backpressure == Stall::Never && !errors)
    check(cycles <= most, "cycles", cycles, most);
  return came;
}

/// All patterns of stalls, good groups and broken ones, resets in the middle.
/// `Reference` has `Answer answer(std::vector<Beat> group)`, called for each group in turn.
template <class Reference, class Registers> int runGroups(const char *name, GroupShape shape) {
  Clocked bench;
  uint64_t came = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (bool errors : {false, true})
        for (int64_t limit : {int64_t(97), INT64_MAX})
          came += sendGroups<Reference, Registers>(bench, shape, idle, backpressure, errors, 60, limit);
  return pass(name, came);
}

} // namespace finngl::bench

#endif // FINNGL_TEST_RTL_COMMON_GROUP_BENCH_H
