//===- HalfPlane.h - Linear conditions on two integers ----------*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_HALFPLANE_H
#define FINNGL_LIB_CHECK_HALFPLANE_H

#include "finngl/Core/Number.h"
#include <optional>
#include <utility>

namespace finngl::check {

/// `a*x + b*y >= c`.
struct HalfPlane {
  Integer a, b, c;
};

/// Inclusive.
struct Box {
  Integer xLo, xHi, yLo, yHi;
};

/// A point of the box in one half plane only, or nothing: then both hold the
/// same points. Decided for all points at once by sums of floor functions,
/// O(log) steps each. Requires that the coefficients of x, or those of y, have
/// the same sign and are not zero; otherwise gives a corner as if they
/// differed.
std::optional<std::pair<Integer, Integer>>
difference(const HalfPlane &first, const HalfPlane &second, const Box &box);

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_HALFPLANE_H
