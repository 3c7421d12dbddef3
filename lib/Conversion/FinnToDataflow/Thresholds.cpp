//===- Thresholds.cpp - Step functions become cores -----------------------===//
//
// finn.requant, finn.multi_threshold and a table behind them are step functions
// of an integer. One core implements any of them: the segment table. Where it
// would be large, or on request, a requant stays a multiplier with a shift.
//
//===----------------------------------------------------------------------===//

#include "Builder.h"
#include "finngl/Core/Requant.h"
#include "finngl/Core/SegmentTable.h"
#include "finngl/Support/IntElements.h"

using namespace mlir;
using namespace finngl;

static constexpr unsigned kMaxTableBits = 12; ///< of a dataflow.table's input

Operation *finngl::onlyTableUser(Value value) {
  if (!value.hasOneUse())
    return nullptr;
  return dyn_cast<finn::TableOp>(*value.user_begin());
}

/// The table's values for every code of [lo, hi]; codes that the table does
/// not list never occur, its nearest entry stands in.
static std::vector<int64_t> extendTable(finn::TableOp table, int64_t lo,
                                        int64_t hi) {
  ArrayRef<int64_t> values = table.getValues();
  int64_t first = table.getFirst(), size = values.size();
  std::vector<int64_t> out;
  for (int64_t code = lo; code <= hi; ++code)
    out.push_back(values[std::clamp<int64_t>(code - first, 0, size - 1)]);
  return out;
}

static StepFunction thresholdSteps(finn::MultiThresholdOp op,
                                   ArrayRef<int64_t> all, int64_t channel,
                                   int64_t offset, int64_t aMin, int64_t aMax) {
  auto type = op.getThresholds().getShapedType();
  int64_t count = type.getDimSize(1);
  int64_t row = type.getDimSize(0) == 1 ? 0 : channel;
  StepFunction f{aMin, aMax, int64_t(op.getBias()), {}};
  for (int64_t j = 0; j < count; ++j) {
    int64_t t = all[row * count + j] - offset;
    int64_t value = int64_t(op.getBias()) + j + 1;
    if (t <= aMin)
      f.first = value;
    else if (t <= aMax)
      f.append(t, value);
  }
  return f;
}

std::vector<StepFunction> RegionBuilder::stepFunctions(Operation *op) {
  Value input = op->getOperand(0);
  ChannelRanges inputRanges = rangesOf(input);
  SmallVector<int64_t> offset = offsetOf(input);
  size_t channels = std::max(inputRanges.size(), offset.size());
  std::vector<int64_t> thresholds;
  Requant requant;
  if (auto multi = dyn_cast<finn::MultiThresholdOp>(op)) {
    thresholds = intElements(multi.getThresholds());
    channels = std::max<size_t>(
        channels, multi.getThresholds().getShapedType().getDimSize(0));
  } else {
    requant = finn::toRequant(cast<finn::RequantOp>(op));
    channels = std::max({channels, requant.c.size(), requant.w.size()});
  }
  std::vector<StepFunction> functions;
  for (size_t ch = 0; ch < channels; ++ch) {
    auto [lo, hi] = inputRanges.size() == 1 ? inputRanges[0] : inputRanges[ch];
    int64_t add = df::at(offset, ch);
    if (auto multi = dyn_cast<finn::MultiThresholdOp>(op)) {
      functions.push_back(thresholdSteps(multi, thresholds, ch, add, lo, hi));
      continue;
    }
    StepFunction f = stepFunction(requant, ch, lo + add, hi + add);
    f.aMin -= add;
    f.aMax -= add;
    for (Step &step : f.steps)
      step.at -= add;
    functions.push_back(std::move(f));
  }
  return functions;
}

