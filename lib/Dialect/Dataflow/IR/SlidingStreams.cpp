//===- SlidingStreams.cpp - Modules of --mode sliding ---------------------===//

#include "StreamCost.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

//===----------------------------------------------------------------------===//
// line_buffer
//===----------------------------------------------------------------------===//

/// A packed parameter of 32 bits an entry, entry 0 lowest.
static std::string packed(ArrayRef<int64_t> entries) {
  std::string text;
  for (int64_t entry : entries)
    text = "32'd" + std::to_string(entry) + (text.empty() ? "" : ", ") + text;
  return "{" + text + "}";
}

int64_t LineBufferOp::lanes(int64_t, int64_t wanted) {
  return windowLanes(vectorSize(getInput()), getKernel()[0], getKernel()[1],
                     wanted);
}

int64_t LineBufferOp::taken(int64_t lanes) {
  return std::min(lanes, vectorSize(getInput()));
}

StreamWindow::Axis LineBufferOp::columns() {
  return {int64_t(getWidth()),    getKernel()[1], int64_t(getStride()),
          int64_t(getDilation()), getPads()[0],   getPads()[1]};
}

StreamLines LineBufferOp::geometry(int64_t lanes) {
  return {.columns = columns(),
          .beats = beatsOf(getInput(), taken(lanes)),
          .inRows = int64_t(getInRows()),
          .outRows = int64_t(getOutRows()),
          .kernelH = getKernel()[0],
          .lag = int64_t(getLag()),
          .beatTaps = lanes / taken(lanes),
          .taps = {getTaps().begin(), getTaps().end()}};
}

LogicalResult LineBufferOp::verify() {
  StreamLines lines = geometry(1);
  if (getKernel().size() != 2 || getPads().size() != 2 || lines.inRows < 1 ||
      lines.outRows < 1 || lines.lag < 0 ||
      int64_t(lines.taps.size()) != lines.outRows * lines.kernelH)
    return emitOpError() << "expects a kernel and pads of two entries and "
                            "out_rows * kernel[0] taps";
  for (int64_t tap : lines.taps)
    if (tap < 0 || tap > lines.outside())
      return emitOpError() << "expects taps in [0, " << lines.outside()
                           << "], got " << tap;
  int64_t taps = lines.kernelH * lines.columns.kernel;
  if (stepsOf(getInput()) != lines.inRows * lines.columns.extent ||
      stepsOf(getResult()) != lines.outRows * lines.columns.count() ||
      vectorSize(getResult()) != taps * vectorSize(getInput()))
    return emitOpError() << "expects a result [out_rows * windows, taps * C] "
                            "of an input [in_rows * width, C]";
  return success();
}

/// As swg; the table of taps in LUTs.
Resources LineBufferOp::resources(int64_t lanes) {
  StreamLines lines = geometry(lanes);
  int64_t bits = taken(lanes) * widthOf(getInput()), words = lines.ringBeats();
  int64_t counters = 6 * log2Ceil(words) + 8 * log2Ceil(lines.columns.extent) +
                     4 * log2Ceil(lines.outRows * lines.kernelH) + 40;
  int64_t table = int64_t(lines.taps.size()) * log2Ceil(lines.outside()) / 16;
  return rowRing((lines.lag + 2) * lines.inRows,
                 lines.columns.extent * lines.beats, bits, lines.beatTaps) +
         Resources{.lut = 2 * counters + table, .ff = counters};
}

StringRef LineBufferOp::rtlModule() { return "finngl_line_buffer"; }

void LineBufferOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                                 unsigned sideBits) {
  StreamLines lines = geometry(lanes);
  instance.set("InBits", widthOf(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("ElemBits", widthOf(getResult()));
  instance.set("Lanes", taken(lanes));
  instance.set("Beats", lines.beats);
  instance.set("BeatTaps", lines.beatTaps);
  instance.set("Width", lines.columns.extent);
  instance.set("InRows", lines.inRows);
  instance.set("OutRows", lines.outRows);
  instance.set("KernelH", lines.kernelH);
  instance.set("KernelW", lines.columns.kernel);
  instance.set("StrideW", lines.columns.stride);
  instance.set("DilationW", lines.columns.dilation);
  instance.set("PadLeft", lines.columns.padBegin);
  instance.set("PadRight", lines.columns.padEnd);
  instance.set("Pad", int64_t(getPadValue()));
  instance.set("Lag", lines.lag);
  instance.setText("Taps", packed(getTaps()));
  instance.set("UserBits", sideBits);
}

bool LineBufferOp::hasFrameError() { return true; }

void LineBufferOp::describe(NetworkShape::Port &port) {
  port.lines = geometry(port.lanes);
}

//===----------------------------------------------------------------------===//
// slide
//===----------------------------------------------------------------------===//

int64_t SlideOp::lanes(int64_t, int64_t wanted) {
  return std::gcd(vectorSize(getInput()), wanted);
}

StreamSlide SlideOp::table(int64_t lanes) {
  StreamSlide table{.beats = beatsOf(getInput(), lanes),
                    .rows = stepsOf(getInput()),
                    .contexts = getContexts(),
                    .maxAge = getAges().front(),
                    .steps = {}};
  for (auto [age, source, first, last] :
       llvm::zip(getAges(), getSources(), getFirst(), getLast()))
    table.steps.push_back({age, source, first != 0, last != 0});
  return table;
}

LogicalResult SlideOp::verify() {
  size_t entries = getAges().size();
  if (entries == 0 || getSources().size() != entries ||
      getFirst().size() != entries || getLast().size() != entries)
    return emitOpError() << "expects ages, sources, first and last of equal "
                            "size";
  if (!llvm::is_sorted(getAges(), std::greater<>()) || getAges().back() < 0)
    return emitOpError() << "expects ages from 0 on, in descending order";
  int64_t rows = stepsOf(getInput());
  for (int64_t source : getSources())
    if (source < 0 || source >= rows)
      return emitOpError() << "expects sources in [0, " << rows << "), got "
                           << source;
  if (stepsOf(getResult()) != int64_t(entries) ||
      vectorSize(getResult()) != vectorSize(getInput()))
    return emitOpError() << "expects a result of so many rows as entries, like "
                            "those of the input";
  return success();
}

/// Two groups in distributed RAM, the table in LUTs, counters.
Resources SlideOp::resources(int64_t lanes) {
  int64_t bits = lanes * widthOf(getInput());
  int64_t words = 2 * stepsOf(getInput()) * beatsOf(getInput(), lanes);
  int64_t entries = int64_t(getAges().size());
  int64_t counters = 2 * log2Ceil(getAges().front() + 2) + 2 * log2Ceil(words) +
                     log2Ceil(entries) + log2Ceil(getContexts()) + 24;
  int64_t table = log2Ceil(getAges().front() + 2) * (entries + 31) / 32;
  return {.lut = 8 * ((bits + 6) / 7) * ((words + 63) / 64) + 2 * table +
                 2 * counters,
          .ff = bits + counters};
}

StringRef SlideOp::rtlModule() { return "finngl_slide"; }

void SlideOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                            unsigned sideBits) {
  auto flags = [](ArrayRef<int64_t> bits) {
    std::string text;
    for (int64_t bit : bits)
      text = std::to_string(bit) + text;
    return std::to_string(bits.size()) + "'b" + text;
  };
  instance.set("W", lanes * widthOf(getInput()));
  instance.set("Beats", table(lanes).beats);
  instance.set("Rows", stepsOf(getInput()));
  instance.set("Steps", getAges().size());
  instance.set("Contexts", getContexts());
  instance.set("MaxAge", getAges().front());
  instance.setText("Ages", packed(getAges()));
  instance.setText("Sources", packed(getSources()));
  instance.setText("First", flags(getFirst()));
  instance.setText("Last", flags(getLast()));
  instance.set("UserBits", sideBits);
}

bool SlideOp::hasFrameError() { return true; }

void SlideOp::describe(NetworkShape::Port &port) {
  port.slide = table(port.lanes);
}
