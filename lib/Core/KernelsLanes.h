//===- KernelsLanes.h - Quantisers, 8 channels at a time --------*- C++ -*-===//
//
// Part of KernelsImpl.h, under the same rules. What is computed in doubles here
// is exact or proved to suffice by whoever made the constants; the vectoriser
// finds neither these instructions nor these packings by itself.
//
//===----------------------------------------------------------------------===//

#include "KernelsEight.h"
#ifdef __AVX2__

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

/// True if the containers' values are converted by way of int32.
template <typename In, typename Out>
constexpr bool inLanes = sizeof(In) < 8 && sizeof(Out) < 8;

/// Requantises as many channels as make whole eights, without ties; returns
/// their number. (p*a + c) / 2^k has at most 52 bits, wherever its point is.
template <typename In, typename Out>
inline size_t requantLanes(const RequantConstants &q, const In *from, Out *to) {
  const double unit = 1.0 / double(uint64_t(1) << q.k);
  const Eight p(double(q.p) * unit), scale(unit);
  const Eight lo{double(q.lo)}, hi{double(q.hi)};
  size_t ch = 0;
  for (; ch + 8 <= q.channels; ch += 8) {
    Eight value =
        Eight(loadEight(from + ch)) * p + Eight(q.c.data() + ch) * scale;
    storeEight(to + ch, value.clampedFloor(lo, hi));
  }
  return ch;
}

/// Counts by the lower line, as bracketRow does, of as many channels as make
/// whole eights; returns their number.
template <bool Two, typename In, typename Out>
inline size_t bracketLanes(const ThresholdConstants &t, const In *x,
                           const In *y, Out *to, int32_t &differ) {
  const Eight first(t.bracket.slope[0]), second(t.bracket.slope[1]);
  const Eight none(0.0), all{double(t.count)};
  const double *low = t.bracket.low.data(), *high = t.bracket.high.data();
  const __m256i bias = _mm256_set1_epi32(int32_t(t.bias));
  __m256i differing = _mm256_setzero_si256();
  size_t ch = 0;
  for (; ch + 8 <= t.channels; ch += 8) {
    Eight value = Eight(loadEight(x + ch)) * first;
    if constexpr (Two)
      value = value + Eight(loadEight(y + ch)) * second;
    __m256i least = (value + Eight(low + ch)).clampedFloor(none, all);
    __m256i most = (value + Eight(high + ch)).clampedFloor(none, all);
    differing = _mm256_or_si256(differing, _mm256_xor_si256(least, most));
    storeEight(to + ch, _mm256_add_epi32(least, bias));
  }
  differ = !_mm256_testz_si256(differing, differing);
  return ch;
}

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
#endif
