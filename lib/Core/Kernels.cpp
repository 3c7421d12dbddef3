//===- Kernels.cpp - Integer kernels for any CPU --------------------------===//

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#define FINNGL_KERNELS_NAMESPACE baseline
#include "KernelsImpl.h"
#include "KernelsTargets.h"
#include "finngl/Core/LeadingPositions.h"

using namespace finngl;
using namespace finngl::kernels;

Container kernels::containerFor(int64_t lo, int64_t hi) {
  auto fits = [&](auto sample) {
    using Limits = std::numeric_limits<decltype(sample)>;
    return lo >= Limits::min() && hi <= Limits::max();
  };
  if (fits(int8_t()))
    return Container::I8;
  if (fits(int16_t()))
    return Container::I16;
  return fits(int32_t()) ? Container::I32 : Container::I64;
}

/// Calls `use` with a value of the container's type.
template <typename Use> static void withType(Container container, Use use) {
  switch (container) {
  case Container::I8:
    return use(int8_t());
  case Container::I16:
    return use(int16_t());
  case Container::I32:
    return use(int32_t());
  case Container::I64:
    return use(int64_t());
  }
}

void kernels::load(Container container, const std::byte *from,
                   std::span<int64_t> to) {
  withType(container, [&](auto sample) {
    auto *values = reinterpret_cast<const decltype(sample) *>(from);
    std::copy_n(values, to.size(), to.begin());
  });
}

void kernels::store(Container container, std::span<const int64_t> from,
                    std::byte *to) {
  withType(container, [&](auto sample) {
    auto *values = reinterpret_cast<decltype(sample) *>(to);
    for (size_t i = 0; i < from.size(); ++i)
      values[i] = static_cast<decltype(sample)>(from[i]);
  });
}

/// Weights in blocks of 8 rows and groups of `width` columns, zero padded.
template <typename T>
static CacheAligned<T> grouped(std::span<const int64_t> weights, size_t rows,
                               size_t columns, size_t width) {
  size_t groups = (columns + width - 1) / width;
  CacheAligned<T> out((rows + 7) / 8 * groups * 8 * width, 0);
  for (size_t row = 0; row < rows; ++row)
    for (size_t column = 0; column < columns; ++column) {
      size_t group = row / 8 * groups + column / width;
      out[(group * 8 + row % 8) * width + column % width] =
          static_cast<T>(weights[row * columns + column]);
    }
  return out;
}

Matrix kernels::makeMatrix(std::span<const int64_t> weights, size_t rows,
                           size_t columns, Layout layout) {
  assert(weights.size() == rows * columns && "a weight for each element");
  Matrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.bytes = std::all_of(weights.begin(), weights.end(),
                             [](int64_t w) { return w >= -128 && w <= 127; });
  switch (layout) {
  case Layout::Plain:
    matrix.plain.assign(weights.begin(), weights.end());
    break;
  case Layout::Pairs:
    if (matrix.bytes)
      matrix.pairs8 = grouped<int8_t>(weights, rows, columns, 2);
    else
      matrix.pairs16 = grouped<int16_t>(weights, rows, columns, 2);
    break;
  case Layout::Quads:
    matrix.quads = grouped<int8_t>(weights, rows, columns, 4);
    matrix.rowSums.assign(8 * matrix.rowBlocks(), 0);
    for (size_t row = 0; row < rows; ++row)
      for (int64_t weight : weights.subspan(row * columns, columns))
        matrix.rowSums[row] += int32_t(weight);
    break;
  }
  return matrix;
}

std::vector<int8_t> kernels::makeTableSteps(std::span<const std::byte> values) {
  assert(values.size() == 256 && "an entry for each code");
  std::vector<int8_t> steps(256);
  for (size_t i = 0; i < 256; ++i) {
    bool first = i % 128 < 16; // row of its half
    steps[i] = int8_t(values[i] ^ (first ? std::byte(0) : values[i - 16]));
  }
  return steps;
}

bool kernels::allFinite(std::span<const float> values) {
  int finite = 1;
  for (float value : values)
    finite &= std::fabs(value) <= std::numeric_limits<float>::max();
  return finite != 0;
}

void kernels::copyBytes(const void *constants, size_t rows, std::byte *out,
                        const std::byte *const *in) {
  std::memcpy(out, in[0],
              rows * static_cast<const Channels *>(constants)->channels);
}

void kernels::copyParts(const void *constants, size_t, std::byte *out,
                        const std::byte *const *in) {
  for (const Copy &copy : static_cast<const CopyConstants *>(constants)->list)
    std::memcpy(out + copy.to, in[0] + copy.from, copy.bytes);
}

template <typename T>
static void maxOfTaps(const void *constants, size_t rows, std::byte *out,
                      const std::byte *const *in) {
  auto &shape = *static_cast<const MaxPoolConstants *>(constants);
  auto *from = reinterpret_cast<const T *>(in[0]);
  auto *to = reinterpret_cast<T *>(out);
  for (size_t row = 0; row < rows; ++row, to += shape.channels) {
    std::copy_n(from, shape.channels, to);
    from += shape.channels;
    for (size_t tap = 1; tap < shape.taps; ++tap, from += shape.channels)
      for (size_t c = 0; c < shape.channels; ++c)
        to[c] = std::max(to[c], from[c]);
  }
}

Kernel kernels::maxPool(Container container) {
  static constexpr Kernel all[] = {maxOfTaps<int8_t>, maxOfTaps<int16_t>,
                                   maxOfTaps<int32_t>, maxOfTaps<int64_t>};
  return all[int(container)];
}

template <typename T, bool Positions>
static void leadingOfRows(const void *constants, size_t rows, std::byte *out,
                          const std::byte *const *in) {
  auto &shape = *static_cast<const TopKConstants *>(constants);
  auto *from = reinterpret_cast<const T *>(in[0]);
  auto *to = reinterpret_cast<std::conditional_t<Positions, int32_t, T> *>(out);
  for (size_t row = 0; row < rows; ++row, from += shape.channels) {
    auto leading =
        leadingPositions(shape.channels, shape.ranks, [&](size_t a, size_t b) {
          return from[a] > from[b] || (shape.selectLast && from[a] == from[b]);
        });
    for (size_t position : leading)
      if constexpr (Positions)
        *to++ = int32_t(position);
      else
        *to++ = from[position];
  }
}

template <bool Positions> static Kernel leading(Container container) {
  static constexpr Kernel all[] = {
      leadingOfRows<int8_t, Positions>, leadingOfRows<int16_t, Positions>,
      leadingOfRows<int32_t, Positions>, leadingOfRows<int64_t, Positions>};
  return all[int(container)];
}

Kernel kernels::argMax(Container container) { return leading<true>(container); }

Kernel kernels::topK(Container container) { return leading<false>(container); }

const KernelSet &kernels::baselineKernels() {
  static const KernelSet set = baseline::makeSet("baseline");
  return set;
}

const std::vector<const KernelSet *> &kernels::kernelSets() {
  static const std::vector<const KernelSet *> sets = [] {
    std::vector<const KernelSet *> sets{&baselineKernels()};
    for (const KernelSet *set : {avx2Kernels(), vnniKernels()})
      if (set)
        sets.push_back(set);
    return sets;
  }();
  return sets;
}

const KernelSet &kernels::bestKernels() { return *kernelSets().back(); }
