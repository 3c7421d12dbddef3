//===- SetFolding.cpp - PE, SIMD, lanes and multipliers of one region -----===//
//
// Exhaustive over the foldings that no smaller one equals in groups, pruned to
// the Pareto front; the combination of passes is exhaustive too, up to a bound.
//
//===----------------------------------------------------------------------===//

#include "FoldingSearch.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <numeric>
#include <set>
#include <utility>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// What a DSP and a block RAM are worth in LUTs when areas are compared
/// (a packed DSP replaces about 35 LUTs of distributed arithmetic).
int64_t df::area(const Resources &r) {
  return r.lut + 35 * r.dsp + 70 * r.bram18;
}

/// For each number of groups that n elements can be cut into, the smallest
/// group: all divisors of n are among them.
static std::vector<int64_t> groupSizes(int64_t n) {
  std::vector<int64_t> sizes;
  for (int64_t size = 1; size <= n; ++size)
    if (size == 1 || (n + size - 1) / size < (n + size - 2) / (size - 1))
      sizes.push_back(size);
  return sizes;
}

/// Cycles a step as a fraction: < 0 if those of `a` are fewer.
static int64_t compareIntervals(const Candidate &a, const Candidate &b) {
  return a.turn * b.inFlight - b.turn * a.inFlight;
}

/// With the modules that come with it.
static Resources costOf(const Candidate &c) { return c.resources + c.modules; }

/// True if `a` costs hardly more than `b`.
static bool costsAsMuch(const Resources &a, const Resources &b) {
  return a.fits({b.lut + b.lut / 16, b.ff + b.ff / 8, b.dsp, b.bram18, b.uram});
}

