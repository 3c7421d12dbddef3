//===- MatrixVectorUnit.cpp - Cost and packing of the MVU -----------------===//

#include "finngl/Core/Number.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "finngl/Support/IntElements.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

// A DSP48E2 multiplies a 27-bit by an 18-bit operand and sums 48 bits; behind
// its pre-adder 26 bits are left of a weight.
bool MvuOp::fitsDsp() {
  IntegerType x = getOperandType();
  return getWeightWidth() <= 26 && x.getWidth() <= (x.isSigned() ? 18u : 17u) &&
         getAccumulatorWidth() <= 48;
}

// A packed pair is w1 * 2^laneWidth + w0 on the wide port (hardware:
// finngl_mvu, Pack = 1).
std::optional<unsigned> MvuOp::getPackedLaneWidth() {
  constexpr int64_t kWidePort = 27;
  std::vector<int64_t> weights = intElements(getWeights());
  if (!fitsDsp())
    return std::nullopt;
  SmallVector<std::pair<int64_t, int64_t>> ranges; // of each column
  for (Value operand : getOperands())
    ranges.append(vectorSize(operand), finn::rangeOf(elementType(operand)));
  if (getRows() % 2) // the last row's partner is padding
    weights.resize(weights.size() + getColumns(), 0);
  int64_t columns = getColumns(), lo = -1, hi = 0;
  int64_t second = getSplit() ? int64_t(*getSplit()) : columns;
  for (int64_t row = 0; row < getRows(); row += 2) {
    int64_t rowLo = 0, rowHi = 0;
    for (int64_t c = 0; c < columns; ++c) {
      if (c == second)
        rowLo = rowHi = 0; // the second part starts a new sum
      int64_t w = weights[row * columns + c];
      auto [xLo, xHi] = ranges[c];
      rowLo += std::min(w * xLo, w * xHi);
      rowHi += std::max(w * xLo, w * xHi);
      // Partial sums stay between the sums of all negative and of all positive
      // products, which only grow.
      lo = std::min(lo, rowLo);
      hi = std::max(hi, rowHi);
    }
  }
  unsigned lane = std::max(2u, bitWidthFor(toInteger(lo), toInteger(hi), true));
  int64_t pairLo = 0, pairHi = 0;
  for (int64_t row = 0; row < getRows(); row += 2)
    for (int64_t c = 0; c < columns; ++c) {
      int64_t pair = weights[(row + 1) * columns + c] * (int64_t(1) << lane) +
                     weights[row * columns + c];
      pairLo = std::min(pairLo, pair);
      pairHi = std::max(pairHi, pair);
    }
  if (bitWidthFor(toInteger(pairLo), toInteger(pairHi), true) > kWidePort ||
      getWeightWidth() + lane > kWidePort || getAccumulatorWidth() + lane > 48)
    return std::nullopt;
  return lane;
}

void MvuOp::pad(int64_t units, ArrayRef<int64_t> operandSizes) {
  std::vector<int64_t> from = intElements(getWeights());
  int64_t columns =
      std::accumulate(operandSizes.begin(), operandSizes.end(), int64_t(0));
  std::vector<int64_t> to(units * getRowBlocks() * columns, 0);
  int64_t first = 0, at = 0; // column of an operand, before and now
  std::optional<uint64_t> split = getSplit();
  for (auto [operand, size] : llvm::zip(getOperands(), operandSizes)) {
    for (int64_t row = 0; row < getRows(); ++row)
      std::copy_n(from.begin() + row * getColumns() + first,
                  vectorSize(operand), to.begin() + row * columns + at);
    first += vectorSize(operand);
    at += size;
    if (split && first == int64_t(*split))
      setSplit(at);
  }
  setWeightsAttr(
      denseInts(RankedTensorType::get({units * getRowBlocks(), columns},
                                      getWeights().getElementType()),
                to));
}

static bool inBlockRam(int64_t words) { return words > 256; }

bool MvuOp::usesBlockRam(int64_t pe, int64_t simd) {
  return inBlockRam(getRows() / pe * (getColumns() / simd));
}

/// RAMB18 of a ROM in its best aspect ratio.
static int64_t romBlocks(int64_t words, int64_t bits) {
  int64_t best = INT64_MAX;
  for (auto [width, depth] : {std::pair<int64_t, int64_t>{36, 512},
                              {18, 1024},
                              {9, 2048},
                              {4, 4096},
                              {2, 8192},
                              {1, 16384}})
    best = std::min(best,
                    (bits + width - 1) / width * ((words + depth - 1) / depth));
  return best;
}

static int64_t log2Ceil(int64_t n) {
  return n > 1 ? int64_t(llvm::Log2_64_Ceil(uint64_t(n))) : 1;
}

