//===- MeasureFolding.cpp - The best folding by the one schedule ----------===//
//
// An estimate adds up what regions take alone. How much of that overlaps, what
// waits for whole packets, and which converter is in the way, the network's
// simulation knows. So estimates only say where to look: the best combinations
// are simulated, then those that differ from the best one in a region, to be
// faster or to be as fast at less cost.
//
//===----------------------------------------------------------------------===//

#include "FoldingSearch.h"
#include "finngl/Core/NetworkTimes.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>
#include <map>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// The most by which a figure may be worse if that saves enough.
static constexpr double kAsGood = 1 + 1.0 / 16;
/// With a target the fastest is taken of those whose area is this near to the
/// least: areas are estimates.
static constexpr double kAsSmall = 1 + 1.0 / 64;
/// Foldings that are simulated before those around the best one, and at most.
static constexpr size_t kFirst = 48, kMost = 256;
/// Of each region, those that are tried next, the fastest and the cheapest:
/// more where the time is there.
static constexpr size_t kNext = 3, kNextIfCheap = 6;

/// A per cent of the figure is worth two of the area.
static double priceOf(const Resources &resources, double figure) {
  return double(area(resources)) * figure * figure;
}

namespace {
struct Measured {
  Partial estimate;
  Merit merit;
  Resources resources;
};

class Referee {
public:
  Referee(ModuleOp module, const Goal &goal, ArrayRef<Choices> regions,
          const Resources &shell)
      : module(module), goal(goal), regions(regions), shell(shell),
        contexts(interleaveOf(regions.front().region)) {}
  Choice run(std::vector<Partial> found);

private:
  ModuleOp module;
  const Goal &goal;
  ArrayRef<Choices> regions;
  Resources shell;
  int64_t contexts;
  int64_t simulated = 0;
  std::map<std::vector<unsigned>, Measured> known;

  bool maySimulate() const {
    return known.size() < goal.effort.fewest ||
           (known.size() < kMost && simulated < goal.effort.simulated);
  }
  /// All foldings that may be simulated can be, as far as those so far tell.
  bool isCheap() const {
    return simulated / int64_t(known.size()) <
           goal.effort.simulated / int64_t(kMost);
  }
  bool isInTime(const Measured &m) const {
    return m.merit.cycles <= goal.targetCycles.value_or(INT64_MAX);
  }
  const Measured &measure(const Partial &estimate);
  double valueOf(const Merit &merit) const {
    return goal.targetCycles ? double(merit.cycles) : merit.figure;
  }
  double valueOf(const Partial &estimate) const;
  /// What a goal asks to be little, as far as estimates can say.
  double price(const Partial &estimate) const {
    return goal.targetCycles ? double(area(estimate.resources))
                             : priceOf(estimate.resources, valueOf(estimate));
  }
  const Measured *best() const;
  std::vector<Partial> promising(std::vector<Partial> found) const;
  std::vector<Partial>
  around(const Measured &from, size_t region,
         llvm::function_ref<double(const Partial &)> key) const;
  void approach(std::vector<Partial> found);
  bool tryPromising();
  bool trim();
  Choice choiceOf(const Measured &measured, bool feasible) const;
};
} // namespace

const Measured &Referee::measure(const Partial &estimate) {
  std::vector<unsigned> picks(estimate.picks.begin(), estimate.picks.end());
  auto [entry, isNew] = known.try_emplace(picks);
  Measured &measured = entry->second;
  if (!isNew)
    return measured;
  for (auto [choices, pick] : llvm::zip(regions, picks))
    fold(choices.region, choices.front[pick]);
  measured.estimate = estimate;
  measured.merit = meritOf(networkShape(module), contexts);
  measured.resources = shellCost(module);
  for (auto [choices, pick] : llvm::zip(regions, picks))
    measured.resources += choices.front[pick].resources;
  simulated += measured.merit.simulated * int64_t(regions.size());
  if (goal.onProgress)
    goal.onProgress(known.size(), kMost);
  return measured;
}

