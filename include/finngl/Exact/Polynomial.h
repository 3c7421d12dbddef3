//===- Polynomial.h - Exact polynomials in codes ----------------*- C++ -*-===//
//
// What stands between a quantiser and the codes before it: sums of codes and
// products of two codes, with exact rational coefficients.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_EXACT_POLYNOMIAL_H
#define FINNGL_EXACT_POLYNOMIAL_H

#include "finngl/Core/Number.h"
#include <compare>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace finngl::exact {

/// A product of at most two atoms, `low <= high`; atoms are numbered from 1
/// and 0 stands for the factor 1, so {0, 0} is the constant.
struct Monomial {
  uint32_t low = 0, high = 0;
  auto operator<=>(const Monomial &) const = default;
};

/// Terms ascend by monomial; no coefficient is zero, so that equal polynomials
/// have equal terms.
struct Polynomial {
  std::vector<std::pair<Monomial, Rational>> terms;

  static Polynomial constant(const Rational &value);
  /// `scale * atom + offset`.
  static Polynomial affine(uint32_t atom, const Rational &scale,
                           const Rational &offset);

  Rational constantTerm() const;
  friend bool operator==(const Polynomial &, const Polynomial &) = default;
};

/// Coefficient times polynomial; the pointer is not null.
using WeightedPolynomial = std::pair<Rational, const Polynomial *>;

Polynomial sum(std::span<const WeightedPolynomial> parts);
/// Nothing if a term would be a product of more than two atoms.
std::optional<Polynomial> product(const Polynomial &a, const Polynomial &b);

} // namespace finngl::exact

#endif // FINNGL_EXACT_POLYNOMIAL_H
