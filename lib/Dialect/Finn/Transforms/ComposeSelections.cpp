//===- ComposeSelections.cpp - The pass finn-compose-selections -----------===//
//
//   %s = lincomb (S a), (T b) [1, 1]    W %s  =>  (W S) a + (W T) b
//
// A concatenation or a choice of channels before a matrix product is a place of
// its columns: nothing is left of it.
//
//===----------------------------------------------------------------------===//

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Support/IntElements.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace finngl::finn {
#define GEN_PASS_DEF_COMPOSESELECTIONS
#include "finngl/Dialect/Finn/Transforms/Passes.h.inc"
} // namespace finngl::finn

using namespace mlir;
using namespace finngl;

/// Each row is one channel of the input, or none.
static bool isSelection(finn::MatMulOp op) {
  std::vector<int64_t> weights = intElements(op.getWeights());
  size_t columns = size_t(op.getWeights().getShapedType().getDimSize(1));
  for (auto row = weights.begin(); row != weights.end(); row += columns) {
    int64_t chosen = 0;
    for (size_t c = 0; c < columns; ++c) {
      if (row[c] != 0 && row[c] != 1)
        return false;
      chosen += row[c];
    }
    if (chosen > 1)
      return false;
  }
  return true;
}

/// The selections that a value is the sum of; none if it is something else.
static SmallVector<finn::MatMulOp> selectionsOf(Value value) {
  SmallVector<Value> parts{value};
  if (auto sum = value.getDefiningOp<finn::LincombOp>()) {
    auto is = [](ArrayRef<int64_t> all, int64_t wanted) {
      return llvm::all_of(all, [&](int64_t v) { return v == wanted; });
    };
    if (!is(sum.getCoefficients(), 1) || !is(sum.getOffset(), 0))
      return {};
    parts.assign(sum.getInputs().begin(), sum.getInputs().end());
  }
  SmallVector<finn::MatMulOp> selections;
  for (Value part : parts) {
    auto selection = part.getDefiningOp<finn::MatMulOp>();
    if (!selection || !isSelection(selection))
      return {};
    selections.push_back(selection);
  }
  return selections;
}

/// `outer` times the selection; nothing if a weight leaves 64 bits.
static std::optional<std::vector<int64_t>> composed(finn::MatMulOp outer,
                                                    finn::MatMulOp selection) {
  std::vector<int64_t> weights = intElements(outer.getWeights());
  std::vector<int64_t> chosen = intElements(selection.getWeights());
  auto type = selection.getWeights().getShapedType();
  int64_t inner = type.getDimSize(0), columns = type.getDimSize(1);
  int64_t rows = outer.getWeights().getShapedType().getDimSize(0);
  std::vector<int64_t> product(rows * columns, 0);
  for (int64_t k = 0; k < inner; ++k)
    for (int64_t c = 0; c < columns; ++c)
      for (int64_t r = 0; chosen[k * columns + c] && r < rows; ++r) {
        int64_t &sum = product[r * columns + c];
        if (__builtin_add_overflow(sum, weights[r * inner + k], &sum))
          return std::nullopt;
      }
  return product;
}

/// The smallest type of the product over all codes of the operand's type; null
/// if there is none.
static RankedTensorType productType(RankedTensorType result, Value operand,
                                    const std::vector<int64_t> &weights) {
  auto element = cast<IntegerType>(
      cast<RankedTensorType>(operand.getType()).getElementType());
  auto ranges = matmulRange(weights, size_t(result.getShape().back()),
                            Ranges{finn::rangeOf(element)});
  if (!ranges)
    return {};
  auto [lo, hi] = hull(*ranges);
  IntegerType type = finn::typeForRange(result.getContext(), lo, hi);
  return type ? RankedTensorType::get(result.getShape(), type)
              : RankedTensorType();
}

namespace {
struct ComposeSelections : OpRewritePattern<finn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(finn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    auto result = cast<RankedTensorType>(op.getType());
    struct Part {
      finn::MatMulOp selection;
      std::vector<int64_t> weights;
      RankedTensorType type;
    };
    std::vector<Part> parts;
    for (finn::MatMulOp selection : selectionsOf(op.getInput())) {
      auto weights = composed(op, selection);
      if (!weights)
        return failure();
      if (llvm::all_of(*weights, [](int64_t w) { return w == 0; }))
        continue;
      auto type = productType(result, selection.getInput(), *weights);
      if (!type)
        return failure();
      parts.push_back({selection, std::move(*weights), type});
    }
    if (parts.empty())
      return failure();
    SmallVector<Value> products;
    for (const Part &part : parts)
      products.push_back(product(op, part.selection, part.weights,
                                 parts.size() == 1 ? result : part.type,
                                 rewriter));
    if (products.size() == 1)
      rewriter.replaceOp(op, products[0]);
    else
      rewriter.replaceOpWithNewOp<finn::LincombOp>(
          op, result, products,
          rewriter.getDenseI64ArrayAttr(
              SmallVector<int64_t>(products.size(), 1)),
          rewriter.getDenseI64ArrayAttr({0}));
    return success();
  }

private:
  static Value product(finn::MatMulOp outer, finn::MatMulOp selection,
                       const std::vector<int64_t> &weights,
                       RankedTensorType type, PatternRewriter &rewriter) {
    auto [lo, hi] = std::minmax_element(weights.begin(), weights.end());
    auto matrix = RankedTensorType::get(
        {type.getShape().back(),
         selection.getWeights().getShapedType().getDimSize(1)},
        finn::typeForRange(rewriter.getContext(), *lo, *hi));
    return rewriter.create<finn::MatMulOp>(
        rewriter.getFusedLoc({outer.getLoc(), selection.getLoc()}), type,
        selection.getInput(), denseInts(matrix, weights));
  }
};
} // namespace

namespace {
struct Pass : finn::impl::ComposeSelectionsBase<Pass> {
  using ComposeSelectionsBase::ComposeSelectionsBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ComposeSelections>(&getContext());
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
