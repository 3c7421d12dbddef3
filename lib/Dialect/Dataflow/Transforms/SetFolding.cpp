//===- SetFolding.cpp - Choose PE, SIMD, lanes and multipliers ------------===//
//
// Exhaustive over divisors, pruned to the Pareto front of each region; the
// combination of passes and of fronts is exhaustive too, up to a bound.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <numeric>
#include <set>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// What a DSP and a block RAM are worth in LUTs when areas are compared
/// (a packed DSP replaces about 35 LUTs of distributed arithmetic).
static int64_t area(const Resources &r) {
  return r.lut + 35 * r.dsp + 70 * r.bram18;
}

static std::vector<int64_t> divisors(int64_t n) {
  std::vector<int64_t> out;
  for (int64_t d = 1; d <= n; ++d)
    if (n % d == 0)
      out.push_back(d);
  return out;
}

/// Combinations that the search looks at for each region: well under a second.
static constexpr size_t kMaxCombinations = size_t(1) << 20;

/// Within the budget even if Yosys needs a tenth more logic than estimated;
/// DSPs and memories are counted exactly.
static bool fitsSafely(Resources r, const Resources &budget) {
  r.lut += r.lut / 10;
  r.ff += r.ff / 10;
  return r.fits(budget);
}

/// Cycles of so many steps of each context, shared among those in flight.
static int64_t pace(const Candidate &c, int64_t steps) {
  return (steps * c.turn + c.inFlight - 1) / c.inFlight;
}

/// Cycles a step as a fraction: < 0 if those of `a` are fewer.
static int64_t compareIntervals(const Candidate &a, const Candidate &b) {
  return a.turn * b.inFlight - b.turn * a.inFlight;
}

/// Keeps candidates that are not worse than another one in every respect.
static void prune(std::vector<Candidate> &all) {
  llvm::sort(all, [](const Candidate &a, const Candidate &b) {
    if (int64_t order = compareIntervals(a, b))
      return order < 0;
    return std::tuple(a.turn, a.fill, area(a.resources)) <
           std::tuple(b.turn, b.fill, area(b.resources));
  });
  std::vector<Candidate> front;
  for (Candidate &c : all)
    if (llvm::none_of(front, [&](const Candidate &f) {
          return compareIntervals(f, c) <= 0 && f.turn <= c.turn &&
                 f.fill <= c.fill && f.resources.fits(c.resources);
        }))
      front.push_back(std::move(c));
  all = std::move(front);
}

namespace {
/// The legal ways to build a region, for each number of lanes and kind of
/// multiplier.
class CandidateSearch {
public:
  explicit CandidateSearch(RegionOp region)
      : region(region), plan(planPasses(region)), shape(scheduleTail(region)) {
    for (auto &pass : plan.passes)
      packs.push_back(pass.mvu && pass.mvu.getPackedLaneWidth());
  }
  std::vector<Candidate> run();

private:
  RegionOp region;
  PassPlan plan;
  RegionShape shape;
  std::vector<bool> packs; ///< per pass: two rows of its MVU fit one DSP
  std::vector<Candidate> all;

  /// One way to fold a pass' MVU, and its cycles.
  struct Option {
    ArrayFolding array;
    int64_t cycles = 0;
    Resources cost = {};
  };
  /// Of one pass, from fast to slow.
  using Options = std::vector<Option>;

  std::string implOf(size_t pass, const std::string &wanted, int64_t pe);
  Options options(size_t pass, int64_t lanes, const std::string &impl);
  void combine(Candidate &candidate, size_t pass, const std::string &impl,
               ArrayRef<Options> options);
  void balance(Candidate &candidate, const std::string &impl,
               ArrayRef<Options> options);
  void choose(Candidate &candidate, size_t pass, const std::string &impl,
              ArrayFolding array);
  void add(Candidate candidate);
};
} // namespace

/// Combinations of several passes' foldings that are all tried.
static constexpr size_t kMaxPassCombinations = 4096;

/// What `wanted` means for a pass: nothing without an MVU, and one row a DSP
/// where two do not fit.
std::string CandidateSearch::implOf(size_t pass, const std::string &wanted,
                                    int64_t pe) {
  if (!plan.passes[pass].mvu)
    return "";
  return wanted == "dsp_packed" && (pe % 2 || !packs[pass]) ? "dsp" : wanted;
}

