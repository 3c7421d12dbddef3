//===- LongerStream.h - A window's network for more samples -----*- C++ -*-===//

#ifndef FINNGL_DRIVER_LONGERSTREAM_H
#define FINNGL_DRIVER_LONGERSTREAM_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <vector>

namespace finngl::driver {

struct LongerStream {
  int64_t samples; ///< that the network takes now
  /// Of each output: elements that a row of time has; all, if it has no time.
  std::vector<int64_t> rowElements;
};

/// Makes the images and sequences of a finn function long enough for `samples`
/// samples: as many windows' strides more as that takes. Ports get the shapes
/// of their codes.
LongerStream lengthen(mlir::func::FuncOp main, int64_t samples);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_LONGERSTREAM_H
