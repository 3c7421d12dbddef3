//===- Indexing.cpp - Which element goes where ----------------------------===//

#include "finngl/Support/Indexing.h"
#include <algorithm>

using namespace finngl;

int64_t finngl::elementCount(Shape shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

static Indices stridesOf(Shape shape) {
  Indices strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// Row-major walk over `shape`; dimension i moves the result by `steps[i]`.
static Indices stridedIndices(Shape shape, Shape steps) {
  Indices result = {0};
  for (size_t i = 0; i < shape.size(); ++i) {
    Indices next;
    next.reserve(result.size() * shape[i]);
    for (int64_t base : result)
      for (int64_t k = 0; k < shape[i]; ++k)
        next.push_back(base + k * steps[i]);
    result = std::move(next);
  }
  return result;
}

Indices finngl::broadcastIndices(Shape from, Shape to) {
  Indices strides = stridesOf(from), steps(to.size(), 0);
  size_t missing = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    steps[missing + i] = from[i] == 1 ? 0 : strides[i];
  return stridedIndices(to, steps);
}

Indices finngl::transposeIndices(Shape from, Shape perm) {
  Indices strides = stridesOf(from), shape, steps;
  for (int64_t dimension : perm) {
    shape.push_back(from[dimension]);
    steps.push_back(strides[dimension]);
  }
  return stridedIndices(shape, steps);
}

Indices finngl::sliceIndices(Shape from, int64_t axis, int64_t position) {
  Indices steps = stridesOf(from), shape(from.begin(), from.end());
  int64_t start = position * steps[axis];
  shape.erase(shape.begin() + axis);
  steps.erase(steps.begin() + axis);
  Indices result = stridedIndices(shape, steps);
  for (int64_t &index : result)
    index += start;
  return result;
}

std::vector<Indices> finngl::linesAlong(Shape shape, int64_t axis) {
  std::vector<Indices> lines(elementCount(shape) / shape[axis]);
  for (int64_t k = 0; k < shape[axis]; ++k) {
    Indices slice = sliceIndices(shape, axis, k);
    for (size_t i = 0; i < lines.size(); ++i)
      lines[i].push_back(slice[i]);
  }
  return lines;
}

Indices finngl::stackIndices(Shape to, int64_t axis) {
  Indices slice(to.begin(), to.end());
  slice.erase(slice.begin() + axis);
  Indices steps = stridesOf(slice);
  steps.insert(steps.begin() + axis, elementCount(slice));
  return stridedIndices(to, steps);
}

Indices finngl::concatIndices(Shape to, int64_t axis, Shape extents) {
  Indices result(elementCount(to)), whole = stridesOf(to);
  int64_t start = 0, next = 0;
  for (int64_t extent : extents) {
    Indices part(to.begin(), to.end());
    part[axis] = extent;
    for (int64_t index : stridedIndices(part, whole))
      result[start + index] = next++;
    start += extent * whole[axis];
  }
  return result;
}

Indices finngl::gatherIndices(Shape from, int64_t axis, Shape positions) {
  Indices shape(from.begin(), from.end()), whole = stridesOf(from);
  shape[axis] = int64_t(positions.size());
  Indices result = stridedIndices(shape, whole), own = stridesOf(shape);
  for (size_t i = 0; i < result.size(); ++i) {
    int64_t k = int64_t(i) / own[axis] % shape[axis];
    result[i] += (positions[k] - k) * whole[axis];
  }
  return result;
}

Indices finngl::channelIndices(Shape shape, int64_t axis) {
  Indices steps(shape.size(), 0);
  if (axis >= 0)
    steps[axis] = 1;
  return stridedIndices(shape, steps);
}

MatMulPlan finngl::planMatMul(Shape lhs, Shape rhs) {
  // NumPy: a vector is a row on the left and a column on the right.
  auto batchOf = [](Shape shape) {
    return shape.first(shape.size() < 2 ? 0 : shape.size() - 2);
  };
  Shape left = batchOf(lhs), right = batchOf(rhs);
  MatMulPlan plan{lhs.size() < 2 ? 1 : lhs[lhs.size() - 2],
                  lhs.back(),
                  rhs.size() < 2 ? 1 : rhs.back(),
                  {},
                  {}};
  Indices batch(std::max(left.size(), right.size()), 1);
  for (Shape shape : {left, right})
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t &extent = batch[batch.size() - shape.size() + i];
      extent = std::max(extent, shape[i]);
    }
  plan.lhsOffsets = broadcastIndices(left, batch);
  for (int64_t &offset : plan.lhsOffsets)
    offset *= plan.rows * plan.inner;
  plan.rhsOffsets = broadcastIndices(right, batch);
  for (int64_t &offset : plan.rhsOffsets)
    offset *= plan.inner * plan.columns;
  return plan;
}
