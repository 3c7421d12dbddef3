//===- MatrixVector.cpp - All matrix products of a step in one MVU --------===//
//
//   %a = finn.matmul %x, W   %b = finn.matmul %h, U   %s = lincomb %a, %b [1, 1]
//   becomes one row block [W U] over concat(x, h); each further sum or product is
//   another block. Row r = u * NB + b belongs to unit u of block b (ADR 0001).
//
//===----------------------------------------------------------------------===//

#include "Builder.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace finngl;

namespace {
/// One row block: the finn value that it makes and the products it sums.
struct RowBlock {
  Value result;
  SmallVector<finn::MatMulOp> products;
};
} // namespace

/// A sum of matrix products only, each used nowhere else.
static bool isProductSum(finn::LincombOp op) {
  return llvm::all_of(op.getCoefficients(), [](int64_t c) { return c == 1; }) &&
         llvm::all_of(op.getInputs(), [](Value v) {
           return v.getDefiningOp<finn::MatMulOp>() && v.hasOneUse();
         });
}

static SmallVector<RowBlock> findRowBlocks(ArrayRef<Operation *> ops) {
  SmallVector<RowBlock> blocks;
  SmallPtrSet<Operation *, 16> taken;
  for (Operation *op : ops)
    if (auto sum = dyn_cast<finn::LincombOp>(op); sum && isProductSum(sum)) {
      RowBlock block{sum.getResult(), {}};
      for (Value v : sum.getInputs()) {
        block.products.push_back(v.getDefiningOp<finn::MatMulOp>());
        taken.insert(v.getDefiningOp());
      }
      blocks.push_back(std::move(block));
    }
  for (Operation *op : ops)
    if (auto product = dyn_cast<finn::MatMulOp>(op);
        product && !taken.contains(op))
      blocks.push_back({product.getResult(), {product}});
  return blocks;
}

/// The finn type, or with a constant still to be added the type of the sum
/// without it.
static Type blockType(Value result, const ChannelRanges &ranges) {
  auto type = cast<RankedTensorType>(result.getType());
  auto sum = result.getDefiningOp<finn::LincombOp>();
  if (!sum || llvm::all_of(sum.getOffset(), [](int64_t v) { return v == 0; }))
    return type.clone({type.getShape().back()});
  int64_t lo = -1, hi = 0;
  for (auto [a, b] : ranges) {
    lo = std::min(lo, a);
    hi = std::max(hi, b);
  }
  return RankedTensorType::get({type.getShape().back()},
                               finn::typeForRange(result.getContext(), lo, hi));
}

LogicalResult RegionBuilder::buildMvu(ArrayRef<Operation *> ops,
                                      ArrayRef<Value> arguments) {
  SmallVector<RowBlock> blocks = findRowBlocks(ops);
  if (blocks.empty())
    return success();

  // Columns: the operands in the order of the arguments, which are inputs
  // first, then states.
  llvm::MapVector<Value, int64_t> columnOf;
  int64_t columns = 0, units = df::vectorSize(blocks[0].result);
  for (Value argument : arguments)
    for (RowBlock &block : blocks)
      for (finn::MatMulOp product : block.products)
        if (product.getInput() == argument &&
            columnOf.insert({argument, columns}).second)
          columns += df::vectorSize(argument);
  for (RowBlock &block : blocks) {
    for (finn::MatMulOp product : block.products)
      if (!columnOf.count(product.getInput()))
        return product.emitError(
                   "matrix product of a value that is computed within the same "
                   "step; supported are products of scan inputs and states")
                   .attachNote()
               << "a second pass in the loop is not available yet";
    if (df::vectorSize(block.result) != units)
      return block.products[0].emitError()
             << "matrix products of one step with " << units << " and "
             << df::vectorSize(block.result)
             << " rows; supported are equal numbers of rows";
  }

  int64_t count = blocks.size();
  std::vector<int64_t> weights(count * units * columns, 0);
  int64_t lo = 0, hi = 0;
  for (auto [b, block] : llvm::enumerate(blocks)) {
    ChannelRanges blockRanges(units, {0, 0});
    for (finn::MatMulOp product : block.products) {
      std::vector<int64_t> w = intElements(product.getWeights());
      int64_t first = columnOf[product.getInput()];
      int64_t width = df::vectorSize(product.getInput());
      auto [xLo, xHi] = finn::rangeOf(df::elementType(product.getInput()));
      for (int64_t u = 0; u < units; ++u)
        for (int64_t c = 0; c < width; ++c) {
          int64_t weight = w[u * width + c];
          weights[(u * count + b) * columns + first + c] += weight;
          blockRanges[u].first += std::min(weight * xLo, weight * xHi);
          blockRanges[u].second += std::max(weight * xLo, weight * xHi);
        }
    }
    ranges[block.result] = blockRanges;
  }
  for (int64_t w : weights) {
    lo = std::min(lo, w);
    hi = std::max(hi, w);
  }
  // The MVU takes signed weights.
  auto weightType = IntegerType::get(
      builder.getContext(),
      finn::typeForRange(builder.getContext(), std::min<int64_t>(lo, -1), hi)
          .getWidth(),
      IntegerType::Signed);

  SmallVector<Value> operands;
  for (auto &[argument, column] : columnOf)
    operands.push_back(map.lookup(argument));
  SmallVector<Type> types;
  SmallVector<Location> locations;
  for (RowBlock &block : blocks) {
    types.push_back(blockType(block.result, ranges[block.result]));
    locations.push_back(block.result.getLoc());
  }
  auto mvu = builder.create<df::MvuOp>(
      builder.getFusedLoc(locations), types, operands,
      denseInts(RankedTensorType::get({count * units, columns}, weightType),
                weights));
  for (auto [block, result] : llvm::zip(blocks, mvu.getBlocks())) {
    map.map(block.result, result);
    if (auto sum = block.result.getDefiningOp<finn::LincombOp>())
      pendingOffset[block.result].assign(sum.getOffset().begin(),
                                         sum.getOffset().end());
  }
  return success();
}
