//===- Layout.cpp - Where the elements of an ONNX tensor are --------------===//

#include "Layout.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <numeric>

using namespace finngl;
using llvm::ArrayRef;
using llvm::SmallVector;

Layout::Layout(Indices indices) {
  bool plain = true;
  for (size_t s = 0; s < indices.size() && plain; ++s)
    plain = indices[s] == int64_t(s);
  if (!plain)
    order = std::make_shared<const Indices>(std::move(indices));
}

bool Layout::operator==(const Layout &other) const {
  return order == other.order ||
         (order && other.order && *order == *other.order);
}

Layout Layout::inOrder(ArrayRef<int64_t> shape, ArrayRef<int64_t> dimensions) {
  SmallVector<int64_t> moved;
  for (int64_t d : dimensions)
    if (shape[d] != 1)
      moved.push_back(d);
  if (llvm::is_sorted(moved))
    return Layout(); // long sequences cost nothing
  return Layout(transposeIndices(shape, dimensions));
}

Layout Layout::read(const Layout &other, ArrayRef<int64_t> shape) const {
  if (isPlain() || other.isPlain())
    return isPlain() ? other : *this;
  Indices result(elementCount(shape));
  for (size_t s = 0; s < result.size(); ++s)
    result[s] = (*this)[other[int64_t(s)]];
  return Layout(std::move(result));
}

Layout Layout::transposed(ArrayRef<int64_t> shape,
                          ArrayRef<int64_t> perm) const {
  Layout from = inOrder(shape, perm);
  if (from.isPlain())
    return *this;
  Indices name(elementCount(shape));
  for (size_t to = 0; to < name.size(); ++to)
    name[from[int64_t(to)]] = int64_t(to);
  return Layout(std::move(name)).read(*this, shape);
}

Layout Layout::channelsLast(ArrayRef<int64_t> shape) {
  Indices dimensions(shape.size());
  std::iota(dimensions.begin(), dimensions.end(), 0);
  std::rotate(dimensions.begin() + 1, dimensions.begin() + 2, dimensions.end());
  return inOrder(shape, dimensions);
}

std::optional<SmallVector<int64_t>>
Layout::dimensions(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> all(shape.size());
  std::iota(all.begin(), all.end(), 0);
  if (!order)
    return all;
  // Dimensions of extent 1 may stand anywhere; the others are few.
  SmallVector<int64_t> units, others;
  for (int64_t d : all)
    (shape[d] == 1 ? units : others).push_back(d);
  if (others.size() > 4)
    return std::nullopt;
  do {
    SmallVector<int64_t> perm = units;
    perm.append(others.begin(), others.end());
    if (transposeIndices(shape, perm) == *order)
      return perm;
  } while (std::next_permutation(others.begin(), others.end()));
  return std::nullopt;
}

std::optional<Indices> Layout::perChannel(const Indices &entries,
                                          int64_t channels) const {
  Indices result(channels, -1);
  for (size_t s = 0; s < entries.size(); ++s) {
    int64_t &entry = result[int64_t(s) % channels];
    int64_t found = entries[(*this)[int64_t(s)]];
    if (entry >= 0 && entry != found)
      return std::nullopt;
    entry = found;
  }
  return result;
}
