//===- KernelsMatrix.h - Matrix products, compiled once a target -*- C++
//-*-===//
//
// Part of KernelsImpl.h, under the same rules.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

#ifdef __AVX2__
inline __m256i loadPairs(const int8_t *weights) {
  return _mm256_cvtepi8_epi16(
      _mm_loadu_si128(reinterpret_cast<const __m128i *>(weights)));
}
inline __m256i loadPairs(const int16_t *weights) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weights));
}

/// `Blocks` blocks of 8 rows at once: their sums stay in registers.
template <unsigned Blocks, typename Weight>
inline void rowBlocks(const Weight *weights, size_t pairs, const int32_t *x,
                      int32_t *sums) {
  __m256i acc[Blocks];
  for (unsigned b = 0; b < Blocks; ++b)
    acc[b] = _mm256_setzero_si256();
  for (size_t pair = 0; pair < pairs; ++pair) {
    __m256i value = _mm256_set1_epi32(x[pair]);
    for (unsigned b = 0; b < Blocks; ++b)
      acc[b] = _mm256_add_epi32(
          acc[b], _mm256_madd_epi16(
                      loadPairs(weights + (b * pairs + pair) * 16), value));
  }
  for (unsigned b = 0; b < Blocks; ++b)
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(sums + 8 * b), acc[b]);
}

