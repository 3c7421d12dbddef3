//===- Mutants.cpp - One-unit changes of a finn function ------------------===//

#include "Mutants.h"
#include "finngl/Support/IntElements.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::mutation;

namespace {
/// Where a change was made: entry `index` of the list `list`.
struct Site {
  std::string list;
  size_t index = 0, size = 1;
  int64_t by = 1;
};
} // namespace

static Interval rangeAt(const Ranges &ranges, size_t channel) {
  return ranges.size() == 1 ? ranges[0] : ranges[channel];
}

static size_t channelsOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().back();
}

/// Adds one unit to an entry of an array or a number attribute.
static void nudge(Operation *op, StringRef name, Site &site,
                  std::mt19937 &random) {
  Builder builder(op->getContext());
  site.list = name.str();
  if (auto number = op->getAttrOfType<IntegerAttr>(name)) {
    op->setAttr(name, builder.getI64IntegerAttr(number.getInt() + site.by));
    return;
  }
  auto array = op->getAttrOfType<DenseI64ArrayAttr>(name);
  SmallVector<int64_t> values(array.asArrayRef());
  site.size = values.size();
  site.index = random() % values.size();
  values[site.index] += site.by;
  op->setAttr(name, builder.getDenseI64ArrayAttr(values));
}

/// The same for an elements attribute, whose type widens if it must.
static void nudgeElements(Operation *op, StringRef name, Site &site,
                          std::mt19937 &random) {
  auto attr = op->getAttrOfType<ElementsAttr>(name);
  std::vector<int64_t> values = intElements(attr);
  site.list = name.str();
  site.size = values.size();
  site.index = random() % values.size();
  values[site.index] += site.by;
  auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  auto type =
      RankedTensorType::get(attr.getShapedType().getShape(),
                            finn::typeForRange(op->getContext(), *lo, *hi));
  op->setAttr(name, denseInts(type, values));
}

//===----------------------------------------------------------------------===//
// Is it the same kernel?
//===----------------------------------------------------------------------===//

static int64_t requantOf(finn::RequantOp op, int64_t in, size_t ch) {
  auto pick = [&](ArrayRef<int64_t> v) { return v[v.size() == 1 ? 0 : ch]; };
  int64_t c = pick(op.getC());
  if (op.getSplit() && in >= pick(*op.getSplit()))
    c = pick(*op.getCHigh());
  __int128 v = __int128(int64_t(op.getP())) * in + c;
  __int128 y = v >> int64_t(op.getK());
  if (v - (y << int64_t(op.getK())) < pick(op.getW()))
    y -= y & 1;
  return int64_t(
      std::clamp<__int128>(y, int64_t(op.getLo()), int64_t(op.getHi())));
}

static bool sameRequant(finn::RequantOp before, finn::RequantOp after,
                        const Ranges &in, const Site &site) {
  for (size_t ch = 0; ch < channelsOf(before.getInput()); ++ch) {
    if (site.size > 1 && ch != site.index)
      continue;
    auto [lo, hi] = rangeAt(in, ch);
    for (int64_t a = lo; a <= hi; ++a)
      if (requantOf(before, a, ch) != requantOf(after, a, ch))
        return false;
  }
  return true;
}

/// Whether the operand of a threshold can be `value`: behind a sum of two
/// terms only what some pair of terms gives.
static bool reaches(Value operand, size_t channel, int64_t value,
                    const RangeMap &ranges) {
  auto [lo, hi] = rangeAt(ranges.at(operand), channel);
  if (value < lo || value > hi)
    return false;
  auto sum = operand.getDefiningOp<finn::LincombOp>();
  if (!sum || sum.getInputs().size() != 2)
    return true;
  auto pick = [&](ArrayRef<int64_t> v) {
    return v[v.size() == 1 ? 0 : channel];
  };
  int64_t p = pick(sum.coefficientsOf(0)), q = pick(sum.coefficientsOf(1));
  int64_t rest = value - pick(sum.getOffset());
  auto [aLo, aHi] = rangeAt(ranges.at(sum.getInputs()[0]), channel);
  auto [bLo, bHi] = rangeAt(ranges.at(sum.getInputs()[1]), channel);
  auto isTerm = [&](int64_t part) { // p * a for some a
    if (p == 0)
      return part == 0;
    return part % p == 0 && part / p >= aLo && part / p <= aHi;
  };
  for (int64_t b = bLo; b <= bHi; ++b)
    if (isTerm(rest - q * b))
      return true;
  return false;
}