/// As far as an estimate can say.
double Referee::valueOf(const Partial &estimate) const {
  RegionOp first = regions.front().region;
  bool samples = windowOf(first) || isEndless(first);
  if (goal.targetCycles)
    return double(estimate.cycles());
  return samples ? sampleFigure(estimate.fill, estimate.pace)
                 : sequenceFigure(estimate.cycles());
}

/// Of those that fit and are about as good as the best one the one that is
/// worth its cost most; with a target the smallest in time, or the fastest.
const Measured *Referee::best() const {
  auto least = [&](auto &&key, double limit) {
    const Measured *found = nullptr;
    for (const auto &[picks, m] : known)
      if (fitsSafely(m.resources, goal.budget) && valueOf(m.merit) <= limit &&
          (!found || key(m) < key(*found)))
        found = &m;
    return found;
  };
  const Measured *fastest =
      least([&](const Measured &m) { return valueOf(m.merit); },
            std::numeric_limits<double>::infinity());
  if (!fastest)
    return nullptr;
  if (!goal.targetCycles)
    return least(
        [](const Measured &m) { return priceOf(m.resources, m.merit.figure); },
        kAsGood * fastest->merit.figure);
  const Measured *chosen =
      least([](const Measured &m) { return area(m.resources); },
            double(*goal.targetCycles));
  if (!chosen)
    return fastest;
  double limit = kAsSmall * double(area(chosen->resources));
  for (const auto &[picks, m] : known)
    if (fitsSafely(m.resources, goal.budget) &&
        double(area(m.resources)) <= limit &&
        m.merit.cycles < chosen->merit.cycles)
      chosen = &m;
  return chosen;
}

/// A region's other foldings within the budget, in order of a key.
std::vector<Partial>
Referee::around(const Measured &from, size_t region,
                llvm::function_ref<double(const Partial &)> key) const {
  std::vector<std::pair<double, Partial>> all;
  SmallVector<unsigned, 4> picks = from.estimate.picks;
  for (unsigned i = 0; i < regions[region].front.size(); ++i) {
    picks[region] = i;
    Partial other = estimated(regions, picks, goal, shell);
    if (i != from.estimate.picks[region] &&
        fitsSafely(other.resources, goal.budget) &&
        valueOf(other) <= 2 * valueOf(from.estimate))
      all.emplace_back(key(other), std::move(other));
  }
  llvm::stable_sort(all, llvm::less_first());
  std::vector<Partial> sorted;
  for (auto &[order, partial] : all)
    sorted.push_back(std::move(partial));
  return sorted;
}

/// Region by region the most promising ones: the fastest, those that are worth
/// their cost most. True if one of them is the best now.
bool Referee::tryPromising() {
  const Measured *before = best();
  for (size_t k = 0; k < regions.size(); ++k) {
    std::vector<Partial> worth =
        around(*best(), k, [&](const Partial &other) { return price(other); });
    std::vector<Partial> fast = around(
        *best(), k, [&](const Partial &other) { return valueOf(other); });
    if (goal.targetCycles && isInTime(*best()))
      fast.clear();
    for (ArrayRef<Partial> list : {ArrayRef(worth), ArrayRef(fast)})
      for (const Partial &other :
           list.take_front(isCheap() ? kNextIfCheap : kNext))
        if (maySimulate())
          measure(other);
  }
  return best() != before;
}

/// Region by region, by bisection: what costs less takes longer, as a rule.
bool Referee::trim() {
  const Measured *before = best();
  for (size_t k = 0; k < regions.size(); ++k) {
    auto areaOf = [](const Partial &p) { return double(area(p.resources)); };
    std::vector<Partial> cheaper = around(*best(), k, areaOf);
    size_t from = 0, to = 0;
    while (to < cheaper.size() &&
           areaOf(cheaper[to]) < areaOf(best()->estimate))
      ++to;
    while (from < to && maySimulate()) {
      size_t middle = (from + to) / 2;
      const Measured &tried = measure(cheaper[middle]);
      if (best() == &tried)
        to = middle;
      else
        from = middle + 1;
    }
  }
  return best() != before;
}

