//===- HalfPlane.cpp - Linear conditions on two integers ------------------===//
//
// For each y the points of a half plane start at x = ceil((c - b*y) / a), cut
// to the box. Two lines cross once at most; on each side of the crossing one
// start is nowhere below the other, so the starts agree for all y iff their
// sums do.
//
//===----------------------------------------------------------------------===//

#include "HalfPlane.h"
#include <algorithm>

using namespace finngl;
using namespace finngl::check;

static Integer floorDiv(const Integer &a, const Integer &b) {
  Integer q;
  mpz_fdiv_q(q.get_mpz_t(), a.get_mpz_t(), b.get_mpz_t());
  return q;
}

static Integer ceilDiv(const Integer &a, const Integer &b) {
  Integer q;
  mpz_cdiv_q(q.get_mpz_t(), a.get_mpz_t(), b.get_mpz_t());
  return q;
}

/// Sum of `floor((slope * i + start) / divisor)` for 0 <= i < count; divisor
/// positive.
static Integer floorSum(Integer count, Integer divisor, Integer slope,
                        Integer start) {
  Integer total = 0;
  int sign = 1;
  while (count > 0) {
    Integer whole = floorDiv(slope, divisor);
    total += sign * whole * (count * (count - 1) / 2);
    slope -= whole * divisor;
    whole = floorDiv(start, divisor);
    total += sign * whole * count;
    start -= whole * divisor;
    Integer last = slope * count + start;
    if (last < divisor)
      break;
    // Count the same lattice points by columns of the other axis.
    count = last / divisor;
    start = last % divisor;
    std::swap(slope, divisor);
  }
  return total;
}

namespace {
/// `x >= start(y)` within the box's x; a > 0.
struct Starts {
  HalfPlane plane;
  Integer xLo, xEnd; ///< xEnd: no x of the box

  Integer at(const Integer &y) const {
    Integer x = ceilDiv(Integer(plane.c - plane.b * y), plane.a);
    return std::clamp(x, xLo, xEnd);
  }
  /// Sum of at(y) for lo <= y <= hi.
  Integer sum(Integer lo, Integer hi) const;
};
} // namespace

Integer Starts::sum(Integer lo, Integer hi) const {
  if (lo > hi)
    return 0;
  if (plane.b == 0)
    return at(lo) * (hi - lo + 1);
  Starts falling = *this;
  if (plane.b < 0) { // mirror y, so that starts fall
    falling.plane.b = -plane.b;
    std::swap(lo, hi);
    lo = -lo;
    hi = -hi;
  }
  const auto &[a, b, c] = falling.plane;
  // y < full: xEnd; y >= empty: xLo.
  Integer full = ceilDiv(Integer(c - a * (xEnd - 1)), b);
  Integer empty = ceilDiv(Integer(c - a * xLo), b);
  full = std::clamp(full, lo, Integer(hi + 1));
  empty = std::clamp(empty, full, Integer(hi + 1));
  Integer total = xEnd * (full - lo) + xLo * (hi + 1 - empty);
  // ceil((c - b*y) / a) = -floor((b*y - c) / a)
  return total - floorSum(Integer(empty - full), a, b, Integer(b * full - c));
}

/// Whether the starts agree for lo <= y <= hi.
static bool agree(const Starts &f, const Starts &g, const Integer &lo,
                  const Integer &hi) {
  // sign(f - g) = sign(n0 + n1 * y)
  Integer n0 = g.plane.a * f.plane.c - f.plane.a * g.plane.c;
  Integer n1 = f.plane.a * g.plane.b - g.plane.a * f.plane.b;
  if (n1 == 0)
    return n0 == 0 || f.sum(lo, hi) == g.sum(lo, hi);
  Integer crossing =
      n1 > 0 ? floorDiv(Integer(-n0), n1) : floorDiv(n0, Integer(-n1));
  crossing = std::clamp(crossing, Integer(lo - 1), hi);
  return f.sum(lo, crossing) == g.sum(lo, crossing) &&
         f.sum(Integer(crossing + 1), hi) == g.sum(Integer(crossing + 1), hi);
}

std::optional<std::pair<Integer, Integer>>
check::difference(const HalfPlane &first, const HalfPlane &second,
                  const Box &box) {
  auto sameSign = [](const Integer &a, const Integer &b) {
    return sgn(a) * sgn(b) > 0;
  };
  if (!sameSign(first.a, second.a)) {
    if (!sameSign(first.b, second.b))
      return std::pair(box.xLo, box.yLo);
    auto swapped =
        difference({first.b, first.a, first.c}, {second.b, second.a, second.c},
                   {box.yLo, box.yHi, box.xLo, box.xHi});
    if (swapped)
      std::swap(swapped->first, swapped->second);
    return swapped;
  }
  if (first.a < 0) { // mirror x
    auto mirrored = difference({-first.a, first.b, first.c},
                               {-second.a, second.b, second.c},
                               {-box.xHi, -box.xLo, box.yLo, box.yHi});
    if (mirrored)
      mirrored->first = -mirrored->first;
    return mirrored;
  }
  Starts f{first, box.xLo, box.xHi + 1}, g{second, box.xLo, box.xHi + 1};
  Integer lo = box.yLo, hi = box.yHi;
  if (agree(f, g, lo, hi))
    return std::nullopt;
  while (lo < hi) {
    Integer middle = floorDiv(Integer(lo + hi), Integer(2));
    if (agree(f, g, lo, middle))
      lo = middle + 1;
    else
      hi = middle;
  }
  return std::pair(std::min(f.at(lo), g.at(lo)), lo);
}
