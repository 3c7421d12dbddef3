//===- FinnEmitter.cpp - Finn ops of the smallest proved types ------------===//

#include "finngl/Analysis/FinnEmitter.h"
#include "finngl/Support/IntElements.h"
#include <algorithm>

using namespace mlir;
using namespace finngl;

RankedTensorType FinnEmitter::typeFor(ArrayRef<int64_t> shape,
                                      const Ranges &ranges) const {
  auto [lo, hi] = hull(ranges);
  IntegerType element = finn::typeForRange(builder.getContext(), lo, hi);
  return element ? RankedTensorType::get(shape, element) : RankedTensorType();
}

RankedTensorType FinnEmitter::provisional(ArrayRef<int64_t> shape,
                                          int64_t channels) const {
  SmallVector<int64_t, 2> result(shape);
  result.back() = channels;
  return RankedTensorType::get(result, IntegerType::get(builder.getContext(),
                                                        finn::kMaxWidth,
                                                        IntegerType::Signed));
}

static Failure tooWide() {
  return {"a sum or product that needs more than " +
              std::to_string(finn::kMaxWidth) + " bits",
          "quantise its operands to fewer bits"};
}

Result<IntValue> FinnEmitter::drafted(const IntValue &like, int64_t channels,
                                      std::optional<Ranges> range) {
  SmallVector<int64_t, 2> shape(like.shape());
  shape.back() = channels;
  RankedTensorType type = range ? typeFor(shape, *range) : RankedTensorType();
  if (!type)
    return tooWide();
  auto op = builder.create<UnrealizedConversionCastOp>(
      location, TypeRange(type), mlir::ValueRange());
  return IntValue{op.getResult(0), std::move(*range)};
}

Result<IntValue> FinnEmitter::settle(Operation *op,
                                     ArrayRef<IntValue> operands) {
  RangeMap map;
  for (const IntValue &operand : operands)
    map[operand.value] = operand.range;
  std::optional<Ranges> range = inferRange(op, map);
  Value result = op->getResult(0);
  RankedTensorType type;
  if (range)
    type = typeFor(cast<RankedTensorType>(result.getType()).getShape(), *range);
  if (!type) {
    op->erase();
    return tooWide();
  }
  result.setType(type);
  return IntValue{result, std::move(*range)};
}

/// Smallest element type of constants.
static DenseElementsAttr denseAttr(MLIRContext *context,
                                   ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> values) {
  auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  return denseInts(
      RankedTensorType::get(shape, finn::typeForRange(context, *lo, *hi)),
      values);
}

IntValue FinnEmitter::constant(ArrayRef<int64_t> values) {
  auto attr = denseAttr(builder.getContext(), {int64_t(values.size())}, values);
  auto op = builder.create<finn::ConstantOp>(location, attr.getType(), attr);
  return {op, *inferRange(op, RangeMap())};
}

Result<IntValue> FinnEmitter::matmul(const IntValue &input,
                                     const std::vector<int64_t> &weights,
                                     int64_t rows) {
  if (draft)
    return drafted(input, rows, matmulRange(weights, rows, input.range));
  auto attr =
      denseAttr(builder.getContext(), {rows, input.channels()}, weights);
  auto op = builder.create<finn::MatMulOp>(
      location, provisional(input.shape(), rows), input.value, attr);
  return settle(op, input);
}

Result<IntValue> FinnEmitter::rowsScaled(const IntValue &product,
                                         ArrayRef<int64_t> factors) {
  Ranges range;
  bool fits = true;
  auto scaled = [&](int64_t value, int64_t factor) {
    fits &= !__builtin_mul_overflow(value, factor, &value);
    return value;
  };
  for (auto [row, factor] : llvm::enumerate(factors)) {
    auto [lo, hi] = product.rangeAt(row);
    range.push_back(std::minmax(scaled(lo, factor), scaled(hi, factor)));
  }
  if (draft)
    return drafted(product, product.channels(),
                   fits ? std::optional(range) : std::nullopt);
  auto op = product.value.getDefiningOp<finn::MatMulOp>();
  std::vector<int64_t> weights = intElements(op.getWeights());
  size_t columns = weights.size() / factors.size();
  for (auto [row, factor] : llvm::enumerate(factors))
    for (int64_t &weight :
         MutableArrayRef(weights).slice(row * columns, columns))
      weight = scaled(weight, factor);
  RankedTensorType type = fits ? typeFor(product.shape(), range) : nullptr;
  if (!type)
    return tooWide();
  auto attr = denseAttr(builder.getContext(),
                        {int64_t(factors.size()), int64_t(columns)}, weights);
  return IntValue{
      builder.create<finn::MatMulOp>(location, type, op.getInput(), attr),
      range};
}

