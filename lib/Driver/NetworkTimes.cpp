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

/// The first window's latency, the distance of answers when samples come back
/// to back, and the answer to a sample that finds the network idle.
static NetworkTimes slidingTimes(const NetworkShape &network) {
  constexpr int64_t kAnswers = 4;
  int64_t window = network.slide->maxAge + 1;
  NetworkCycles full = simulate(network, Traffic::samples(window + kAnswers));
  auto answer = [&](int64_t a) { return full.packetEnds[window - 1 + a]; };
  NetworkTimes times;
  times.latency = answer(0) + 1;
  times.interval = (answer(kAnswers) - answer(0) + kAnswers - 1) / kAnswers;
  Traffic late = Traffic::samples(window + 1);
  late.lastNotBefore = 2 * answer(kAnswers);
  NetworkCycles idle = simulate(network, late);
  times.tick = idle.lastAnswer - idle.lastInput;
  return times;
}

NetworkTimes driver::timesOf(const NetworkShape &network, int64_t contexts) {
  if (network.slide)
    return slidingTimes(network);
  NetworkCycles one = simulate(network, 1);
  // An image comes whole, else a packet may be one step.
  NetworkCycles tick = network.oneStepForAll() ? simulate(network, 1, 1) : one;
  return {one.lastOutput + 1, sequenceInterval(network, contexts),
          tick.lastAnswer - tick.lastInput};
}

bool driver::isStuck(const NetworkShape &network) {
  return network.slide
             ? simulate(network, Traffic::samples(network.slide->maxAge + 3))
                   .stuck
             : simulate(network, 3).stuck;
}
