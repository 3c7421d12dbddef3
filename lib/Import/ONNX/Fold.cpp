//===- Fold.cpp - Arithmetic on host constants ----------------------------===//

#include "Fold.h"
#include "finngl/Support/Indexing.h"
#include "llvm/ADT/SmallVector.h"

using llvm::ArrayRef;

namespace finngl::import {

/// Row-major strides of `shape`, zero where it broadcasts, for `rank`
/// dimensions aligned at the last.
static llvm::SmallVector<int64_t> strides(ArrayRef<int64_t> shape,
                                          size_t rank) {
  llvm::SmallVector<int64_t> out(rank, 0);
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    out[rank - shape.size() + i] = shape[i] == 1 ? 0 : stride;
    stride *= shape[i];
  }
  return out;
}

/// Calls `visit` with the offset behind `stride` for every index of `shape` in
/// row-major order.
static void walk(ArrayRef<int64_t> shape, ArrayRef<int64_t> stride,
                 llvm::function_ref<void(size_t)> visit) {
  llvm::SmallVector<int64_t> index(shape.size(), 0);
  int64_t count = 1, at = 0;
  for (int64_t extent : shape)
    count *= extent;
  for (int64_t n = 0; n < count; ++n) {
    visit(size_t(at));
    for (size_t d = shape.size(); d-- > 0;) {
      at += stride[d];
      if (++index[d] < shape[d])
        break;
      at -= stride[d] * shape[d];
      index[d] = 0;
    }
  }
}

OnnxTensor foldUnary(const OnnxTensor &x, llvm::function_ref<float(float)> op) {
  OnnxTensor out = x;
  for (float &value : out.floats)
    value = op(value);
  return out;
}

OnnxTensor foldBinary(const OnnxTensor &a, const OnnxTensor &b,
                      ArrayRef<int64_t> shape,
                      llvm::function_ref<float(float, float)> op) {
  OnnxTensor out;
  out.shape.assign(shape.begin(), shape.end());
  walk(shape, strides(a.shape, shape.size()),
       [&](size_t at) { out.floats.push_back(a.floats[at]); });
  size_t next = 0;
  walk(shape, strides(b.shape, shape.size()), [&](size_t at) {
    out.floats[next] = op(out.floats[next], b.floats[at]);
    ++next;
  });
  return out;
}

std::optional<OnnxTensor>
foldIntegers(const OnnxTensor &a, const OnnxTensor &b, ArrayRef<int64_t> shape,
             llvm::function_ref<bool(int64_t, int64_t, int64_t &)> op) {
  OnnxTensor out;
  out.type = a.type;
  out.shape.assign(shape.begin(), shape.end());
  walk(shape, strides(a.shape, shape.size()),
       [&](size_t at) { out.ints.push_back(a.ints[at]); });
  size_t next = 0;
  bool fits = true;
  walk(shape, strides(b.shape, shape.size()), [&](size_t at) {
    int64_t &result = out.ints[next++];
    fits = fits && !op(result, b.ints[at], result) &&
           result >= lowestOf(a.type) && result <= highestOf(a.type);
  });
  return fits ? std::optional(std::move(out)) : std::nullopt;
}

OnnxTensor foldMatMul(const OnnxTensor &a, const OnnxTensor &b) {
  int64_t rows = a.shape[0], inner = a.shape[1], columns = b.shape[1];
  OnnxTensor out;
  out.shape = {rows, columns};
  out.floats.assign(size_t(rows * columns), 0.0f);
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t k = 0; k < inner; ++k)
      for (int64_t n = 0; n < columns; ++n)
        out.floats[size_t(m * columns + n)] +=
            a.floats[size_t(m * inner + k)] * b.floats[size_t(k * columns + n)];
  return out;
}

/// Runs `action(in, out)` on the one data vector that the type uses.
template <typename Action>
static void onData(const OnnxTensor &in, OnnxTensor &out, Action action) {
  if (in.type == OnnxType::Float64)
    action(in.doubles, out.doubles);
  else if (isFloat(in.type))
    action(in.floats, out.floats);
  else
    action(in.ints, out.ints);
}

OnnxTensor foldTranspose(const OnnxTensor &x, ArrayRef<int64_t> perm) {
  OnnxTensor out;
  out.type = x.type;
  llvm::SmallVector<int64_t> natural(x.shape.size()), stride;
  int64_t step = 1;
  for (size_t i = x.shape.size(); i-- > 0; step *= x.shape[i])
    natural[i] = step;
  for (int64_t from : perm) {
    out.shape.push_back(x.shape[size_t(from)]);
    stride.push_back(natural[size_t(from)]);
  }
  onData(x, out, [&](const auto &in, auto &to) {
    walk(out.shape, stride, [&](size_t at) { to.push_back(in[at]); });
  });
  return out;
}

OnnxTensor foldConcat(ArrayRef<const OnnxTensor *> parts, int64_t axis) {
  OnnxTensor out;
  out.type = parts[0]->type;
  out.shape = parts[0]->shape;
  int64_t outer = 1;
  for (int64_t i = 0; i < axis; ++i)
    outer *= out.shape[size_t(i)];
  out.shape[size_t(axis)] = 0;
  for (const OnnxTensor *part : parts)
    out.shape[size_t(axis)] += part->shape[size_t(axis)];
  for (int64_t o = 0; o < outer; ++o)
    for (const OnnxTensor *part : parts)
      onData(*part, out, [&](const auto &in, auto &to) {
        int64_t chunk = int64_t(in.size()) / outer;
        to.insert(to.end(), in.begin() + o * chunk,
                  in.begin() + (o + 1) * chunk);
      });
  return out;
}

OnnxTensor foldGather(const OnnxTensor &x, int64_t axis,
                      ArrayRef<int64_t> indices) {
  OnnxTensor out;
  out.type = x.type;
  out.shape = x.shape;
  out.shape[size_t(axis)] = int64_t(indices.size());
  Indices from = gatherIndices(x.shape, axis, indices);
  onData(x, out, [&](const auto &in, auto &to) {
    for (int64_t index : from)
      to.push_back(in[size_t(index)]);
  });
  return out;
}

} // namespace finngl::import
