//===- MatrixVectorUnit.cpp - Cost and packing of the MVU -----------------===//

#include "finngl/Core/Number.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "finngl/Support/IntElements.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

// A DSP48E2 multiplies a 27-bit by an 18-bit operand; a packed pair is
// w1 * 2^laneWidth + w0 on the wide port (hardware: finngl_mvu, Pack = 1).
std::optional<unsigned> MvuOp::getPackedLaneWidth() {
  constexpr int64_t kWidePort = 27;
  if (getRows() % 2)
    return std::nullopt;
  std::vector<int64_t> weights = intElements(getWeights());
  auto [xLo, xHi] = finn::rangeOf(getOperandType());
  if (getOperandType().getWidth() > (xLo < 0 ? 18u : 17u))
    return std::nullopt;
  int64_t columns = getColumns(), lo = -1, hi = 0;
  for (int64_t row = 0; row < getRows(); row += 2) {
    int64_t rowLo = 0, rowHi = 0;
    for (int64_t c = 0; c < columns; ++c) {
      int64_t w = weights[row * columns + c];
      rowLo += std::min(w * xLo, w * xHi);
      rowHi += std::max(w * xLo, w * xHi);
    }
    // Partial sums stay between the sums of all negative and all positive
    // products, which rowLo and rowHi are.
    lo = std::min(lo, rowLo);
    hi = std::max(hi, rowHi);
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

bool MvuOp::usesBlockRam(int64_t pe, int64_t simd) {
  return getRows() / pe * (getColumns() / simd) > 256;
}

Resources MvuOp::resources(int64_t pe, int64_t simd, int64_t lanes,
                           StringRef impl) {
  int64_t words = getRows() / pe * (getColumns() / simd);
  int64_t wordBits = pe * simd * getWeightWidth();
  int64_t accumulator = getAccumulatorWidth(), x = getOperandType().getWidth();
  Resources r{.lut = 60, .ff = 60};
  if (usesBlockRam(pe, simd)) {
    // 512 x 36 a block RAM half, deeper ones side by side.
    r.bram18 = (wordBits + 35) / 36 * ((words + 511) / 512);
  } else {
    r.lut += wordBits * ((words + 63) / 64);
    r.ff += wordBits;
  }
  // Rows held for the read-out, behind a multiplexer tree if shared.
  int64_t beatRows = getRowBlocks() * lanes;
  if (pe > beatRows) {
    r.ff += pe * accumulator;
    r.lut += (pe / beatRows + 3) / 4 * beatRows * accumulator * 3 / 2;
  } else {
    r.ff += beatRows * accumulator;
  }
  // The first part waits in shift registers for the second.
  if (getSplit())
    r.lut += beatRows * accumulator *
             (((getColumns() - int64_t(*getSplit())) / simd + 31) / 32);
  if (impl == "dsp_packed") {
    r.dsp = pe / 2 * simd;
    r.lut += beatRows * accumulator / 2;
    r.ff += simd > 1 ? pe * simd * int64_t(getWeightWidth()) / 2 : 0;
  } else if (impl == "dsp") {
    r.dsp = pe * simd;
  } else {
    int64_t product = getWeightWidth() + x;
    int64_t steps = (x + 1) / 2;
    r.lut +=
        pe * (simd * (steps * (getWeightWidth() + 8) + product) + accumulator);
    r.ff += pe * (simd * product + accumulator);
  }
  return r;
}