/// `clamp(in + c)` needs no table.
bool RegionBuilder::tryClamp(Operation *op) {
  auto requant = dyn_cast<finn::RequantOp>(op);
  if (!requant || int64_t(requant.getP()) != 1 || requant.getK() != 0 ||
      requant.getSplit() ||
      llvm::any_of(requant.getW(), [](int64_t w) { return w != 0; }))
    return false;
  SmallVector<Value> inputs{requant.getInput()};
  SmallVector<int64_t> coefficients{1}, offset = offsetOf(requant.getInput());
  // A sum in front, used here only, is the same adder.
  auto sum = requant.getInput().getDefiningOp<finn::LincombOp>();
  if (sum && sum->hasOneUse() && !ranges.count(sum.getResult()) &&
      sum.getInputs().size() <= 4) {
    inputs.assign(sum.getInputs().begin(), sum.getInputs().end());
    coefficients.assign(sum.getCoefficients().begin(),
                        sum.getCoefficients().end());
    offset.assign(sum.getOffset().begin(), sum.getOffset().end());
  }
  size_t channels = std::max(offset.size(), requant.getC().size());
  SmallVector<int64_t> total;
  for (size_t ch = 0; ch < channels; ++ch)
    total.push_back(df::at(offset, ch) + df::at(requant.getC(), ch));
  SmallVector<Value> mapped;
  for (Value v : inputs)
    mapped.push_back(map.lookup(v));
  auto core = builder.create<df::LincombOp>(
      op->getLoc(), stepType(requant.getResult()), mapped, coefficients, total);
  core.setLoAttr(requant.getLoAttr());
  core.setHiAttr(requant.getHiAttr());
  map.map(requant.getResult(), core.getResult());
  return true;
}

bool RegionBuilder::tryRequant(Operation *op) {
  auto requant = dyn_cast<finn::RequantOp>(op);
  if (!requant || requant.getSplit())
    return false;
  SmallVector<int64_t> offset = offsetOf(requant.getInput()), c;
  size_t channels = std::max(offset.size(), requant.getC().size());
  for (size_t ch = 0; ch < channels; ++ch)
    c.push_back(df::at(requant.getC(), ch) +
                int64_t(requant.getP()) * df::at(offset, ch));
  auto core = builder.create<df::RequantOp>(
      op->getLoc(), stepType(requant.getResult()),
      map.lookup(requant.getInput()), requant.getPAttr(), requant.getKAttr(),
      builder.getDenseI64ArrayAttr(c), requant.getWAttr(), requant.getLoAttr(),
      requant.getHiAttr(), builder.getStringAttr("dsp"), IntegerAttr());
  map.map(requant.getResult(), core.getResult());
  return true;
}

/// A table that is the only user moves into the functions. Returns the op whose
/// value they now are.
static Operation *composeTable(Operation *op,
                               std::vector<StepFunction> &functions) {
  auto table = cast_or_null<finn::TableOp>(onlyTableUser(op->getResult(0)));
  if (!table)
    return op;
  int64_t lo = 0, hi = 0;
  for (const StepFunction &f : functions) {
    lo = std::min(lo, f.first);
    hi = std::max(hi, f.first);
    for (const Step &step : f.steps) {
      lo = std::min(lo, step.value);
      hi = std::max(hi, step.value);
    }
  }
  std::vector<int64_t> values = extendTable(table, lo, hi);
  for (StepFunction &f : functions)
    f = compose(f, values, lo);
  return table;
}

bool RegionBuilder::trySegmentTable(Operation *op,
                                    ArrayRef<StepFunction> functions,
                                    Operation *last, unsigned maxIdxBits,
                                    unsigned maxFracBits) {
  std::optional<SegmentTable> found = solveSegmentTable(
      {functions.data(), functions.size()}, maxIdxBits, maxFracBits);
  if (!found)
    return false;
  SmallVector<int64_t> tau, low, high;
  for (const SegmentTable::Entry &entry : found->entries) {
    tau.push_back(entry.tau);
    low.push_back(entry.yLo);
    high.push_back(entry.yHi);
  }
  auto core = builder.create<df::SegmentTableOp>(
      builder.getFusedLoc({op->getLoc(), last->getLoc()}),
      stepType(last->getResult(0)), map.lookup(op->getOperand(0)),
      found->fracBits, found->segBits, found->idxBits,
      ArrayRef<int64_t>(found->start), tau, low, high, IntegerAttr());
  map.map(last->getResult(0), core.getResult());
  return true;
}

/// `factor * x + offset`, whose values lie in `range`.
Value RegionBuilder::affine(Location location, Value x, int64_t factor,
                            int64_t offset, std::pair<int64_t, int64_t> range) {
  auto type = cast<RankedTensorType>(x.getType());
  return builder.create<df::LincombOp>(
      location,
      type.clone(
          finn::typeForRange(type.getContext(), range.first, range.second)),
      x, ArrayRef<int64_t>{factor}, ArrayRef<int64_t>{offset});
}

