//===- Kernels.h - Integer kernels on the CPU -------------------*- C++ -*-===//
//
// What the operations of the finn dialect do to vectors of machine integers.
// A value of proved width lives in the smallest signed container that holds it;
// every kernel exists for every combination of containers, once for any CPU,
// once for AVX2 and once for AVX-512 VNNI, chosen at run time.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_KERNELS_H
#define FINNGL_CORE_KERNELS_H

#include "finngl/Core/CacheAligned.h"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace finngl::kernels {

enum class Container : uint8_t { I8, I16, I32, I64 };

constexpr size_t bytesOf(Container container) {
  return size_t(1) << unsigned(container);
}

/// Smallest container that holds every integer of [lo, hi].
Container containerFor(int64_t lo, int64_t hi);

/// Reads and writes `count` elements of a container. Requires that they fit.
void load(Container container, const std::byte *from, std::span<int64_t> to);
void store(Container container, std::span<const int64_t> from, std::byte *to);

/// One kernel: `rows` vectors, each of the constants' channel count, densely
/// stored one after the other. `constants` is the struct named at the kernel.
using Kernel = void (*)(const void *constants, size_t rows, std::byte *out,
                        const std::byte *const *in);

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// For kernels that need no more than the number of channels.
struct Channels {
  size_t channels;
};

/// A weight matrix [MH, MW]. Operands of at most 16 bits use `pairs`: for each
/// block of 8 rows and each pair of columns, 8 x 2 weights side by side, so
/// that a product of 16-bit pairs with 32-bit sums needs no shuffle. Columns
/// are padded to pairs and rows to blocks with zeros.
struct Matrix {
  size_t rows = 0, columns = 0;
  bool bytes = false; ///< pairs8 holds the weights, else pairs16
  CacheAligned<int8_t> pairs8;
  CacheAligned<int16_t> pairs16;
  std::vector<int64_t> plain; ///< [MH, MW], for wide operands
  /// 8 x 4 weights side by side, for operands and weights of 8 bits, and the
  /// sum of each row's, rows padded to blocks.
  CacheAligned<int8_t> quads;
  std::vector<int32_t> rowSums;

  size_t columnPairs() const { return (columns + 1) / 2; }
  size_t columnQuads() const { return (columns + 3) / 4; }
  size_t rowBlocks() const { return (rows + 7) / 8; }
};

/// What the operand and the weights allow: Plain always; Pairs if both fit 16
/// bits and the result 32; Quads if the operand is in I8, each weight fits 8
/// bits and the result 32.
enum class Layout { Plain, Pairs, Quads };
Matrix makeMatrix(std::span<const int64_t> weights, size_t rows, size_t columns,
                  Layout layout);

/// A code as the integer nearest to `slope * in + offset[ch]`, before it is
/// clamped; the product and the sum are rounded to float32.
struct FloatLine {
  float slope;
  CacheAligned<float> offset; ///< one entry a channel
};

/// All of `c`, `w`, `split`, `cHigh` hold one entry a channel.
struct RequantConstants {
  size_t channels;
  int64_t p;
  unsigned k;
  int64_t lo, hi;
  bool ties, hasSplit;
  std::vector<int64_t> c, w, split, cHigh;
  std::optional<FloatLine> line = {}; ///< of makeLine, for speed only
};

/// A line that gives each code of an input in [lo, hi], proved at both sides of
/// each step; nothing where none is found.
std::optional<FloatLine> makeLine(const RequantConstants &constants, int64_t lo,
                                  int64_t hi);

/// Values in the result's container, as bytes.
struct TableConstants {
  size_t channels;
  int64_t first;
  std::vector<std::byte> values;
  std::vector<int8_t> steps = {}; ///< of makeTableSteps, for speed only
};

/// A table of 256 bytes for codes of I8 as 16 rows of 16, each xor the one
/// before: what vector shuffles look up. Results in I16 are in [0, 255].
std::vector<int8_t> makeTableSteps(std::span<const std::byte> values);

/// Two parallel lines around a MultiThreshold whose thresholds are nearly
/// evenly spaced: the number of thresholds reached lies between the integer
/// parts of `slope[0] * in[0] + slope[1] * in[1] + low[ch]` and the same plus
/// `width` (clamped to [0, count]), however arithmetic of this type rounds on
/// the way. Where they agree no threshold needs to be looked at.
template <typename Real> struct Lines {
  Real slope[2] = {0, 0}, width = 0;
  CacheAligned<Real> low = {}; ///< one entry a channel
};

/// Lines in floats, of which twice as many fit a vector, come first unless
/// their rounding leaves too much open.
struct ThresholdBracket {
  bool inFloats = false;
  Lines<float> floats = {};
  Lines<double> doubles = {};
};

