//===- KernelOperand.cpp - What a kernel sees of an exact value -----------===//

#include "KernelOperand.h"
#include "QuadraticRange.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <optional>

using namespace finngl;
using namespace finngl::check;
using llvm::ArrayRef;

using WeightedTerms = std::vector<std::pair<exact::Monomial, Rational>>;

/// Walks two term lists side by side, constants left out.
template <typename Visit>
static void zipTerms(const exact::Polynomial &a, const exact::Polynomial &b,
                     Visit visit) {
  auto left = a.terms.begin(), right = b.terms.begin();
  const Rational zero = 0;
  while (left != a.terms.end() || right != b.terms.end()) {
    bool takeLeft = right == b.terms.end() ||
                    (left != a.terms.end() && left->first <= right->first);
    bool takeRight = left == a.terms.end() ||
                     (right != b.terms.end() && right->first <= left->first);
    exact::Monomial monomial = takeLeft ? left->first : right->first;
    if (monomial != exact::Monomial{})
      visit(monomial, takeLeft ? left->second : zero,
            takeRight ? right->second : zero);
    left += takeLeft;
    right += takeRight;
  }
}

/// Terms that add `slope` times their sum to x and `stride` times to z.
static Group makeGroup(const WeightedTerms &terms, const Rational &slope,
                       const Rational &stride,
                       const std::vector<Interval> &atomRanges) {
  Integer common = 1, divisor = 0;
  for (const auto &[monomial, weight] : terms)
    common = lcm(common, weight.get_den());
  for (const auto &[monomial, weight] : terms)
    divisor = gcd(divisor, Integer(weight * common));
  Rational unit = Rational(divisor) / Rational(common);
  std::vector<QuadraticTerm> counts;
  for (const auto &[monomial, weight] : terms)
    counts.emplace_back(monomial, Integer(weight / unit));
  auto [lo, hi, exact] = quadraticRange(counts, atomRanges);
  return {slope * unit, Integer(stride * unit), lo, hi, exact};
}

static bool hasMonomial(const exact::Polynomial &polynomial,
                        const exact::Monomial &monomial) {
  auto found = llvm::lower_bound(
      polynomial.terms, monomial,
      [](const auto &entry, const auto &m) { return entry.first < m; });
  return found != polynomial.terms.end() && found->first == monomial;
}

namespace {

/// Monomials of one ratio, summed by one summand of the kernel.
struct Part {
  std::optional<Rational> ratio; ///< exact to integer; none: not in the kernel
  size_t summand;
  WeightedTerms terms = {};
};

class Parts {
public:
  Parts(const exact::Polynomial &exact, const exact::Polynomial &integer,
        ArrayRef<const exact::Polynomial *> summands) {
    zipTerms(
        exact, integer,
        [&](exact::Monomial monomial, const Rational &a, const Rational &b) {
          if (b == 0)
            return partOf(std::nullopt, summands.size())
                       .emplace_back(monomial, a),
                   void();
          auto holds = [&](const exact::Polynomial *p) {
            return hasMonomial(*p, monomial);
          };
          size_t summand = llvm::find_if(summands, holds) - summands.begin();
          isShared |= llvm::count_if(summands, holds) > 1;
          partOf(a / b, summand).emplace_back(monomial, b);
        });
  }

  std::vector<Group> groups(const std::vector<Interval> &atomRanges) const {
    std::vector<Group> groups;
    for (const Part &part : parts)
      groups.push_back(part.ratio
                           ? makeGroup(part.terms, *part.ratio, 1, atomRanges)
                           : makeGroup(part.terms, 1, 0, atomRanges));
    markDependent(groups);
    return groups;
  }

private:
  WeightedTerms &partOf(const std::optional<Rational> &ratio, size_t summand) {
    auto same = llvm::find_if(parts, [&](const Part &part) {
      return part.ratio == ratio && part.summand == summand;
    });
    if (same == parts.end())
      same = parts.insert(parts.end(), {ratio, summand});
    return same->terms;
  }

  /// x and x^2, or z * n and n, do not fill the box of their ranges.
  void markDependent(std::vector<Group> &groups) const {
    std::map<uint32_t, size_t> firstOf; // an atom's first group
    for (const auto &[i, part] : llvm::enumerate(parts))
      for (const auto &[monomial, weight] : part.terms)
        for (uint32_t atom : {monomial.low, monomial.high}) {
          size_t first = firstOf.try_emplace(atom, i).first->second;
          if (atom && first != i)
            groups[first].tight = groups[i].tight = false;
        }
    for (Group &group : groups)
      group.tight &= !isShared;
  }

  std::vector<Part> parts;
  bool isShared = false; ///< a monomial is in several summands
};

} // namespace

/// Whether an atom of the polynomial has one value only.
static bool hasFixedAtom(const exact::Polynomial &polynomial,
                         const std::vector<Interval> &atomRanges) {
  return llvm::any_of(polynomial.terms, [&](const auto &term) {
    auto isFixed = [&](uint32_t atom) {
      return atom && atomRanges[atom].first == atomRanges[atom].second;
    };
    return isFixed(term.first.low) || isFixed(term.first.high);
  });
}

/// The polynomial in the atoms that have more than one value.
static exact::Polynomial inFreeAtoms(const exact::Polynomial &polynomial,
                                     const std::vector<Interval> &atomRanges) {
  exact::Polynomial terms;
  for (auto [monomial, coefficient] : polynomial.terms) {
    for (uint32_t *atom : {&monomial.low, &monomial.high})
      if (auto [lo, hi] = atomRanges[*atom]; lo == hi) {
        coefficient *= toInteger(lo); // atom 0 is 1
        *atom = 0;
      }
    if (monomial.low > monomial.high)
      std::swap(monomial.low, monomial.high);
    terms.terms.emplace_back(monomial, coefficient);
  }
  const exact::WeightedPolynomial whole[] = {{1, &terms}};
  return exact::sum(whole); // joins equal monomials
}

Operand check::makeOperand(const exact::Polynomial &exact,
                           const exact::Polynomial &integer,
                           ArrayRef<const exact::Polynomial *> summands,
                           const std::vector<Interval> &atomRanges) {
  if (hasFixedAtom(exact, atomRanges) || hasFixedAtom(integer, atomRanges)) {
    std::vector<exact::Polynomial> free;
    for (const exact::Polynomial *summand : summands)
      free.push_back(inFreeAtoms(*summand, atomRanges));
    std::vector<const exact::Polynomial *> freeSummands;
    for (const exact::Polynomial &summand : free)
      freeSummands.push_back(&summand);
    return makeOperand(inFreeAtoms(exact, atomRanges),
                       inFreeAtoms(integer, atomRanges), freeSummands,
                       atomRanges);
  }
  return {Parts(exact, integer, summands).groups(atomRanges),
          exact.constantTerm(), integer.constantTerm().get_num()};
}
