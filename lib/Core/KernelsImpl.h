//===- KernelsImpl.h - Integer kernels, compiled once a target --*- C++ -*-===//
//
// Included by one file for each CPU target, with FINNGL_KERNELS_NAMESPACE set.
// No template of the standard library is used below, so that no inline function
// compiled for one target can be linked into another.
//
//===----------------------------------------------------------------------===//

#include "KernelsLanes.h"
#include "KernelsMatrix.h"
#include "KernelsQuads.h"
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
  size_t ch = 0;
#ifdef __AVX2__
  if constexpr (!Ties && inLanes<In, Out>)
    ch = q.line ? requantFloats(q, from, to) : requantLanes(q, from, to);
#endif
  for (; ch < n; ++ch) {
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

#ifdef __AVX2__
/// 32 codes of a table of 256 bytes. The shuffle gives entry `index mod 16`, or
/// 0 for an index with its sign set; so the xor of the steps up to the code's
/// row of 16 is the entry of that row. Codes of both signs apart.
inline __m256i byteTable32(const int8_t *steps, const int8_t *from) {
  const __m256i sixteen = _mm256_set1_epi8(16);
  __m256i code = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from));
  __m256i half[2];
  for (unsigned sign = 0; sign < 2; ++sign) {
    __m256i index =
        sign ? code : _mm256_xor_si256(code, _mm256_set1_epi8(-128));
    __m256i value = _mm256_setzero_si256();
    for (unsigned row = 0; row < 8; ++row, steps += 16) {
      __m256i step = _mm256_broadcastsi128_si256(
          _mm_loadu_si128(reinterpret_cast<const __m128i *>(steps)));
      value = _mm256_xor_si256(value, _mm256_shuffle_epi8(step, index));
      index = _mm256_sub_epi8(index, sixteen);
    }
    half[sign] = value;
  }
  return _mm256_blendv_epi8(half[1], half[0], code);
}

/// 32 bytes as they are, or codes of I16 with their upper byte zero.
inline void storeCodes(int8_t *to, __m256i codes) {
  _mm256_storeu_si256(reinterpret_cast<__m256i *>(to), codes);
}
inline void storeCodes(int16_t *to, __m256i codes) {
  auto *wide = reinterpret_cast<__m256i *>(to);
  _mm256_storeu_si256(wide,
                      _mm256_cvtepu8_epi16(_mm256_castsi256_si128(codes)));
  _mm256_storeu_si256(wide + 1,
                      _mm256_cvtepu8_epi16(_mm256_extracti128_si256(codes, 1)));
}
#endif

template <typename In, typename Out>
void table(const void *constants, size_t rows, std::byte *out,
           const std::byte *const *in) {
  auto &t = *static_cast<const TableConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  auto *values = reinterpret_cast<const Out *>(t.values.data());
  const int64_t first = t.first;
  size_t i = 0, n = rows * t.channels;
#ifdef __AVX2__
  if constexpr (sizeof(In) == 1 && sizeof(Out) <= 2)
    if (t.steps.size())
      for (; i + 32 <= n; i += 32)
        storeCodes(to + i, byteTable32(t.steps.data(), from + i));
#endif
  for (; i < n; ++i)
    to[i] = values[int64_t(from[i]) - first];
}

