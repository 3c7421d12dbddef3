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

/// Atoms of a monomial; atom 0 is the constant 1.
static llvm::SmallVector<uint32_t, 2> atomsOf(const Monomial &monomial) {
  if (!monomial.low || monomial.low == monomial.high)
    return {monomial.high};
  return {monomial.low, monomial.high};
}

static void add(Range &range, const Integer &lo, const Integer &hi) {
  range.first += std::min(lo, hi);
  range.second += std::max(lo, hi);
}

static void include(std::optional<Range> &range, const Integer &value) {
  if (!range)
    range = {value, value};
  range->first = std::min(range->first, value);
  range->second = std::max(range->second, value);
}

/// `p x^2 + q x`: the ends, and the integers beside the vertex.
static Range rangeOfOne(const Terms &terms, Interval atom) {
  Integer p = 0, q = 0, lo = toInteger(atom.first), hi = toInteger(atom.second);
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

/// Without squares the extremes are at corners.
static Range rangeOfCorners(const Terms &terms,
                            llvm::ArrayRef<uint32_t> members,
                            llvm::ArrayRef<Interval> atoms) {
  std::optional<Range> range;
  for (unsigned corner = 0; corner < 1u << members.size(); ++corner) {
    auto at = [&](uint32_t atom) {
      size_t bit = llvm::find(members, atom) - members.begin();
      return toInteger(corner >> bit & 1 ? atoms[atom].second
                                         : atoms[atom].first);
    };
    Integer value = 0;
    for (const auto &[monomial, weight] : terms) {
      Integer product = weight;
      for (uint32_t atom : atomsOf(monomial))
        product *= at(atom);
      value += product;
    }
    include(range, value);
  }
  return *range;
}

/// Terms that share atoms.
static Range rangeOfTogether(const Terms &terms,
                             llvm::ArrayRef<Interval> atoms) {
  constexpr size_t kMaxCorners = 8;
  llvm::SetVector<uint32_t> members;
  bool squares = false;
  for (const auto &[monomial, weight] : terms) {
    for (uint32_t atom : atomsOf(monomial))
      members.insert(atom);
    squares |= monomial.low && monomial.low == monomial.high;
  }
  if (members.size() == 1)
    return rangeOfOne(terms, atoms[members[0]]);
  if (!squares && members.size() <= kMaxCorners)
    return rangeOfCorners(terms, members.getArrayRef(), atoms);
  Range range{0, 0};
  for (const QuadraticTerm &term : terms) {
    Range alone = rangeOfTogether({term}, atoms);
    add(range, alone.first, alone.second);
  }
  return range;
}

Range check::quadraticRange(llvm::ArrayRef<QuadraticTerm> terms,
                            llvm::ArrayRef<Interval> atoms) {
  llvm::EquivalenceClasses<uint32_t> classes;
  for (const auto &[monomial, weight] : terms)
    classes.unionSets(atomsOf(monomial).front(), atomsOf(monomial).back());
  llvm::MapVector<uint32_t, Terms> together;
  for (const QuadraticTerm &term : terms)
    together[classes.getLeaderValue(term.first.high)].push_back(term);
  Range total{0, 0};
  for (const auto &[leader, members] : together) {
    Range part = rangeOfTogether(members, atoms);
    add(total, part.first, part.second);
  }
  return total;
}