Result<IntValue> FinnEmitter::lincomb(ArrayRef<IntValue> inputs,
                                      ArrayRef<int64_t> coefficients,
                                      ArrayRef<int64_t> offset) {
  SmallVector<Value, 4> operands;
  for (const IntValue &input : inputs)
    operands.push_back(input.value);
  size_t entries = coefficients.size() / inputs.size();
  SmallVector<int64_t, 4> uniform; // one an operand, where they are all alike
  for (size_t k = 0; k < inputs.size(); ++k)
    if (ArrayRef<int64_t> own = coefficients.slice(k * entries, entries);
        llvm::all_equal(own))
      uniform.push_back(own[0]);
  if (uniform.size() == inputs.size())
    coefficients = uniform;
  auto op = builder.create<finn::LincombOp>(
      location, provisional(inputs[0].shape(), inputs[0].channels()), operands,
      coefficients, offset);
  return settle(op, inputs);
}

Result<IntValue> FinnEmitter::mul(const IntValue &lhs, const IntValue &rhs) {
  auto op = builder.create<finn::MulOp>(
      location, provisional(lhs.shape(), lhs.channels()), lhs.value, rhs.value);
  return settle(op, {lhs, rhs});
}

Result<IntValue> FinnEmitter::requant(const IntValue &input, const Requant &r) {
  auto constants = [&](ArrayRef<int64_t> values) {
    // One entry where all channels agree.
    return builder.getDenseI64ArrayAttr(
        llvm::all_equal(values) ? values.take_front() : values);
  };
  auto i64 = [&](int64_t value) { return builder.getI64IntegerAttr(value); };
  DenseI64ArrayAttr split, high;
  if (r.split) {
    split = constants(r.split->at);
    high = constants(r.c);
  }
  auto op = builder.create<finn::RequantOp>(
      location, provisional(input.shape(), input.channels()), input.value,
      i64(r.p), i64(r.k), constants(r.split ? r.split->cBelow : r.c),
      constants(r.w), split, high, i64(r.lo), i64(r.hi));
  Result<IntValue> result = settle(op, input);
  if (result) {
    // Bounds that are never met are dropped, so that they fit the type.
    auto [lo, hi] = hull(result->range);
    op.setLo(std::max(r.lo, lo));
    op.setHi(std::min(r.hi, hi));
  }
  return result;
}

Result<IntValue> FinnEmitter::table(const IntValue &input, int64_t first,
                                    ArrayRef<int64_t> values) {
  auto op = builder.create<finn::TableOp>(
      location, provisional(input.shape(), input.channels()), input.value,
      builder.getI64IntegerAttr(first), builder.getDenseI64ArrayAttr(values));
  return settle(op, input);
}

Result<IntValue>
FinnEmitter::multiThreshold(const IntValue &input,
                            const std::vector<int64_t> &thresholds,
                            int64_t rows, int64_t bias) {
  int64_t all = int64_t(thresholds.size()) / rows;
  // Levels that no channel leaves or reaches are dropped as far as the others
  // need a smaller type.
  auto everyRow = [&](int64_t column, auto holds) {
    for (int64_t row = 0; row < rows; ++row) {
      auto range = rows == 1 ? hull(input.range)
                             : input.range[input.range.size() == 1 ? 0 : row];
      if (!holds(thresholds[row * all + column], range))
        return false;
    }
    return true;
  };
  int64_t first = 0, end = all;
  while (
      first < end &&
      everyRow(first, [](int64_t t, auto range) { return t <= range.first; }))
    ++first;
  while (end > first && everyRow(end - 1, [](int64_t t, auto range) {
           return t > range.second;
         }))
    --end;
  if (first < end) {
    auto [lo, hi] = finn::rangeOf(
        finn::typeForRange(builder.getContext(), bias + first, bias + end));
    first = std::max<int64_t>(0, lo - bias);
    end = std::min(all, hi - bias);
  }
  bias += first;
  if (first == end)
    return requant(input, {.p = 0,
                           .k = 0,
                           .c = {bias},
                           .w = {0},
                           .lo = bias,
                           .hi = bias,
                           .split = {}});
  std::vector<int64_t> kept;
  for (int64_t row = 0; row < rows; ++row)
    kept.insert(kept.end(), thresholds.begin() + row * all + first,
                thresholds.begin() + row * all + end);
  auto attr = denseAttr(builder.getContext(), {rows, end - first}, kept);
  auto op = builder.create<finn::MultiThresholdOp>(
      location, provisional(input.shape(), input.channels()), input.value, attr,
      builder.getI64IntegerAttr(bias));
  return settle(op, input);
}

