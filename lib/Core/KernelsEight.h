//===- KernelsEight.h - Eight numbers, once a target ------------*- C++ -*-===//
//
// Part of KernelsImpl.h, under the same rules: doubles in two vectors of AVX2
// or one of AVX-512, floats in one. Integers of 32 bits come and go as one
// vector.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#ifdef __AVX2__
#include <immintrin.h>

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

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
inline __m128i packEight(__m256i eight) {
  return _mm_packs_epi32(_mm256_castsi256_si128(eight),
                         _mm256_extracti128_si256(eight, 1));
}
inline void storeEight(int8_t *to, __m256i eight) {
  __m128i words = packEight(eight);
  _mm_storel_epi64(reinterpret_cast<__m128i *>(to),
                   _mm_packs_epi16(words, words));
}
inline void storeEight(int16_t *to, __m256i eight) {
  _mm_storeu_si128(reinterpret_cast<__m128i *>(to), packEight(eight));
}
inline void storeEight(int32_t *to, __m256i eight) {
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), eight);
}

/// `first` plus a number, clamped to [0, count].
struct ClampedCodes {
  int32_t first, count;

  __m256i eight(__m256i numbers) const {
    __m256i level =
        _mm256_min_epi32(_mm256_max_epi32(numbers, _mm256_setzero_si256()),
                         _mm256_set1_epi32(count));
    return _mm256_add_epi32(level, _mm256_set1_epi32(first));
  }

  /// Four times eight, codes of 8 bits. The packs to 16 bits saturate, beyond
  /// what is clamped anyway.
  void store(int8_t *to, const __m256i (&numbers)[4]) const {
    __m256i low = sixteen(_mm256_packs_epi32(numbers[0], numbers[1]));
    __m256i high = sixteen(_mm256_packs_epi32(numbers[2], numbers[3]));
    // The packs work on halves: bytes 0-3 of each vector came first.
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i codes = _mm256_packs_epi16(low, high);
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(to),
                        _mm256_permutevar8x32_epi32(codes, order));
  }

private:
  __m256i sixteen(__m256i numbers) const {
    __m256i level =
        _mm256_min_epi16(_mm256_max_epi16(numbers, _mm256_setzero_si256()),
                         _mm256_set1_epi16(int16_t(count)));
    return _mm256_add_epi16(level, _mm256_set1_epi16(int16_t(first)));
  }
};

#ifdef __AVX512VNNI__
struct EightDoubles {
  __m512d all;

  explicit EightDoubles(__m512d all) : all(all) {}
  explicit EightDoubles(double value) : all(_mm512_set1_pd(value)) {}
  explicit EightDoubles(__m256i integers) : all(_mm512_cvtepi32_pd(integers)) {}
  explicit EightDoubles(const double *from) : all(_mm512_loadu_pd(from)) {}
  /// Of magnitude below 2^51.
  explicit EightDoubles(const int64_t *from)
      : all(_mm512_cvtepi64_pd(_mm512_loadu_si512(from))) {}

  EightDoubles operator+(EightDoubles other) const {
    return EightDoubles(_mm512_add_pd(all, other.all));
  }
  EightDoubles operator*(EightDoubles other) const {
    return EightDoubles(_mm512_mul_pd(all, other.all));
  }
  /// Towards zero, of magnitude below 2^31.
  __m256i truncated() const { return _mm512_cvttpd_epi32(all); }
  /// Their floor, within integer bounds.
  __m256i clampedFloor(EightDoubles lo, EightDoubles hi) const {
    __m512d value = _mm512_min_pd(_mm512_max_pd(all, lo.all), hi.all);
    return _mm512_cvt_roundpd_epi32(value,
                                    _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  }
};
#else
struct EightDoubles {
  __m256d low, high;

  EightDoubles(__m256d low, __m256d high) : low(low), high(high) {}
  explicit EightDoubles(double value)
      : low(_mm256_set1_pd(value)), high(_mm256_set1_pd(value)) {}
  explicit EightDoubles(__m256i integers)
      : low(_mm256_cvtepi32_pd(_mm256_castsi256_si128(integers))),
        high(_mm256_cvtepi32_pd(_mm256_extracti128_si256(integers, 1))) {}
  explicit EightDoubles(const double *from)
      : low(_mm256_loadu_pd(from)), high(_mm256_loadu_pd(from + 4)) {}
  /// Of magnitude below 2^51.
  explicit EightDoubles(const int64_t *from)
      : low(four(from)), high(four(from + 4)) {}

  EightDoubles operator+(EightDoubles other) const {
    return {_mm256_add_pd(low, other.low), _mm256_add_pd(high, other.high)};
  }
  EightDoubles operator*(EightDoubles other) const {
    return {_mm256_mul_pd(low, other.low), _mm256_mul_pd(high, other.high)};
  }
  /// Towards zero, of magnitude below 2^31.
  __m256i truncated() const {
    return _mm256_set_m128i(_mm256_cvttpd_epi32(high),
                            _mm256_cvttpd_epi32(low));
  }
  /// Their floor, within integer bounds.
  __m256i clampedFloor(EightDoubles lo, EightDoubles hi) const {
    return _mm256_set_m128i(clampedFloor(high, lo.high, hi.high),
                            clampedFloor(low, lo.low, hi.low));
  }

private:
  /// Added to the bits of 1.5 * 2^52, whose unit in the last place is 1, the
  /// integers become the fraction of a double.
  static __m256d four(const int64_t *from) {
    const __m256d magic = _mm256_set1_pd(0x1.8p52);
    __m256i integers =
        _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_add_epi64(
                             integers, _mm256_castpd_si256(magic))),
                         magic);
  }
  static __m128i clampedFloor(__m256d value, __m256d lo, __m256d hi) {
    value = _mm256_min_pd(_mm256_max_pd(value, lo), hi);
    return _mm256_cvttpd_epi32(_mm256_floor_pd(value));
  }
};
#endif

struct EightFloats {
  __m256 all;

  explicit EightFloats(__m256 all) : all(all) {}
  explicit EightFloats(float value) : all(_mm256_set1_ps(value)) {}
  explicit EightFloats(__m256i integers) : all(_mm256_cvtepi32_ps(integers)) {}
  explicit EightFloats(const float *from) : all(_mm256_loadu_ps(from)) {}

  EightFloats operator+(EightFloats other) const {
    return EightFloats(_mm256_add_ps(all, other.all));
  }
  EightFloats operator*(EightFloats other) const {
    return EightFloats(_mm256_mul_ps(all, other.all));
  }
  /// Towards zero, of magnitude below 2^31.
  __m256i truncated() const { return _mm256_cvttps_epi32(all); }
  /// Ties to even, of magnitude below 2^31.
  __m256i nearest() const { return _mm256_cvtps_epi32(all); }
};

template <typename Real> struct EightOf {
  using type = EightDoubles;
};
template <> struct EightOf<float> {
  using type = EightFloats;
};

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
#endif
