//===- MatrixVector.cpp - The matrix products of a step in few MVUs -------===//
//
//   %a = finn.matmul %x, W   %b = finn.matmul %h, U   %s = lincomb %a, %b [1,
//   1] becomes one row block [W U] over concat(x, h); each further sum or
//   product is another block. Row r = u * NB + b belongs to unit u of block b
//   (ADR 0001). Where %a and %b are quantised together with unrelated scales
//   they are two blocks; the MVU is then split and they share one row: W in its
//   first columns, U in the others.
//
//   A product of a value that is computed in the same step (U (r*h) of a GRU)
//   belongs to the MVU of a later stage; a sum over both is added up behind it.
//
//===----------------------------------------------------------------------===//

#include "Builder.h"
#include "finngl/Support/IntElements.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace finngl;

bool finngl::isProductSum(finn::LincombOp op) {
  return llvm::all_of(op.getCoefficients(), [](int64_t c) { return c == 1; }) &&
         llvm::all_of(op.getInputs(), [](Value v) {
           return v.getDefiningOp<finn::MatMulOp>() && v.hasOneUse();
         });
}

void RegionBuilder::findRowBlocks(ArrayRef<Operation *> ops) {
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
}

namespace {
/// The products of one block that an MVU sums, all of one stage.
struct BlockRow {
  Value result;
  SmallVector<finn::MatMulOp> products;
  bool whole; ///< they are all of the block's products
};

/// The products of one block that one part of the MVU sums.
struct PartRow {
  size_t block;
  SmallVector<finn::MatMulOp> products;
  ChannelRanges ranges = {};
};

/// Columns in order, and for each part (one, or inputs and states apart) the
/// rows of a unit.
struct Layout {
  llvm::MapVector<Value, int64_t> columnOf;
  int64_t columns = 0, units = 0, split = 0;
  SmallVector<SmallVector<PartRow>> parts;

  size_t rowBlocks() const {
    size_t most = 0;
    for (const auto &part : parts)
      most = std::max(most, part.size());
    return most;
  }
};
} // namespace

/// Products of one block with operands among `operands`, as a part's row.
static void addRows(ArrayRef<BlockRow> blocks, ArrayRef<Value> operands,
                    SmallVector<PartRow> &rows) {
  for (auto [b, block] : llvm::enumerate(blocks)) {
    PartRow row{b, {}};
    for (finn::MatMulOp product : block.products)
      if (llvm::is_contained(operands, product.getInput()))
        row.products.push_back(product);
    if (!row.products.empty())
      rows.push_back(std::move(row));
  }
}

/// Inputs first, then states. Two parts if that makes fewer rows: a sum over
/// inputs only and one over states only share a row.
static Layout layOut(ArrayRef<BlockRow> blocks, ArrayRef<Value> inputs,
                     ArrayRef<Value> states) {
  Layout layout;
  layout.units = df::vectorSize(blocks[0].result);
  auto addColumns = [&](ArrayRef<Value> operands) {
    for (Value operand : operands)
      for (const BlockRow &block : blocks)
        for (finn::MatMulOp product : block.products)
          if (product.getInput() == operand &&
              layout.columnOf.insert({operand, layout.columns}).second)
            layout.columns += df::vectorSize(operand);
  };
  addColumns(inputs);
  int64_t inputColumns = layout.columns;
  addColumns(states);
  SmallVector<PartRow> ofInputs, ofStates;
  addRows(blocks, inputs, ofInputs);
  addRows(blocks, states, ofStates);
  if (std::max(ofInputs.size(), ofStates.size()) < blocks.size()) {
    layout.split = inputColumns;
    layout.parts = {ofInputs, ofStates};
  } else {
    SmallVector<Value> all(inputs);
    all.append(states.begin(), states.end());
    layout.parts.resize(1);
    addRows(blocks, all, layout.parts[0]);
  }
  return layout;
}

/// Fills a part's row into the weights and proves its channels' ranges.
static void placeRow(const Layout &layout, size_t position, PartRow &row,
                     std::vector<int64_t> &weights) {
  int64_t blocks = layout.rowBlocks();
  row.ranges.assign(layout.units, {0, 0});
  for (finn::MatMulOp product : row.products) {
    std::vector<int64_t> w = intElements(product.getWeights());
    int64_t first = layout.columnOf.find(product.getInput())->second;
    int64_t width = df::vectorSize(product.getInput());
    auto [xLo, xHi] = finn::rangeOf(df::elementType(product.getInput()));
    for (int64_t u = 0; u < layout.units; ++u)
      for (int64_t c = 0; c < width; ++c) {
        int64_t weight = w[u * width + c];
        weights[(u * blocks + position) * layout.columns + first + c] += weight;
        row.ranges[u].first += std::min(weight * xLo, weight * xHi);
        row.ranges[u].second += std::max(weight * xLo, weight * xHi);
      }
  }
}

static std::pair<int64_t, int64_t>
hull(ArrayRef<std::pair<int64_t, int64_t>> ranges, int64_t lo, int64_t hi) {
  for (auto [a, b] : ranges) {
    lo = std::min(lo, a);
    hi = std::max(hi, b);
  }
  return {lo, hi};
}

