//===- ReduceOps.cpp - ReduceMean, ReduceSum, ReduceMax -------------------===//
//
// A reduction is a pool with one window over the reduced dimensions, so that a
// mean over time or over an image is what GlobalAveragePool is.
//
//===----------------------------------------------------------------------===//

#include "Binder.h"

using namespace mlir;

namespace finngl::import {

/// A float32 holds every count up to here, and no sensible set is larger.
static constexpr int64_t kLargest = 1 << 20;

namespace {
/// A reduction of `from` as a pool of [N, C, D...].
struct Reduction {
  /// The dimensions of the operand in the order that the pool wants.
  llvm::SmallVector<int64_t> order;
  /// The pool's operand and window; its result has 1 for each reduced
  /// dimension.
  llvm::SmallVector<int64_t> pooled, kernel;
  /// Of the node, with or without the reduced dimensions.
  llvm::SmallVector<int64_t> result;
  /// Elements of a reduced set.
  int64_t count = 1;
  bool none = false; // nothing is reduced
};
} // namespace

/// Marks the reduced dimensions of `from`: those of `axes`, or all.
static LogicalResult readReduced(NodeBinder &b, ArrayRef<int64_t> from,
                                 llvm::SmallVector<bool> &reduced) {
  bool given = false;
  int64_t noop = 0;
  llvm::SmallVector<int64_t> axes;
  if (failed(readAxes(b, given, axes)) ||
      failed(b.attribute("noop_with_empty_axes", noop)))
    return failure();
  reduced.assign(from.size(), axes.empty() && !noop);
  for (int64_t axis : axes) {
    if (failed(b.normaliseAxis(axis, int64_t(from.size()))))
      return failure();
    reduced[size_t(axis)] = true;
  }
  return success();
}

/// The first two dimensions that are kept are N and C; a single one is C. The
/// others stay in their order.
static LogicalResult planPool(NodeBinder &b, ArrayRef<int64_t> from,
                              ArrayRef<bool> reduced, Reduction &plan) {
  llvm::SmallVector<int64_t> kept, spatial;
  for (size_t d = 0; d < from.size(); ++d) {
    bool first = !reduced[d] && kept.size() < 2;
    (first ? kept : spatial).push_back(int64_t(d));
    if (reduced[d])
      plan.count *= from[d];
  }
  plan.pooled.assign(2 - kept.size(), 1);
  for (int64_t d : kept)
    plan.pooled.push_back(from[size_t(d)]);
  for (int64_t d : spatial) {
    plan.pooled.push_back(from[size_t(d)]);
    plan.kernel.push_back(reduced[size_t(d)] ? from[size_t(d)] : 1);
  }
  if (plan.count > kLargest)
    return b.error() << "expects at most " << kLargest
                     << " elements for each result, got " << plan.count;
  plan.order = kept;
  plan.order.append(spatial);
  if (spatial.size() <= 2)
    return success();
  if (llvm::count(reduced, false) > 2) {
    InFlightDiagnostic message =
        b.error() << "expects no more than two dimensions beside two that are "
                     "kept, got "
                  << printShape(from);
    message.attachNote() << "reshape the operand to fewer dimensions";
    return failure();
  }
  plan.pooled.resize(2);
  plan.pooled.push_back(plan.count);
  plan.kernel.assign(1, plan.count);
  return success();
}

static LogicalResult readReduction(NodeBinder &b, Reduction &plan) {
  llvm::SmallVector<int64_t> from = b.shape(0);
  llvm::SmallVector<bool> reduced;
  int64_t keep = 1;
  if (failed(readReduced(b, from, reduced)) ||
      failed(b.attribute("keepdims", keep)))
    return failure();
  plan.none = !llvm::is_contained(reduced, true);
  if (!plan.none && failed(planPool(b, from, reduced, plan)))
    return failure();
  for (size_t d = 0; d < from.size(); ++d)
    if (!reduced[d] || keep)
      plan.result.push_back(reduced[d] ? 1 : from[d]);
  return success();
}

/// `x` in another shape, in a value of the same elements in row-major order.
static Value reshaped(NodeBinder &b, Value x, ArrayRef<int64_t> shape) {
  RankedTensorType type = b.floatType(shape);
  if (!type || type == x.getType())
    return type ? x : Value();
  return b.create<qonnx::ReshapeOp>(type, x);
}

/// The operand with its dimensions as the pool wants them; null after an error.
static Value poolOperand(NodeBinder &b, const Reduction &plan) {
  Value x;
  if (failed(b.floatValue(0, x)))
    return {};
  if (!llvm::is_sorted(plan.order)) {
    llvm::SmallVector<int64_t> shape, from = b.shape(0);
    for (int64_t d : plan.order)
      shape.push_back(from[size_t(d)]);
    RankedTensorType type = b.floatType(shape);
    if (!type)
      return {};
    x = b.create<qonnx::TransposeOp>(type, x, plan.order);
  }
  return reshaped(b, x, plan.pooled);
}

template <typename OpTy, typename... Args>
static LogicalResult reduce(NodeBinder &b, bool sum, Args... args) {
  Reduction plan;
  if (failed(readReduction(b, plan)))
    return failure();
  if (plan.none) {
    b.result(0, b.input(0));
    return success();
  }
  Value x = poolOperand(b, plan);
  if (!x)
    return failure();
  llvm::SmallVector<int64_t> shape = plan.pooled;
  for (auto [d, extent] : llvm::enumerate(plan.kernel))
    shape[d + 2] /= extent;
  llvm::SmallVector<int64_t> ones(plan.kernel.size(), 1);
  llvm::SmallVector<int64_t> none(2 * plan.kernel.size(), 0);
  RankedTensorType type = b.floatType(shape);
  if (!type)
    return failure();
  Value out = b.create<OpTy>(type, x, plan.kernel, ones, none, ones, args...);
  if (sum && plan.count != 1) {
    OnnxTensor count;
    count.floats = {float(plan.count)};
    out = b.create<qonnx::MulOp>(type, out, b.constantValue(count));
  }
  out = reshaped(b, out, plan.result);
  if (!out)
    return failure();
  b.result(0, out);
  return success();
}

static LogicalResult importReduceMean(NodeBinder &b) {
  return reduce<qonnx::AveragePoolOp>(b, false, false);
}
static LogicalResult importReduceSum(NodeBinder &b) {
  return reduce<qonnx::AveragePoolOp>(b, true, false);
}
static LogicalResult importReduceMax(NodeBinder &b) {
  return reduce<qonnx::MaxPoolOp>(b, false);
}

llvm::ArrayRef<HandlerEntry> reduceHandlers() {
  static const HandlerEntry table[] = {
      {"ReduceMean", 1, 1, 1, importReduceMean},
      {"ReduceMean", 18, 1, 2, importReduceMean},
      {"ReduceSum", 1, 1, 1, importReduceSum},
      {"ReduceSum", 13, 1, 2, importReduceSum},
      {"ReduceMax", 1, 1, 1, importReduceMax},
      {"ReduceMax", 18, 1, 2, importReduceMax},
  };
  return table;
}

} // namespace finngl::import