/// Keeps candidates that are not worse than another one in every respect; of
/// those that do not pad, than one that does not either, since they alone are
/// tried, too. What pads must be better by more than a little: combinations of
/// all regions' candidates are tried.
static void prune(std::vector<Candidate> &all) {
  llvm::sort(all, [](const Candidate &a, const Candidate &b) {
    if (int64_t order = compareIntervals(a, b))
      return order < 0;
    return std::tuple(a.turn, a.fill, area(costOf(a))) <
           std::tuple(b.turn, b.fill, area(costOf(b)));
  });
  std::vector<Candidate> front;
  for (Candidate &c : all)
    if (llvm::none_of(front, [&](const Candidate &f) {
          return (c.pads || !f.pads) && compareIntervals(f, c) <= 0 &&
                 f.turn <= c.turn && f.wait <= c.wait &&
                 f.fill <= c.fill + (c.pads ? c.fill / 16 : 0) &&
                 (c.pads ? costsAsMuch(costOf(f), costOf(c))
                         : costOf(f).fits(costOf(c)));
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
    for (auto &pass : plan.passes) {
      fits.push_back(pass.mvu && pass.mvu.fitsDsp());
      packs.push_back(pass.mvu && pass.mvu.getPackedLaneWidth());
    }
  }
  std::vector<Candidate> run();

private:
  RegionOp region;
  PassPlan plan;
  RegionShape shape;
  std::vector<bool> fits;  ///< per pass: a row of its MVU fits a DSP
  std::vector<bool> packs; ///< per pass: two rows fit one DSP
  std::vector<Candidate> all;

  /// One way to fold a pass' MVU, and its cycles.
  struct Option {
    ArrayFolding array;
    int64_t cycles = 0;
    Resources cost = {};
    bool pads = false;
  };
  /// Of one pass, from fast to slow.
  using Options = std::vector<Option>;

  std::vector<int64_t> peSizes(size_t pass);
  std::vector<int64_t> simdSizes(size_t pass);
  std::string implOf(size_t pass, const std::string &wanted, int64_t pe);
  Options options(size_t pass, int64_t lanes, const std::string &impl);
  void combine(Candidate &candidate, size_t pass, const std::string &impl,
               ArrayRef<Options> options);
  void choosePasses(Candidate &candidate, const std::string &impl,
                    std::vector<Options> options);
  void balance(Candidate &candidate, const std::string &impl,
               ArrayRef<Options> options);
  void choose(Candidate &candidate, size_t pass, const std::string &impl,
              ArrayFolding array);
  void add(Candidate candidate);
};
} // namespace

/// Combinations of several passes' foldings that are all tried.
static constexpr size_t kMaxPassCombinations = 4096;

/// What `wanted` means for a pass: nothing without an MVU, one row a DSP where
/// two do not fit, LUTs where a DSP is too narrow.
std::string CandidateSearch::implOf(size_t pass, const std::string &wanted,
                                    int64_t pe) {
  if (!plan.passes[pass].mvu)
    return "";
  if (!fits[pass])
    return "lut";
  return wanted == "dsp_packed" && (pe % 2 || !packs[pass]) ? "dsp" : wanted;
}

/// Divisors of the row blocks, or whole units; beside an odd number of rows the
/// next one, whose pairs may share DSPs.
std::vector<int64_t> CandidateSearch::peSizes(size_t pass) {
  auto [units, blocks] =
      std::pair(shape.passes[pass].units, shape.passes[pass].blocks);
  std::set<int64_t> sizes;
  for (int64_t pe = 1; pe < blocks; ++pe)
    if (blocks % pe == 0)
      sizes.insert(pe);
  for (int64_t group : groupSizes(units)) {
    sizes.insert(blocks * group);
    if (blocks * group % 2 && packs[pass] && group < units)
      sizes.insert(blocks * (group + 1));
  }
  return {sizes.begin(), sizes.end()};
}

/// For each number of groups of each operand the smallest, and larger ones that
/// more elements of the operand's stream fill at once.
std::vector<int64_t> CandidateSearch::simdSizes(size_t pass) {
  std::set<int64_t> sizes;
  for (Value operand : plan.passes[pass].mvu.getOperands()) {
    int64_t n = vectorSize(operand), groups = 0, beat = 0;
    for (int64_t size = 1; size <= n; ++size) {
      if ((n + size - 1) / size != std::exchange(groups, (n + size - 1) / size))
        beat = 0;
      if (std::gcd(n, size) > beat) {
        beat = std::gcd(n, size);
        sizes.insert(size);
      }
    }
  }
  return {sizes.begin(), sizes.end()};
}

static bool pads(const RegionShape &shape, const RegionShape &padded,
                 size_t pass) {
  return padded.passes[pass].units != shape.passes[pass].units ||
         padded.columns(pass) != shape.columns(pass);
}

/// Foldings of one pass' MVU. Of those that pad, and with several passes, whose
/// combinations are tried, of all, only what no other one beats in cycles and
/// cost.
CandidateSearch::Options CandidateSearch::options(size_t pass, int64_t lanes,
                                                  const std::string &impl) {
  MvuOp mvu = plan.passes[pass].mvu;
  if (!mvu)
    return {Option{}};
  Options all;
  std::vector<int64_t> rows = peSizes(pass);
  for (int64_t simd : simdSizes(pass))
    for (int64_t pe : rows) {
      Folding folding{std::vector<ArrayFolding>(plan.passes.size()), lanes};
      ArrayFolding array = folding.passes[pass] = {pe, simd};
      if (illegalPass(shape, folding, pass))
        continue;
      RegionShape whole = padded(shape, folding);
      RegionShape::Matrix matrix = whole.matrix(pass);
      bool padding = pads(shape, whole, pass);
      llvm::erase_if(whole.inputs, [&](const RegionShape::Operand &input) {
        return input.column < 0 || input.mvu != int64_t(pass);
      });
      int64_t groups = matrix.rows / pe * (matrix.columns / simd);
      all.push_back(
          {array,
           std::max(loadCycles(whole, folding), groups) +
               (shape.passes[pass].mvuDsp ? simd : 0),
           mvu.resources(matrix, array, lanes, implOf(pass, impl, pe)),
           padding});
    }
  Options kept;
  for (const Option &option : all)
    if ((plan.passes.size() == 1 && !option.pads) ||
        llvm::none_of(all, [&](const Option &other) {
          return (option.pads || !other.pads) && // those alone are tried, too
                 other.cycles <= option.cycles &&
                 other.cost.fits(option.cost) &&
                 (other.cycles < option.cycles ||
                  !option.cost.fits(other.cost));
        }))
      kept.push_back(option);
  if (plan.passes.size() == 1)
    return kept;
  llvm::stable_sort(kept, [](const Option &a, const Option &b) {
    return a.cycles < b.cycles;
  });
  return kept;
}

void CandidateSearch::add(Candidate candidate) {
  // Passes that are legal alone may ask for too long vectors together.
  if (plan.passes.size() > 1 && illegal(shape, candidate.folding))
    return;
  RegionSchedule schedule(shape, candidate.folding, interleaveOf(region));
  candidate.inFlight = schedule.inFlight();
  candidate.turn = std::max(
      schedule.turn(),
      candidate.inFlight * loadCycles(schedule.shape(), candidate.folding));
  candidate.fill = schedule.end();
  candidate.pads = false;
  for (size_t k = 0; k < plan.passes.size(); ++k)
    candidate.pads |= pads(shape, schedule.shape(), k);
  candidate.inputLanes.clear();
  for (const RegionShape::Operand &input : schedule.shape().inputs)
    candidate.inputLanes.push_back(schedule.inputLanes(input));
  candidate.outputLanes.clear();
  for (size_t i = 0; i < shape.outputs.size(); ++i)
    candidate.outputLanes.push_back(schedule.outputLanes(i));
  Streams streams = streamsInto(
      region, candidate, std::vector<int64_t>(candidate.inputLanes.size()));
  candidate.modules = streams.resources;
  candidate.wait = streams.wait;
  candidate.turn = std::max(
      candidate.turn, candidate.inFlight * (streams.pace / region.getSteps()));
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

/// Every combination if there are few enough, or of what does not pad; and
/// balanced ones.
void CandidateSearch::choosePasses(Candidate &candidate,
                                   const std::string &impl,
                                   std::vector<Options> options) {
  auto few = [&] {
    size_t count = 1;
    for (const Options &ofPass : options)
      count = std::min(count * ofPass.size(), kMaxPassCombinations + 1);
    return options.size() == 1 || count <= kMaxPassCombinations;
  };
  if (few())
    return combine(candidate, 0, impl, options);
  balance(candidate, impl, options);
  for (Options &ofPass : options)
    llvm::erase_if(ofPass, [](const Option &option) { return option.pads; });
  if (few())
    combine(candidate, 0, impl, options);
}

std::vector<Candidate> CandidateSearch::run() {
  std::vector<std::string> impls{"lut"};
  if (llvm::is_contained(fits, true))
    impls.push_back("dsp");
  if (llvm::is_contained(packs, true))
    impls.push_back("dsp_packed");
  std::vector<std::string> muls{"lut"};
  if (!tailProducts(region).empty())
    muls.push_back("dsp");
  int64_t lanesMost = 16;
  for (const PassPlan::Pass &pass : plan.passes)
    lanesMost = std::min(lanesMost, pass.units);
  for (int64_t lanes = 1; lanes <= lanesMost; ++lanes)
    for (const std::string &impl : impls) {
      std::vector<Options> choices;
      for (size_t k = 0; k < plan.passes.size(); ++k) {
        shape.passes[k].mvuDsp = fits[k] && impl != "lut";
        choices.push_back(options(k, lanes, impl));
      }
      for (const std::string &mul : muls) {
        Candidate candidate;
        candidate.folding = {std::vector<ArrayFolding>(choices.size()), lanes};
        candidate.mvuImpl.resize(choices.size());
        candidate.mulImpl = mul;
        choosePasses(candidate, impl, choices);
      }
    }
  prune(all);
  return std::move(all);
}

std::vector<Candidate> df::candidates(RegionOp region) {
  return CandidateSearch(region).run();
}

void df::fold(RegionOp region, const Candidate &candidate) {
  Builder builder(region.getContext());
  SmallVector<int64_t> pe, simd;
  for (auto [pass, array, impl] :
       llvm::zip(planPasses(region).passes, candidate.folding.passes,
                 candidate.mvuImpl)) {
    pe.push_back(array.pe);
    simd.push_back(array.simd);
    if (!pass.mvu)
      continue;
    pass.mvu.setImpl(impl);
    if (impl == "dsp_packed")
      pass.mvu.setLaneWidth(*pass.mvu.getPackedLaneWidth());
    else
      pass.mvu.removeLaneWidthAttr();
  }
  region.setPe(pe);
  region.setSimd(simd);
  region.setLanesAttr(builder.getI64IntegerAttr(candidate.folding.lanes));
  for (Operation *product : tailProducts(region))
    product->setAttr("impl", builder.getStringAttr(candidate.mulImpl));
}

void df::apply(RegionOp region, const Candidate &candidate) {
  fold(region, candidate);
  pad(region, planPasses(region),
      padded(scheduleTail(region), candidate.folding));
  region.setPeriodAttr(Builder(region.getContext())
                           .getI64IntegerAttr(scheduleOf(region).period()));
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
    if (impl != "lut" && !pass.mvu.fitsDsp())
      return "weights of " + std::to_string(pass.mvu.getWeightWidth()) +
             " bits, inputs of " +
             std::to_string(pass.mvu.getOperandType().getWidth()) +
             " and sums of " + std::to_string(pass.mvu.getAccumulatorWidth()) +
             " do not fit a DSP (26, 18 signed or 17, 48): mvu impl must be "
             "lut";
    if (impl == "dsp_packed" &&
        (array.pe % 2 || !pass.mvu.getPackedLaneWidth()))
      return std::string("two rows do not fit one DSP here: pe must be even "
                         "and each even row's sum must fit the low lane");
  }
  return std::nullopt;
}
