//===- KernelsLanes.h - Quantisers, 8 channels at a time --------*- C++ -*-===//
//
// Part of KernelsImpl.h, under the same rules. What is computed in floats and
// doubles here is exact or proved to suffice by whoever made the constants; the
// vectoriser finds neither these instructions nor these packings by itself.
//
//===----------------------------------------------------------------------===//

#include "KernelsEight.h"

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

/// The integer part of a value within [0, count].
template <typename Real> inline int32_t levelOf(Real value, int32_t count) {
  const Real most = Real(count);
  value = value > 0 ? value : 0;
  return int32_t(value < most ? value : most);
}

/// Lines and what else a bracket needs, by value, so that no store can alias
/// it. `Two` inputs or one.
template <bool Two, typename Real> struct LinesOf {
  Real first, second, width;
  const Real *low;
  int32_t count, bias;

  LinesOf(const Lines<Real> &lines, const ThresholdConstants &t)
      : first(lines.slope[0]), second(lines.slope[1]), width(lines.width),
        low(lines.low.data()), count(int32_t(t.count)), bias(int32_t(t.bias)) {}

  template <typename In> Real at(const In *x, const In *y, size_t ch) const {
    Real value = first * Real(x[ch]);
    if constexpr (Two)
      value = value + second * Real(y[ch]);
    return value + low[ch];
  }
  int32_t below(Real value) const { return levelOf(value, count); }
  int32_t above(Real value) const { return levelOf(value + width, count); }
};

#ifdef __AVX2__

/// True if the containers' values are converted by way of int32.
template <typename In, typename Out>
constexpr bool inLanes = sizeof(In) < 8 && sizeof(Out) < 8;

/// Requantises as many channels as make whole eights, without ties; returns
/// their number. (p*a + c) / 2^k has at most 52 bits, wherever its point is.
template <typename In, typename Out>
inline size_t requantLanes(const RequantConstants &q, const In *from, Out *to) {
  const double unit = 1.0 / double(uint64_t(1) << q.k);
  const EightDoubles p(double(q.p) * unit), scale(unit);
  const EightDoubles lo{double(q.lo)}, hi{double(q.hi)};
  size_t ch = 0;
  for (; ch + 8 <= q.channels; ch += 8) {
    EightDoubles value = EightDoubles(loadEight(from + ch)) * p +
                         EightDoubles(q.c.data() + ch) * scale;
    storeEight(to + ch, value.clampedFloor(lo, hi));
  }
  return ch;
}

/// The same by the float line, whose sums are moved by `lo`, so that they are
/// clamped like levels.
template <typename In, typename Out>
inline size_t requantFloats(const RequantConstants &q, const In *from,
                            Out *to) {
  const EightFloats slope(q.line->slope);
  const float *offset = q.line->offset.data();
  const __m256i lo = _mm256_set1_epi32(int32_t(q.lo));
  const ClampedCodes codes{int32_t(q.lo), int32_t(q.hi - q.lo)};
  auto eight = [=](size_t ch) {
    EightFloats value =
        EightFloats(loadEight(from + ch)) * slope + EightFloats(offset + ch);
    return _mm256_sub_epi32(value.nearest(), lo);
  };
  size_t ch = 0;
  if constexpr (sizeof(Out) == 1)
    for (; ch + 32 <= q.channels; ch += 32)
      codes.store(to + ch,
                  {eight(ch), eight(ch + 8), eight(ch + 16), eight(ch + 24)});
  for (; ch + 8 <= q.channels; ch += 8)
    storeEight(to + ch, codes.eight(eight(ch)));
  return ch;
}

/// Levels of eight channels by the lower line, and the bits in which those by
/// the upper one differ.
template <bool Two, typename Real, typename In>
inline __m256i levelsOfEight(const LinesOf<Two, Real> &lines, const In *x,
                             const In *y, size_t ch, __m256i &differ) {
  using Eight = typename EightOf<Real>::type;
  Eight value = Eight(loadEight(x + ch)) * Eight(lines.first);
  if constexpr (Two)
    value = value + Eight(loadEight(y + ch)) * Eight(lines.second);
  value = value + Eight(lines.low + ch);
  __m256i below = value.truncated();
  __m256i above = (value + Eight(lines.width)).truncated();
  differ = _mm256_xor_si256(below, above);
  return below;
}

/// bracketGroup of eight channels.
template <bool Two, typename Real, typename In, typename Out>
inline bool bracketEight(const LinesOf<Two, Real> &lines, const In *x,
                         const In *y, size_t ch, Out *to) {
  __m256i differ, levels = levelsOfEight(lines, x, y, ch, differ);
  storeEight(to + ch, ClampedCodes{lines.bias, lines.count}.eight(levels));
  return !_mm256_testz_si256(differ, differ);
}

/// bracketGroup of 32 channels with codes of 8 bits.
template <bool Two, typename Real, typename In>
inline bool bracketBytes(const LinesOf<Two, Real> &lines, const In *x,
                         const In *y, size_t ch, int8_t *to) {
  __m256i levels[4], differ[4];
  for (unsigned i = 0; i < 4; ++i)
    levels[i] = levelsOfEight(lines, x, y, ch + 8 * i, differ[i]);
  ClampedCodes{lines.bias, lines.count}.store(to + ch, levels);
  __m256i any = _mm256_or_si256(_mm256_or_si256(differ[0], differ[1]),
                                _mm256_or_si256(differ[2], differ[3]));
  return !_mm256_testz_si256(any, any);
}

#endif
} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
