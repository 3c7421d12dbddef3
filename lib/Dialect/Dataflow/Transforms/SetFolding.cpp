//===- SetFolding.cpp - Choose PE, SIMD, lanes and multipliers ------------===//
//
// Exhaustive over divisors, pruned to the Pareto front of each region; the
// combination of fronts is exhaustive too (networks have few regions).
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <map>

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

static int64_t log2Ceil(int64_t n) {
  return n > 1 ? int64_t(llvm::Log2_64_Ceil(uint64_t(n))) : 1;
}

/// A delay line: flip-flops up to two cycles, shift registers beyond.
static Resources delay(int64_t bits, int64_t cycles) {
  return cycles < 3 ? Resources{.ff = bits * cycles}
                    : Resources{.lut = bits * ((cycles + 31) / 32)};
}

/// Delays of one lane between values that are ready early and their consumers.
static Resources delayCost(RegionOp region) {
  Resources r;
  for (Operation &op : region.getBody().front().without_terminator()) {
    auto core = dyn_cast<CoreOpInterface>(op);
    auto start = op.getAttrOfType<IntegerAttr>("start");
    if (!core || !start)
      continue;
    for (Value operand : op.getOperands()) {
      int64_t ready = 0;
      if (Operation *def = operand.getDefiningOp())
        if (auto from = dyn_cast<CoreOpInterface>(def))
          ready = def->getAttrOfType<IntegerAttr>("start").getInt() +
                  from.latency();
      if (!isa<BlockArgument>(operand) && start.getInt() > ready)
        r += delay(elementType(operand).getWidth(), start.getInt() - ready);
    }
  }
  return r;
}

/// finngl_vector_mem: distributed RAM of `words` (rows of all slots) for each
/// write group, 14 bits of 32 words or 7 bits of 64 in eight LUTs, and a
/// register a read lane.
static Resources vectorMemory(int64_t size, int64_t slots, int64_t bits,
                              int64_t writeLanes, int64_t readLanes) {
  int64_t banks = std::max(writeLanes, readLanes);
  int64_t rows = std::max<int64_t>(1, size / banks);
  int64_t words = slots << (rows > 1 ? log2Ceil(rows) : 0);
  int64_t groups = banks / writeLanes, group = writeLanes * bits;
  int64_t site = words <= 32 ? 8 * ((group + 13) / 14)
                             : 8 * ((group + 6) / 7) * ((words + 63) / 64);
  int64_t read = readLanes * bits;
  int64_t picks =
      std::max<int64_t>(0, banks / std::max<int64_t>(1, readLanes) - 1);
  return {.lut = groups * site + groups - 1 + picks * read / 2 +
                 (words > 64 ? read * ((words - 1) / 64) : 0),
          .ff = read};
}

static Resources stateFile(const RegionShape::Operand &state, int64_t bits,
                           const RegionSchedule &schedule) {
  const Folding &f = schedule.folding();
  bool byMvu = state.column >= 0, byTail = state.readAt >= 0 || !byMvu;
  int64_t counter = log2Ceil(state.size / f.lanes);
  int64_t banks = byMvu ? schedule.stateBanks() : 1;
  Resources r{.lut = 12 + 4 * (banks - 1), .ff = counter + 3 * banks - 2};
  if (byMvu) // the memory's words and the choice of the initial value
    r += vectorMemory(state.size, banks, bits, f.lanes, f.simd) +
         Resources{.lut = f.simd * bits, .ff = 1};
  if (byTail)
    r += vectorMemory(state.size, banks, bits, f.lanes, f.lanes) +
         Resources{.lut = f.lanes * bits + 2 * counter, .ff = counter + 2};
  return r;
}

