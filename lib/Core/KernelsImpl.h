//===- KernelsImpl.h - Integer kernels, compiled once a target --*- C++ -*-===//
//
// Included by one file for each CPU target, with FINNGL_KERNELS_NAMESPACE set.
// No template of the standard library is used below, so that no inline function
// compiled for one target can be linked into another.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

/// Arithmetic modulo 2^32 for small containers, else modulo 2^64.
template <typename T> struct WrapOf {
  using type = uint32_t;
};
template <> struct WrapOf<int64_t> {
  using type = uint64_t;
};
template <typename T> using Wrap = typename WrapOf<T>::type;

template <typename In>
void packPairs(const void *constants, size_t rows, std::byte *out,
               const std::byte *const *in) {
  size_t n = static_cast<const Channels *>(constants)->channels;
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<int16_t *>(out);
  size_t pitch = (n + 1) / 2 * 2;
  for (size_t row = 0; row < rows; ++row, from += n, to += pitch) {
    for (size_t i = 0; i < n; ++i)
      to[i] = from[i];
    if (n & 1)
      to[n] = 0;
  }
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

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

/// Products of 8 bits: |x| * (sign of x * w). A pair's sum is at most
/// 2 * 128 * 127 and fits the 16 bits in which the instruction saturates.
template <unsigned Blocks>
inline void quadBlocks(const int8_t *weights, size_t quads, const int8_t *x,
                       int32_t *sums) {
  __m256i acc[Blocks];
  const __m256i ones = _mm256_set1_epi16(1);
  for (unsigned b = 0; b < Blocks; ++b)
    acc[b] = _mm256_setzero_si256();
  for (size_t quad = 0; quad < quads; ++quad) {
    int32_t four;
    __builtin_memcpy(&four, x + 4 * quad, 4);
    __m256i value = _mm256_set1_epi32(four);
    __m256i magnitude = _mm256_abs_epi8(value);
    for (unsigned b = 0; b < Blocks; ++b) {
      __m256i w = _mm256_loadu_si256(
          reinterpret_cast<const __m256i *>(weights + (b * quads + quad) * 32));
      __m256i pairs =
          _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(w, value));
      acc[b] = _mm256_add_epi32(acc[b], _mm256_madd_epi16(pairs, ones));
    }
  }
  for (unsigned b = 0; b < Blocks; ++b)
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(sums + 8 * b), acc[b]);
}
#else
template <unsigned Blocks>
inline void quadBlocks(const int8_t *weights, size_t quads, const int8_t *x,
                       int32_t *sums) {
  for (unsigned b = 0; b < Blocks; ++b, weights += quads * 32) {
    uint32_t acc[8] = {};
    for (size_t quad = 0; quad < quads; ++quad)
      for (unsigned lane = 0; lane < 8; ++lane)
        for (unsigned i = 0; i < 4; ++i)
          acc[lane] +=
              uint32_t(weights[quad * 32 + lane * 4 + i] * x[4 * quad + i]);
    for (unsigned lane = 0; lane < 8; ++lane)
      sums[8 * b + lane] = int32_t(acc[lane]);
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

template <typename Out>
void matmulQuads(const void *constants, size_t rows, std::byte *out,
                 const std::byte *const *in) {
  auto &matrix = *static_cast<const Matrix *>(constants);
  auto *x = reinterpret_cast<const int8_t *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const int8_t *weights = matrix.quads.data();
  size_t quads = matrix.columnQuads();
  for (size_t row = 0; row < rows;
       ++row, x += matrix.columns, to += matrix.rows)
    matrixVector(matrix, to, [=](size_t block, bool many, int32_t *sums) {
      const int8_t *w = weights + block * quads * 32;
      if (many)
        quadBlocks<4>(w, quads, x, sums);
      else
        quadBlocks<1>(w, quads, x, sums);
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

//===----------------------------------------------------------------------===//
// Quantisers
//===----------------------------------------------------------------------===//

inline int64_t clampTo(int64_t value, int64_t lo, int64_t hi) {
  value = value < lo ? lo : value;
  return value > hi ? hi : value;
}

template <typename In, typename Out>
void requant(const void *constants, size_t rows, std::byte *out,
             const std::byte *const *in) {
  auto &q = *static_cast<const RequantConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const uint64_t mask = (uint64_t(1) << q.k) - 1;
  for (size_t row = 0; row < rows; ++row)
    for (size_t ch = 0; ch < q.channels; ++ch) {
      int64_t a = *from++;
      int64_t c = q.hasSplit && a >= q.split[ch] ? q.cHigh[ch] : q.c[ch];
      int64_t v = int64_t(uint64_t(q.p) * uint64_t(a) + uint64_t(c));
      int64_t y = v >> q.k;
      if (int64_t(uint64_t(v) & mask) < q.w[ch])
        y -= y & 1;
      *to++ = Out(clampTo(y, q.lo, q.hi));
    }
}

/// One row, without split. The shift is logical on a value made positive by
/// 2^62, which 2^k divides: AVX2 has no arithmetic shift of 64 bits.
template <bool Ties, typename In, typename Out>
inline void requantRow(const RequantConstants &q, const In *__restrict from,
                       Out *__restrict to) {
  const int64_t *c = q.c.data(), *w = q.w.data();
  const size_t n = q.channels;
  const int32_t p = int32_t(q.p);
  const unsigned k = q.k;
  const int64_t lo = q.lo, hi = q.hi, bias = int64_t(1) << 62;
  const int64_t back = bias >> k, mask = (int64_t(1) << k) - 1;
  for (size_t ch = 0; ch < n; ++ch) {
    int64_t v = int64_t(int32_t(from[ch])) * int64_t(p) + c[ch];
    int64_t y = int64_t(uint64_t(v + bias) >> k) - back;
    if constexpr (Ties)
      y -= (v & mask) < w[ch] ? (y & 1) : 0;
    to[ch] = Out(clampTo(y, lo, hi));
  }
}

template <typename In, typename Out>
void requantFast(const void *constants, size_t rows, std::byte *out,
                 const std::byte *const *in) {
  auto &q = *static_cast<const RequantConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  for (size_t row = 0; row < rows; ++row, from += q.channels, to += q.channels)
    if (q.ties)
      requantRow<true>(q, from, to);
    else
      requantRow<false>(q, from, to);
}

template <typename In, typename Out>
void table(const void *constants, size_t rows, std::byte *out,
           const std::byte *const *in) {
  auto &t = *static_cast<const TableConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  auto *values = reinterpret_cast<const Out *>(t.values.data());
  const int64_t first = t.first;
  for (size_t i = 0, n = rows * t.channels; i < n; ++i)
    to[i] = values[int64_t(from[i]) - first];
}

/// Number of thresholds of the channel that `value` reaches.
inline int64_t countReached(const ThresholdConstants &t, size_t ch,
                            int64_t value) {
  const int64_t *base = t.thresholds.data() + (t.perChannel ? ch * t.count : 0);
  size_t reached = 0, left = t.count;
  while (left > 0) {
    size_t half = left / 2;
    if (value >= base[reached + half]) {
      reached += half + 1;
      left -= half + 1;
    } else {
      left = half;
    }
  }
  return int64_t(reached);
}

template <typename In, typename Out>
void multiThreshold(const void *constants, size_t rows, std::byte *out,
                    const std::byte *const *in) {
  auto &t = *static_cast<const ThresholdConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  for (size_t row = 0; row < rows; ++row)
    for (size_t ch = 0; ch < t.channels; ++ch)
      *to++ = Out(t.bias + countReached(t, ch, *from++));
}

/// The scalars of a bracket, by value, so that no store can alias them.
struct Slope {
  unsigned shift, k;
  int32_t p;
};

/// `(p * (value >> shift) + c) >> k` with shifts made logical as in requantRow.
inline int64_t lineAt(Slope s, int64_t value, int64_t c) {
  const int64_t bias = int64_t(1) << 62;
  int64_t x = int64_t(uint64_t(value + bias) >> s.shift) - (bias >> s.shift);
  int64_t v = int64_t(int32_t(x)) * int64_t(s.p) + c;
  return int64_t(uint64_t(v + bias) >> s.k) - (bias >> s.k);
}

/// One row by the lower line; true if the lines differ anywhere.
template <typename In, typename Out>
inline bool bracketRow(const ThresholdConstants &t, const In *__restrict from,
                       Out *__restrict to) {
  const Slope b = {t.bracket.shift, t.bracket.k, t.bracket.p};
  const int64_t *low = t.bracket.low.data(), *high = t.bracket.high.data();
  const int64_t count = int64_t(t.count), bias = t.bias;
  const size_t n = t.channels;
  int64_t differ = 0;
  for (size_t ch = 0; ch < n; ++ch) {
    int64_t below = clampTo(lineAt(b, from[ch], low[ch]), 0, count);
    int64_t above = clampTo(lineAt(b, from[ch], high[ch]), 0, count);
    differ |= below ^ above;
    to[ch] = Out(bias + below);
  }
  return differ != 0;
}

template <typename In, typename Out>
void multiThresholdFast(const void *constants, size_t rows, std::byte *out,
                        const std::byte *const *in) {
  auto &t = *static_cast<const ThresholdConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const int64_t *low = t.bracket.low.data(), *high = t.bracket.high.data();
  const Slope b = {t.bracket.shift, t.bracket.k, t.bracket.p};
  for (size_t row = 0; row < rows; ++row, from += t.channels, to += t.channels)
    if (bracketRow(t, from, to))
      for (size_t ch = 0; ch < t.channels; ++ch)
        if (lineAt(b, from[ch], low[ch]) != lineAt(b, from[ch], high[ch]))
          to[ch] = Out(t.bias + countReached(t, ch, from[ch]));
}

//===----------------------------------------------------------------------===//
// Sums and products
//===----------------------------------------------------------------------===//

template <typename In, typename Out>
void firstTerm(const void *constants, size_t rows, std::byte *out,
               const std::byte *const *in) {
  auto &t = *static_cast<const TermConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const auto m = Wrap<Out>(t.coefficient);
  const int64_t *offset = t.offset.data();
  const size_t n = t.channels;
  for (size_t row = 0; row < rows; ++row, from += n, to += n)
    for (size_t ch = 0; ch < n; ++ch)
      to[ch] = Out(m * Wrap<Out>(from[ch]) + Wrap<Out>(offset[ch]));
}

template <typename In, typename Out>
void nextTerm(const void *constants, size_t rows, std::byte *out,
              const std::byte *const *in) {
  auto &t = *static_cast<const TermConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const auto m = Wrap<Out>(t.coefficient);
  for (size_t i = 0, n = rows * t.channels; i < n; ++i)
    to[i] = Out(Wrap<Out>(to[i]) + m * Wrap<Out>(from[i]));
}

template <typename Lhs, typename Rhs, typename Out>
void mul(const void *constants, size_t rows, std::byte *out,
         const std::byte *const *in) {
  auto *lhs = reinterpret_cast<const Lhs *>(in[0]);
  auto *rhs = reinterpret_cast<const Rhs *>(in[1]);
  auto *__restrict to = reinterpret_cast<Out *>(out);
  size_t n = rows * static_cast<const Channels *>(constants)->channels;
  for (size_t i = 0; i < n; ++i)
    to[i] = Out(Wrap<Out>(lhs[i]) * Wrap<Out>(rhs[i]));
}

//===----------------------------------------------------------------------===//
// The set
//===----------------------------------------------------------------------===//

template <typename In> void fillByIn(KernelSet &set, unsigned in) {
#define FINNGL_BY_OUT(field)                                                   \
  set.field[in][0] = field<In, int8_t>;                                        \
  set.field[in][1] = field<In, int16_t>;                                       \
  set.field[in][2] = field<In, int32_t>;                                       \
  set.field[in][3] = field<In, int64_t>
  FINNGL_BY_OUT(matmulPlain);
  FINNGL_BY_OUT(requant);
  FINNGL_BY_OUT(requantFast);
  FINNGL_BY_OUT(table);
  FINNGL_BY_OUT(multiThreshold);
  FINNGL_BY_OUT(multiThresholdFast);
  FINNGL_BY_OUT(firstTerm);
  FINNGL_BY_OUT(nextTerm);
#undef FINNGL_BY_OUT
}

template <typename Lhs, typename Rhs> void fillMul(Kernel (&byOut)[4]) {
  byOut[0] = mul<Lhs, Rhs, int8_t>;
  byOut[1] = mul<Lhs, Rhs, int16_t>;
  byOut[2] = mul<Lhs, Rhs, int32_t>;
  byOut[3] = mul<Lhs, Rhs, int64_t>;
}

template <typename Lhs> void fillMulByLhs(Kernel (&byRhs)[4][4]) {
  fillMul<Lhs, int8_t>(byRhs[0]);
  fillMul<Lhs, int16_t>(byRhs[1]);
  fillMul<Lhs, int32_t>(byRhs[2]);
  fillMul<Lhs, int64_t>(byRhs[3]);
}

inline KernelSet makeSet(const char *name) {
  KernelSet set = {};
  set.name = name;
  set.packPairs[0] = packPairs<int8_t>;
  set.packPairs[1] = packPairs<int16_t>;
  set.matmulPairs[0] = matmulPairs<int8_t>;
  set.matmulPairs[1] = matmulPairs<int16_t>;
  set.matmulPairs[2] = matmulPairs<int32_t>;
  set.matmulQuads[0] = matmulQuads<int8_t>;
  set.matmulQuads[1] = matmulQuads<int16_t>;
  set.matmulQuads[2] = matmulQuads<int32_t>;
  fillByIn<int8_t>(set, 0);
  fillByIn<int16_t>(set, 1);
  fillByIn<int32_t>(set, 2);
  fillByIn<int64_t>(set, 3);
  fillMulByLhs<int8_t>(set.mul[0]);
  fillMulByLhs<int16_t>(set.mul[1]);
  fillMulByLhs<int32_t>(set.mul[2]);
  fillMulByLhs<int64_t>(set.mul[3]);
  return set;
}

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
