//===- NetworkCycles.cpp - Cycles of a network, on counters ---------------===//
//
// The elastic modules of NetworkModules.h between regions, which finngl_launch
// starts.
//
//===----------------------------------------------------------------------===//

#include "NetworkModules.h"
#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <utility>

namespace finngl {
namespace {

/// Something a region does a fixed time after a launch.
struct Event {
  int64_t at;
  enum Kind { Release, Push, Drop } kind;
  Buffer *buffer = nullptr;
  OutPort *port = nullptr;
  int64_t beat = 0;
  bool operator>(const Event &other) const { return at > other.at; }
};

class Simulation {
public:
  Simulation(const NetworkShape &network, const Traffic &traffic);
  NetworkCycles run();

private:
  struct RegionState {
    const NetworkShape::Region *shape;
    std::vector<Traffic::Step> steps = {};
    std::vector<Buffer *> inputs = {}, initial = {};
    /// Whether the step reads the k-th initial state.
    bool reads(size_t k, const Traffic::Step &step,
               const Traffic &traffic) const {
      return step.first && (!shape->initialStates[k].load ||
                            traffic.packets[step.packet].load);
    }
    std::vector<OutPort *> ports = {};
    size_t step = 0;
    int64_t nextLaunch = 0;
    std::deque<std::pair<int64_t, int64_t>> inLoop =
        {}; ///< context, its next time
    bool done() const { return step == steps.size(); }
    bool mayLaunch(int64_t now);
  };
  const Traffic &traffic;
  std::deque<Buffer> buffers;
  JoinSink::Turn turn;
  std::deque<JoinSink> joins;
  std::deque<std::unique_ptr<ReadSink>> readers;
  std::deque<PoolSink> pools;
  std::deque<PackSink> packers;
  std::deque<OutPort> ports;
  std::deque<Edge> edges;
  std::vector<RegionState> regions;
  /// Those of one cycle may come in any order.
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  // Of one cycle:
  std::vector<RegionState *> launches;
  std::vector<OutPort *> offering;
  std::vector<OutPort *> waiting; ///< with a beat for the output register
  NetworkCycles result;
  bool anyOutput = false;
  int64_t outputsLeft = 0;