Choice Referee::choiceOf(const Measured &measured, bool feasible) const {
  Choice choice{{},
                measured.merit.cycles,
                measured.merit.figure,
                measured.resources,
                feasible};
  for (auto [choices, pick] : llvm::zip(regions, measured.estimate.picks))
    choice.regions.push_back(choices.front[pick]);
  return choice;
}

/// Those that may be the best: the fastest ones, those that are worth their
/// cost most, and some of all between.
std::vector<Partial> Referee::promising(std::vector<Partial> found) const {
  llvm::erase_if(found, [&](const Partial &p) {
    return !fitsSafely(p.resources, goal.budget);
  });
  if (found.empty())
    return found;
  auto sortBy = [&](auto &&key) {
    llvm::sort(found, [&](const Partial &a, const Partial &b) {
      return std::tuple(key(a), area(a.resources), a.picks) <
             std::tuple(key(b), area(b.resources), b.picks);
    });
  };
  // As the regions' foldings were combined; products would amplify its error.
  auto cycles = [](const Partial &p) { return p.cycles(); };
  sortBy(cycles);
  int64_t least =
      std::max(cycles(found.front()), goal.targetCycles.value_or(0));
  llvm::erase_if(found,
                 [&](const Partial &p) { return cycles(p) > 2 * least; });
  constexpr size_t kThird = kFirst / 3;
  size_t apart = found.size() / kThird + 1;
  std::vector<Partial> chosen;
  for (auto [i, partial] : llvm::enumerate(found))
    if (i < kThird || i % apart == 0)
      chosen.push_back(partial);
  sortBy([&](const Partial &p) { return price(p); });
  llvm::append_range(chosen, ArrayRef(found).take_front(kThird));
  return chosen;
}

/// The cheapest one in time, by bisection over those that no other one beats in
/// cycles and area: what costs less takes longer, as a rule.
void Referee::approach(std::vector<Partial> found) {
  auto key = [](const Partial &p) {
    return std::tuple(area(p.resources), p.cycles(), p.picks);
  };
  llvm::sort(found, [&](const Partial &a, const Partial &b) {
    return key(a) < key(b);
  });
  std::vector<Partial> front;
  for (Partial &p : found)
    if (fitsSafely(p.resources, goal.budget) &&
        (front.empty() || p.cycles() < front.back().cycles()))
      front.push_back(std::move(p));
  std::ignore = llvm::partition_point(
      front, [&](const Partial &p) { return !isInTime(measure(p)); });
}

Choice Referee::run(std::vector<Partial> found) {
  if (goal.targetCycles)
    approach(found);
  for (const Partial &partial : promising(found))
    if (known.size() < goal.effort.fewest / 2 ||
        simulated < goal.effort.simulated / 2)
      measure(partial);
  auto smaller = [](const Partial &a, const Partial &b) {
    return area(a.resources) < area(b.resources);
  };
  if (!best()) // the true widths of streams may cost more than estimated
    if (const Measured &m = measure(*llvm::min_element(found, smaller));
        !best())
      return choiceOf(m, false);
  // What gets cheaper makes room for what gets faster.
  bool improved = true;
  while (improved && maySimulate())
    improved = tryPromising() | trim();
  const Measured &chosen = *best();
  return choiceOf(chosen, isInTime(chosen));
}

Choice df::measured(ModuleOp module, const Goal &goal,
                    ArrayRef<Choices> regions, std::vector<Partial> found,
                    const Resources &shell) {
  return Referee(module, goal, regions, shell).run(std::move(found));
}

bool df::better(const Choice &a, const Choice &b, const Goal &goal) {
  if (a.feasible != b.feasible)
    return a.feasible;
  if (goal.targetCycles)
    return area(a.resources) < area(b.resources);
  if (std::max(a.figure, b.figure) > kAsGood * std::min(a.figure, b.figure))
    return a.figure < b.figure;
  return priceOf(a.resources, a.figure) < priceOf(b.resources, b.figure);
}