/// Sum of |x| over the negative x of whole quads, as quadBlocks needs it.
inline int32_t negativePart(const int8_t *x, size_t quads) {
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
/// |x| * ~w + |x|, whose last terms do not depend on the row: `negative` is
/// their sum. A pair's sum is within [-2 * 128 * 128, 2 * 128 * 127], the 16
/// bits in which the instruction saturates. `Vectors` operands, `pitch` apart,
/// share each load of the weights; their sums are `sumsPitch` apart.
template <unsigned Blocks, unsigned Vectors>
inline void quadBlocks(const int8_t *weights, size_t quads, const int8_t *x,
                       size_t pitch, const int32_t *negative, int32_t *sums,
                       size_t sumsPitch) {
  __m256i acc[Vectors][Blocks];
  const __m256i ones = _mm256_set1_epi16(1), zero = _mm256_setzero_si256();
  for (unsigned v = 0; v < Vectors; ++v)
    for (unsigned b = 0; b < Blocks; ++b)
      acc[v][b] = _mm256_set1_epi32(negative[v]);
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
inline int32_t negativePart(const int8_t *, size_t) { return 0; }

template <unsigned Blocks, unsigned Vectors>
inline void quadBlocks(const int8_t *weights, size_t quads, const int8_t *x,
                       size_t pitch, const int32_t *, int32_t *sums,
                       size_t sumsPitch) {
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

template <unsigned Blocks, typename Weight>
inline void rowBlocks(const Weight *weights, size_t pairs, const int32_t *x,
                      int32_t *sums) {
  auto *values = reinterpret_cast<const int16_t *>(x);
  for (unsigned b = 0; b < Blocks; ++b, weights += pairs * 16) {
    uint32_t acc[8] = {};
    for (size_t pair = 0; pair < pairs; ++pair)
      for (unsigned lane = 0; lane < 8; ++lane) {
        const Weight *w = weights + pair * 16 + 2 * lane;
        acc[lane] += uint32_t(int32_t(w[0]) * values[2 * pair]) +
                     uint32_t(int32_t(w[1]) * values[2 * pair + 1]);
      }
    for (unsigned lane = 0; lane < 8; ++lane)
      sums[8 * b + lane] = int32_t(acc[lane]);
  }
}
#endif

/// `blocks(first, many, sums)` computes 4 blocks of 8 rows, or 1.
template <typename Out, typename Blocks>
inline void matrixVector(const Matrix &matrix, Out *out, Blocks blocks) {
  for (size_t block = 0; block < matrix.rowBlocks();) {
    int32_t sums[32];
    bool many = matrix.rowBlocks() - block >= 4;
    blocks(block, many, sums);
    size_t left = matrix.rows - 8 * block, most = many ? 32 : 8;
    size_t count = left < most ? left : most;
    for (size_t i = 0; i < count; ++i)
      out[8 * block + i] = Out(sums[i]);
    block += many ? 4 : 1;
  }
}

template <typename Weight, typename Out>
inline void pairsVector(const Matrix &matrix, const Weight *weights,
                        const int32_t *x, Out *out) {
  size_t pairs = matrix.columnPairs();
  matrixVector(matrix, out, [=](size_t block, bool many, int32_t *sums) {
    const Weight *w = weights + block * pairs * 16;
    if (many)
      rowBlocks<4>(w, pairs, x, sums);
    else
      rowBlocks<1>(w, pairs, x, sums);
  });
}

/// Results of the size of a sum are stored where they belong.
template <unsigned Blocks, unsigned Vectors, typename Out>
inline void quadResults(const Matrix &matrix, size_t block, const int8_t *x,
                        const int32_t *negative, Out *out) {
  const size_t quads = matrix.columnQuads(), rows = matrix.rows;
  const int8_t *w = matrix.quads.data() + block * quads * 32;
  size_t left = rows - 8 * block, most = 8 * Blocks;
  out += 8 * block;
  if constexpr (sizeof(Out) == sizeof(int32_t))
    if (left >= most)
      return quadBlocks<Blocks, Vectors>(w, quads, x, matrix.columns, negative,
                                         out, rows);
  int32_t sums[Vectors * 8 * Blocks];
  quadBlocks<Blocks, Vectors>(w, quads, x, matrix.columns, negative, sums,
                              most);
  size_t count = left < most ? left : most;
  for (size_t v = 0; v < Vectors; ++v)
    for (size_t i = 0; i < count; ++i)
      out[v * rows + i] = Out(sums[v * most + i]);
}

template <unsigned Vectors, typename Out>
inline void quadVectors(const Matrix &matrix, const int8_t *x, Out *out) {
  int32_t negative[Vectors];
  for (size_t v = 0; v < Vectors; ++v)
    negative[v] = negativePart(x + v * matrix.columns, matrix.columnQuads());
  constexpr unsigned wide = 8 / Vectors; // 8 sums of 8 rows in registers
  size_t block = 0;
  for (; block + wide <= matrix.rowBlocks(); block += wide)
    quadResults<wide, Vectors>(matrix, block, x, negative, out);
  for (; block + 2 <= matrix.rowBlocks(); block += 2)
    quadResults<2, Vectors>(matrix, block, x, negative, out);
  for (; block < matrix.rowBlocks(); ++block)
    quadResults<1, Vectors>(matrix, block, x, negative, out);
}

template <typename Out>
void matmulQuads(const void *constants, size_t rows, std::byte *out,
                 const std::byte *const *in) {
  auto &matrix = *static_cast<const Matrix *>(constants);
  auto *x = reinterpret_cast<const int8_t *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const size_t pitch = matrix.columns;
  for (; rows >= 2; rows -= 2, x += 2 * pitch, to += 2 * matrix.rows)
    quadVectors<2>(matrix, x, to);
  if (rows)
    quadVectors<1>(matrix, x, to);
}

template <typename Out>
void matmulPairs(const void *constants, size_t rows, std::byte *out,
                 const std::byte *const *in) {
  auto &matrix = *static_cast<const Matrix *>(constants);
  auto *x = reinterpret_cast<const int32_t *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  for (size_t row = 0; row < rows;
       ++row, x += matrix.columnPairs(), to += matrix.rows) {
    if (matrix.bytes)
      pairsVector(matrix, matrix.pairs8.data(), x, to);
    else
      pairsVector(matrix, matrix.pairs16.data(), x, to);
  }
}

template <typename In, typename Out>
void matmulPlain(const void *constants, size_t rows, std::byte *out,
                 const std::byte *const *in) {
  auto &matrix = *static_cast<const Matrix *>(constants);
  auto *x = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  for (size_t row = 0; row < rows; ++row, x += matrix.columns) {
    const int64_t *weights = matrix.plain.data();
    for (size_t r = 0; r < matrix.rows; ++r, weights += matrix.columns) {
      uint64_t sum = 0;
      for (size_t c = 0; c < matrix.columns; ++c)
        sum += uint64_t(weights[c]) * uint64_t(int64_t(x[c]));
      *to++ = Out(sum);
    }
  }
}

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
