//===- OuterGraph.cpp - Operators beside a recurrent one ------------------===//

#include "OuterGraph.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace mlir;

namespace finngl::qonnx {

std::optional<int64_t> axisBefore(ReshapeOp reshape, int64_t axis) {
  auto before = [](ArrayRef<int64_t> shape, int64_t end) {
    return ShapedType::getNumElements(shape.take_front(size_t(end)));
  };
  ArrayRef<int64_t> from = shapeOf(reshape.getInput()), to = shapeOf(reshape);
  for (int64_t i = 0; i < int64_t(from.size()); ++i)
    if (from[size_t(i)] == to[size_t(axis)] &&
        before(from, i) == before(to, axis))
      return i;
  return std::nullopt;
}

llvm::SmallVector<int64_t> range(int64_t first, int64_t count) {
  llvm::SmallVector<int64_t> out(static_cast<size_t>(count));
  std::iota(out.begin(), out.end(), first);
  return out;
}

/// The data of a float32 constant.
static DenseElementsAttr dataOf(Value value) {
  auto op = value.getDefiningOp<ConstantOp>();
  return op ? dyn_cast<DenseElementsAttr>(op.getValue()) : DenseElementsAttr();
}

Value OuterGraph::constant(ArrayRef<int64_t> shape, ArrayRef<float> data) {
  return make<ConstantOp>(
      shape, cast<ElementsAttr>(DenseElementsAttr::get(typeOf(shape), data)));
}

Value OuterGraph::filled(ArrayRef<int64_t> shape, float number) {
  return constant(shape, number);
}

Value OuterGraph::rearranged(Value value, ArrayRef<int64_t> shape,
                             const Indices &indices) {
  DenseElementsAttr data = dataOf(value);
  if (!data)
    return {};
  auto from = data.getValues<float>();
  llvm::SmallVector<float> to;
  for (int64_t index : indices)
    to.push_back(from[size_t(index)]);
  return constant(shape, to);
}

Value OuterGraph::gather(Value value, int64_t axis, ArrayRef<int64_t> indices) {
  llvm::SmallVector<int64_t> shape(shapeOf(value));
  if (indices == ArrayRef<int64_t>(range(0, shape[size_t(axis)])))
    return value;
  shape[size_t(axis)] = int64_t(indices.size());
  if (Value known = rearranged(value, shape,
                               gatherIndices(shapeOf(value), axis, indices)))
    return known;
  return make<GatherOp>(shape, value, indices, axis);
}

Value OuterGraph::reshape(Value value, ArrayRef<int64_t> shape) {
  if (shapeOf(value) == shape)
    return value;
  if (Value known = rearranged(value, shape, broadcastIndices(shape, shape)))
    return known;
  return make<ReshapeOp>(shape, value);
}

Value OuterGraph::transpose(Value matrix) {
  int64_t perm[] = {1, 0};
  int64_t shape[] = {shapeOf(matrix)[1], shapeOf(matrix)[0]};
  if (Value known =
          rearranged(matrix, shape, transposeIndices(shapeOf(matrix), perm)))
    return known;
  return make<TransposeOp>(shape, matrix, ArrayRef<int64_t>(perm));
}

Value OuterGraph::add(Value a, Value b) {
  DenseElementsAttr left = dataOf(a), right = dataOf(b);
  if (!left || !right)
    return make<AddOp>(shapeOf(a), a, b);
  llvm::SmallVector<float> sum;
  for (auto [x, y] :
       llvm::zip_equal(left.getValues<float>(), right.getValues<float>()))
    sum.push_back(x + y);
  return constant(shapeOf(a), sum);
}

Value OuterGraph::concat(ValueRange parts, int64_t axis) {
  if (parts.size() == 1)
    return parts.front();
  llvm::SmallVector<int64_t> shape(shapeOf(parts.front()));
  for (Value part : parts.drop_front())
    shape[size_t(axis)] += shapeOf(part)[size_t(axis)];
  return make<ConcatOp>(shape, parts, axis);
}

} // namespace finngl::qonnx