  Buffer *addBuffer(int64_t beats, int64_t slots) {
    return &buffers.emplace_back(beats, slots);
  }
  /// The steps of a port or region.
  template <typename Place>
  std::vector<Traffic::Step> stepsOf(const NetworkShape &network,
                                     const Place &place) const;
  void addModule(const NetworkShape &network, OutPort &port);
  void addRegion(const NetworkShape &network, size_t index);
  void addEdge(const NetworkShape &network, size_t port, int64_t lanes,
               Sink *sink);
  void launch(RegionState &region, int64_t now);
  /// True if any beat moved.
  bool popPorts(int64_t now);
  void giveToGraph(OutPort &port, int64_t now);
  bool mayLaunch(RegionState &region, int64_t now);
  bool handleEvents(int64_t now);
  std::optional<int64_t> nextChange(int64_t now) const;
  bool step(int64_t now);
};

Simulation::Simulation(const NetworkShape &network, const Traffic &traffic)
    : traffic(traffic) {
  result.packetEnds.assign(traffic.packets.size(), 0);
  for (const NetworkShape::Port &port : network.ports) {
    OutPort &added = ports.emplace_back(OutPort{&port});
    added.steps = port.load ? traffic.loads() : stepsOf(network, port);
    added.credits = port.capacity;
    int64_t beats = int64_t(added.steps.size()) * port.beats;
    // Where whole packets are held, all are of one length.
    added.packetBeats = beats / int64_t(traffic.packets.size());
    if (port.source != NetworkShape::Port::kNone)
      addModule(network, added);
    if (added.fromGraph()) {
      auto isLast = [&](const Traffic::Step &step) {
        return step.packet + 1 == int64_t(traffic.packets.size());
      };
      if (traffic.lastNotBefore)
        added.late = port.beats * std::count_if(added.steps.begin(),
                                                added.steps.end(), isLast);
      added.toSend = beats - added.late;
    }
    if (port.graphOutput)
      outputsLeft += beats;
  }
  for (size_t i = 0; i < network.regions.size(); ++i)
    addRegion(network, i);
  turn.streams = network.finalStates.size();
  for (size_t k = 0; k < turn.streams; ++k) {
    const NetworkShape::Port &port = network.ports[network.finalStates[k]];
    int64_t beats = port.lanes * port.beats / network.finalStateLanes;
    addEdge(network, network.finalStates[k], network.finalStateLanes,
            &joins.emplace_back(turn, k, beats));
  }
}

template <typename Place>
std::vector<Traffic::Step> Simulation::stepsOf(const NetworkShape &network,
                                               const Place &place) const {
  if (place.made)
    return traffic.made(*place.made, place.steps);
  if (!place.slid)
    return traffic.steps(place.steps);
  return place.steps > 1 ? traffic.slid(*network.slide)
                         : traffic.answers(*network.slide);
}

void Simulation::addModule(const NetworkShape &network, OutPort &added) {
  const NetworkShape::Port &port = *added.shape;
  Sink *sink;
  int64_t lanes = port.lanes;
  auto read = [&](std::unique_ptr<ReadSink> made) {
    sink = added.reader = readers.emplace_back(std::move(made)).get();
  };
  if (port.window) {
    lanes /= port.window->beatTaps;
    read(std::make_unique<WindowSink>(*port.window));
  } else if (port.rows) {
    lanes /= port.rows->beatTaps;
    read(std::make_unique<StreamRowsSink>(
        *port.rows, traffic.made(*network.ports[port.source].made, 1)));
  } else if (port.lines) {
    lanes /= port.lines->beatTaps;
    read(std::make_unique<LinesSink>(*port.lines));
  } else if (port.slide) {
    read(std::make_unique<SlideSink>(*port.slide, traffic));
  } else if (port.packs) {
    const NetworkShape::Port &source = network.ports[port.source];
    sink = added.packer = &packers.emplace_back(source.beats);
    lanes = source.lanes;
  } else if (port.pooledTaps) {
    added.held = addBuffer(1, 2 * port.ranks);
    sink = &pools.emplace_back(port.pooledTaps, port.beats / port.ranks,
                               port.ranks, added.held);
  } else {
    sink = added.held = port.reversed
                            ? addBuffer(added.packetBeats, 2)
                            : addBuffer(1, port.capacity * port.beats);
  }
  addEdge(network, port.source, lanes, sink);
}

void Simulation::addEdge(const NetworkShape &network, size_t port,
                         int64_t lanes, Sink *sink) {
  Edge &edge = edges.emplace_back(Edge{port, sink, {}});
  ports[port].edges.push_back(&edge);
  int64_t from = network.ports[port].lanes;
  // Two steps where neither count divides the other.
  if (from % lanes && lanes % from) {
    edge.converters.emplace_back(from, 1);
    from = 1;
  }
  if (from != lanes)
    edge.converters.emplace_back(from, lanes);
}

void Simulation::addRegion(const NetworkShape &network, size_t index) {
  const NetworkShape::Region &shape = network.regions[index];
  const RegionSchedule &schedule = shape.schedule;
  RegionState state{&shape};
  state.steps = stepsOf(network, shape);
  auto addInput = [&](const RegionShape::Operand &operand, int64_t slots,
                      int64_t port) {
    int64_t lanes = schedule.inputLanes(operand);
    Buffer *buffer = addBuffer(operand.given / lanes, slots);
    addEdge(network, port, lanes, buffer);
    return buffer;
  };
  for (size_t i = 0; i < shape.inputs.size(); ++i) {
    const RegionShape::Operand &operand = schedule.shape().inputs[i];
    state.inputs.push_back(
        addInput(operand, schedule.inputSlots(operand), shape.inputs[i]));
  }
  for (auto [s, port, load, beat] : shape.initialStates) {
    const RegionShape::Operand &operand = schedule.shape().states[s];
    state.initial.push_back(addInput(operand, 2, port));
    if (load) {
      edges.back().firstBeat = beat;
      edges.back().endBeat = beat + operand.given / network.ports[port].lanes;
    }
  }
  for (size_t p = 0; p < network.ports.size(); ++p)
    if (network.ports[p].region == int64_t(index))
      state.ports.push_back(&ports[p]);
  regions.push_back(std::move(state));
}

/// What finngl_launch knows of time: the distance to the last launch, and which
/// contexts are in the loop.
bool Simulation::RegionState::mayLaunch(int64_t now) {
  if (done() || now < nextLaunch)
    return false;
  while (!inLoop.empty() && inLoop.front().second <= now)
    inLoop.pop_front();
  int64_t context = steps[step].context;
  return int64_t(inLoop.size()) < shape->schedule.inFlight() &&
         std::none_of(
             inLoop.begin(), inLoop.end(),
             [&](const auto &entry) { return entry.first == context; });
}

void Simulation::launch(RegionState &region, int64_t now) {
  const RegionSchedule &schedule = region.shape->schedule;
  const Traffic::Step &step = region.steps[region.step++];
  region.nextLaunch = now + schedule.period();
  region.inLoop.push_back({step.context, now + schedule.loop()});
  auto consume = [&](Buffer *buffer, const RegionShape::Operand &operand) {
    --buffer->available;
    events.push({now + schedule.releaseAt(operand), Event::Release, buffer});
  };
  for (size_t i = 0; i < region.inputs.size(); ++i)
    consume(region.inputs[i], schedule.shape().inputs[i]);
  for (size_t i = 0; i < region.initial.size(); ++i)
    if (region.reads(i, step, traffic))
      consume(region.initial[i],
              schedule.shape().states[region.shape->initialStates[i].state]);
  for (OutPort *port : region.ports) {
    --port->credits;
    for (int64_t b = 0; b < port->shape->beats; ++b) {
      int64_t at =
          now + schedule.beatAt(port->shape->pass, b) + port->shape->ready;
      if (!port->shape->lastOnly || step.last)
        events.push({at, Event::Push, nullptr, port, b});
      else if (b + 1 == port->shape->beats)
        events.push({at, Event::Drop, nullptr, port});
    }
  }
}

/// The oldest offered beat of each port goes to every consumer once.
bool Simulation::popPorts(int64_t now) {
  bool moved = false;
  offering.clear();
  for (OutPort &port : ports) {
    bool offers = port.offers();
    if (offers)
      offering.push_back(&port);
    for (Edge *edge : port.edges)
      edge->decide(offers, port.beat);
  }
  for (Edge &edge : edges) {
    moved |= edge.advance();
    if (edge.intoSink())
      edge.sink->take();
  }
  for (OutPort *port : offering) {
    if (port->shape->graphOutput && !port->graphTaken) {
      giveToGraph(*port, now);
      moved = true;
    }
    if (!std::all_of(port->edges.begin(), port->edges.end(),
                     [](const Edge *edge) { return edge->taken; }))
      continue;
    port->graphTaken = false;
    for (Edge *edge : port->edges)
      edge->taken = false;
    if (port->fromGraph() && (port->shape->graphOutput || !port->edges.empty()))
      result.lastInput = now;
    port->pop();
  }
  return moved;
}

void Simulation::giveToGraph(OutPort &port, int64_t now) {
  port.graphTaken = true;
  if (!anyOutput)
    result.firstOutput = now;
  anyOutput = true;
  result.lastOutput = now;
  int64_t step = port.graphBeats++ / port.shape->beats;
  int64_t &end = result.packetEnds[port.steps[step].packet];
  if (end == 0 && &end == &result.packetEnds.back())
    result.lastAnswer = now;
  end = now;
  --outputsLeft;
}

bool Simulation::mayLaunch(RegionState &region, int64_t now) {
  if (!region.mayLaunch(now))
    return false;
  const Traffic::Step &step = region.steps[region.step];
  for (size_t i = 0; i < region.initial.size(); ++i)
    if (region.reads(i, step, traffic) && !region.initial[i]->available)
      return false;
  return std::all_of(region.inputs.begin(), region.inputs.end(),
                     [](const Buffer *b) { return b->available > 0; }) &&
         std::all_of(region.ports.begin(), region.ports.end(),
                     [](const OutPort *port) { return port->credits > 0; });
}

/// True if there was any.
bool Simulation::handleEvents(int64_t now) {
  bool any = false;
  for (; !events.empty() && events.top().at <= now; events.pop()) {
    any = true;
    const Event &event = events.top();
    if (event.kind == Event::Release)
      --event.buffer->occupied;
    else if (event.kind == Event::Drop)
      ++event.port->credits;
    else
      event.port->offered.push_back(event.beat);
  }
  return any;
}

/// The next cycle in which time alone lets something happen.
std::optional<int64_t> Simulation::nextChange(int64_t now) const {
  std::optional<int64_t> next;
  auto add = [&](int64_t at) {
    if (at > now)
      next = std::min(at, next.value_or(at));
  };
  add(traffic.lastNotBefore);
  if (!events.empty())
    add(events.top().at);
  for (const RegionState &region : regions) {
    add(region.nextLaunch);
    for (auto [context, at] : region.inLoop)
      add(at);
  }
  return next;
}

/// True if anything happened.
bool Simulation::step(int64_t now) {
  if (now == traffic.lastNotBefore)
    for (OutPort &port : ports)
      port.toSend += std::exchange(port.late, 0);
  // Decisions use the registers as they stand at the start of the cycle.
  launches.clear();
  for (RegionState &region : regions)
    if (mayLaunch(region, now))
      launches.push_back(&region);
  waiting.clear();
  for (OutPort &port : ports)
    if (port.hasNext())
      waiting.push_back(&port);
  bool any = !launches.empty();
  for (const auto &reader : readers)
    any |= reader->advance();
  any |= popPorts(now);
  for (OutPort *port : waiting)
    any |= port->refill();
  for (RegionState *region : launches)
    launch(*region, now);
  return handleEvents(now) || any;
}

NetworkCycles Simulation::run() {
  for (int64_t now = 0; outputsLeft > 0 && !result.stuck; ++now) {
    if (step(now))
      continue;
    std::optional<int64_t> next = nextChange(now);
    result.stuck = !next;
    now = next.value_or(now + 1) - 1;
  }
  return result;
}

} // namespace

bool NetworkShape::oneStepForAll() const {
  int64_t steps = 1;
  auto same = [&](int64_t other) {
    bool good = other == 1 || steps == 1 || other == steps;
    steps = std::max(steps, other);
    return good;
  };
  return std::all_of(
             regions.begin(), regions.end(),
             [&](const Region &region) { return same(region.steps); }) &&
         std::all_of(ports.begin(), ports.end(), [&](const Port &port) {
           return !port.window && same(port.steps);
         });
}

int64_t NetworkShape::fewestSteps() const {
  int64_t fewest = 1;
  for (const Region &region : regions)
    if (region.steps > 1 && (fewest == 1 || region.steps < fewest))
      fewest = region.steps;
  return fewest;
}

NetworkCycles simulate(const NetworkShape &network, const Traffic &traffic) {
  return Simulation(network, traffic).run();
}

NetworkCycles simulate(const NetworkShape &network, int64_t packets,
                       int64_t steps) {
  return simulate(network, Traffic::backToBack(packets, steps));
}

} // namespace finngl
