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

namespace {
/// Samples back to back.
struct StreamRun {
  int64_t latency;  ///< of the first answer
  int64_t interval; ///< for each sample, from answer to answer
  int64_t cycles;
  bool stuck;
};
} // namespace

/// `before` samples came earlier, in no time.
static StreamRun streamRun(const NetworkShape &network, int64_t before) {
  constexpr int64_t kAnswers = 4;
  auto [first, stride] = *network.answers;
  int64_t begin = first - before, more = kAnswers * stride;
  NetworkCycles cycles =
      simulate(network, Traffic::samples(begin + more + 1, before));
  const std::vector<int64_t> &ends = cycles.packetEnds;
  return {ends[begin] + 1, (ends[begin + more] - ends[begin] + more - 1) / more,
          cycles.lastOutput, cycles.stuck};
}

NetworkTimes finngl::timesOf(const NetworkShape &network, int64_t contexts) {
  if (network.answers) {
    StreamRun run = streamRun(network, 0);
    return {run.latency, run.interval, streamTick(network)};
  }
  NetworkCycles one = simulate(network, 1);
  // An image comes whole, else a packet may be one step.
  NetworkCycles tick = network.oneStepForAll() ? simulate(network, 1, 1) : one;
  return {one.lastOutput + 1, sequenceInterval(network, contexts),
          tick.lastAnswer - tick.lastInput};
}

/// Of windows that slide, samples from where most windows are under way.
static Merit streamMerit(const NetworkShape &network) {
  constexpr int64_t kWarm = 2; // samples until each region has begun
  int64_t before = network.slide ? network.answers->first - kWarm : 0;
  StreamRun run = streamRun(network, std::max<int64_t>(0, before));
  if (run.stuck)
    return {};
  int64_t tick = streamTick(network);
  return {tick + run.interval, sampleFigure(tick, run.interval), run.cycles};
}

Merit finngl::meritOf(const NetworkShape &network, int64_t contexts) {
  if (network.answers)
    return streamMerit(network);
  NetworkCycles run =
      simulate(network, contexts == 1 ? Traffic::backToBack(1)
                                      : Traffic::takingTurns(contexts, 1,
                                                             stepsOf(network)));
  int64_t cycles = run.lastOutput + 1;
  return run.stuck ? Merit() : Merit{cycles, sequenceFigure(cycles), cycles};
}

bool finngl::isStuck(const NetworkShape &network) {
  if (!network.answers)
    return simulate(network, 3).stuck;
  auto [first, stride] = *network.answers;
  return simulate(network, Traffic::samples(first + 2 * stride + 1)).stuck;
}
