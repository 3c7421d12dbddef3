//===- Tables.cpp - Code tables and segment tables ------------------------===//

#include "finngl/Core/Number.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static unsigned width(Value v) { return elementType(v).getWidth(); }

/// LUTs of a ROM with an unregistered read: one LUT6 a bit and 64 words, the
/// wide multiplexers behind them included as Yosys counts them.
static int64_t romLuts(int64_t words, int64_t bits) {
  return bits * std::max<int64_t>(1, (words + 63) / 64);
}

//===----------------------------------------------------------------------===//
// table
//===----------------------------------------------------------------------===//

unsigned TableOp::latency() { return 1; }

Resources TableOp::resources() {
  int64_t out = width(getResult());
  return {.lut = romLuts(getValues().size(), out), .ff = out + 1};
}

StringRef TableOp::rtlModule() { return "finngl_table"; }

void TableOp::rtlParameters(RtlInstance &instance, unsigned, unsigned) {
  unsigned out = width(getResult());
  instance.set("InWidth", width(getInput()));
  instance.set("OutWidth", out);
  RtlInstance::Image image{"File", out, {}};
  for (int64_t value : getValues()) {
    image.words.emplace_back();
    putBits(image.words.back(), 0, out, value);
  }
  instance.images.push_back(std::move(image));
}

//===----------------------------------------------------------------------===//
// segment_table
//===----------------------------------------------------------------------===//

unsigned SegmentTableOp::latency() { return 2; }

static unsigned startWidth(ArrayRef<int64_t> offsets) {
  if (offsets.empty())
    return 2;
  auto [lo, hi] = std::minmax_element(offsets.begin(), offsets.end());
  return std::max(2u, bitWidthFor(toInteger(*lo), toInteger(*hi), true));
}

Resources SegmentTableOp::resources() {
  int64_t out = width(getResult()), seg = getSegBits(), idx = getIdxBits();
  int64_t sum = std::max<int64_t>(width(getInput()) + getFracBits(),
                                  startWidth(getOffset())) +
                1;
  int64_t entries = romLuts(getTau().size(), seg + 2 * out);
  // One start a channel: its memory, and the counter that reads it.
  int64_t starts = getOffset().size() > 1 ? startWidth(getOffset()) + 8 : 0;
  return {.lut = sum + (seg + idx) / 2 + entries + seg / 2 + out + starts,
          // The start's memory gets its own read register.
          .ff = seg + idx + out + 2 + (starts ? starts - 3 : 0)};
}

StringRef SegmentTableOp::rtlModule() { return "finngl_segment_table"; }

void SegmentTableOp::padChannels(int64_t channels) {
  setOffset(forChannels(getOffset(), channels));
}

void SegmentTableOp::rtlParameters(RtlInstance &instance, unsigned lane,
                                   unsigned lanes) {
  unsigned out = width(getResult()), seg = getSegBits();
  instance.set("InWidth", width(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("FracBits", int64_t(getFracBits()));
  instance.set("HasStart", 1);
  ArrayRef<int64_t> offset = getOffset();
  unsigned bits = startWidth(offset);
  instance.set("Channels",
               int64_t(offset.size() == 1 ? 1 : offset.size() / lanes));
  instance.set("StartWidth", bits);
  if (offset.size() <= lanes) {
    instance.setWide("Start", offset.size() == 1 ? offset[0] : offset[lane]);
  } else {
    RtlInstance::Image image{"StartFile", bits, {}};
    for (size_t i = lane; i < offset.size(); i += lanes) {
      image.words.emplace_back();
      putBits(image.words.back(), 0, bits, offset[i]);
    }
    instance.images.push_back(std::move(image));
  }
  instance.set("SegBits", seg);
  instance.set("IdxBits", int64_t(getIdxBits()));
  instance.set("OutWidth", out);
  RtlInstance::Image image{"File", seg + 2 * out, {}};
  for (size_t i = 0; i < getTau().size(); ++i) {
    image.words.emplace_back();
    putBits(image.words.back(), 0, out, getLow()[i]);
    putBits(image.words.back(), out, out, getHigh()[i]);
    putBits(image.words.back(), 2 * out, seg, getTau()[i]);
  }
  instance.images.push_back(std::move(image));
}

//===----------------------------------------------------------------------===//
// threshold_search
//===----------------------------------------------------------------------===//

unsigned ThresholdSearchOp::latency() { return getLevels(); }

/// Bits of a threshold; its range is one more than the input's.
static unsigned thresholdWidth(ThresholdSearchOp op) {
  return startWidth(op.getThresholds());
}

Resources ThresholdSearchOp::resources() {
  int64_t levels = getLevels(), bits = thresholdWidth(*this);
  int64_t in = width(getInput()), rows = getThresholds().size() >> levels;
  Resources total;
  for (int64_t s = 0; s < levels; ++s)
    total += {.lut = romLuts((rows + 1) << s, bits) + in / 2 + 2,
              .ff = in + levels + 8};
  return total;
}

StringRef ThresholdSearchOp::rtlModule() { return "finngl_threshold_search"; }

void ThresholdSearchOp::padChannels(int64_t channels) {
  SmallVector<int64_t> all(getThresholds());
  size_t row = (size_t(1) << getLevels()) - 1;
  if (all.size() > row)
    while (all.size() < channels * row)
      all.push_back(all[all.size() - row]);
  setThresholds(all);
}

void ThresholdSearchOp::rtlParameters(RtlInstance &instance, unsigned lane,
                                      unsigned lanes) {
  unsigned levels = getLevels(), bits = thresholdWidth(*this);
  int64_t count = (int64_t(1) << levels) - 1;
  int64_t rows = getThresholds().size() / count;
  instance.set("InWidth", width(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("TWidth", bits);
  instance.set("Levels", levels);
  instance.set("Channels", rows == 1 ? 1 : rows / lanes);
  instance.set("Bias", int64_t(getBias()));
  instance.set("OutWidth", width(getResult()));
  for (unsigned s = 0; s < levels; ++s) {
    RtlInstance::Image image{"File" + std::to_string(s), bits, {}};
    for (int64_t row = rows == 1 ? 0 : lane; row < rows; row += lanes)
      for (int64_t prefix = 0; prefix < int64_t(1) << s; ++prefix) {
        int64_t j = (int64_t(1) << (levels - 1 - s)) * (2 * prefix + 1) - 1;
        image.words.emplace_back();
        putBits(image.words.back(), 0, bits, getThresholds()[row * count + j]);
      }
    instance.images.push_back(std::move(image));
  }
}