/// Foldings of one pass' MVU. With several passes only those that no other
/// one beats in cycles and cost, since their combinations are tried.
CandidateSearch::Options CandidateSearch::options(size_t pass, int64_t lanes,
                                                  const std::string &impl) {
  MvuOp mvu = plan.passes[pass].mvu;
  if (!mvu)
    return {Option{}};
  Options all;
  for (int64_t simd : divisors(shape.columns(pass)))
    for (int64_t pe : divisors(shape.passes[pass].rows())) {
      Folding folding{std::vector<ArrayFolding>(plan.passes.size()), lanes};
      folding.passes[pass] = {pe, simd};
      if (illegalPass(shape, folding, pass))
        continue;
      all.push_back(
          {{pe, simd},
           shape.passes[pass].rows() / pe * (shape.columns(pass) / simd) +
               (impl == "lut" ? 0 : simd),
           mvu.resources(pe, simd, lanes, implOf(pass, impl, pe))});
    }
  if (plan.passes.size() == 1)
    return all;
  Options kept;
  for (const Option &option : all)
    if (llvm::none_of(all, [&](const Option &other) {
          return other.cycles <= option.cycles &&
                 other.cost.fits(option.cost) &&
                 (other.cycles < option.cycles ||
                  !option.cost.fits(other.cost));
        }))
      kept.push_back(option);
  llvm::stable_sort(kept, [](const Option &a, const Option &b) {
    return a.cycles < b.cycles;
  });
  return kept;
}

void CandidateSearch::add(Candidate candidate) {
  RegionSchedule schedule(shape, candidate.folding, interleaveOf(region));
  candidate.turn = schedule.turn();
  candidate.inFlight = schedule.inFlight();
  candidate.fill = schedule.end();
  candidate.inputLanes.clear();
  for (const RegionShape::Operand &input : shape.inputs)
    candidate.inputLanes.push_back(schedule.inputLanes(input));
  candidate.resources = estimate(region, plan, shape, candidate);
  all.push_back(std::move(candidate));
}

void CandidateSearch::choose(Candidate &candidate, size_t pass,
                             const std::string &impl, ArrayFolding array) {
  candidate.folding.passes[pass] = array;
  candidate.mvuImpl[pass] = implOf(pass, impl, array.pe);
}

/// Every combination.
void CandidateSearch::combine(Candidate &candidate, size_t pass,
                              const std::string &impl,
                              ArrayRef<Options> options) {
  if (pass == plan.passes.size())
    return add(candidate);
  for (const Option &option : options[pass]) {
    choose(candidate, pass, impl, option.array);
    combine(candidate, pass + 1, impl, options);
  }
}

/// Where all combinations are too many: for each number of cycles that some
/// pass can take, the slowest option of every pass that takes no more.
void CandidateSearch::balance(Candidate &candidate, const std::string &impl,
                              ArrayRef<Options> options) {
  std::set<int64_t> limits;
  for (const Options &ofPass : options)
    for (const Option &option : ofPass)
      limits.insert(option.cycles);
  for (int64_t limit : limits) {
    for (auto [pass, ofPass] : llvm::enumerate(options)) {
      const Option *slowest = &ofPass.front();
      for (const Option &option : ofPass)
        if (option.cycles <= limit)
          slowest = &option;
      choose(candidate, pass, impl, slowest->array);
    }
    add(candidate);
  }
}

std::vector<Candidate> CandidateSearch::run() {
  std::vector<std::string> impls{"lut"};
  if (llvm::any_of(plan.passes, [](auto &pass) { return !!pass.mvu; }))
    impls.push_back("dsp");
  if (llvm::is_contained(packs, true))
    impls.push_back("dsp_packed");
  int64_t units = 0;
  for (const PassPlan::Pass &pass : plan.passes)
    units = std::gcd(units, pass.units);
  for (int64_t lanes : divisors(units))
    for (const std::string &impl : impls) {
      if (lanes > 16)
        continue;
      std::vector<Options> choices;
      size_t combinations = 1;
      for (size_t k = 0; k < plan.passes.size(); ++k) {
        shape.passes[k].mvuDsp = plan.passes[k].mvu && impl != "lut";
        choices.push_back(options(k, lanes, impl));
        combinations = std::min(combinations * choices.back().size(),
                                kMaxPassCombinations + 1);
      }
      bool few =
          plan.passes.size() == 1 || combinations <= kMaxPassCombinations;
      for (const char *mul : {"dsp", "lut"}) {
        Candidate candidate;
        candidate.folding = {std::vector<ArrayFolding>(choices.size()), lanes};
        candidate.mvuImpl.resize(choices.size());
        candidate.mulImpl = mul;
        if (few)
          combine(candidate, 0, impl, choices);
        else
          balance(candidate, impl, choices);
      }
    }
  prune(all);
  return std::move(all);
}

std::vector<Candidate> df::candidates(RegionOp region) {
  return CandidateSearch(region).run();
}

