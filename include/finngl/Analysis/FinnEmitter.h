//===- FinnEmitter.h - Finn ops of the smallest proved types ----*- C++ -*-===//

#ifndef FINNGL_ANALYSIS_FINNEMITTER_H
#define FINNGL_ANALYSIS_FINNEMITTER_H

#include "finngl/Analysis/ValueRange.h"
#include "finngl/Core/Requant.h"
#include "finngl/Core/Result.h"
#include "finngl/Support/Windows.h"
#include "mlir/IR/Builders.h"

namespace finngl {

/// An integer tensor `[n]` or `[T, n]` and the range of each channel.
struct IntValue {
  mlir::Value value;
  Ranges range;

  llvm::ArrayRef<int64_t> shape() const {
    return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
  }
  int64_t channels() const { return shape().back(); }
  Interval rangeAt(size_t channel) const {
    return range.size() == 1 ? range[0] : range[channel];
  }
};

/// Creates ops at its builder's insertion point with the location that is set;
/// a result gets the smallest type of its inferred range. Refuses what would
/// need more than 63 bits.
class FinnEmitter {
public:
  explicit FinnEmitter(mlir::OpBuilder &builder)
      : builder(builder), location(builder.getUnknownLoc()) {}

  void setLocation(mlir::Location at) { location = at; }
  mlir::Location getLocation() const { return location; }
  mlir::OpBuilder &getBuilder() { return builder; }

  /// A draft has ranges, but no weights, constants or tables: all that the
  /// search for state ranges needs. Its ops must be thrown away.
  void setDraft(bool value) { draft = value; }
  bool isDraft() const { return draft; }
  Result<IntValue> drafted(const IntValue &like, int64_t channels,
                           std::optional<Ranges> range);

  IntValue constant(llvm::ArrayRef<int64_t> values);
  /// `weights`: rows x channels of the input, row-major.
  Result<IntValue> matmul(const IntValue &input,
                          const std::vector<int64_t> &weights, int64_t rows);
  /// `product`, made by a matmul, with its rows times `factors`.
  Result<IntValue> rowsScaled(const IntValue &product,
                              llvm::ArrayRef<int64_t> factors);
  /// `coefficients`: [inputs, 1 or C], row-major; `offset`: 1 or C entries.
  Result<IntValue> lincomb(llvm::ArrayRef<IntValue> inputs,
                           llvm::ArrayRef<int64_t> coefficients,
                           llvm::ArrayRef<int64_t> offset);
  Result<IntValue> mul(const IntValue &lhs, const IntValue &rhs);
  Result<IntValue> requant(const IntValue &input, const Requant &requant);
  Result<IntValue> table(const IntValue &input, int64_t first,
                         llvm::ArrayRef<int64_t> values);
  /// `thresholds`: rows (1 or C) x count.
  Result<IntValue> multiThreshold(const IntValue &input,
                                  const std::vector<int64_t> &thresholds,
                                  int64_t rows, int64_t bias);

  /// `[rows, channels]` of as many elements.
  Result<IntValue> reshape(const IntValue &input, int64_t rows,
                           int64_t channels);
  /// Windows of an image whose positions are the input's rows; `padValue`: 1 or
  /// C entries. No op where each window is its rows one after the other.
  Result<IntValue> im2col(const IntValue &input, llvm::ArrayRef<int64_t> image,
                          const Window &window,
                          llvm::ArrayRef<int64_t> padValue);
  Result<IntValue> argMax(const IntValue &input, int64_t ranks,
                          bool selectLast);
  Result<IntValue> topK(const IntValue &input, int64_t ranks);
  Result<IntValue> maxPool(const IntValue &input, int64_t channels);
  /// The channels that are set change their sign: rows of the matrix product
  /// that makes the value, if one does.
  Result<IntValue> negateChannels(const IntValue &input,
                                  const std::vector<bool> &negative);

  /// The tensor type of `shape` whose element holds the ranges; null if none.
  mlir::RankedTensorType typeFor(llvm::ArrayRef<int64_t> shape,
                                 const Ranges &ranges) const;

private:
  /// Infers the range of an op that was made with a provisional type.
  Result<IntValue> settle(mlir::Operation *op,
                          llvm::ArrayRef<IntValue> operands);
  mlir::RankedTensorType provisional(llvm::ArrayRef<int64_t> shape,
                                     int64_t channels) const;

  mlir::OpBuilder &builder;
  mlir::Location location;
  bool draft = false;
};

} // namespace finngl

#endif // FINNGL_ANALYSIS_FINNEMITTER_H
