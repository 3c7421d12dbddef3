//===- LeadingPositions.h - The first k of an order -------------*- C++ -*-===//

#ifndef FINNGL_CORE_LEADINGPOSITIONS_H
#define FINNGL_CORE_LEADINGPOSITIONS_H

#include <cstddef>
#include <vector>

namespace finngl {

/// The first `k` of the positions 0 to n - 1, all of them if there are fewer,
/// in the order that `before` says; where neither of two is before the other,
/// the smaller comes first. Each is sorted in as finngl_top_k does.
template <typename Before>
std::vector<size_t> leadingPositions(size_t n, size_t k, Before before) {
  std::vector<size_t> leading;
  leading.reserve(k + 1);
  for (size_t position = 0; position < n; ++position) {
    size_t rank = leading.size();
    while (rank > 0 && before(position, leading[rank - 1]))
      --rank;
    if (rank == k)
      continue;
    leading.insert(leading.begin() + std::ptrdiff_t(rank), position);
    if (leading.size() > k)
      leading.pop_back();
  }
  return leading;
}

} // namespace finngl

#endif // FINNGL_CORE_LEADINGPOSITIONS_H
