//===- ChooseFolding.cpp - One way to build for each region ---------------===//
//
// Within a budget, or for a latency: all combinations of the regions' Pareto
// fronts; where these are too many, for each pace of the network all
// combinations of what is cheapest at that pace.
//
//===----------------------------------------------------------------------===//

#include "FoldingSearch.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include <functional>
#include <map>
#include <numeric>
#include <ranges>
#include <set>
#include <utility>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// The part of the combinations that is looked at at one pace, of which
/// bisection tries some ten.
static constexpr size_t kPartAtPace = 16;
/// Paces that are looked at between the fastest and a target.
static constexpr size_t kPaces = 12;

bool df::fitsSafely(Resources r, const Resources &budget) {
  r.lut += r.lut / 10;
  r.ff += r.ff / 10;
  return r.fits(budget);
}

/// Cycles of so many steps of each context, shared among those in flight.
static int64_t pace(const Candidate &c, int64_t steps) {
  return (steps * c.turn + c.inFlight - 1) / c.inFlight;
}

namespace {
/// What is kept, from fast to slow: for each number of DSPs the fewest LUTs
/// (block RAM counted in LUTs). A later one must save some of either.
class Front {
public:
  /// One of those kept has no more of both.
  bool beats(const Resources &r) const {
    auto behind = best.upper_bound(r.dsp);
    return behind != best.begin() && std::prev(behind)->second <= luts(r);
  }
  void keep(const Resources &r) {
    auto from = best.lower_bound(r.dsp), to = from;
    while (to != best.end() && to->second >= luts(r))
      ++to;
    best.erase(from, to);
    best[r.dsp] = luts(r);
  }

private:
  std::map<int64_t, int64_t> best;

  static int64_t luts(const Resources &r) { return r.lut + 70 * r.bram18; }
};

/// One more region on top of a partial; `picks` follow once it is kept.
struct Grown {
  unsigned partial, candidate;
  int64_t pace, fill, area;
  Resources resources;
  int64_t cycles() const { return pace + fill; }
};
} // namespace

/// What a stream comes from, through elastic modules.
static Value sourceOf(Value stream) {
  while (auto module = stream.getDefiningOp<StreamOpInterface>())
    stream = module->getOperand(0);
  return stream;
}

/// Cycles of a packet in the region, as the goal counts them: of one inference,
/// which has a step every turn, or of all contexts together. Windows over a
/// stream are contexts of one inference.
static int64_t paceFor(const Goal &goal, RegionOp region, const Candidate &c) {
  int64_t steps = region.getSteps();
  return goal.targetCycles && !servesWindows(region) ? steps * c.turn
                                                     : pace(c, steps);
}

/// Cycles that the region adds to the way of an inference. All steps of a
/// sample stand between it and its answer; steps of a sequence overlap with
/// those of the regions behind.
static int64_t fillOf(RegionOp region, const Candidate &c) {
  bool perSample =
      (windowOf(region) && !servesWindows(region)) || isEndless(region);
  return c.fill + (perSample ? (region.getSteps() - 1) * c.turn : 0);
}

/// What hardly lengthens an inference at that pace is no reason for another
/// candidate.
static int64_t tolerance(int64_t limit) { return 2 + limit / 512; }

/// Elements of a beat of what each input of the last region comes from, as the
/// partial has it; 0 of a graph input.
static std::vector<int64_t> sourceLanes(ArrayRef<Choices> regions,
                                        const Partial &partial) {
  std::vector<int64_t> lanes;
  RegionOp region = regions.back().region;
  for (Value input : region.getInputs()) {
    Value source = sourceOf(input);
    int64_t &added = lanes.emplace_back(0);
    for (auto [choices, pick] : llvm::zip(regions, partial.picks))
      if (choices.region == source.getDefiningOp())
        added = choices.front[pick]
                    .outputLanes[cast<OpResult>(source).getResultNumber()];
  }
  return lanes;
}

Partial df::estimated(ArrayRef<Choices> regions, ArrayRef<unsigned> picks,
                      const Goal &goal, const Resources &shell) {
  Partial sum{{}, 0, 0, shell};
  for (size_t k = 0; k < regions.size(); ++k) {
    RegionOp region = regions[k].region;
    const Candidate &c = regions[k].front[picks[k]];
    Streams streams =
        streamsInto(region, c, sourceLanes(regions.take_front(k + 1), sum));
    sum.pace = std::max({sum.pace, paceFor(goal, region, c), streams.pace});
    sum.fill += fillOf(region, c);
    sum.resources += c.resources + c.modules;
    sum.picks.push_back(picks[k]);
  }
  return sum;
}

