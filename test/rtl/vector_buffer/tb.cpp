// finngl_vector_buffer: random packets with frame errors, error beats, user and restart bits go in; a model of a region
// launches, reads both ports, advances them and releases, each after its own random delay. Every stall pattern; resets
// in mid-stream; a full-rate run must take a beat every cycle.
#include "stream_bench.h"

#include <deque>
#include <vector>

using namespace finngl::bench;

#ifndef P_Contexts
#define P_Contexts 1
#endif
#ifndef P_Stepwise
#define P_Stepwise 0
#endif

#ifndef P_Given
#define P_Given P_N
#endif

constexpr int Beats = P_Given / P_WL;

struct Beat {
  std::vector<uint64_t> elements;
  uint64_t user = 0; // {user bits, restart}
  bool last = false, err = false;
};

struct Step {
  std::vector<uint64_t> elements;
  uint64_t meta = 0;
};

/// Random packets; what it emits is also interpreted, so the expected steps come from the rules, not from the module.
class Source {
public:
  Source(uint64_t seed, bool errors) : random(seed), errors(errors) {}
  uint64_t frameErrors = 0;
  std::deque<Step> expected; // committed steps that are not launched

  Beat next() {
    Beat beat;
    for (int l = 0; l < P_WL; ++l)
      beat.elements.push_back(random() & mask(P_BW));
    beat.user = random() & mask(P_UserBits + 1);
    if (P_Contexts > 1)
      beat.user = beat.user >> (CtxBits + 1) << (CtxBits + 1) | random() % P_Contexts << 1 | (beat.user & 1);
    const bool end = position == Beats - 1;
    beat.last = end ? random() % 3 == 0 : errors && random() % (4 * Beats) == 0;
    beat.err = errors && random() % (8 * Beats) == 0;
    beat.last |= beat.err && random() % 2;
    return beat;
  }

  /// The module has taken the beat.
  void taken(const Beat &beat) {
    if (position == 0) {
      stepUser = beat.user >> 1;
      context = P_Contexts > 1 ? stepUser & mask(CtxBits) : 0;
      if (P_Stepwise)
        open[context] = !(beat.user & 1); // its packet's first or not, whatever came before
      if (P_Stepwise || !open[context])
        restart[context] = beat.user & 1;
    }
    elements.insert(elements.end(), beat.elements.begin(), beat.elements.end());
    ++position;
    const bool complete = position == Beats, frame = beat.last && !complete && !beat.err;
    frameErrors += frame;
    if (!complete && !beat.last && !beat.err)
      return;
    const bool err = beat.err || frame, last = beat.last || beat.err;
    expected.push_back(
        {err ? std::vector<uint64_t>() : elements, stepUser << 4 | uint64_t(err) << 3 | uint64_t(last) << 2 |
                                                       uint64_t(!open[context]) << 1 | uint64_t(restart[context])});
    open[context] = !last;
    position = 0;
    elements.clear();
  }

private:
  static constexpr int CtxBits = P_Contexts > 1 ? 32 - __builtin_clz(P_Contexts - 1) : 0;
  Random random;
  bool errors;
  int position = 0;
  uint64_t stepUser = 0;
  size_t context = 0;
  std::vector<bool> open = std::vector<bool>(P_Contexts), restart = std::vector<bool>(P_Contexts);
  std::vector<uint64_t> elements;
};

