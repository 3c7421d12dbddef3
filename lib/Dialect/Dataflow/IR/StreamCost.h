//===- StreamCost.h - What costs of elastic modules share -------*- C++ -*-===//

#ifndef FINNGL_LIB_DIALECT_DATAFLOW_IR_STREAMCOST_H
#define FINNGL_LIB_DIALECT_DATAFLOW_IR_STREAMCOST_H

#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include <numeric>

namespace finngl::df {

inline int64_t widthOf(mlir::Value v) { return elementType(v).getWidth(); }

/// Beats of a step, or of a position of an image.
inline int64_t beatsOf(mlir::Value v, int64_t lanes) {
  return vectorSize(v) / lanes;
}

inline int64_t log2Ceil(int64_t n) {
  return n > 1 ? int64_t(llvm::Log2_64_Ceil(uint64_t(n))) : 1;
}

/// A ring in distributed RAM and the register behind it.
inline Resources ringOf(int64_t bits, int64_t words) {
  return {.lut = 8 * ((bits + 6) / 7) * ((words + 63) / 64) +
                 (words > 64 ? bits * ((words - 1) / 64) : 0),
          .ff = bits};
}

/// Part of a position's channels, or those of several rows of a kernel of one
/// column.
inline int64_t windowLanes(int64_t channels, int64_t kernelRows,
                           int64_t kernelColumns, int64_t wanted) {
  int64_t lanes = std::gcd(channels, wanted);
  if (lanes < channels || kernelColumns > 1)
    return lanes;
  return channels * std::gcd(kernelRows, wanted / channels);
}

/// finngl_row_ring: `rows` rows of `rowWords` words of so many bits, in one
/// ring; for several taps side by side each row in a memory of its own, and
/// every tap chosen from them, or padding.
inline Resources rowRing(int64_t rows, int64_t rowWords, int64_t bits,
                         int64_t taps) {
  if (taps == 1)
    return ringOf(bits, rows * rowWords);
  Resources row =
      rowWords > 1 ? ringOf(bits, rowWords) : Resources{.ff = 2 * bits};
  int64_t choice = rows > 3 ? (rows + 1) / 2 : 1; // LUTs of a bit
  return rows * row + Resources{.lut = taps * bits * choice};
}

} // namespace finngl::df

#endif // FINNGL_LIB_DIALECT_DATAFLOW_IR_STREAMCOST_H
