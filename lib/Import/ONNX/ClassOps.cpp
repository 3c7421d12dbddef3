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

/// The `k` largest or smallest, in order (`sorted` = 0 leaves it open) and of
/// equal ones the first. The smallest are the largest of the negated input.
static LogicalResult topK(NodeBinder &b, int64_t k) {
  llvm::SmallVector<int64_t> shape = b.shape(0);
  int64_t axis = -1, largest = 1;
  Value x;
  if (failed(b.attribute("axis", axis)) ||
      failed(b.attribute("largest", largest)) ||
      failed(b.normaliseAxis(axis, int64_t(shape.size()))) ||
      failed(b.floatValue(0, x)))
    return failure();
  int64_t &extent = shape[size_t(axis)];
  if (k < 1 || k > extent)
    return b.error() << "expects K from 1 to the " << extent
                     << " elements along axis " << axis << ", got " << k;
  extent = k;
  auto turned = [&](Value v) -> Value {
    return largest ? v : b.create<qonnx::NegOp>(v.getType(), v);
  };
  RankedTensorType type = b.floatType(shape);
  Value ranked = turned(x);
  b.result(0, turned(b.create<qonnx::TopKOp>(type, ranked, axis)));
  b.result(1, b.create<qonnx::ArgMaxOp>(type, ranked, axis,
                                        /*selectLast=*/false));
  return success();
}

static LogicalResult importTopK(NodeBinder &b) {
  llvm::SmallVector<int64_t> k;
  if (failed(b.integers(1, "K", k)))
    return failure();
  if (k.size() != 1)
    return b.error() << "expects K as one integer, got " << k.size();
  return topK(b, k[0]);
}

static LogicalResult importTopKOfAttribute(NodeBinder &b) {
  int64_t k = 0;
  if (failed(b.attribute("k", k)))
    return failure();
  return topK(b, k);
}

static LogicalResult softmax(NodeBinder &b, int64_t axis, bool log) {
  Value x;
  if (failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<qonnx::SoftmaxOp>(x.getType(), x, axis, log));
  return success();
}

template <bool log> static LogicalResult importSoftmax(NodeBinder &b) {
  int64_t axis = -1;
  if (failed(b.attribute("axis", axis)) ||
      failed(b.normaliseAxis(axis, int64_t(b.shape(0).size()))))
    return failure();
  return softmax(b, axis, log);
}

/// Before opset 13 the sum is over all dimensions from the axis on.
template <bool log> static LogicalResult importFlatSoftmax(NodeBinder &b) {
  llvm::SmallVector<int64_t> shape = b.shape(0);
  int64_t axis = 1, rank = int64_t(shape.size());
  if (failed(b.attribute("axis", axis)) || failed(b.normaliseAxis(axis, rank)))
    return failure();
  int64_t only = axis;
  for (int64_t d = axis; d < rank; ++d)
    if (shape[size_t(d)] != 1) {
      if (shape[size_t(only)] != 1 && d != only)
        return b.error() << "expects one dimension from axis " << axis
                         << " on that is not 1, got " << printShape(shape);
      only = d;
    }
  return softmax(b, only, log);
}

llvm::ArrayRef<HandlerEntry> classHandlers() {
  static const HandlerEntry table[] = {
      {"ArgMax", 1, 1, 1, importArgMax},
      {"TopK", 1, 1, 1, importTopKOfAttribute},
      {"TopK", 10, 2, 2, importTopK},
      {"Softmax", 1, 1, 1, importFlatSoftmax<false>},
      {"Softmax", 13, 1, 1, importSoftmax<false>},
      {"LogSoftmax", 1, 1, 1, importFlatSoftmax<true>},
      {"LogSoftmax", 13, 1, 1, importSoftmax<true>},
  };
  return table;
}

} // namespace finngl::import