//===----------------------------------------------------------------------===//
// Sliding windows
//===----------------------------------------------------------------------===//

Result<IntValue> FinnEmitter::reshape(const IntValue &input, int64_t rows,
                                      int64_t channels) {
  if (input.shape() == ArrayRef<int64_t>{rows, channels})
    return input;
  Type element = cast<RankedTensorType>(input.value.getType()).getElementType();
  Value source = input.value;
  if (auto before = source.getDefiningOp<finn::ReshapeOp>())
    source = before.getInput();
  auto op = builder.create<finn::ReshapeOp>(
      location, RankedTensorType::get({rows, channels}, element), source);
  // Old channels are new ones where old rows are parts of the new rows.
  Ranges range = {hull(input.range)};
  if (input.range.size() > 1 && channels % input.channels() == 0) {
    range.clear();
    for (int64_t c = 0; c < channels; ++c)
      range.push_back(input.range[c % input.channels()]);
  }
  return IntValue{op.getResult(), std::move(range)};
}

/// Elements stay where they are: windows side by side.
static bool isReshape(const WindowPlan &plan) {
  for (int64_t position = 0; position < plan.positions; ++position)
    for (int64_t tap = 0; tap < plan.taps; ++tap)
      if (plan.from[tap * plan.positions + position] !=
          position * plan.taps + tap)
        return false;
  return true;
}

Result<IntValue> FinnEmitter::im2col(const IntValue &input,
                                     ArrayRef<int64_t> image,
                                     const Window &window,
                                     ArrayRef<int64_t> padValue) {
  WindowPlan plan = planWindows(image, window);
  int64_t channels = plan.taps * input.channels();
  if (isReshape(plan) && plan.positions * plan.taps == elementCount(image))
    return reshape(input, plan.positions, channels);
  SmallVector<int64_t, 4> pads(window.padsBegin.begin(),
                               window.padsBegin.end());
  llvm::append_range(pads, window.padsEnd);
  auto op = builder.create<finn::Im2ColOp>(
      location, provisional({plan.positions, channels}, channels), input.value,
      image, window.kernel, window.strides, pads, window.dilations, padValue);
  return settle(op, input);
}

Result<IntValue> FinnEmitter::maxPool(const IntValue &input, int64_t channels) {
  auto op = builder.create<finn::MaxPoolOp>(
      location, provisional(input.shape(), channels), input.value);
  return settle(op, input);
}

Result<IntValue> FinnEmitter::argMax(const IntValue &input, int64_t ranks,
                                     bool selectLast) {
  if (draft)
    return drafted(input, ranks, Ranges{{0, input.channels() - 1}});
  auto op = builder.create<finn::ArgMaxOp>(
      location, provisional(input.shape(), ranks), input.value, selectLast);
  return settle(op, input);
}

Result<IntValue> FinnEmitter::topK(const IntValue &input, int64_t ranks) {
  auto op = builder.create<finn::TopKOp>(
      location, provisional(input.shape(), ranks), input.value);
  return settle(op, input);
}

Result<IntValue>
FinnEmitter::negateChannels(const IntValue &input,
                            const std::vector<bool> &negative) {
  int64_t n = input.channels();
  auto made = input.value.getDefiningOp<finn::MatMulOp>();
  if (!made) {
    SmallVector<int64_t> signs;
    for (bool isNegative : negative)
      signs.push_back(isNegative ? -1 : 1);
    return lincomb(input, signs, {0});
  }
  std::vector<int64_t> weights = intElements(made.getWeights());
  for (size_t i = 0; i < weights.size(); ++i)
    if (negative[i / (weights.size() / n)])
      weights[i] = -weights[i];
  Ranges range;
  for (int64_t c = 0; c < n; ++c) {
    auto [lo, hi] = input.range[input.range.size() == 1 ? 0 : c];
    range.push_back(negative[c] ? Interval{-hi, -lo} : Interval{lo, hi});
  }
  auto op = builder.create<finn::MatMulOp>(
      made.getLoc(), typeFor(input.shape(), range), made.getInput(),
      denseAttr(builder.getContext(),
                made.getWeights().getShapedType().getShape(), weights));
  return IntValue{op.getResult(), std::move(range)};
}
