//===- NearDirections.h - Small integers in given proportions ---*- C++ -*-===//
//
// Private to Core.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_CORE_NEARDIRECTIONS_H
#define FINNGL_LIB_CORE_NEARDIRECTIONS_H

#include "finngl/Core/Number.h"
#include <functional>
#include <vector>

namespace finngl {

using IntegerVector = std::vector<Integer>;

/// Visits vectors k of non-negative integers that are nearly proportional to
/// `scales` (positive, 2 to 4 entries), roughly from small to large: for each
/// size those that keep `sum of reach[j] * |k[j] / k[b] - scales[j] /
/// scales[b]|` small, where b has the largest reach. What convergents are to
/// two scales. They are bases of a lattice, reduced as Lenstra, Lenstra and
/// Lovasz do (1982), in double: vectors are candidates, to be proved by the
/// caller. Ends when `visit` returns false.
void visitNearDirections(
    const IntegerVector &scales, const IntegerVector &reach,
    const std::function<bool(const IntegerVector &)> &visit);

} // namespace finngl

#endif // FINNGL_LIB_CORE_NEARDIRECTIONS_H
