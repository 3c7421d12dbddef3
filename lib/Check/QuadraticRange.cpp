//===- QuadraticRange.cpp - Range of a polynomial of degree two -----------===//

#include "QuadraticRange.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace finngl;
using namespace finngl::check;
using exact::Monomial;

using Range = std::pair<Integer, Integer>;
using Terms = std::vector<QuadraticTerm>;
using Atoms = llvm::SetVector<uint32_t>;

/// Corners of more atoms are not tried.
static constexpr size_t kMaxCorners = 6;

/// Atoms of a monomial; atom 0 is the constant 1.
static llvm::SmallVector<uint32_t, 2> atomsOf(const Monomial &monomial) {
  if (!monomial.low || monomial.low == monomial.high)
    return {monomial.high};
  return {monomial.low, monomial.high};
}

static bool isSquare(const Monomial &monomial) {
  return monomial.low && monomial.low == monomial.high;
}

static void include(std::optional<Range> &range, const Integer &value) {
  if (!range)
    range = {value, value};
  range->first = std::min(range->first, value);
  range->second = std::max(range->second, value);
}

static Range operator+(const Range &a, const Range &b) {
  return {a.first + b.first, a.second + b.second};
}

static Range operator*(const Range &a, const Range &b) {
  std::optional<Range> product;
  for (const Integer &x : {a.first, a.second})
    for (const Integer &y : {b.first, b.second})
      include(product, x * y);
  return *product;
}

namespace {
/// Terms that share atoms.
class Component {
public:
  Component(llvm::ArrayRef<Interval> atoms, Terms terms);
  /// Whether it is exact.
  bool addTo(Range &total) const;

private:
  llvm::ArrayRef<Interval> atoms;
  Terms terms;
  Atoms members;
  Atoms cover; ///< holds an atom of each product
  bool squares = false;

  Range rangeOf(uint32_t atom) const {
    return {toInteger(atoms[atom].first), toInteger(atoms[atom].second)};
  }
  /// Where a product is counted; 0 for an atom alone outside the cover.
  uint32_t factorOf(const Monomial &monomial) const;
  void makeCover();
  Range ofOneAtom() const;
  Range ofCorners() const;
  Range ofFactors() const;
};
} // namespace

Component::Component(llvm::ArrayRef<Interval> atoms, Terms all)
    : atoms(atoms), terms(std::move(all)) {
  for (const auto &[monomial, weight] : terms) {
    for (uint32_t atom : atomsOf(monomial))
      members.insert(atom);
    squares |= isSquare(monomial);
  }
  makeCover();
}

/// The atom of most products first.
void Component::makeCover() {
  while (true) {
    llvm::MapVector<uint32_t, unsigned> products;
    for (const auto &[monomial, weight] : terms)
      if (monomial.low && !factorOf(monomial))
        for (uint32_t atom : atomsOf(monomial))
          ++products[atom];
    if (products.empty())
      return;
    cover.insert(llvm::max_element(products, [](auto &a, auto &b) {
                   return a.second < b.second;
                 })->first);
  }
}

uint32_t Component::factorOf(const Monomial &monomial) const {
  for (uint32_t atom : atomsOf(monomial))
    if (cover.contains(atom))
      return atom;
  return 0;
}

/// `p x^2 + q x`: the ends, and the integers beside the vertex.
Range Component::ofOneAtom() const {
  Integer p = 0, q = 0;
  auto [lo, hi] = rangeOf(members[0]);
  for (const auto &[monomial, weight] : terms)
    (monomial.low ? p : q) += weight;
  std::vector<Integer> candidates{lo, hi};
  if (p != 0) {
    Integer vertex = floorOf(Rational(-q) / Rational(2 * p));
    for (Integer x : {vertex, Integer(vertex + 1)})
      if (x > lo && x < hi)
        candidates.push_back(x);
  }
  std::optional<Range> range;
  for (const Integer &x : candidates)
    include(range, p * x * x + q * x);
  return *range;
}

/// Without squares the extremes are at corners; behind a corner of the cover
/// the other atoms are independent.
Range Component::ofCorners() const {
  std::optional<Range> range;
  for (unsigned corner = 0; corner < 1u << cover.size(); ++corner) {
    llvm::MapVector<uint32_t, Integer> slopes;
    Range value{0, 0};
    for (const auto &[monomial, weight] : terms) {
      Integer product = weight;
      uint32_t free = 0;
      for (uint32_t atom : atomsOf(monomial)) {
        auto at = llvm::find(cover, atom);
        if (at == cover.end()) {
          free = atom;
          continue;
        }
        Range ends = rangeOf(atom);
        product *=
            corner >> (at - cover.begin()) & 1 ? ends.second : ends.first;
      }
      if (free)
        slopes[free] += product;
      else
        value = value + Range{product, product};
    }
    for (const auto &[atom, slope] : slopes)
      value = value + Range{slope, slope} * rangeOf(atom);
    include(range, value.first);
    include(range, value.second);
  }
  return *range;
}

/// A sum of `factor * (sum of its partners)`.
Range Component::ofFactors() const {
  llvm::MapVector<uint32_t, Range> partners;
  for (const auto &[monomial, weight] : terms) {
    uint32_t factor = factorOf(monomial);
    Range partner{weight, weight};
    for (uint32_t atom : {monomial.low, monomial.high})
      if (atom && atom != factor)
        partner = partner * rangeOf(atom);
    if (isSquare(monomial))
      partner = partner * rangeOf(factor);
    auto &sum = partners.insert({factor, {0, 0}}).first->second;
    sum = sum + partner;
  }
  Range total{0, 0};
  for (const auto &[factor, sum] : partners)
    total = total + (factor ? sum * rangeOf(factor) : sum);
  return total;
}

bool Component::addTo(Range &total) const {
  bool oneAtom = members.size() == 1;
  bool corners = !squares && cover.size() <= kMaxCorners;
  total = total + (oneAtom ? ofOneAtom() : corners ? ofCorners() : ofFactors());
  return oneAtom || corners;
}

QuadraticRange check::quadraticRange(llvm::ArrayRef<QuadraticTerm> terms,
                                     llvm::ArrayRef<Interval> atoms) {
  llvm::EquivalenceClasses<uint32_t> classes;
  for (const auto &[monomial, weight] : terms)
    classes.unionSets(atomsOf(monomial).front(), atomsOf(monomial).back());
  llvm::MapVector<uint32_t, Terms> together;
  for (const QuadraticTerm &term : terms)
    together[classes.getLeaderValue(term.first.high)].push_back(term);
  Range total{0, 0};
  bool exact = true;
  for (auto &[leader, members] : together)
    exact &= Component(atoms, std::move(members)).addTo(total);
  return {total.first, total.second, exact};
}