static Resources inputBuffer(const RegionShape::Operand &input, int64_t bits,
                             const RegionSchedule &schedule) {
  int64_t lanes = schedule.inputLanes(input), simd = schedule.folding().simd;
  int64_t slots = schedule.inputSlots(input);
  Resources r{.lut = 34, .ff = 27};
  if (slots > 2)
    r += {.lut = 10, .ff = 10};
  if (input.column >= 0)
    r += vectorMemory(input.size, slots, bits, lanes, simd);
  if (input.readAt >= 0)
    r +=
        vectorMemory(input.size, slots, bits, lanes, schedule.folding().lanes) +
        Resources{.lut = 10, .ff = 8};
  return r;
}

/// finngl_out_port: shift registers for data, meta and marks, credit counter.
static Resources outPort(int64_t bits, int64_t words) {
  int64_t depth = log2Ceil(words);
  return {.lut = (bits + 4) * ((words + 31) / 32) + 20 + 7 * depth / 2,
          .ff = 5 + 2 * depth};
}

Resources df::estimate(RegionOp region, const RegionShape &shape,
                       const Candidate &candidate) {
  RegionSchedule schedule(shape, candidate.folding);
  const Folding &f = candidate.folding;
  Resources lane = delayCost(region), total;
  int64_t lastTap = 1;
  for (Operation &op : region.getBody().front().without_terminator())
    if (auto core = dyn_cast<CoreOpInterface>(op)) {
      StringAttr impl = op.getAttrOfType<StringAttr>("impl");
      if (impl && isa<MulOp>(op))
        op.setAttr("impl", StringAttr::get(op.getContext(), candidate.mulImpl));
      lane += core.resources();
      lastTap =
          std::max(lastTap, op.getAttrOfType<IntegerAttr>("start").getInt() +
                                int64_t(core.latency()));
    }
  total = f.lanes * lane;
  if (MvuOp mvu = region.getMvu()) {
    total += mvu.resources(f.pe, f.simd, f.lanes, candidate.mvuImpl);
    if (mvu.getOperands().size() > 1) // finngl_concat
      total += {.lut = f.simd * mvu.getOperandType().getWidth() + 5, .ff = 1};
  }
  Block &body = region.getBody().front();
  auto bits = [&](size_t argument) {
    return int64_t(elementType(body.getArgument(argument)).getWidth());
  };
  for (auto [i, state] : llvm::enumerate(shape.states))
    total += stateFile(state, bits(i), schedule);
  for (auto [i, input] : llvm::enumerate(shape.inputs))
    total += inputBuffer(input, bits(shape.states.size() + i), schedule);
  for (auto [i, result] : llvm::enumerate(region.getResults()))
    if (!result.use_empty())
      total += outPort(elementType(result).getWidth() * f.lanes,
                       schedule.outputSteps(i) * schedule.beats());
  // Launch, context and meta bits; one flip-flop with its reset for each cycle
  // from the launch to the last beat's end.
  int64_t pulses = schedule.beatAt(0) + lastTap;
  return total + Resources{.lut = pulses + 50, .ff = pulses + 30};
}

Resources df::shellCost() { return {.lut = 132, .ff = 115}; }

/// Within the budget even if Yosys needs a tenth more logic than estimated;
/// DSPs and memories are counted exactly.
static bool fitsSafely(Resources r, const Resources &budget) {
  r.lut += r.lut / 10;
  r.ff += r.ff / 10;
  return r.fits(budget);
}

/// Keeps candidates that are not worse than another one in every respect.
static void prune(std::vector<Candidate> &all) {
  llvm::sort(all, [](const Candidate &a, const Candidate &b) {
    return std::tuple(a.period, a.fill, area(a.resources)) <
           std::tuple(b.period, b.fill, area(b.resources));
  });
  std::vector<Candidate> front;
  for (Candidate &c : all)
    if (llvm::none_of(front, [&](const Candidate &f) {
          return f.period <= c.period && f.fill <= c.fill &&
                 f.resources.fits(c.resources);
        }))
      front.push_back(std::move(c));
  all = std::move(front);
}