/// `thresholds`: [1 or channels, count]. The rest is for multiThresholdFast and
/// thresholdSum, whose value is
/// `coefficient[0] * in[0] + coefficient[1] * in[1] + offset[ch]`.
struct ThresholdConstants {
  size_t channels;
  size_t count;
  bool perChannel;
  int64_t bias;
  std::vector<int64_t> thresholds;
  int64_t coefficient[2] = {1, 0};
  std::vector<int64_t> offset = {}; ///< one entry a channel, or none
  ThresholdBracket bracket = {};
};

/// A bracket that decides nearly every value of [lo, hi], proved at both sides
/// of each threshold; nothing if the thresholds are too uneven for one.
/// `magnitude`: largest |in| of each input.
std::optional<ThresholdBracket> makeBracket(const ThresholdConstants &constants,
                                            int64_t lo, int64_t hi,
                                            const double (&magnitude)[2]);

/// One term of a sum; `coefficient` holds 1 entry or one a channel, `offset`
/// one a channel (first term only).
struct TermConstants {
  size_t channels;
  std::vector<int64_t> coefficient;
  std::vector<int64_t> offset;
};

/// Bytes to copy, in the order of `to`.
struct Copy {
  size_t to, from, bytes;
};
struct CopyConstants {
  std::vector<Copy> list = {};
};

/// Rows of `taps` vectors of `channels`.
struct MaxPoolConstants {
  size_t channels, taps;
};

/// The `ranks` largest of rows of `channels`, the largest first; of equal
/// elements the first or the last.
struct TopKConstants {
  size_t channels, ranks;
  bool selectLast = false;
};

/// A quantiser of float32 as a step function: the code is `first` plus the
/// number of thresholds reached, each the least float of its code. The integer
/// parts of `slope * in + low` and the same with `high` enclose the count.
struct EncodeConstants {
  int32_t first = 0;
  std::vector<float> thresholds;
  double slope = 0, low = 0, high = 0;
};

/// float = code * scale, rounded once.
struct DecodeConstants {
  float scale;
};

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Kernels by containers [in][out]. Sums and products are computed modulo the
/// result's container; since the result's type is proved, the answer is exact.
struct KernelSet {
  const char *name;
  /// Channels; any container of at most 16 bits to int16, columns padded to
  /// pairs with zero: what `matmulPairs` reads. [in]
  Kernel packPairs[2];
  /// Matrix with pairs; input of packPairs. [out], I8 to I32
  Kernel matmulPairs[3];
  /// Matrix with quads; reads I8 vectors as they are, and up to 3 bytes beyond
  /// the last one. [out], I8 to I32
  Kernel matmulQuads[3];
  /// Matrix, plain.
  Kernel matmulPlain[4][4];
  /// RequantConstants; the second needs |p*in| + |c| < 2^51, |p|, |in| < 2^31,
  /// and reads `line` where there is one.
  Kernel requant[4][4];
  Kernel requantFast[4][4];
  /// TableConstants.
  Kernel table[4][4];
  /// ThresholdConstants.
  Kernel multiThreshold[4][4];
  Kernel multiThresholdFast[4][4];
  /// The same of a sum of two inputs of one container. [in][out], I8 to I32
  Kernel thresholdSum[3][4];
  /// TermConstants: out = coefficient * in + offset, out += coefficient * in.
  Kernel firstTerm[4][4];
  Kernel nextTerm[4][4];
  /// Channels. [lhs][rhs][out]
  Kernel mul[4][4][4];
  /// EncodeConstants; rows of one finite float. [out]
  Kernel encode[4];
  /// DecodeConstants; rows of one code of at most 29 bits. [in]
  Kernel decode[4];
};

/// No infinity, no NaN.
bool allFinite(std::span<const float> values);

/// Channels (bytes, not elements).
void copyBytes(const void *constants, size_t rows, std::byte *out,
               const std::byte *const *in);

/// CopyConstants; one row.
void copyParts(const void *constants, size_t rows, std::byte *out,
               const std::byte *const *in);

/// MaxPoolConstants; the largest of each channel's taps, in one container.
Kernel maxPool(Container container);

/// TopKConstants; the positions of each row's largest elements, as I32. [in]
Kernel argMax(Container container);

/// TopKConstants; each row's largest elements, in one container.
Kernel topK(Container container);

/// Those that this CPU can run, the slowest first.
const std::vector<const KernelSet *> &kernelSets();
/// The set that runs anywhere.
const KernelSet &baselineKernels();
/// The fastest set of this CPU.
const KernelSet &bestKernels();

} // namespace finngl::kernels

#endif // FINNGL_CORE_KERNELS_H
