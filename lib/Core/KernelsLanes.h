//===- KernelsLanes.h - Quantisers, 8 channels at a time --------*- C++ -*-===//
//
// Part of KernelsImpl.h, under the same rules. What is computed in doubles here
// is exact or proved to suffice by whoever made the constants; the vectoriser
// finds neither these instructions nor these packings by itself.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#ifdef __AVX2__
#include <immintrin.h>

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

/// True if the containers' values are converted by way of int32.
template <typename In, typename Out>
constexpr bool inLanes = sizeof(In) < 8 && sizeof(Out) < 8;

inline __m256i loadEight(const int8_t *from) {
  return _mm256_cvtepi8_epi32(
      _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from)));
}
inline __m256i loadEight(const int16_t *from) {
  return _mm256_cvtepi16_epi32(
      _mm_loadu_si128(reinterpret_cast<const __m128i *>(from)));
}
inline __m256i loadEight(const int32_t *from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
}

/// The saturating packs change nothing, since the values fit.
inline void storeEight(int8_t *to, const __m128i (&half)[2]) {
  __m128i words = _mm_packs_epi32(half[0], half[1]);
  _mm_storel_epi64(reinterpret_cast<__m128i *>(to),
                   _mm_packs_epi16(words, words));
}
inline void storeEight(int16_t *to, const __m128i (&half)[2]) {
  _mm_storeu_si128(reinterpret_cast<__m128i *>(to),
                   _mm_packs_epi32(half[0], half[1]));
}
inline void storeEight(int32_t *to, const __m128i (&half)[2]) {
  _mm_storeu_si128(reinterpret_cast<__m128i *>(to), half[0]);
  _mm_storeu_si128(reinterpret_cast<__m128i *>(to + 4), half[1]);
}

inline __m256d halfOf(__m256i eight, unsigned half) {
  return _mm256_cvtepi32_pd(half ? _mm256_extracti128_si256(eight, 1)
                                 : _mm256_castsi256_si128(eight));
}

inline __m256d clampTo(__m256d value, __m256d lo, __m256d hi) {
  return _mm256_min_pd(_mm256_max_pd(value, lo), hi);
}

/// 4 integers of magnitude below 2^51: added to the bits of 1.5 * 2^52, whose
/// unit in the last place is 1, they become the fraction of a double.
inline __m256d toDoubles(const int64_t *from) {
  const __m256d magic = _mm256_set1_pd(0x1.8p52);
  __m256i four = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
  return _mm256_sub_pd(
      _mm256_castsi256_pd(_mm256_add_epi64(four, _mm256_castpd_si256(magic))),
      magic);
}

/// Requantises as many channels as make whole eights, without ties; returns
/// their number. (p*a + c) / 2^k has at most 52 bits, wherever its point is.
template <typename In, typename Out>
inline size_t requantLanes(const RequantConstants &q, const In *from, Out *to) {
  const double unit = 1.0 / double(uint64_t(1) << q.k);
  const __m256d p = _mm256_set1_pd(double(q.p) * unit);
  const __m256d scale = _mm256_set1_pd(unit);
  const __m256d lo = _mm256_set1_pd(double(q.lo));
  const __m256d hi = _mm256_set1_pd(double(q.hi));
  size_t ch = 0;
  for (; ch + 8 <= q.channels; ch += 8) {
    __m256i eight = loadEight(from + ch);
    __m128i half[2];
    for (unsigned i = 0; i < 2; ++i) {
      __m256d c = _mm256_mul_pd(toDoubles(q.c.data() + ch + 4 * i), scale);
      __m256d v = _mm256_add_pd(_mm256_mul_pd(halfOf(eight, i), p), c);
      half[i] = _mm256_cvttpd_epi32(clampTo(_mm256_floor_pd(v), lo, hi));
    }
    storeEight(to + ch, half);
  }
  return ch;
}

/// Counts by the lower line, as bracketRow does, of as many channels as make
/// whole eights; returns their number.
template <bool Two, typename In, typename Out>
inline size_t bracketLanes(const ThresholdConstants &t, const In *x,
                           const In *y, Out *to, int32_t &differ) {
  const __m256d first = _mm256_set1_pd(t.bracket.slope[0]);
  const __m256d second = _mm256_set1_pd(t.bracket.slope[1]);
  const __m256d none = _mm256_setzero_pd();
  const __m256d all = _mm256_set1_pd(double(t.count));
  const double *low = t.bracket.low.data(), *high = t.bracket.high.data();
  const __m128i bias = _mm_set1_epi32(int32_t(t.bias));
  __m128i differing = _mm_setzero_si128();
  size_t ch = 0;
  for (; ch + 8 <= t.channels; ch += 8) {
    __m256i one = loadEight(x + ch), two = loadEight(y + ch);
    __m128i half[2];
    for (unsigned i = 0; i < 2; ++i) {
      size_t at = ch + 4 * i;
      __m256d value = _mm256_mul_pd(halfOf(one, i), first);
      if constexpr (Two)
        value = _mm256_add_pd(value, _mm256_mul_pd(halfOf(two, i), second));
      __m256d below = _mm256_add_pd(value, _mm256_loadu_pd(low + at));
      __m256d above = _mm256_add_pd(value, _mm256_loadu_pd(high + at));
      __m128i least = _mm256_cvttpd_epi32(clampTo(below, none, all));
      __m128i most = _mm256_cvttpd_epi32(clampTo(above, none, all));
      differing = _mm_or_si128(differing, _mm_xor_si128(least, most));
      half[i] = _mm_add_epi32(least, bias);
    }
    storeEight(to + ch, half);
  }
  differ = !_mm_testz_si128(differing, differing);
  return ch;
}

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
#endif
