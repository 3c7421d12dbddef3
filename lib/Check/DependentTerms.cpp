//===- DependentTerms.cpp - Kernels whose terms share operands ------------===//

#include "DependentTerms.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include <random>
#include <set>

using namespace finngl;
using namespace finngl::check;

/// Monomials evaluated per element, roughly: a fraction of a second.
static constexpr size_t kBudget = size_t(1) << 15;

int64_t Levels::at(const Rational &x) const {
  auto reached = [&](const auto &step) {
    const exact::CodeBoundary &edge = step.second;
    return edge.reached ? x >= edge.at : x > edge.at;
  };
  auto above = std::partition_point(steps.begin(), steps.end(), reached);
  return above == steps.begin() ? lowest : std::prev(above)->first;
}

namespace {

/// A polynomial over a common denominator: no rational arithmetic in the loop.
class Evaluator {
public:
  explicit Evaluator(const exact::Polynomial &polynomial) {
    for (const auto &[monomial, weight] : polynomial.terms)
      denominator = lcm(denominator, weight.get_den());
    for (const auto &[monomial, weight] : polynomial.terms)
      terms.emplace_back(monomial, Integer(weight * denominator));
  }

  Rational operator()(const std::vector<int64_t> &atoms) const {
    Integer sum = 0;
    for (const auto &[monomial, weight] : terms)
      sum += weight * toInteger(atoms[monomial.low]) *
             toInteger(atoms[monomial.high]);
    Rational value(sum, denominator);
    value.canonicalize();
    return value;
  }

private:
  Integer denominator = 1;
  std::vector<std::pair<exact::Monomial, Integer>> terms;
};

class Sampler {
public:
  explicit Sampler(const DependentElement &element)
      : element(element), exact(element.exact), integer(element.integer),
        atoms(element.atoms.size(), 1) {
    std::set<uint32_t> found;
    for (const exact::Polynomial *side : {&element.exact, &element.integer})
      for (const auto &[monomial, weight] : side->terms)
        found.insert({monomial.low, monomial.high});
    found.erase(0); // the factor 1
    used.assign(found.begin(), found.end());
  }

  std::optional<Difference> run(int64_t &compared) {
    size_t terms = element.exact.terms.size() + element.integer.terms.size();
    size_t evaluations = kBudget / terms;
    if (combinations() <= double(evaluations))
      all(used);
    else
      sample(std::clamp<size_t>(evaluations / 8, 16, 512));
    compared += evaluated;
    return difference;
  }

private:
  double combinations() const {
    double count = 1;
    for (uint32_t atom : used)
      count *= double(element.atoms[atom].second) -
               double(element.atoms[atom].first) + 1;
    return count;
  }

  void all(llvm::ArrayRef<uint32_t> free) {
    auto [lo, hi] = element.atoms[free.front()];
    for (int64_t value = lo; value <= hi && !difference; ++value) {
      if (free.size() == 1) {
        levelAt(free.front(), value);
        continue;
      }
      atoms[free.front()] = value;
      all(free.drop_front());
    }
  }

  void sample(size_t rounds) {
    for (size_t round = 0; round < rounds && !difference; ++round) {
      for (uint32_t atom : used)
        atoms[atom] = drawn(element.atoms[atom]);
      search(used[generator() % used.size()]);
    }
  }

  int64_t drawn(const Interval &range) {
    uint64_t count = uint64_t(range.second) - uint64_t(range.first) + 1;
    return range.first + int64_t(count ? generator() % count : generator());
  }

  /// The exact level with the atom at `value`.
  int64_t levelAt(uint32_t atom, int64_t value) {
    atoms[atom] = value;
    int64_t level = element.levels.at(exact(atoms));
    int64_t operand = toInt64(integer(atoms).get_num());
    int64_t kernel = element.kernel(operand);
    ++evaluated;
    if (kernel != level && !difference)
      difference = {operand, level, kernel};
    return level;
  }

  /// Both sides of a change of the exact level along one atom.
  void search(uint32_t atom) {
    auto [lo, hi] = element.atoms[atom];
    int64_t atLo = levelAt(atom, lo), atHi = levelAt(atom, hi);
    if (atLo == atHi)
      return void(levelAt(atom, drawn(element.atoms[atom])));
    auto [least, most] = std::minmax(atLo, atHi);
    int64_t level = least + 1 + int64_t(generator() % uint64_t(most - least));
    bool rises = atLo < atHi;
    while (hi - lo > 1 && !difference) {
      int64_t middle = lo + (hi - lo) / 2;
      bool reached = levelAt(atom, middle) >= level;
      (reached == rises ? hi : lo) = middle;
    }
  }

  const DependentElement &element;
  Evaluator exact, integer;
  std::vector<int64_t> atoms; ///< values; atom 0 is 1
  std::vector<uint32_t> used;
  std::mt19937_64 generator{0};
  std::optional<Difference> difference;
  int64_t evaluated = 0;
};

} // namespace

std::optional<Difference>
check::sampleDependent(const DependentElement &element, int64_t &compared) {
  return Sampler(element).run(compared);
}
