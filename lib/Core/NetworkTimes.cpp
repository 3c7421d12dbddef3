//===- NetworkTimes.cpp - What a network's cycles are told by -------------===//

#include "finngl/Core/NetworkTimes.h"
#include <algorithm>

using namespace finngl;

/// Of the longest sequence that a region works on.
static int64_t stepsOf(const NetworkShape &network) {
  int64_t steps = 1;
  for (const NetworkShape::Region &region : network.regions)
    steps = std::max(steps, region.steps);
  return steps;
}

/// Cycles from one sequence's last output beat to the next one's, back to back;
/// several contexts take turns.
static int64_t sequenceInterval(const NetworkShape &network, int64_t contexts) {
  auto last = [&](int64_t rounds) {
    return simulate(network, contexts == 1
                                 ? Traffic::backToBack(rounds)
                                 : Traffic::takingTurns(contexts, rounds,
                                                        stepsOf(network)))
        .lastOutput;
  };
  return (last(3) - last(2) + contexts - 1) / contexts;
}

/// Long behind whatever a network does with the samples before.
static constexpr int64_t kIdle = int64_t(1) << 40;

/// From the last beat of a sample that finds the network idle to its answer.
static int64_t streamTick(const NetworkShape &network) {
  // Of windows that slide nothing but their ages tells of earlier samples.
  auto [first, stride] = *network.answers;
  Traffic late = network.slide ? Traffic::samples(1, first)
                               : Traffic::samples(first + stride + 1);
  late.lastNotBefore = kIdle;
  NetworkCycles cycles = simulate(network, late);
  return cycles.lastAnswer - cycles.lastInput;
}

/// Cycles from answer to answer, for each sample, of samples back to back;
/// `before` came earlier, in no time.
static int64_t streamInterval(const NetworkShape &network, int64_t before) {
  constexpr int64_t kAnswers = 4;
  auto [first, stride] = *network.answers;
  int64_t begin = first - before, more = kAnswers * stride;
  Traffic full = Traffic::samples(begin + more + 1, before);
  std::vector<int64_t> ends = simulate(network, full).packetEnds;
  return (ends[begin + more] - ends[begin] + more - 1) / more;
}

NetworkTimes finngl::timesOf(const NetworkShape &network, int64_t contexts) {
  if (network.answers) {
    int64_t first = network.answers->first;
    return {simulate(network, Traffic::samples(first + 1)).lastOutput + 1,
            streamInterval(network, 0), streamTick(network)};
  }
  NetworkCycles one = simulate(network, 1);
  // An image comes whole, else a packet may be one step.
  NetworkCycles tick = network.oneStepForAll() ? simulate(network, 1, 1) : one;
  return {one.lastOutput + 1, sequenceInterval(network, contexts),
          tick.lastAnswer - tick.lastInput};
}

Merit finngl::meritOf(const NetworkShape &network, int64_t contexts) {
  if (network.answers) {
    // Samples that fill the network.
    constexpr int64_t kWarm = 2;
    int64_t tick = streamTick(network);
    int64_t before =
        network.slide ? network.answers->first - kWarm : int64_t(0);
    return {tick, tick + streamInterval(network, std::max<int64_t>(0, before))};
  }
  return {0, simulate(network,
                      contexts == 1
                          ? Traffic::backToBack(1)
                          : Traffic::takingTurns(contexts, 1, stepsOf(network)))
                     .lastOutput +
                 1};
}

bool finngl::isStuck(const NetworkShape &network) {
  if (!network.answers)
    return simulate(network, 3).stuck;
  auto [first, stride] = *network.answers;
  return simulate(network, Traffic::samples(first + 2 * stride + 1)).stuck;
}
