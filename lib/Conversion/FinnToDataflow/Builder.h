//===- Builder.h - One region's body under construction ---------*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_FINNTODATAFLOW_BUILDER_H
#define FINNGL_LIB_CONVERSION_FINNTODATAFLOW_BUILDER_H

#include "finngl/Conversion/FinnToDataflow/FinnToDataflow.h"
#include "finngl/Core/StepFunction.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace finngl {

/// Inclusive ranges of one value's channels, 1 or C entries.
using ChannelRanges = llvm::SmallVector<std::pair<int64_t, int64_t>>;

/// Copies finn ops of one step into a region's body as cores.
class RegionBuilder {
public:
  RegionBuilder(mlir::OpBuilder &builder, const MappingOptions &options)
      : builder(builder), options(options) {}

  /// finn value -> value of the region's body. Set the arguments first.
  mlir::IRMapping map;
  /// A further argument with the same value for the MVU of so many units, where
  /// MVUs of several lengths read it; each has its own memory.
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> copies;

  /// Converts `ops` in order; their operands are arguments or results of ops
  /// before them. Inputs become the MVU's first columns, states its last.
  mlir::LogicalResult convert(llvm::ArrayRef<mlir::Operation *> ops,
                              llvm::ArrayRef<mlir::Value> inputs,
                              llvm::ArrayRef<mlir::Value> states);

  /// The region's value with everything that finn's value contains.
  mlir::Value materialise(mlir::Value finnValue);

private:
  mlir::OpBuilder &builder;
  const MappingOptions &options;
  /// Ranges of MVU blocks and sums of them, tighter than their type, from the
  /// actual weights.
  llvm::DenseMap<mlir::Value, ChannelRanges> ranges;
  /// Constant that a later core adds for a block (a bias on the grid).
  llvm::DenseMap<mlir::Value, llvm::SmallVector<int64_t>> pendingOffset;

  /// Stage of each op: products of arguments and what follows elementwise are
  /// stage 0, a product of a value of stage k is stage k + 1 (df::PassPlan).
  llvm::DenseMap<mlir::Operation *, int64_t> stageOf;
  /// A sum that is to be made of products, and those made so far.
  struct RowBlock {
    mlir::Value result;
    llvm::SmallVector<finn::MatMulOp> products;
    llvm::SmallVector<mlir::Value> parts = {};
    llvm::SmallVector<ChannelRanges> partRanges = {};
    size_t made = 0; ///< products in `parts`
  };
  std::vector<RowBlock> blocks;

  int64_t planStages(llvm::ArrayRef<mlir::Operation *> ops);
  void findRowBlocks(llvm::ArrayRef<mlir::Operation *> ops);
  /// One MVU for each length of the stage's products.
  mlir::LogicalResult buildMvus(int64_t stage,
                                llvm::ArrayRef<mlir::Value> inputs,
                                llvm::ArrayRef<mlir::Value> states);
  mlir::LogicalResult buildMvu(int64_t stage, llvm::ArrayRef<RowBlock *> rows,
                               llvm::ArrayRef<mlir::Value> inputs,
                               llvm::ArrayRef<mlir::Value> states);
  /// The finn value of a row block from its partial sums.
  mlir::LogicalResult mapBlock(RowBlock &block);
  mlir::LogicalResult convertOp(mlir::Operation *op);
  mlir::LogicalResult convertLincomb(mlir::Operation *op);
  void noteSumRange(finn::LincombOp sum);
  mlir::LogicalResult convertThresholds(mlir::Operation *op);
  mlir::LogicalResult convertTable(mlir::Operation *op);
  bool tryClamp(mlir::Operation *op);
  bool tryRequant(mlir::Operation *op);
  bool trySegmentTable(mlir::Operation *op,
                       llvm::ArrayRef<StepFunction> functions,
                       mlir::Operation *last, unsigned maxIdxBits,
                       unsigned maxFracBits);
  mlir::Value affine(mlir::Location location, mlir::Value x, int64_t factor,
                     int64_t offset, std::pair<int64_t, int64_t> range);
  bool tryThresholdSearch(mlir::Operation *op,
                          llvm::ArrayRef<StepFunction> functions);

  ChannelRanges rangesOf(mlir::Value finnValue);
  llvm::SmallVector<int64_t> offsetOf(mlir::Value finnValue);
  /// The op's function of its operand in the region, one per channel.
  std::vector<StepFunction> stepFunctions(mlir::Operation *op);
};

/// Type of one step of a value, `[n]`.
mlir::Type stepType(mlir::Value value);

/// Whether finngl_lincomb has parameters as wide; reports it if not.
mlir::LogicalResult checkWidths(df::LincombOp core);

/// A finn.table that is the only user of `value`, or null.
mlir::Operation *onlyTableUser(mlir::Value value);

/// A sum of matrix products only, each used nowhere else: rows of one MVU.
bool isProductSum(finn::LincombOp op);

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_FINNTODATAFLOW_BUILDER_H