static bool sameThresholds(finn::MultiThresholdOp before,
                           const RangeMap &ranges, const Site &site) {
  std::vector<int64_t> all = intElements(before.getThresholds());
  size_t rows = before.getThresholds().getShapedType().getDimSize(0);
  size_t row = site.index / (all.size() / rows);
  // Counted or not: only the smaller of both thresholds tells them apart.
  int64_t told = all[site.index] + std::min<int64_t>(site.by, 0);
  for (size_t ch = 0; ch < channelsOf(before.getInput()); ++ch)
    if ((rows == 1 || ch == row) &&
        reaches(before.getInput(), ch, told, ranges))
      return false;
  return true;
}

static bool isZero(const Ranges &ranges, size_t channel) {
  return rangeAt(ranges, channel) == Interval{0, 0};
}

static bool sameKernel(Operation *before, Operation *after,
                       const RangeMap &ranges, const Site &site) {
  if (auto requant = dyn_cast<finn::RequantOp>(before))
    return sameRequant(requant, cast<finn::RequantOp>(after),
                       ranges.at(requant.getInput()), site);
  if (auto multi = dyn_cast<finn::MultiThresholdOp>(before))
    return sameThresholds(multi, ranges, site);
  if (auto table = dyn_cast<finn::TableOp>(before)) {
    int64_t code = int64_t(table.getFirst()) + int64_t(site.index);
    return llvm::none_of(ranges.at(table.getInput()), [&](Interval range) {
      return code >= range.first && code <= range.second;
    });
  }
  if (auto product = dyn_cast<finn::MatMulOp>(before)) {
    size_t columns = product.getWeights().getShapedType().getDimSize(1);
    return isZero(ranges.at(product.getInput()), site.index % columns);
  }
  if (site.list == "coefficients") {
    auto sum = cast<finn::LincombOp>(before);
    size_t entries = site.size / sum.getInputs().size(); // of an operand
    const Ranges &in = ranges.at(sum.getInputs()[site.index / entries]);
    return entries > 1 ? isZero(in, site.index % entries)
                       : llvm::all_of(in, [](Interval r) {
                           return r == Interval{0, 0};
                         });
  }
  return false; // an offset always counts
}

std::optional<Mutant> mutation::mutate(func::FuncOp function,
                                       const RangeMap &ranges,
                                       std::mt19937 &random) {
  // Kinds of ops get equal shares.
  static const char *kinds[] = {"finn.requant", "finn.table", "finn.matmul",
                                "finn.lincomb", "finn.multi_threshold"};
  StringRef kind = kinds[random() % std::size(kinds)];
  SmallVector<Operation *> sites;
  function.walk([&](Operation *op) {
    if (op->getName().getStringRef() == kind)
      sites.push_back(op);
  });
  if (sites.empty())
    return std::nullopt;
  Operation *op = sites[random() % sites.size()];
  Operation *before = op->clone();
  Site site;
  site.by = random() % 2 ? 1 : -1;
  if (isa<finn::RequantOp>(op)) {
    auto requant = cast<finn::RequantOp>(op);
    SmallVector<StringRef> lists{"p", "c", "c", "w"};
    if (requant.getSplit())
      lists.append({"split", "c_high"});
    nudge(op, lists[random() % lists.size()], site, random);
  } else if (isa<finn::TableOp>(op)) {
    nudge(op, "values", site, random);
  } else if (isa<finn::MatMulOp>(op)) {
    nudgeElements(op, "weights", site, random);
  } else if (isa<finn::MultiThresholdOp>(op)) {
    nudgeElements(op, "thresholds", site, random);
  } else {
    nudge(op, random() % 2 ? "coefficients" : "offset", site, random);
  }
  std::optional<Mutant> mutant;
  {
    // An invalid op would be refused before any check.
    ScopedDiagnosticHandler silent(op->getContext(),
                                   [](Diagnostic &) { return success(); });
    if (succeeded(mlir::verify(op)))
      mutant = Mutant{(kind + " " + site.list + "[" + Twine(site.index) + "] " +
                       (site.by > 0 ? "+1" : "-1"))
                          .str(),
                      sameKernel(before, op, ranges, site)};
  }
  before->destroy();
  return mutant;
}