/// Every combination with one more region, the last of `regions`, as one of
/// `picks`, that fits the budget and no faster one beats; if none fits, those
/// that no other one beats. With a limit of its pace what hardly lengthens an
/// inference makes no difference.
static std::vector<Partial> grow(ArrayRef<Partial> before,
                                 ArrayRef<Choices> regions,
                                 ArrayRef<unsigned> picks, const Goal &goal,
                                 std::optional<int64_t> limit) {
  const Resources &budget = goal.budget;
  int64_t bucket = limit ? tolerance(*limit) : 1;
  RegionOp region = regions.back().region;
  ArrayRef<Candidate> front = regions.back().front;
  std::vector<int64_t> fills;
  for (const Candidate &c : front)
    fills.push_back(fillOf(region, c));
  // Partials whose sources have equal lanes give equal paces.
  std::map<std::vector<int64_t>, std::vector<int64_t>> pacesOf;
  std::vector<Grown> next, fitting;
  for (auto [p, partial] : llvm::enumerate(before)) {
    std::vector<int64_t> lanes = sourceLanes(regions, partial);
    std::vector<int64_t> &paces = pacesOf[lanes];
    if (paces.empty())
      paces.resize(front.size());
    for (unsigned i : picks) {
      const Candidate &c = front[i];
      Resources sum = partial.resources + c.resources + c.modules;
      if (!paces[i])
        paces[i] = std::max(paceFor(goal, region, c),
                            streamsInto(region, c, lanes).pace);
      Grown grown{unsigned(p),
                  i,
                  std::max(partial.pace, paces[i]),
                  partial.fill + fills[i],
                  area(sum),
                  sum};
      if (grown.pace > limit.value_or(INT64_MAX))
        continue;
      if (fitsSafely(sum, budget))
        fitting.push_back(grown);
      else if (fitting.empty())
        next.push_back(grown);
    }
  }
  if (!fitting.empty())
    next = std::move(fitting);
  llvm::sort(next, [&](const Grown &a, const Grown &b) {
    return std::tuple(a.cycles() / bucket, a.area, a.partial, a.candidate) <
           std::tuple(b.cycles() / bucket, b.area, b.partial, b.candidate);
  });
  // Of samples pace and fill count each for itself, as long as they are few.
  bool apart = !limit && (windowOf(region) || isEndless(region));
  std::map<int64_t, Front> kept; // of each pace
  std::vector<Partial> result;
  for (const Grown &grown : next) {
    int64_t pace = apart ? grown.pace : 0;
    if (std::any_of(kept.begin(), kept.upper_bound(pace), [&](auto &entry) {
          return entry.second.beats(grown.resources);
        }))
      continue;
    kept[pace].keep(grown.resources);
    Partial &partial = result.emplace_back(before[grown.partial]);
    partial.picks.push_back(grown.candidate);
    partial.pace = grown.pace;
    partial.fill = grown.fill;
    partial.resources = grown.resources;
  }
  return result;
}

namespace {
/// Looks for the best combination of all regions' candidates.
class NetworkSearch {
public:
  NetworkSearch(ModuleOp module, const Goal &goal)
      : module(module), goal(goal), shell(topCost()) {
    auto main = module.lookupSymbol<func::FuncOp>("main");
    for (RegionOp region : main.getOps<RegionOp>())
      regions.push_back({region, candidates(region)});
  }
  Choice run();

private:
  ModuleOp module;
  const Goal &goal;
  Resources shell;
  std::vector<Choices> regions;

  using Picks = llvm::function_ref<std::vector<unsigned>(const Choices &)>;
  /// Where there are too many: nothing, or with a limit of the pace some of
  /// each region's picks.
  std::optional<std::vector<Partial>>
  combinations(Picks picks, std::optional<int64_t> limit = std::nullopt);
  std::vector<unsigned> cheapest(const Choices &choices, int64_t limit);
  std::vector<Partial> choicesAt(int64_t limit);
  std::vector<Partial> searchPaces();
  bool isFeasible(const Partial &p) {
    return fitsSafely(p.resources, goal.budget);
  }
  bool isInTime(ArrayRef<Partial> partials);
};
} // namespace

/// At most `count` of the picks, spread over them, their ends included.
static std::vector<unsigned> spread(ArrayRef<unsigned> picks, size_t count) {
  std::vector<unsigned> kept;
  count = std::min(picks.size(), std::max<size_t>(2, count));
  for (size_t i = 0; i < count; ++i)
    kept.push_back(
        picks[count == 1 ? 0 : i * (picks.size() - 1) / (count - 1)]);
  return kept;
}

std::optional<std::vector<Partial>>
NetworkSearch::combinations(Picks picks, std::optional<int64_t> limit) {
  std::vector<Partial> kept{Partial{{}, 0, 0, shell}};
  for (size_t k = 0; k < regions.size() && !kept.empty(); ++k) {
    std::vector<unsigned> chosen = picks(regions[k]);
    if (kept.size() * chosen.size() > goal.effort.combinations && !limit)
      return std::nullopt;
    if (limit)
      chosen =
          spread(chosen, goal.effort.combinations / kPartAtPace / kept.size());
    kept = grow(kept, ArrayRef(regions).take_front(k + 1), chosen, goal, limit);
  }
  return kept;
}

