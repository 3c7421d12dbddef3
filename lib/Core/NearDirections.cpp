//===- NearDirections.cpp - Small integers in given proportions -----------===//
//
// The lattice holds (weight * k[b], reach[j] * (k[b] * scales[j] / scales[b] -
// k[j]) for j != b). While the weight is large, its shortest vectors are the
// units with k[b] = 0; each time it is halved, vectors with a larger k[b] and a
// smaller rest become short.
//
//===----------------------------------------------------------------------===//

#include "NearDirections.h"
#include <algorithm>
#include <cmath>

using namespace finngl;

namespace {

class Lattice {
public:
  Lattice(const IntegerVector &scales, const IntegerVector &reach)
      : scales(scales), size(scales.size()),
        base(size_t(std::max_element(reach.begin(), reach.end()) -
                    reach.begin())) {
    double total = 0;
    for (const Integer &r : reach) {
      weights.push_back(r.get_d());
      total += r.get_d();
    }
    weights[base] = total; // long enough to come last in a reduced basis
    // Units first, then the rounded proportions of k[b] = 1.
    for (size_t j = 0; j < size; ++j)
      if (j != base) {
        basis.emplace_back(size, 0);
        basis.back()[j] = 1;
      }
    basis.emplace_back(size);
    for (size_t j = 0; j < size; ++j)
      mpz_fdiv_q(basis.back()[j].get_mpz_t(), scales[j].get_mpz_t(),
                 scales[base].get_mpz_t());
  }

  const std::vector<IntegerVector> &vectors() const { return basis; }

  void halve() {
    weights[base] /= 2;
    reduce();
  }

private:
  using Coordinates = std::vector<double>;

  Coordinates coordinates(const IntegerVector &k) const {
    Coordinates x(size);
    for (size_t j = 0; j < size; ++j) {
      Integer rest = k[base] * scales[j];
      if (j != base)
        rest -= k[j] * scales[base];
      x[j] = weights[j] * (rest.get_d() / scales[base].get_d());
    }
    return x;
  }

  static double dot(const Coordinates &x, const Coordinates &y) {
    double sum = 0;
    for (size_t j = 0; j < x.size(); ++j)
      sum += x[j] * y[j];
    return sum;
  }

  /// Parts of the vectors up to `last` that are orthogonal to those before.
  std::vector<Coordinates> orthogonal(size_t last) const {
    std::vector<Coordinates> parts;
    for (size_t i = 0; i <= last; ++i) {
      Coordinates part = coordinates(basis[i]);
      for (const Coordinates &before : parts) {
        double share = dot(part, before) / dot(before, before);
        for (size_t j = 0; j < size; ++j)
          part[j] -= share * before[j];
      }
      parts.push_back(std::move(part));
    }
    return parts;
  }

  /// Subtracts multiples of the vectors before, so that little of vector i is
  /// along them.
  void reduceSize(size_t i, const std::vector<Coordinates> &parts) {
    for (size_t j = i; j-- > 0;) {
      double share = std::nearbyint(dot(coordinates(basis[i]), parts[j]) /
                                    dot(parts[j], parts[j]));
      if (share == 0 || !std::isfinite(share))
        continue;
      Integer times(share);
      for (size_t e = 0; e < size; ++e)
        basis[i][e] -= times * basis[j][e];
    }
  }

  void reduce() {
    constexpr int kMostSwaps = 1000; // doubles could go round in circles
    int swaps = 0;
    for (size_t i = 1; i < size && swaps < kMostSwaps;) {
      auto parts = orthogonal(i);
      reduceSize(i, parts);
      double along = dot(coordinates(basis[i]), parts[i - 1]) /
                     dot(parts[i - 1], parts[i - 1]);
      double before = dot(parts[i - 1], parts[i - 1]);
      if (dot(parts[i], parts[i]) >= (0.75 - along * along) * before) {
        ++i;
        continue;
      }
      std::swap(basis[i], basis[i - 1]);
      i = std::max<size_t>(i - 1, 1);
      ++swaps;
    }
  }

  const IntegerVector &scales;
  size_t size, base;
  std::vector<double> weights;
  std::vector<IntegerVector> basis;
};

} // namespace

void finngl::visitNearDirections(
    const IntegerVector &scales, const IntegerVector &reach,
    const std::function<bool(const IntegerVector &)> &visit) {
  // The weight falls until the exact proportions, of at most 2^120, are short.
  constexpr int kMostHalvings = 300;
  Lattice lattice(scales, reach);
  IntegerVector last;
  for (int i = 0; i < kMostHalvings; ++i) {
    lattice.halve();
    for (IntegerVector k : lattice.vectors()) {
      if (std::any_of(k.begin(), k.end(),
                      [](const Integer &e) { return e < 0; }))
        for (Integer &e : k)
          e = -e;
      bool isNegative = std::any_of(k.begin(), k.end(),
                                    [](const Integer &e) { return e < 0; });
      if (isNegative || k == last)
        continue;
      last = k;
      if (!visit(k))
        return;
    }
  }
}
