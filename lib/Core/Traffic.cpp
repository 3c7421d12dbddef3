//===- Traffic.cpp - Packets and the order of their steps -----------------===//

#include "finngl/Core/Traffic.h"

namespace finngl {

/// One step a packet, where `wanted` of its steps holds.
static std::vector<Traffic::Step>
onePerPacket(const std::vector<Traffic::Step> &all,
             bool Traffic::Step::*wanted) {
  std::vector<Traffic::Step> kept;
  for (const Traffic::Step &step : all)
    if (step.*wanted)
      kept.push_back({step.packet, true, true, step.context});
  return kept;
}

static std::vector<Traffic::Step> allSteps(const Traffic &traffic,
                                           int64_t compiled) {
  std::vector<Traffic::Step> all;
  auto stepsOf = [&](int64_t packet) {
    int64_t steps = traffic.packets[packet].steps;
    return steps ? steps : compiled;
  };
  std::vector<int64_t> seen(traffic.packets.size(), 0);
  auto add = [&](int64_t packet) {
    int64_t at = seen[packet]++;
    all.push_back({packet, at == 0, at + 1 == stepsOf(packet),
                   traffic.packets[packet].context});
  };
  for (int64_t packet : traffic.order)
    add(packet);
  if (traffic.order.empty())
    for (int64_t p = 0; p < int64_t(traffic.packets.size()); ++p)
      for (int64_t s = stepsOf(p); s > 0; --s)
        add(p);
  return all;
}

std::vector<Traffic::Step> Traffic::steps(int64_t compiled) const {
  std::vector<Step> all = allSteps(*this, compiled);
  return compiled > 1 ? all : onePerPacket(all, &Step::last);
}

std::vector<Traffic::Step> Traffic::starts() const {
  return onePerPacket(allSteps(*this, 1), &Step::first);
}

std::vector<Traffic::Step> Traffic::loads() const {
  std::vector<Step> kept = starts();
  std::erase_if(kept,
                [&](const Step &step) { return !packets[step.packet].load; });
  return kept;
}

std::vector<Traffic::Step> Traffic::made(SampleRows rows, int64_t steps) const {
  std::vector<Step> all;
  int64_t age = 0;
  for (int64_t p = 0; p < int64_t(packets.size()); ++p, ++age) {
    if (packets[p].restart)
      age = 0;
    if (auto row = rows.rowOf(age))
      for (int64_t s = 0; s < steps; ++s)
        all.push_back({p, *row == 0 && s == 0, s + 1 == steps});
  }
  return all;
}

std::vector<Traffic::Step> Traffic::slid(const StreamSlide &table) const {
  std::vector<Step> steps;
  int64_t age = before;
  for (int64_t p = 0; p < int64_t(packets.size()); ++p, ++age) {
    if (packets[p].restart)
      age = 0;
    for (const StreamSlide::Step &entry : table.steps)
      if (entry.age <= age)
        steps.push_back(
            {p, entry.first, entry.last, (age - entry.age) % table.contexts});
  }
  return steps;
}

std::vector<Traffic::Step> Traffic::answers(const StreamSlide &table) const {
  return onePerPacket(slid(table), &Step::last);
}

Traffic Traffic::samples(int64_t count, int64_t before) {
  Traffic traffic = backToBack(count);
  traffic.before = before;
  for (int64_t p = 0; p < count; ++p)
    traffic.packets[p].restart = before + p == 0;
  return traffic;
}

Traffic Traffic::backToBack(int64_t packets, int64_t steps) {
  return {std::vector<Packet>(packets, {.steps = steps}), {}};
}

Traffic Traffic::takingTurns(int64_t contexts, int64_t rounds, int64_t steps) {
  Traffic traffic;
  for (int64_t round = 0; round < rounds; ++round) {
    for (int64_t c = 0; c < contexts; ++c)
      traffic.packets.push_back({.context = c, .steps = steps});
    for (int64_t s = 0; s < steps; ++s)
      for (int64_t c = 0; c < contexts; ++c)
        traffic.order.push_back(round * contexts + c);
  }
  return traffic;
}

} // namespace finngl
