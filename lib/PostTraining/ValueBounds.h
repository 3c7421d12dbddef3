//===- ValueBounds.h - What a value can be, whatever the data ---*- C++ -*-===//

#ifndef FINNGL_LIB_POSTTRAINING_VALUEBOUNDS_H
#define FINNGL_LIB_POSTTRAINING_VALUEBOUNDS_H

#include "mlir/IR/Value.h"

namespace finngl::ptq {

struct Bounds {
  double least, most; ///< may be infinite
};

/// Bounds that follow from the operators alone: sigmoid is in [0, 1], so one
/// minus a sigmoid is too.
Bounds boundsOf(mlir::Value value);

} // namespace finngl::ptq

#endif // FINNGL_LIB_POSTTRAINING_VALUEBOUNDS_H