/// Thresholds of each channel's own: where scales differ between channels the
/// lists are no shifts of one another. Functions that fall rise over -x.
bool RegionBuilder::tryThresholdSearch(Operation *op,
                                       ArrayRef<StepFunction> functions) {
  bool falls = !llvm::all_of(functions, isNonDecreasing);
  std::vector<StepFunction> rising(functions.begin(), functions.end());
  if (falls)
    llvm::transform(functions, rising.begin(), mirror);
  int64_t lo = rising[0].first, hi = rising[0].last();
  for (const StepFunction &f : rising) {
    lo = std::min(lo, f.first);
    hi = std::max(hi, f.last());
  }
  unsigned levels = std::max<unsigned>(1, llvm::Log2_64_Ceil(hi - lo + 1));
  if (levels > df::ThresholdSearchOp::kMaxLevels)
    return false;
  SmallVector<int64_t> all;
  int64_t count = (int64_t(1) << levels) - 1;
  for (const StepFunction &f : rising) {
    std::optional<std::vector<int64_t>> row = multiThresholds(f, lo, hi);
    if (!row)
      return false;
    row->resize(count, f.aMax + 1); // never reached
    all.append(row->begin(), row->end());
  }
  Value input = map.lookup(op->getOperand(0));
  if (falls) {
    auto [least, most] = finn::rangeOf(df::elementType(input));
    input = affine(op->getLoc(), input, -1, 0, {-most, -least});
  }
  auto core = builder.create<df::ThresholdSearchOp>(
      op->getLoc(), stepType(op->getResult(0)), input, all, levels, lo,
      IntegerAttr());
  map.map(op->getResult(0), core.getResult());
  return true;
}

LogicalResult RegionBuilder::convertThresholds(Operation *op) {
  if (tryClamp(op))
    return checkWidths(
        map.lookup(op->getResult(0)).getDefiningOp<df::LincombOp>());
  if (options.style == ThresholdStyle::Requant && tryRequant(op))
    return success();
  std::vector<StepFunction> plain = stepFunctions(op), composed = plain;
  Operation *last = composeTable(op, composed);
  if (trySegmentTable(op, composed, last, options.maxIdxBits,
                      /*maxFracBits=*/8) ||
      tryRequant(op) || tryThresholdSearch(op, plain) ||
      trySegmentTable(op, composed, last, /*maxIdxBits=*/14,
                      /*maxFracBits=*/16))
    return success();
  return op->emitError("a quantiser of more than 1,024 levels, or one that "
                       "falls and rises, that neither one multiplier nor one "
                       "table holds for all channels")
             .attachNote()
         << "use one scale for the tensor, or at most 10 bits";
}

LogicalResult RegionBuilder::convertTable(Operation *op) {
  auto table = cast<finn::TableOp>(op);
  if (map.contains(table.getResult()))
    return success(); // composed into the core in front
  Value input = materialise(table.getInput());
  int64_t first = 0, size = table.getValues().size();
  if (df::elementType(input).getWidth() > kMaxTableBits) {
    if (size > int64_t(1) << kMaxTableBits)
      return op->emitError()
                 .append("table of ", size, " codes; supported are up to ",
                         int64_t(1) << kMaxTableBits)
                 .attachNote()
             << "quantise its operand to fewer bits";
    // Far from zero, but few: counted from the first one.
    first = table.getFirst();
    input = affine(op->getLoc(), input, 1, -first, {0, size - 1});
  }
  IntegerType type = df::elementType(input);
  // Indexed by the code's bits as they are: negative codes come last.
  auto [lo, hi] = finn::rangeOf(type);
  std::vector<int64_t> values = extendTable(table, lo + first, hi + first),
                       rotated(values.size());
  for (int64_t code = lo; code <= hi; ++code)
    rotated[uint64_t(code) & (values.size() - 1)] = values[code - lo];
  auto core = builder.create<df::TableOp>(
      op->getLoc(), stepType(table.getResult()), input,
      builder.getDenseI64ArrayAttr(rotated), IntegerAttr());
  map.map(table.getResult(), core.getResult());
  return success();
}