/// Number of thresholds that `value` reaches.
template <typename T>
inline int64_t countReached(const T *thresholds, size_t count, T value) {
  size_t reached = 0;
  while (count > 0) {
    size_t half = count / 2;
    if (value >= thresholds[reached + half]) {
      reached += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return int64_t(reached);
}

/// The same of a channel.
inline int64_t countReached(const ThresholdConstants &t, size_t ch,
                            int64_t value) {
  return countReached(t.thresholds.data() + (t.perChannel ? ch * t.count : 0),
                      t.count, value);
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

/// Channels that are searched together where the lines differ at one of them.
constexpr size_t kGroup = 8;

/// Levels of `n` channels from `ch` on by the lower line; true if the lines
/// differ at one.
template <bool Two, typename Real, typename In, typename Out>
inline bool bracketGroup(LinesOf<Two, Real> lines, const In *__restrict x,
                         const In *__restrict y, size_t ch, size_t n,
                         Out *__restrict to) {
#ifdef __AVX2__
  if constexpr (inLanes<In, Out>)
    if (n == kGroup)
      return bracketEight(lines, x, y, ch, to);
#endif
  int32_t differ = 0;
  for (size_t end = ch + n; ch < end; ++ch) {
    Real value = lines.at(x, y, ch);
    int32_t below = lines.below(value);
    differ |= below ^ lines.above(value);
    to[ch] = Out(lines.bias + below);
  }
  return differ != 0;
}

/// The same, in doubles, and by the thresholds where these differ, too.
template <bool Two, typename In, typename Out>
inline void searchGroup(const ThresholdConstants &t, const In *x, const In *y,
                        size_t ch, size_t n, Out *to) {
  const LinesOf<Two, double> lines(t.bracket.doubles, t);
  for (size_t end = ch + n; ch < end; ++ch) {
    double value = lines.at(x, y, ch);
    int64_t level = lines.below(value);
    if (level != lines.above(value)) {
      uint64_t sum = uint64_t(t.coefficient[0]) * uint64_t(int64_t(x[ch]));
      if constexpr (Two)
        sum += uint64_t(t.coefficient[1]) * uint64_t(int64_t(y[ch]));
      if (t.offset.size())
        sum += uint64_t(t.offset.data()[ch]);
      level = countReached(t, ch, int64_t(sum));
    }
    to[ch] = Out(t.bias + level);
  }
}

template <bool Two, typename Real, typename In, typename Out>
inline void thresholdRows(const ThresholdConstants &t, LinesOf<Two, Real> lines,
                          size_t rows, const In *x, const In *y, Out *to) {
  const size_t n = t.channels;
  for (size_t row = 0; row < rows; ++row, x += n, y += n, to += n)
    for (size_t ch = 0; ch < n;) {
#ifdef __AVX2__
      if constexpr (inLanes<In, Out> && sizeof(Out) == 1)
        if (n - ch >= 32 && !bracketBytes(lines, x, y, ch, to)) {
          ch += 32;
          continue;
        }
#endif
      for (size_t end = n - ch < 32 ? n : ch + 32; ch < end; ch += kGroup) {
        size_t count = end - ch < kGroup ? end - ch : kGroup;
        if (bracketGroup(lines, x, y, ch, count, to))
          searchGroup<Two>(t, x, y, ch, count, to);
      }
    }
}

template <bool Two, typename In, typename Out>
inline void thresholdRows(const void *constants, size_t rows, std::byte *out,
                          const std::byte *const *in) {
  auto &t = *static_cast<const ThresholdConstants *>(constants);
  auto *x = reinterpret_cast<const In *>(in[0]);
  auto *y = reinterpret_cast<const In *>(Two ? in[1] : in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  if (t.bracket.inFloats)
    thresholdRows(t, LinesOf<Two, float>(t.bracket.floats, t), rows, x, y, to);
  else
    thresholdRows(t, LinesOf<Two, double>(t.bracket.doubles, t), rows, x, y,
                  to);
}

template <typename In, typename Out>
void multiThresholdFast(const void *constants, size_t rows, std::byte *out,
                        const std::byte *const *in) {
  thresholdRows<false, In, Out>(constants, rows, out, in);
}

template <typename In, typename Out>
void thresholdSum(const void *constants, size_t rows, std::byte *out,
                  const std::byte *const *in) {
  thresholdRows<true, In, Out>(constants, rows, out, in);
}

//===----------------------------------------------------------------------===//
// Sums and products
//===----------------------------------------------------------------------===//

/// A term of a sum on top of the offset or of the terms before it.
template <bool First, typename In, typename Out>
inline void addTerm(const void *constants, size_t rows, std::byte *out,
                    const std::byte *const *in) {
  auto &t = *static_cast<const TermConstants *>(constants);
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const int64_t *m = t.coefficient.data();
  const int64_t *offset = t.offset.data();
  const size_t n = t.channels;
  const bool isUniform = t.coefficient.size() == 1;
  const auto same = Wrap<Out>(*m);
  auto add = [&](size_t ch, Wrap<Out> coefficient) {
    auto sum = First ? Wrap<Out>(offset[ch]) : Wrap<Out>(to[ch]);
    to[ch] = Out(sum + coefficient * Wrap<Out>(from[ch]));
  };
  for (size_t row = 0; row < rows; ++row, from += n, to += n)
    if (isUniform)
      for (size_t ch = 0; ch < n; ++ch)
        add(ch, same);
    else
      for (size_t ch = 0; ch < n; ++ch)
        add(ch, Wrap<Out>(m[ch]));
}

template <typename In, typename Out>
void firstTerm(const void *constants, size_t rows, std::byte *out,
               const std::byte *const *in) {
  addTerm<true, In, Out>(constants, rows, out, in);
}

template <typename In, typename Out>
void nextTerm(const void *constants, size_t rows, std::byte *out,
              const std::byte *const *in) {
  addTerm<false, In, Out>(constants, rows, out, in);
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

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE

#include "KernelsPorts.h"

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

//===----------------------------------------------------------------------===//
// The set
//===----------------------------------------------------------------------===//

template <typename In> void fillByIn(KernelSet &set, unsigned in) {
  set.encode[in] = encode<In>; // In is the container of the codes
  set.decode[in] = decode<In>;
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
  if constexpr (sizeof(In) < 8) {
    FINNGL_BY_OUT(thresholdSum);
  }
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