void df::apply(RegionOp region, const Candidate &candidate) {
  Builder builder(region.getContext());
  PassPlan plan = planPasses(region);
  SmallVector<int64_t> pe, simd;
  for (auto [pass, array, impl] :
       llvm::zip(plan.passes, candidate.folding.passes, candidate.mvuImpl)) {
    pe.push_back(array.pe);
    simd.push_back(array.simd);
    if (!pass.mvu)
      continue;
    pass.mvu.setImpl(impl);
    if (impl == "dsp_packed")
      pass.mvu.setLaneWidth(*pass.mvu.getPackedLaneWidth());
  }
  region.setPe(pe);
  region.setSimd(simd);
  region.setLanesAttr(builder.getI64IntegerAttr(candidate.folding.lanes));
  for (MulOp mul : region.getBody().front().getOps<MulOp>())
    mul.setImpl(candidate.mulImpl);
  region.setPeriodAttr(builder.getI64IntegerAttr(scheduleOf(region).period()));
}

namespace {
/// Sums over the regions so far; `picks` index the regions' fronts. Sequences
/// overlap in time, so the slowest region sets the pace and every region adds
/// its fill once.
struct Partial {
  SmallVector<unsigned, 4> picks;
  int64_t pace = 0, fill = 0;
  Resources resources;
  int64_t cycles() const { return pace + fill; }
};

/// What is kept, from fast to slow: for each number of DSPs the fewest LUTs
/// (block RAM counted in LUTs). A later one must save some of either.
class Front {
public:
  bool improves(const Resources &r) {
    int64_t luts = r.lut + 70 * r.bram18;
    auto after = best.upper_bound(r.dsp);
    if (after != best.begin() && std::prev(after)->second <= luts)
      return false;
    while (after != best.end() && after->second >= luts)
      after = best.erase(after);
    best[r.dsp] = luts;
    return true;
  }

private:
  std::map<int64_t, int64_t> best;
};

/// One more region on top of a partial; `picks` follow once it is kept.
struct Grown {
  unsigned partial, candidate;
  int64_t pace, fill, area;
  Resources resources;
  int64_t cycles() const { return pace + fill; }
};
} // namespace

/// At most `count` candidates spread over the front, its ends included: a long
/// front has neighbours that hardly differ.
static std::vector<unsigned> spread(size_t size, size_t count) {
  std::vector<unsigned> picks;
  count = std::min(size, std::max<size_t>(2, count));
  for (size_t i = 0; i < count; ++i)
    picks.push_back(unsigned(count == 1 ? 0 : i * (size - 1) / (count - 1)));
  return picks;
}

static int64_t elementsOf(Value stream) {
  return cast<RankedTensorType>(stream.getType()).getNumElements();
}

/// Cycles that so many elements take between beats of `a` and of `b`.
static int64_t conversion(int64_t elements, int64_t a, int64_t b) {
  bool divide = a % b == 0 || b % a == 0;
  return elements / (divide ? std::min(a, b) : 1);
}

/// Cycles of a packet's streams into a region; `source` gives the lanes of the
/// regions before it.
static int64_t streamPace(RegionOp region, const Candidate &candidate,
                          llvm::function_ref<int64_t(RegionOp)> source) {
  int64_t slowest = 0;
  for (auto [input, wanted] :
       llvm::zip(region.getInputs(), candidate.inputLanes)) {
    Value stream = input;
    int64_t taken = wanted;
    while (auto module = stream.getDefiningOp<StreamOpInterface>()) {
      // A module that keeps its source's beats has no width of its own.
      if (int64_t lanes = module.lanes(/*offered=*/0, taken)) {
        slowest =
            std::max(slowest, conversion(elementsOf(stream), lanes, taken));
        taken = lanes;
      }
      stream = module->getOperand(0);
    }
    auto before = stream.getDefiningOp<RegionOp>();
    int64_t lanes =
        before ? source(before) : std::gcd(taken, vectorSize(stream));
    slowest = std::max(slowest, conversion(elementsOf(stream), lanes, taken));
  }
  return slowest;
}

namespace {
/// A region and its ways to be built, fast to slow.
struct Choices {
  RegionOp region;
  std::vector<Candidate> front;
};
} // namespace

