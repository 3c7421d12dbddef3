//===- StreamCost.h - What costs of elastic modules share -------*- C++ -*-===//

#ifndef FINNGL_LIB_DIALECT_DATAFLOW_IR_STREAMCOST_H
#define FINNGL_LIB_DIALECT_DATAFLOW_IR_STREAMCOST_H

#include "finngl/Dialect/Dataflow/IR/Dataflow.h"

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

} // namespace finngl::df

#endif // FINNGL_LIB_DIALECT_DATAFLOW_IR_STREAMCOST_H
