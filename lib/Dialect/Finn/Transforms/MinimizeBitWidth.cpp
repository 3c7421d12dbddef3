//===- MinimizeBitWidth.cpp - The pass finn-minimize-bit-width ------------===//
//
// Every type becomes the smallest one that holds the proved range of its value;
// clamps, tables and thresholds lose what is never reached.
//
//===----------------------------------------------------------------------===//

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/TypeSwitch.h"

namespace finngl::finn {
#define GEN_PASS_DEF_MINIMIZEBITWIDTH
#include "finngl/Dialect/Finn/Transforms/Passes.h.inc"
} // namespace finngl::finn

using namespace mlir;
using namespace finngl;

static DenseElementsAttr minimised(MLIRContext *context, ElementsAttr attr,
                                   const std::vector<int64_t> &values,
                                   ArrayRef<int64_t> shape) {
  auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  auto type =
      RankedTensorType::get(shape, finn::typeForRange(context, *lo, *hi));
  return type == attr.getShapedType() ? cast<DenseElementsAttr>(attr)
                                      : denseInts(type, values);
}

//===----------------------------------------------------------------------===//
// What is never reached
//===----------------------------------------------------------------------===//

static void trim(finn::ConstantOp op, const RangeMap &) {
  op.setValueAttr(minimised(op.getContext(), op.getValue(),
                            intElements(op.getValue()),
                            op.getValue().getShapedType().getShape()));
}

static void trim(finn::MatMulOp op, const RangeMap &) {
  op.setWeightsAttr(minimised(op.getContext(), op.getWeights(),
                              intElements(op.getWeights()),
                              op.getWeights().getShapedType().getShape()));
}

static void trim(finn::RequantOp op, const RangeMap &map) {
  auto [lo, hi] = hull(map.at(op.getResult()));
  op.setLo(std::max<int64_t>(op.getLo(), lo));
  op.setHi(std::min<int64_t>(op.getHi(), hi));
}

static void trim(finn::TableOp op, const RangeMap &map) {
  auto [lo, hi] = hull(map.at(op.getInput()));
  SmallVector<int64_t> used(
      op.getValues().slice(lo - int64_t(op.getFirst()), hi - lo + 1));
  op.setValues(used);
  op.setFirst(lo);
}

/// Thresholds that every channel always reaches go into the bias; those that
/// none reaches go away. One stays, as the op asks for.
static void trim(finn::MultiThresholdOp op, const RangeMap &map) {
  auto [lo, hi] = hull(map.at(op.getResult()));
  auto type = op.getThresholds().getShapedType();
  int64_t rows = type.getDimSize(0), count = type.getDimSize(1);
  int64_t bias = op.getBias();
  int64_t first = std::min(lo - bias, count - 1);
  int64_t last = std::max(hi - bias, first + 1);
  std::vector<int64_t> all = intElements(op.getThresholds()), kept;
  for (int64_t r = 0; r < rows; ++r)
    kept.insert(kept.end(), all.begin() + r * count + first,
                all.begin() + r * count + last);
  op.setThresholdsAttr(minimised(op.getContext(), op.getThresholds(), kept,
                                 {rows, last - first}));
  op.setBias(bias + first);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The smallest type for the value's range; wider bounds that an op must keep
/// (one unreached threshold) widen it.
static void retype(Value value, Interval range) {
  auto type = cast<RankedTensorType>(value.getType());
  if (auto thresholds = value.getDefiningOp<finn::MultiThresholdOp>()) {
    int64_t bias = thresholds.getBias();
    int64_t count = thresholds.getThresholds().getShapedType().getDimSize(1);
    range = {std::min(range.first, bias), std::max(range.second, bias + count)};
  }
  value.setType(type.clone(
      finn::typeForRange(type.getContext(), range.first, range.second)));
}

static void minimise(Block &block, const RangeMap &map);

static void minimise(finn::ScanOp scan, const RangeMap &map) {
  Block &body = scan.getBody().front();
  unsigned states = scan.getStates().size();
  SmallVector<int64_t> ranges;
  for (BlockArgument argument : body.getArguments()) {
    Interval range = hull(map.at(argument));
    if (argument.getArgNumber() < states) {
      ranges.append({range.first, range.second});
      retype(argument, range);
      continue;
    }
    // The slice of the operand, whose type is settled by now.
    auto operand = cast<RankedTensorType>(
        scan.getInputs()[argument.getArgNumber() - states].getType());
    argument.setType(RankedTensorType::get(operand.getShape().drop_front(),
                                           operand.getElementType()));
  }
  scan.setStateRanges(ranges);
  minimise(body, map);
  matchStateTypes(body, states);
  for (auto [result, yielded] :
       llvm::zip(scan.getResults(), body.getTerminator()->getOperands()))
    result.setType(cast<RankedTensorType>(result.getType())
                       .clone(getElementTypeOrSelf(yielded)));
}

static void minimise(Block &block, const RangeMap &map) {
  for (Operation &op : block.without_terminator()) {
    if (auto scan = dyn_cast<finn::ScanOp>(op)) {
      minimise(scan, map);
      continue;
    }
    llvm::TypeSwitch<Operation *>(&op)
        .Case<finn::ConstantOp, finn::MatMulOp, finn::RequantOp, finn::TableOp,
              finn::MultiThresholdOp>([&](auto typed) { trim(typed, map); });
    if (!isa<finn::ConstantOp>(op))
      retype(op.getResult(0), hull(map.at(op.getResult(0))));
    else
      op.getResult(0).setType(
          cast<finn::ConstantOp>(op).getValue().getShapedType());
  }
}

namespace {
struct MinimizeBitWidthPass
    : finngl::finn::impl::MinimizeBitWidthBase<MinimizeBitWidthPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    RangeMap map;
    if (failed(inferFunction(function, map)))
      return signalPassFailure();
    Block &block = function.getBody().front();
    for (BlockArgument argument : block.getArguments())
      retype(argument, hull(map.at(argument)));
    minimise(block, map);
    function.setType(
        FunctionType::get(function.getContext(), block.getArgumentTypes(),
                          block.getTerminator()->getOperandTypes()));
  }
};
} // namespace
