//===- Polynomial.cpp - Exact polynomials in codes ------------------------===//

#include "finngl/Exact/Polynomial.h"
#include <algorithm>

using namespace finngl;
using namespace finngl::exact;

/// Sorts, joins equal monomials, drops zeros.
static Polynomial normalised(Polynomial polynomial) {
  auto &terms = polynomial.terms;
  auto byMonomial = [](const auto &a, const auto &b) {
    return a.first < b.first;
  };
  if (!std::is_sorted(terms.begin(), terms.end(), byMonomial))
    std::sort(terms.begin(), terms.end(), byMonomial);
  size_t kept = 0;
  for (size_t i = 0; i < terms.size();) {
    std::pair<Monomial, Rational> joined = std::move(terms[i++]);
    for (; i < terms.size() && terms[i].first == joined.first; ++i)
      joined.second += terms[i].second;
    if (joined.second != 0)
      terms[kept++] = std::move(joined);
  }
  terms.resize(kept);
  return polynomial;
}

Polynomial Polynomial::constant(const Rational &value) {
  Polynomial result;
  if (value != 0)
    result.terms.emplace_back(Monomial{}, value);
  return result;
}

Polynomial Polynomial::affine(uint32_t atom, const Rational &scale,
                              const Rational &offset) {
  Polynomial result = constant(offset);
  if (scale != 0)
    result.terms.emplace_back(Monomial{0, atom}, scale);
  return result;
}

Rational Polynomial::constantTerm() const {
  return !terms.empty() && terms.front().first == Monomial{}
             ? terms.front().second
             : Rational(0);
}

Polynomial exact::sum(std::span<const WeightedPolynomial> parts) {
  Polynomial result;
  for (const auto &[weight, polynomial] : parts)
    if (weight != 0)
      for (const auto &[monomial, coefficient] : polynomial->terms)
        result.terms.emplace_back(monomial, Rational(weight * coefficient));
  return normalised(std::move(result));
}

std::optional<Polynomial> exact::product(const Polynomial &a,
                                         const Polynomial &b) {
  Polynomial result;
  for (const auto &[left, x] : a.terms)
    for (const auto &[right, y] : b.terms) {
      // Atoms stand in `high` first: a linear term has low = 0.
      if ((left.low && right.high) || (right.low && left.high))
        return std::nullopt;
      Monomial joined;
      if (left.low || right.low) {
        joined = left.low ? left : right;
      } else {
        joined = {std::min(left.high, right.high),
                  std::max(left.high, right.high)};
      }
      result.terms.emplace_back(joined, Rational(x * y));
    }
  return normalised(std::move(result));
}
