//===- KernelsQuads.h - Products of 8 bits, once a target -------*- C++ -*-===//
//
// Part of KernelsImpl.h, under the same rules. A target has `quadBlocks`:
// `Blocks` blocks of 8 rows times `Vectors` operands, `pitch` apart, which
// share each load of the weights; their sums are `sumsPitch` apart. `rowSums`
// are those of the weights, `offset` holds quadOffset of each operand: what a
// target wants to know before the sum. `kVectors` operands share loads, `kSums`
// sums of 8 rows stay in registers.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

#if defined(__AVX512VNNI__)
constexpr unsigned kVectors = 4, kSums = 16;

inline int32_t quadOffset(const int8_t *, size_t) { return 0; }

/// Eight sums. GCC 12 copies a __m256i before and after each product of the
/// loop below, as it changes between vectors of 64 and of 32 bits.
using EightSums = int32_t __attribute__((vector_size(32)));

/// Products of 8 bits, unsigned by signed: x * w = (x + 128) * w - 128 * w,
/// whose last terms are known by row.
template <unsigned Blocks, unsigned Vectors>
inline void quadBlocks(const int8_t *weights, const int32_t *rowSums,
                       size_t quads, const int8_t *x, size_t pitch,
                       const int32_t *, int32_t *sums, size_t sumsPitch) {
  EightSums acc[Vectors][Blocks];
  for (unsigned b = 0; b < Blocks; ++b) {
    EightSums rows;
    __builtin_memcpy(&rows, rowSums + 8 * b, sizeof(rows));
    for (unsigned v = 0; v < Vectors; ++v)
      acc[v][b] = -128 * rows;
  }
  const __m256i signs = _mm256_set1_epi8(-128);
  for (size_t quad = 0; quad < quads; ++quad) {
    __m256i value[Vectors];
    for (unsigned v = 0; v < Vectors; ++v) {
      int32_t four;
      __builtin_memcpy(&four, x + v * pitch + 4 * quad, 4);
      value[v] = _mm256_xor_si256(_mm256_set1_epi32(four), signs);
    }
    for (unsigned b = 0; b < Blocks; ++b) {
      __m256i w = _mm256_loadu_si256(
          reinterpret_cast<const __m256i *>(weights + (b * quads + quad) * 32));
      for (unsigned v = 0; v < Vectors; ++v)
        acc[v][b] =
            EightSums(_mm256_dpbusd_epi32(__m256i(acc[v][b]), value[v], w));
    }
  }
  for (unsigned v = 0; v < Vectors; ++v)
    for (unsigned b = 0; b < Blocks; ++b)
      __builtin_memcpy(sums + v * sumsPitch + 8 * b, &acc[v][b],
                       sizeof(EightSums));
}
#elif defined(__AVX2__)
constexpr unsigned kVectors = 2, kSums = 8;

/// Sum of |x| over the negative x of whole quads, as quadBlocks needs it.
inline int32_t quadOffset(const int8_t *x, size_t quads) {
  const __m128i zero = _mm_setzero_si128();
  __m128i sum = zero; // 2 of 64 bits
  auto add = [&](__m128i bytes) {
    __m128i magnitude = _mm_sub_epi8(zero, _mm_min_epi8(bytes, zero));
    sum = _mm_add_epi64(sum, _mm_sad_epu8(magnitude, zero));
  };
  size_t quad = 0;
  for (; quad + 4 <= quads; quad += 4)
    add(_mm_loadu_si128(reinterpret_cast<const __m128i *>(x + 4 * quad)));
  for (; quad < quads; ++quad) {
    int32_t four;
    __builtin_memcpy(&four, x + 4 * quad, 4);
    add(_mm_cvtsi32_si128(four));
  }
  return _mm_cvtsi128_si32(_mm_add_epi64(sum, _mm_srli_si128(sum, 8)));
}

