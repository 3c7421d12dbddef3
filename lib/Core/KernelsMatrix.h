//===- KernelsMatrix.h - Matrix products, once a target ---------*- C++ -*-===//
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

/// acc + w[2i]*x[2i] + w[2i+1]*x[2i+1], modulo 2^32.
inline __m256i addPairs(__m256i acc, __m256i weights, __m256i x) {
#ifdef __AVX512VNNI__
  return _mm256_dpwssd_epi32(acc, weights, x);
#else
  return _mm256_add_epi32(acc, _mm256_madd_epi16(weights, x));
#endif
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
      acc[b] =
          addPairs(acc[b], loadPairs(weights + (b * pairs + pair) * 16), value);
  }
  for (unsigned b = 0; b < Blocks; ++b)
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(sums + 8 * b), acc[b]);
}

#else
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