std::vector<Candidate> df::candidates(RegionOp region) {
  RegionShape shape = scheduleTail(region);
  MvuOp mvu = region.getMvu();
  std::vector<std::string> impls{""};
  if (mvu) {
    impls = {"lut", "dsp"};
    if (mvu.getPackedLaneWidth())
      impls.push_back("dsp_packed");
  }
  std::vector<Candidate> all;
  for (int64_t simd : divisors(std::max<int64_t>(1, shape.columns())))
    for (int64_t pe : divisors(std::max<int64_t>(1, shape.rows())))
      for (int64_t lanes : divisors(shape.units)) {
        Folding folding{pe, simd, lanes};
        if (lanes > 16 || illegal(shape, folding))
          continue;
        for (const std::string &impl : impls) {
          if (impl == "dsp_packed" && pe % 2)
            continue;
          for (const char *mul : {"dsp", "lut"}) {
            Candidate c{folding, impl, mul, 0, 0, {}};
            shape.mvuDsp = impl != "lut" && !impl.empty();
            RegionSchedule schedule(shape, folding);
            c.period = schedule.period();
            int64_t last = 0;
            for (int64_t at : shape.outputAt)
              last = std::max(last, at);
            c.fill = schedule.lastBeatAt() + last;
            c.resources = estimate(region, shape, c);
            all.push_back(std::move(c));
          }
        }
      }
  prune(all);
  return all;
}

void df::apply(RegionOp region, const Candidate &candidate) {
  Builder builder(region.getContext());
  region.setPeAttr(builder.getI64IntegerAttr(candidate.folding.pe));
  region.setSimdAttr(builder.getI64IntegerAttr(candidate.folding.simd));
  region.setLanesAttr(builder.getI64IntegerAttr(candidate.folding.lanes));
  if (MvuOp mvu = region.getMvu()) {
    mvu.setImpl(candidate.mvuImpl);
    if (candidate.mvuImpl == "dsp_packed")
      mvu.setLaneWidth(*mvu.getPackedLaneWidth());
  }
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

/// Every combination with one more region that fits the budget and no faster
/// one beats; if none fits, those that no other one beats.
static std::vector<Partial> grow(ArrayRef<Partial> before,
                                 ArrayRef<Candidate> front, int64_t steps,
                                 const Resources &budget) {
  std::vector<Grown> next, fitting;
  std::vector<unsigned> picks =
      spread(front.size(), kMaxCombinations / before.size());
  for (auto [p, partial] : llvm::enumerate(before))
    for (unsigned i : picks) {
      const Candidate &c = front[i];
      Resources sum = partial.resources + c.resources;
      Grown grown{unsigned(p),
                  i,
                  std::max(partial.pace, steps * c.period),
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
  std::vector<std::vector<Candidate>> fronts;
  std::vector<Partial> kept{Partial{{}, 0, 0, shellCost()}};
  for (RegionOp region : main.getOps<RegionOp>()) {
    fronts.push_back(candidates(region));
    kept = grow(kept, fronts.back(), region.getSteps(), goal.budget);
  }
  std::vector<Choice> partial;
  for (const Partial &p : kept) {
    Choice choice{
        {}, p.cycles(), p.resources, fitsSafely(p.resources, goal.budget)};
    for (auto [front, pick] : llvm::zip(fronts, p.picks))
      choice.regions.push_back(front[pick]);
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
  MvuOp mvu = region.getMvu();
  if (candidate.mulImpl != "dsp" && candidate.mulImpl != "lut")
    return "tail impl '" + candidate.mulImpl + "' is neither dsp nor lut";
  if (!mvu)
    return std::nullopt;
  if (candidate.mvuImpl != "lut" && candidate.mvuImpl != "dsp" &&
      candidate.mvuImpl != "dsp_packed")
    return "mvu impl '" + candidate.mvuImpl +
           "' is none of lut, dsp, dsp_packed";
  if (candidate.mvuImpl == "dsp_packed" &&
      (candidate.folding.pe % 2 || !mvu.getPackedLaneWidth()))
    return std::string("two rows do not fit one DSP here: pe must be even and "
                       "each even row's sum must fit the low lane");
  return std::nullopt;
}