/// Every combination with one more region, the last of `regions`, that fits the
/// budget and no faster one beats; if none fits, those that no other one beats.
/// A target is of one inference, which has a step every turn; else all contexts
/// together count.
static std::vector<Partial> grow(ArrayRef<Partial> before,
                                 ArrayRef<Choices> regions, const Goal &goal) {
  const Resources &budget = goal.budget;
  RegionOp region = regions.back().region;
  ArrayRef<Candidate> front = regions.back().front;
  int64_t steps = region.getSteps();
  DenseMap<Operation *, size_t> indexOf;
  for (auto [i, choices] : llvm::enumerate(regions))
    indexOf[choices.region] = i;
  std::vector<Grown> next, fitting;
  std::vector<unsigned> picks =
      spread(front.size(), kMaxCombinations / before.size());
  for (auto [p, partial] : llvm::enumerate(before))
    for (unsigned i : picks) {
      const Candidate &c = front[i];
      Resources sum = partial.resources + c.resources;
      auto lanesBefore = [&, &partial = partial](RegionOp source) {
        size_t at = indexOf.lookup(source);
        return regions[at].front[partial.picks[at]].folding.lanes;
      };
      Grown grown{unsigned(p),
                  i,
                  std::max({partial.pace,
                            goal.targetCycles ? steps * c.turn : pace(c, steps),
                            streamPace(region, c, lanesBefore)}),
                  partial.fill + c.fill,
                  area(sum),
                  sum};
      if (fitsSafely(sum, budget))
        fitting.push_back(grown);
      else if (fitting.empty())
        next.push_back(grown);
    }
  if (!fitting.empty())
    next = std::move(fitting);
  llvm::sort(next, [](const Grown &a, const Grown &b) {
    return std::tuple(a.cycles(), a.area, a.partial, a.candidate) <
           std::tuple(b.cycles(), b.area, b.partial, b.candidate);
  });
  Front kept;
  std::vector<Partial> result;
  for (const Grown &grown : next) {
    if (!kept.improves(grown.resources))
      continue;
    Partial &partial = result.emplace_back(before[grown.partial]);
    partial.picks.push_back(grown.candidate);
    partial.pace = grown.pace;
    partial.fill = grown.fill;
    partial.resources = grown.resources;
  }
  return result;
}

Choice df::chooseFolding(ModuleOp module, const Goal &goal) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  std::vector<Choices> regions;
  std::vector<Partial> kept{Partial{{}, 0, 0, shellCost(module)}};
  for (RegionOp region : main.getOps<RegionOp>()) {
    regions.push_back({region, candidates(region)});
    kept = grow(kept, regions, goal);
  }
  std::vector<Choice> partial;
  for (const Partial &p : kept) {
    Choice choice{
        {}, p.cycles(), p.resources, fitsSafely(p.resources, goal.budget)};
    for (auto [choices, pick] : llvm::zip(regions, p.picks))
      choice.regions.push_back(choices.front[pick]);
    partial.push_back(std::move(choice));
  }

  auto smallest = [](const Choice &a, const Choice &b) {
    return area(a.resources) < area(b.resources);
  };
  SmallVector<const Choice *> fitting;
  for (const Choice &c : partial)
    if (c.feasible)
      fitting.push_back(&c);
  if (fitting.empty())
    return *std::min_element(partial.begin(), partial.end(), smallest);
  int64_t fastest = fitting.front()->cycles;
  for (const Choice *c : fitting)
    fastest = std::min(fastest, c->cycles);
  // Without a target: within 2 % of the fastest, the smallest.
  int64_t limit = goal.targetCycles.value_or(fastest + fastest / 50);
  const Choice *best = nullptr;
  for (const Choice *c : fitting)
    if (c->cycles <= limit && (!best || smallest(*c, *best)))
      best = c;
  if (best)
    return *best;
  Choice missed = **std::min_element(
      fitting.begin(), fitting.end(),
      [](const Choice *a, const Choice *b) { return a->cycles < b->cycles; });
  missed.feasible = false;
  return missed;
}

bool df::better(const Choice &a, const Choice &b, const Goal &goal) {
  if (a.feasible != b.feasible)
    return a.feasible;
  // With a target, or where the difference is within the search's tolerance,
  // the smaller one.
  int64_t tolerance = b.cycles / 50;
  if (!goal.targetCycles && std::abs(a.cycles - b.cycles) > tolerance)
    return a.cycles < b.cycles;
  return area(a.resources) < area(b.resources);
}

std::optional<std::string> df::refuse(RegionOp region,
                                      const Candidate &candidate) {
  RegionShape shape = scheduleTail(region);
  if (auto reason = illegal(shape, candidate.folding))
    return reason;
  if (candidate.mulImpl != "dsp" && candidate.mulImpl != "lut")
    return "tail impl '" + candidate.mulImpl + "' is neither dsp nor lut";
  PassPlan plan = planPasses(region);
  for (auto [pass, array, impl] :
       llvm::zip(plan.passes, candidate.folding.passes, candidate.mvuImpl)) {
    if (!pass.mvu)
      continue;
    if (impl != "lut" && impl != "dsp" && impl != "dsp_packed")
      return "mvu impl '" + impl + "' is none of lut, dsp, dsp_packed";
    if (impl == "dsp_packed" &&
        (array.pe % 2 || !pass.mvu.getPackedLaneWidth()))
      return std::string("two rows do not fit one DSP here: pe must be even "
                         "and each even row's sum must fit the low lane");
  }
  return std::nullopt;
}