/// The smallest type of the sums, or the finn value's where a part's row is all
/// of it and nothing is to be added.
static Type rowType(const PartRow &row, const BlockRow &block) {
  auto type = cast<RankedTensorType>(stepType(block.result));
  auto sum = block.result.getDefiningOp<finn::LincombOp>();
  bool whole = block.whole && row.products.size() == block.products.size();
  if (whole &&
      (!sum || llvm::all_of(sum.getOffset(), [](int64_t v) { return v == 0; })))
    return type;
  auto [lo, hi] = hull(row.ranges, -1, 0);
  return type.clone(finn::typeForRange(type.getContext(), lo, hi));
}

/// The MVU takes signed weights.
static IntegerType weightType(MLIRContext *context, ArrayRef<int64_t> weights) {
  int64_t lo = -1, hi = 0;
  for (int64_t w : weights) {
    lo = std::min(lo, w);
    hi = std::max(hi, w);
  }
  return IntegerType::get(context,
                          finn::typeForRange(context, lo, hi).getWidth(),
                          IntegerType::Signed);
}

LogicalResult RegionBuilder::mapBlock(RowBlock &block) {
  Value result = block.result, value = block.parts[0];
  ChannelRanges total = block.partRanges[0];
  for (const ChannelRanges &part : ArrayRef(block.partRanges).drop_front())
    for (auto [sum, more] : llvm::zip(total, part)) {
      sum.first += more.first;
      sum.second += more.second;
    }
  if (size_t parts = block.parts.size(); parts > 1) {
    if (parts > 4)
      return result.getDefiningOp()->emitError()
             << "sum of products that become ready at " << parts
             << " different times; supported are up to 4";
    auto [lo, hi] = hull(total, -1, 0);
    auto type = cast<RankedTensorType>(value.getType());
    value = builder.create<df::LincombOp>(
        result.getLoc(),
        type.clone(finn::typeForRange(type.getContext(), lo, hi)), block.parts,
        SmallVector<int64_t>(parts, 1), ArrayRef<int64_t>{0});
  }
  map.map(result, value);
  ranges[result] = total;
  if (auto sum = result.getDefiningOp<finn::LincombOp>())
    pendingOffset[result].assign(sum.getOffset().begin(),
                                 sum.getOffset().end());
  return success();
}

LogicalResult RegionBuilder::buildMvus(int64_t stage, ArrayRef<Value> inputs,
                                       ArrayRef<Value> states) {
  llvm::MapVector<int64_t, SmallVector<RowBlock *>> byLength;
  for (RowBlock &block : blocks)
    if (llvm::any_of(block.products, [&](finn::MatMulOp product) {
          return stageOf[product] == stage;
        }))
      byLength[df::vectorSize(block.result)].push_back(&block);
  for (auto &[length, rows] : byLength)
    if (failed(buildMvu(stage, rows, inputs, states)))
      return failure();
  return success();
}

LogicalResult RegionBuilder::buildMvu(int64_t stage, ArrayRef<RowBlock *> rows,
                                      ArrayRef<Value> inputs,
                                      ArrayRef<Value> states) {
  SmallVector<BlockRow> wanted;
  SetVector<Value> computed;
  for (RowBlock *block : rows) {
    BlockRow &row = wanted.emplace_back(BlockRow{block->result, {}, true});
    for (finn::MatMulOp product : block->products)
      if (stageOf[product] == stage) {
        row.products.push_back(product);
        computed.insert(product.getInput());
      }
    row.whole = row.products.size() == block->products.size();
  }
  Layout layout = stage ? layOut(wanted, computed.getArrayRef(), {})
                        : layOut(wanted, inputs, states);
  int64_t rowBlocks = layout.rowBlocks(), units = layout.units;
  std::vector<int64_t> weights(rowBlocks * units * layout.columns, 0);
  SmallVector<Type> types;
  SmallVector<Location> locations;
  for (auto &part : layout.parts) {
    for (auto [k, row] : llvm::enumerate(part)) {
      placeRow(layout, k, row, weights);
      types.push_back(rowType(row, wanted[row.block]));
    }
    // A part with fewer rows computes zeros in the others.
    for (int64_t k = part.size(); k < rowBlocks; ++k)
      types.push_back(RankedTensorType::get(
          {units}, finn::typeForRange(builder.getContext(), -1, 0)));
  }
  SmallVector<Value> operands;
  for (auto &[operand, column] : layout.columnOf) {
    auto copy = copies.find({operand, units});
    operands.push_back(copy == copies.end() ? materialise(operand)
                                            : copy->second);
  }
  for (const BlockRow &row : wanted)
    locations.push_back(row.result.getLoc());
  auto mvu = builder.create<df::MvuOp>(
      builder.getFusedLoc(locations), types, operands,
      denseInts(
          RankedTensorType::get({rowBlocks * units, layout.columns},
                                weightType(builder.getContext(), weights)),
          weights),
      builder.getStringAttr("lut"), IntegerAttr(),
      layout.split ? builder.getI64IntegerAttr(layout.split) : IntegerAttr());
  for (auto [p, part] : llvm::enumerate(layout.parts))
    for (auto [k, row] : llvm::enumerate(part)) {
      RowBlock &block = *rows[row.block];
      block.parts.push_back(mvu.getBlocks()[p * rowBlocks + k]);
      block.partRanges.push_back(row.ranges);
      block.made += row.products.size();
    }
  for (RowBlock *block : rows)
    if (block->made == block->products.size() && failed(mapBlock(*block)))
      return failure();
  return success();
}
