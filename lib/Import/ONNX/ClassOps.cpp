//===- ClassOps.cpp - Decisions between classes ---------------------------===//

#include "Binder.h"

using namespace mlir;

namespace finngl::import {

static LogicalResult importArgMax(NodeBinder &b) {
  llvm::SmallVector<int64_t> shape = b.shape(0);
  int64_t axis = 0, keepDims = 1, selectLast = 0;
  Value x;
  if (failed(b.attribute("axis", axis)) ||
      failed(b.attribute("keepdims", keepDims)) ||
      failed(b.attribute("select_last_index", selectLast)) ||
      failed(b.normaliseAxis(axis, int64_t(shape.size()))) ||
      failed(b.floatValue(0, x)))
    return failure();
  shape[size_t(axis)] = 1;
  Value position =
      b.create<qonnx::ArgMaxOp>(b.floatType(shape), x, axis, selectLast != 0);
  if (!keepDims) {
    shape.erase(shape.begin() + axis);
    position = b.create<qonnx::ReshapeOp>(b.floatType(shape), position);
  }
  b.result(0, position);
  return success();
}

llvm::ArrayRef<HandlerEntry> classHandlers() {
  static const HandlerEntry table[] = {
      {"ArgMax", 1, 1, 1, importArgMax},
  };
  return table;
}

} // namespace finngl::import
