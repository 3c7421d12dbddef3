//===- RegionBuilder.cpp - One step's ops become cores --------------------===//

#include "Builder.h"

using namespace mlir;
using namespace finngl;

Type finngl::stepType(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return RankedTensorType::get({type.getShape().back()}, type.getElementType());
}

ChannelRanges RegionBuilder::rangesOf(Value finnValue) {
  if (auto found = ranges.find(finnValue); found != ranges.end())
    return found->second;
  return {finn::rangeOf(df::elementType(finnValue))};
}

SmallVector<int64_t> RegionBuilder::offsetOf(Value finnValue) {
  if (auto found = pendingOffset.find(finnValue); found != pendingOffset.end())
    return found->second;
  return {0};
}

Value RegionBuilder::materialise(Value finnValue) {
  SmallVector<int64_t> offset = offsetOf(finnValue);
  Value value = map.lookup(finnValue);
  if (llvm::all_of(offset, [](int64_t v) { return v == 0; }))
    return value;
  auto core = builder.create<df::LincombOp>(
      value.getLoc(), stepType(finnValue), value, ArrayRef<int64_t>{1}, offset);
  map.map(finnValue, core.getResult());
  pendingOffset.erase(finnValue);
  return core.getResult();
}

/// The sum is taken over by the clamp that is its only user.
static bool isFusedIntoClamp(finn::LincombOp op) {
  if (!op->hasOneUse() || op.getInputs().size() > 4)
    return false;
  auto requant = dyn_cast<finn::RequantOp>(*op->user_begin());
  return requant && int64_t(requant.getP()) == 1 && requant.getK() == 0 &&
         !requant.getSplit() &&
         llvm::all_of(requant.getW(), [](int64_t w) { return w == 0; });
}

/// What finngl_lincomb has parameters for.
static LogicalResult checkCoefficients(finn::LincombOp sum) {
  constexpr int64_t kMost = int64_t(1) << 47;
  for (int64_t c : sum.getCoefficients())
    if (c < -kMost || c >= kMost)
      return sum.emitError("sum with the coefficient ")
                 .append(c, "; supported are up to 48 bits")
                 .attachNote()
             << "quantise the parts of the sum to one scale, or to scales "
                "whose "
                "ratio is a power of two";
  return success();
}

LogicalResult RegionBuilder::convertLincomb(Operation *op) {
  auto sum = cast<finn::LincombOp>(op);
  if (map.contains(sum.getResult()))
    return success(); // a row block of the MVU
  if (failed(checkCoefficients(sum)))
    return failure();
  if (isFusedIntoClamp(sum)) {
    for (Value v : sum.getInputs())
      materialise(v);
    return success();
  }
  if (sum.getInputs().size() > 4)
    return op->emitError() << "sum of " << sum.getInputs().size()
                           << " terms; supported are up to 4";
  SmallVector<Value> inputs;
  for (Value v : sum.getInputs())
    inputs.push_back(materialise(v));
  auto core = builder.create<df::LincombOp>(
      op->getLoc(), stepType(sum.getResult()), inputs, sum.getCoefficients(),
      sum.getOffset());
  map.map(sum.getResult(), core.getResult());
  noteSumRange(sum);
  return success();
}

void RegionBuilder::noteSumRange(finn::LincombOp sum) {
  ChannelRanges total;
  size_t channels =
      std::max(sum.getOffset().size(), sum.coefficientsOf(0).size());
  for (Value v : sum.getInputs())
    channels = std::max<size_t>(channels, rangesOf(v).size());
  for (size_t c = 0; c < channels; ++c) {
    int64_t lo = df::at(sum.getOffset(), c), hi = lo;
    for (auto [i, v] : llvm::enumerate(sum.getInputs())) {
      ChannelRanges part = rangesOf(v);
      auto [a, b] = part.size() == 1 ? part[0] : part[c];
      int64_t k = df::at(sum.coefficientsOf(i), c);
      lo += std::min(k * a, k * b);
      hi += std::max(k * a, k * b);
    }
    total.push_back({lo, hi});
  }
  ranges[sum.getResult()] = total;
}

LogicalResult RegionBuilder::convertOp(Operation *op) {
  if (isa<finn::MatMulOp>(op))
    return success(); // in the MVU
  if (isa<finn::LincombOp>(op))
    return convertLincomb(op);
  if (isa<finn::RequantOp, finn::MultiThresholdOp>(op))
    return convertThresholds(op);
  if (isa<finn::TableOp>(op))
    return convertTable(op);
  if (auto product = dyn_cast<finn::MulOp>(op)) {
    Value lhs = materialise(product.getLhs()),
          rhs = materialise(product.getRhs());
    auto core = builder.create<df::MulOp>(
        op->getLoc(), stepType(product.getResult()), lhs, rhs,
        builder.getStringAttr("dsp"), IntegerAttr());
    map.map(product.getResult(), core.getResult());
    return success();
  }
  return op->emitError() << "'" << op->getName().getStringRef()
                         << "' has no hardware core yet";
}

int64_t RegionBuilder::planStages(ArrayRef<Operation *> ops) {
  int64_t last = 0;
  for (Operation *op : ops) {
    int64_t stage = 0;
    for (Value operand : op->getOperands())
      if (auto def = stageOf.find(operand.getDefiningOp());
          operand.getDefiningOp() && def != stageOf.end())
        stage = std::max(stage, def->second + int64_t(isa<finn::MatMulOp>(op)));
    stageOf[op] = stage;
    last = std::max(last, stage);
  }
  return last;
}

LogicalResult RegionBuilder::convert(ArrayRef<Operation *> ops,
                                     ArrayRef<Value> inputs,
                                     ArrayRef<Value> states) {
  int64_t last = planStages(ops);
  findRowBlocks(ops);
  for (int64_t stage = 0; stage <= last; ++stage) {
    if (failed(buildMvus(stage, inputs, states)))
      return failure();
    for (Operation *op : ops)
      if (stageOf[op] == stage && failed(convertOp(op)))
        return failure();
  }
  return success();
}