/// One read port of the region: reads the steps in launch order, one group a cycle, from `delay` cycles after launch.
struct Reader {
  int lanes;
  std::deque<std::pair<Step, int64_t>> steps; // and the earliest cycle of the first address
  int group = 0;
  Step compare; // whose data comes in this cycle
  int compareGroup = -1;
  uint64_t finished = 0;
};

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int cycles, bool errors) {
  Random random(seed);
  Stall sourceStall(idle, seed + 1), sinkStall(backpressure, seed + 2);
  Source source(seed + 3, errors);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.launch_i = dut.a_next_i = dut.b_next_i = dut.release_i = 0;
  bench.reset();
  for (int clearing = 0; clearing <= (P_Contexts > 1 && !P_Stepwise ? P_Contexts : 0); ++clearing) {
    equal(dut.s_ready_o, 0, "s_ready_o after reset");
    bench.tick();
  }
  Reader readers[2] = {{P_RA, {}, 0, {}, -1, 0}, {P_RB, {}, 0, {}, -1, 0}};
  uint64_t launched = 0, released = 0, frameErrors = 0, committed = 0, taken = 0;
  bool offering = false;
  Beat beat;
  for (int64_t i = 0; i < cycles; ++i) {
    if (!offering && sourceStall.active()) {
      offering = true;
      beat = source.next();
    }
    dut.s_valid_i = offering;
    for (int l = 0; l < P_WL; ++l)
      setBits(dut.s_data_i, l * P_BW, P_BW, offering ? beat.elements[l] : random());
    dut.s_user_i = offering ? beat.user : random() & mask(P_UserBits + 1);
    dut.s_last_i = offering ? beat.last : random() & 1;
    dut.s_err_i = offering ? beat.err : random() & 1;

    // Region: launch, read, release.
    equal(dut.full_o, !source.expected.empty(), "full_o");
    const bool busy = backpressure == Stall::Never ? false : !readers[0].steps.empty() && random() % 2;
    dut.launch_i = 0;
    if (dut.full_o)
      equal(dut.meta_o, source.expected.front().meta, "meta_o");
    if (dut.full_o && !busy && sinkStall.active()) {
      dut.launch_i = 1;
      ++launched;
      for (Reader &reader : readers)
        reader.steps.push_back({source.expected.front(), i + (backpressure ? int64_t(random() % 4) : 0)});
      source.expected.pop_front();
    }
    for (int port = 0; port < 2; ++port) {
      Reader &reader = readers[port];
      bool next = false;
      // Data of last cycle's address.
      if (reader.compareGroup >= 0 && !reader.compare.elements.empty())
        for (int l = 0; l < reader.lanes; ++l) {
          if (reader.compareGroup * reader.lanes + l >= P_Given)
            continue; // undefined
          const uint64_t got = port ? getBits(dut.b_data_o, l * P_BW, P_BW) : getBits(dut.a_data_o, l * P_BW, P_BW);
          equal(got, reader.compare.elements[reader.compareGroup * reader.lanes + l], port ? "b_data_o" : "a_data_o");
        }
      reader.compareGroup = -1;
      if (!reader.steps.empty() && reader.steps.front().second <= i) {
        if (reader.lanes) {
          if (port)
            dut.b_addr_i = reader.group;
          else
            dut.a_addr_i = reader.group;
          reader.compare = reader.steps.front().first;
          reader.compareGroup = reader.group++;
        }
        if (!reader.lanes || reader.group == P_N / reader.lanes) {
          reader.group = 0;
          reader.steps.pop_front();
          ++reader.finished;
          next = true;
        }
      }
      if (port)
        dut.b_next_i = next;
      else
        dut.a_next_i = next;
    }
    const bool free = std::min(readers[0].finished, readers[1].finished) > released;
    dut.release_i = free && (backpressure == Stall::Never || random() % 2);

    bench.settle();
    const bool ready = dut.s_ready_o;
    dut.s_valid_i = !offering;
    bench.settle();
    equal(dut.s_ready_o, ready, "ready depends on valid");
    dut.s_valid_i = offering;
    bench.settle();
    equal(ready, committed - released < P_Slots, "s_ready_o");
    equal(dut.frame_error_o, frameErrors != source.frameErrors, "frame_error_o");
    frameErrors = source.frameErrors;
    if (offering && ready) {
      const size_t before = source.expected.size();
      source.taken(beat);
      committed += source.expected.size() - before;
      offering = false;
      ++taken;
    }
    released += dut.release_i;
    bench.tick();
  }
  // One read port a beat wide or wider and two slots: nothing may hold the stream up.
  const bool fast =
      P_Slots > 1 && Beats > 1 && P_Given == P_N && (P_RA == 0 || P_RA >= P_WL) && (P_RB == 0 || P_RB >= P_WL);
  if (idle == Stall::Never && backpressure == Stall::Never && fast && !errors)
    equal(taken, cycles, "beats per cycle");
  return launched;
}

int main() {
  Clocked bench;
  uint64_t steps = run(bench, Stall::Never, Stall::Never, 1, 2000, false);
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int part = 0; part < 3; ++part)
        steps += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + part, 6000, part > 0);
  return pass("vector_buffer", steps);
}
