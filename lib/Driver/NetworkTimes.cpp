//===- NetworkTimes.cpp - The cycles of report.json -----------------------===//

#include "NetworkTimes.h"
#include <algorithm>

using namespace finngl;
using namespace finngl::driver;

/// Cycles from one sequence's last output beat to the next one's, back to back;
/// several contexts take turns.
static int64_t sequenceInterval(const NetworkShape &network, int64_t contexts) {
  int64_t steps = 1;
  for (const NetworkShape::Region &region : network.regions)
    steps = std::max(steps, region.steps);
  auto last = [&](int64_t rounds) {
    return simulate(network, contexts == 1 ? Traffic::backToBack(rounds)
                                           : Traffic::takingTurns(
                                                 contexts, rounds, steps))
        .lastOutput;
  };
  return (last(3) - last(2) + contexts - 1) / contexts;
}

/// The first answer's latency, its distance to the next ones for each sample
/// when samples come back to back, and the answer to a sample that finds the
/// network idle.
static NetworkTimes streamTimes(const NetworkShape &network) {
  constexpr int64_t kAnswers = 4;
  auto [first, stride] = *network.answers;
  int64_t more = kAnswers * stride;
  NetworkCycles full = simulate(network, Traffic::samples(first + more + 1));
  int64_t begin = full.packetEnds[first], end = full.packetEnds[first + more];
  NetworkTimes times;
  times.latency = begin + 1;
  times.interval = (end - begin + more - 1) / more;
  Traffic late = Traffic::samples(first + stride + 1);
  late.lastNotBefore = 2 * end;
  NetworkCycles idle = simulate(network, late);
  times.tick = idle.lastAnswer - idle.lastInput;
  return times;
}

NetworkTimes driver::timesOf(const NetworkShape &network, int64_t contexts) {
  if (network.answers)
    return streamTimes(network);
  NetworkCycles one = simulate(network, 1);
  // An image comes whole, else a packet may be one step.
  NetworkCycles tick = network.oneStepForAll() ? simulate(network, 1, 1) : one;
  return {one.lastOutput + 1, sequenceInterval(network, contexts),
          tick.lastAnswer - tick.lastInput};
}

bool driver::isStuck(const NetworkShape &network) {
  if (!network.answers)
    return simulate(network, 3).stuck;
  auto [first, stride] = *network.answers;
  return simulate(network, Traffic::samples(first + 2 * stride + 1)).stuck;
}