/// Products of 8 bits, unsigned by signed: x * w = |x| * w for x >= 0, else
/// |x| * ~w + |x|, whose last terms do not depend on the row: `offset` is
/// their sum. A pair's sum is within [-2 * 128 * 128, 2 * 128 * 127], the 16
/// bits in which the instruction saturates.
template <unsigned Blocks, unsigned Vectors>
inline void quadBlocks(const int8_t *weights, const int32_t *, size_t quads,
                       const int8_t *x, size_t pitch, const int32_t *offset,
                       int32_t *sums, size_t sumsPitch) {
  __m256i acc[Vectors][Blocks];
  const __m256i ones = _mm256_set1_epi16(1), zero = _mm256_setzero_si256();
  for (unsigned v = 0; v < Vectors; ++v)
    for (unsigned b = 0; b < Blocks; ++b)
      acc[v][b] = _mm256_set1_epi32(offset[v]);
  for (size_t quad = 0; quad < quads; ++quad)
    for (unsigned v = 0; v < Vectors; ++v) {
      int32_t four;
      __builtin_memcpy(&four, x + v * pitch + 4 * quad, 4);
      __m256i value = _mm256_set1_epi32(four);
      __m256i magnitude = _mm256_abs_epi8(value);
      __m256i flip = _mm256_cmpgt_epi8(zero, value);
      for (unsigned b = 0; b < Blocks; ++b) {
        __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(
            weights + (b * quads + quad) * 32));
        __m256i pairs =
            _mm256_maddubs_epi16(magnitude, _mm256_xor_si256(w, flip));
        acc[v][b] = _mm256_add_epi32(acc[v][b], _mm256_madd_epi16(pairs, ones));
      }
    }
  for (unsigned v = 0; v < Vectors; ++v)
    for (unsigned b = 0; b < Blocks; ++b)
      _mm256_storeu_si256(
          reinterpret_cast<__m256i *>(sums + v * sumsPitch + 8 * b), acc[v][b]);
}
#else
constexpr unsigned kVectors = 2, kSums = 8;

inline int32_t quadOffset(const int8_t *, size_t) { return 0; }

template <unsigned Blocks, unsigned Vectors>
inline void quadBlocks(const int8_t *weights, const int32_t *, size_t quads,
                       const int8_t *x, size_t pitch, const int32_t *,
                       int32_t *sums, size_t sumsPitch) {
  for (unsigned v = 0; v < Vectors; ++v, x += pitch)
    for (unsigned b = 0; b < Blocks; ++b) {
      uint32_t acc[8] = {};
      for (size_t quad = 0; quad < quads; ++quad)
        for (unsigned lane = 0; lane < 8; ++lane)
          for (unsigned i = 0; i < 4; ++i)
            acc[lane] +=
                uint32_t(weights[(b * quads + quad) * 32 + lane * 4 + i] *
                         x[4 * quad + i]);
      for (unsigned lane = 0; lane < 8; ++lane)
        sums[v * sumsPitch + 8 * b + lane] = int32_t(acc[lane]);
    }
}

#endif

/// Results of the size of a sum are stored where they belong.
template <unsigned Blocks, unsigned Vectors, typename Out>
inline void quadResults(const Matrix &matrix, size_t block, const int8_t *x,
                        const int32_t *offset, Out *out) {
  const size_t quads = matrix.columnQuads(), rows = matrix.rows;
  const int8_t *w = matrix.quads.data() + block * quads * 32;
  const int32_t *rowSums = matrix.rowSums.data() + 8 * block;
  size_t left = rows - 8 * block, most = 8 * Blocks;
  out += 8 * block;
  if constexpr (sizeof(Out) == sizeof(int32_t))
    if (left >= most)
      return quadBlocks<Blocks, Vectors>(w, rowSums, quads, x, matrix.columns,
                                         offset, out, rows);
  int32_t sums[Vectors * 8 * Blocks];
  quadBlocks<Blocks, Vectors>(w, rowSums, quads, x, matrix.columns, offset,
                              sums, most);
  size_t count = left < most ? left : most;
  for (size_t v = 0; v < Vectors; ++v)
    for (size_t i = 0; i < count; ++i)
      out[v * rows + i] = Out(sums[v * most + i]);
}

template <unsigned Vectors, typename Out>
inline void quadVectors(const Matrix &matrix, const int8_t *x, Out *out) {
  int32_t offset[Vectors];
  for (size_t v = 0; v < Vectors; ++v)
    offset[v] = quadOffset(x + v * matrix.columns, matrix.columnQuads());
  constexpr unsigned wide = kSums / Vectors < 8 ? kSums / Vectors : 8;
  size_t block = 0;
  for (; block + wide <= matrix.rowBlocks(); block += wide)
    quadResults<wide, Vectors>(matrix, block, x, offset, out);
  for (; block + 2 <= matrix.rowBlocks(); block += 2)
    quadResults<2, Vectors>(matrix, block, x, offset, out);
  for (; block < matrix.rowBlocks(); ++block)
    quadResults<1, Vectors>(matrix, block, x, offset, out);
}

template <typename Out>
void matmulQuads(const void *constants, size_t rows, std::byte *out,
                 const std::byte *const *in) {
  auto &matrix = *static_cast<const Matrix *>(constants);
  auto *x = reinterpret_cast<const int8_t *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const size_t pitch = matrix.columns;
  for (; rows >= kVectors; rows -= kVectors) {
    quadVectors<kVectors>(matrix, x, to);
    x += kVectors * pitch;
    to += kVectors * matrix.rows;
  }
  for (; rows; --rows, x += pitch, to += matrix.rows)
    quadVectors<1>(matrix, x, to);
}

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
