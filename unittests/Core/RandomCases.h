//===- RandomCases.h - Seeded inputs of the property tests ------*- C++ -*-===//

#ifndef FINNGL_UNITTESTS_CORE_RANDOMCASES_H
#define FINNGL_UNITTESTS_CORE_RANDOMCASES_H

#include "finngl/Core/AffineQuantisation.h"
#include <array>
#include <cmath>
#include <random>

namespace finngl::test {

inline constexpr std::array<Rounding, 7> allRoundings = {
    Rounding::HalfEven, Rounding::Ceil,   Rounding::Floor,   Rounding::Up,
    Rounding::Down,     Rounding::HalfUp, Rounding::HalfDown};

class RandomCases {
public:
  explicit RandomCases(unsigned seed) : random(seed) {}

  /// Uniform in [lo, hi]; not std::uniform_int_distribution, whose values
  /// differ between standard libraries.
  int64_t integer(int64_t lo, int64_t hi) {
    return lo + int64_t(random() % uint64_t(hi - lo + 1));
  }
  bool chance(int percent) { return integer(1, 100) <= percent; }
  Rounding rounding() { return allRoundings[integer(0, 6)]; }

  /// A float32 scale of the size that trained networks have.
  Rational floatScale() {
    return toRational(
        std::ldexp(float(integer(1 << 23, (1 << 24) - 1)), -integer(22, 30)));
  }
  /// A ratio of scales: mostly s_x * s_w / s_y of float32 numbers, else dyadic
  /// or a small fraction, where ties are common.
  Rational ratio() {
    Rational result;
    switch (integer(0, 3)) {
    case 0:
      result = Rational(integer(1, 24), 1 << integer(0, 5));
      break;
    case 1:
      result = Rational(integer(1, 12), integer(1, 12));
      break;
    default:
      result = floatScale() * floatScale() / floatScale();
    }
    result.canonicalize();
    return result;
  }
  Rational offset() {
    Rational result;
    if (chance(40))
      result = Rational(integer(-64, 64), 8);
    else if (chance(50))
      result = Rational(integer(-40, 40), integer(1, 9));
    else
      result = floatScale() * integer(-30, 30) / floatScale();
    result.canonicalize();
    return result;
  }
  std::pair<int64_t, int64_t> range(int64_t reach) {
    int64_t a = integer(-reach, reach), b = integer(-reach, reach);
    return std::minmax(a, b);
  }
  AffineQuantisation affine(size_t channels) {
    AffineQuantisation q;
    q.ratio = ratio();
    if (chance(30))
      q.ratio = -q.ratio;
    if (chance(3))
      q.ratio = 0;
    q.rounding = rounding();
    unsigned bits = integer(1, 6);
    q.lo = chance(50) ? 0 : -(int64_t(1) << (bits - 1));
    q.hi = q.lo + (int64_t(1) << bits) - 1 - integer(0, bits > 1);
    for (size_t channel = 0; channel < channels; ++channel) {
      q.offset.push_back(offset());
      q.range.push_back(range(120));
    }
    return q;
  }

private:
  std::mt19937_64 random;
};

} // namespace finngl::test

#endif // FINNGL_UNITTESTS_CORE_RANDOMCASES_H