/// Of the candidates within a pace, those that no other one of equal beats
/// beats in DSPs, LUTs (block RAM counted in LUTs) and fill.
std::vector<unsigned> NetworkSearch::cheapest(const Choices &choices,
                                              int64_t limit) {
  RegionOp region = choices.region;
  std::vector<unsigned> within;
  for (auto [i, c] : llvm::enumerate(choices.front))
    if (paceFor(goal, region, c) <= limit)
      within.push_back(i);
  llvm::sort(within, [&](unsigned a, unsigned b) {
    auto key = [&](unsigned i) {
      const Candidate &c = choices.front[i];
      return std::tuple(c.resources.lut + 70 * c.resources.bram18,
                        c.resources.dsp, fillOf(region, c), i);
    };
    return key(a) < key(b);
  });
  std::vector<unsigned> kept;
  for (unsigned i : within) {
    const Candidate &c = choices.front[i];
    if (llvm::none_of(kept, [&](unsigned k) { // which has no more LUTs
          const Candidate &other = choices.front[k];
          return other.inputLanes == c.inputLanes &&
                 other.outputLanes == c.outputLanes &&
                 other.resources.dsp <= c.resources.dsp &&
                 fillOf(region, other) <= fillOf(region, c) + tolerance(limit);
        }))
      kept.push_back(i);
  }
  return kept;
}

std::vector<Partial> NetworkSearch::choicesAt(int64_t limit) {
  return *combinations(
      [&](const Choices &choices) { return cheapest(choices, limit); }, limit);
}

/// Some choice fits and meets the target.
bool NetworkSearch::isInTime(ArrayRef<Partial> partials) {
  return llvm::any_of(partials, [&](const Partial &p) {
    return isFeasible(p) && p.cycles() <= *goal.targetCycles;
  });
}

/// The first of [from, to) for which `holds`, as for all behind it, or `to`.
static size_t firstIndex(size_t from, size_t to,
                         llvm::function_ref<bool(size_t)> holds) {
  return *std::ranges::partition_point(std::views::iota(from, to),
                                       std::not_fn(holds));
}

/// The fastest pace that fits, by bisection: what fits at a pace fits at every
/// slower one. Behind it some up to the slowest that meets a target.
std::vector<Partial> NetworkSearch::searchPaces() {
  std::set<int64_t> all;
  int64_t least = 0;
  for (Choices &choices : regions) {
    int64_t fastest = INT64_MAX;
    for (const Candidate &c : choices.front) {
      int64_t cycles = paceFor(goal, choices.region, c);
      all.insert(cycles);
      fastest = std::min(fastest, cycles);
    }
    least = std::max(least, fastest);
    for (Value input : choices.region.getInputs()) // one a cycle
      all.insert(elementsOf(input));
  }
  std::vector<int64_t> paces(all.lower_bound(least), all.end());
  size_t from = firstIndex(0, paces.size() - 1, [&](size_t i) {
    return llvm::any_of(choicesAt(paces[i]),
                        [&](const Partial &p) { return isFeasible(p); });
  });
  std::vector<Partial> found = choicesAt(paces[from]);
  if (goal.targetCycles && isInTime(found)) {
    size_t last =
        firstIndex(from + 1, paces.size(),
                   [&](size_t i) { return !isInTime(choicesAt(paces[i])); }) -
        1;
    for (size_t part = 1; part <= kPaces; ++part)
      if (size_t next = from + (last - from) * part / kPaces;
          next != from + (last - from) * (part - 1) / kPaces)
        llvm::append_range(found, choicesAt(paces[next]));
    return found;
  }
  // A little slower may be a good deal smaller, or sooner at its end.
  size_t last = from;
  for (int64_t part : {50, 16, 8, 4}) {
    int64_t relaxed = paces[from] + paces[from] / part;
    size_t next = std::upper_bound(paces.begin(), paces.end(), relaxed) -
                  paces.begin() - 1;
    if (next != std::exchange(last, next))
      llvm::append_range(found, choicesAt(paces[next]));
  }
  return found;
}

Choice NetworkSearch::run() {
  if (regions.empty())
    return {};
  auto picks = [](bool padded) {
    return [padded](const Choices &choices) {
      std::vector<unsigned> chosen;
      for (auto [i, c] : llvm::enumerate(choices.front))
        if (padded || !c.pads)
          chosen.push_back(i);
      return chosen;
    };
  };
  std::vector<Partial> found;
  if (auto all = combinations(picks(/*padded=*/true))) {
    found = std::move(*all);
  } else {
    found = searchPaces();
    if (auto whole = combinations(picks(/*padded=*/false)))
      llvm::append_range(found, *whole);
  }
  return measured(module, goal, regions, std::move(found), shell);
}

Choice df::chooseFolding(ModuleOp module, const Goal &goal) {
  return NetworkSearch(module, goal).run();
}
