//===- Indexing.h - Which element goes where --------------------*- C++ -*-===//
//
// Row-major index maps of the shape operators. Each returns, for every element
// of the result, the index of the operand's element it takes, so that any
// tensor type executes a shape operator as one gather.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_SUPPORT_INDEXING_H
#define FINNGL_SUPPORT_INDEXING_H

#include <cstdint>
#include <span>
#include <vector>

namespace finngl {

using Shape = std::span<const int64_t>;
using Indices = std::vector<int64_t>;

int64_t elementCount(Shape shape);

/// NumPy broadcast of `from` to `to`; requires that it fits.
Indices broadcastIndices(Shape from, Shape to);

/// Result dimension i is dimension `perm[i]` of the operand.
Indices transposeIndices(Shape from, Shape perm);

/// Elements of the slice at `position` of `axis`, that axis removed.
Indices sliceIndices(Shape from, int64_t axis, int64_t position);

/// The elements along `axis`, for each index of the other dimensions.
std::vector<Indices> linesAlong(Shape shape, int64_t axis);

/// Stacks slices along the new `axis` of `to`; the operand is the slices'
/// concatenation.
Indices stackIndices(Shape to, int64_t axis);

/// Joins tensors along `axis`, where they have the given extents, to `to`; the
/// operand is the tensors' concatenation.
Indices concatIndices(Shape to, int64_t axis, Shape extents);

/// Elements at `positions` of dimension `axis`, which stays.
Indices gatherIndices(Shape from, int64_t axis, Shape positions);

/// Channel of each element: its index on `axis`, 0 when axis is negative.
Indices channelIndices(Shape shape, int64_t axis);

/// numpy.matmul as batches of plain `[rows, inner] x [inner, columns]`
/// products; batch b reads the operands from the given element offsets.
struct MatMulPlan {
  int64_t rows, inner, columns;
  Indices lhsOffsets, rhsOffsets;
};
MatMulPlan planMatMul(Shape lhs, Shape rhs);

} // namespace finngl

#endif // FINNGL_SUPPORT_INDEXING_H
