//===- KernelsPorts.h - Floats in, floats out, once a target ----*- C++ -*-===//
//
// Part of KernelsImpl.h, under the same rules.
//
//===----------------------------------------------------------------------===//

namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE {

/// Codes by the lower line; true if the lines differ anywhere.
template <typename Out>
inline bool encodeByLine(const EncodeConstants &e, const float *__restrict from,
                         size_t n, Out *__restrict to) {
  const double slope = e.slope, low = e.low, high = e.high;
  const int32_t count = int32_t(e.thresholds.size());
  const int32_t first = e.first;
  int32_t differ = 0;
  for (size_t i = 0; i < n; ++i) {
    double value = slope * double(from[i]);
    int32_t below = levelOf(value + low, count);
    differ |= below ^ levelOf(value + high, count);
    to[i] = Out(first + below);
  }
  return differ != 0;
}

/// A float beside a threshold is rare, so that most chunks are done by lines.
template <typename Out>
void encode(const void *constants, size_t rows, std::byte *out,
            const std::byte *const *in) {
  constexpr size_t chunk = 256;
  auto &e = *static_cast<const EncodeConstants *>(constants);
  auto *from = reinterpret_cast<const float *>(in[0]);
  auto *to = reinterpret_cast<Out *>(out);
  const int32_t count = int32_t(e.thresholds.size());
  for (size_t n; rows > 0; rows -= n, from += n, to += n) {
    n = rows < chunk ? rows : chunk;
    if (!encodeByLine(e, from, n, to))
      continue;
    for (size_t i = 0; i < n; ++i) {
      double value = e.slope * double(from[i]);
      if (levelOf(value + e.low, count) != levelOf(value + e.high, count))
        to[i] = Out(e.first + countReached(e.thresholds.data(),
                                           e.thresholds.size(), from[i]));
    }
  }
}

/// A float type in which every code times a float32 is exact before it is
/// rounded, or which rounds it once itself.
template <typename In> struct ProductOf {
  using type = double;
};
template <> struct ProductOf<int8_t> {
  using type = float;
};
template <> struct ProductOf<int16_t> {
  using type = float;
};

template <typename In>
void decode(const void *constants, size_t rows, std::byte *out,
            const std::byte *const *in) {
  using Product = typename ProductOf<In>::type;
  auto *from = reinterpret_cast<const In *>(in[0]);
  auto *__restrict to = reinterpret_cast<float *>(out);
  const Product scale = static_cast<const DecodeConstants *>(constants)->scale;
  for (size_t i = 0; i < rows; ++i)
    to[i] = float(Product(from[i]) * scale);
}

} // namespace finngl::kernels::FINNGL_KERNELS_NAMESPACE