/// Weight memory. A registered read may become block RAM; Yosys' rule is that
/// a RAMB18 is worth 129 LUTs and a LUT 64 bits of ROM.
static Resources weightMemory(int64_t words, int64_t bits, bool registered) {
  int64_t blocks = romBlocks(words, bits);
  if (registered && 129 * blocks < words * bits / 64)
    return {.bram18 = blocks};
  // Columns of few words are equal to one another and shared.
  int64_t distinct =
      words < 16 ? std::min(bits, (int64_t(1) << words) - 2) : bits;
  return {.lut = distinct * ((words + 63) / 64),
          .ff = registered ? distinct : 0};
}

/// From PE accumulators to beats of `rows`: held rows, a tree of two-way
/// multiplexers and the adder that repairs a packed high lane.
static Resources readOut(int64_t pe, int64_t rows, int64_t accumulator,
                         bool packed) {
  int64_t bits = rows * (accumulator + (packed ? 1 : 0));
  int64_t adder = packed ? rows * accumulator : 0;
  if (rows > pe)
    return {.lut = adder + 8, .ff = (rows - pe) * accumulator + 4};
  int64_t beats = pe / rows;
  if (beats == 1)
    return {.lut = adder};
  int64_t held = beats - 2;
  return {.lut = adder + bits + held * bits / 2 + 4,
          .ff = (held + 1) * bits + 2 * log2Ceil(beats)};
}

void MvuOp::rtlParameters(RtlInstance &instance, int64_t pe, int64_t simd,
                          int64_t lanes) {
  unsigned width = getWeightWidth();
  int64_t groups = getRows() / pe, columnGroups = getColumns() / simd;
  instance.set("PE", pe);
  instance.set("SIMD", simd);
  instance.set("NC", columnGroups);
  instance.set("G", groups);
  instance.set("WW", width);
  instance.set("XW", getOperandType().getWidth());
  instance.set("XSigned", getOperandType().isSigned());
  instance.set("AW", getAccumulatorWidth());
  instance.set("R", getRowBlocks() * lanes);
  if (getSplit())
    instance.set("Split", int64_t(*getSplit()) / simd);
  instance.set("Dsp", getImpl() != "lut");
  instance.set("Pack", getImpl() == "dsp_packed");
  if (getLaneWidth())
    instance.set("LaneW", int64_t(*getLaneWidth()));
  instance.set("Bram", usesBlockRam(pe, simd));
  std::vector<int64_t> weights = intElements(getWeights());
  RtlInstance::Image image{"File", unsigned(pe * simd) * width, {}};
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t c = 0; c < columnGroups; ++c) {
      image.words.emplace_back();
      for (int64_t p = 0; p < pe; ++p)
        for (int64_t s = 0; s < simd; ++s)
          putBits(image.words.back(), unsigned(p * simd + s) * width, width,
                  weights[(g * pe + p) * getColumns() + c * simd + s]);
    }
  instance.images.push_back(std::move(image));
}

Resources MvuOp::resources(const RegionShape::Matrix &matrix,
                           ArrayFolding array, int64_t lanes, StringRef impl) {
  auto [pe, simd] = array;
  int64_t columns = matrix.columns / simd, words = matrix.rows / pe * columns;
  int64_t accumulator = getAccumulatorWidth(), x = getOperandType().getWidth();
  int64_t weight = getWeightWidth(), product = weight + x;
  bool dsp = impl != "lut", packed = impl == "dsp_packed";
  int64_t address = log2Ceil(words);
  // Counters, their ends, and the pulse that follows a row group.
  Resources r{.lut = 4 * address + 14 + (dsp ? simd : 0),
              .ff = 2 * address + 8 + (dsp ? simd : 0)};
  r += weightMemory(words, pe * simd * weight, !dsp || inBlockRam(words));
  int64_t beatRows = getRowBlocks() * lanes;
  r += readOut(pe, beatRows, accumulator, packed);
  // The first part waits in shift registers for the second.
  if (matrix.split)
    r.lut += beatRows * accumulator *
             (((matrix.columns - matrix.split) / simd + 31) / 32);
  if (dsp) {
    r.dsp = packed ? pe / 2 * simd : pe * simd;
    // Two flip-flops a slice for its operation; staggered operands are
    // flip-flops up to two cycles late and shift registers beyond.
    r.ff += 2 * r.dsp + simd * address + std::min<int64_t>(simd - 1, 3) * x;
    r.lut += std::max<int64_t>(0, simd - 3) * x;
    return r;
  }
  // An accumulator that may start anew needs a second LUT a bit: the carry
  // chain's own input must be gated too.
  r.lut += pe * (simd * lutProduct(weight, x) + (simd - 1) * (product + 1) +
                 2 * accumulator);
  // Products and every second level of the adder tree.
  r.ff += pe * accumulator;
  for (int64_t level = 0; (int64_t(1) << level) < 2 * simd; level += 2)
    r.ff +=
        pe * ((simd + (int64_t(1) << level) - 1) >> level) * (product + level);
  return r;
}
