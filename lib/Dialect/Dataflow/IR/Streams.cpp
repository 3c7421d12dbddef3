//===- Streams.cpp - Elastic modules between regions ----------------------===//

#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

PortMap df::streamPorts(const std::string &from, const std::string &to) {
  PortMap ports;
  for (const char *name : {"data", "user", "last", "err", "valid"})
    ports.push_back({std::string("s_") + name + "_i", from + "_" + name});
  ports.push_back({"s_ready_o", from + "_ready"});
  for (const char *name : {"data", "user", "last", "err", "valid"})
    ports.push_back({std::string("m_") + name + "_o", to + "_" + name});
  ports.push_back({"m_ready_i", to + "_ready"});
  return ports;
}

static int64_t widthOf(Value v) { return elementType(v).getWidth(); }

/// Beats of a step, or of a position of an image.
static int64_t beatsOf(Value v, int64_t lanes) { return vectorSize(v) / lanes; }

static int64_t log2Ceil(int64_t n) {
  return n > 1 ? int64_t(llvm::Log2_64_Ceil(uint64_t(n))) : 1;
}

/// A ring in distributed RAM and the register behind it.
static Resources ringOf(int64_t bits, int64_t words) {
  return {.lut = 8 * ((bits + 6) / 7) * ((words + 63) / 64) +
                 (words > 64 ? bits * ((words - 1) / 64) : 0),
          .ff = bits};
}

//===----------------------------------------------------------------------===//
// reverse
//===----------------------------------------------------------------------===//

/// Two packets in a memory with a registered read.
Resources ReverseOp::resources(int64_t) {
  constexpr int64_t kBlock = 18432; // bits of a RAMB18
  int64_t bits = 2 * int64_t(getMaxSteps()) * vectorSize(getResult()) *
                 widthOf(getResult());
  Resources control{.lut = 60, .ff = 60};
  if (bits < kBlock / 4)
    return control + Resources{.lut = bits / 16};
  return control + Resources{.bram18 = (bits + kBlock - 1) / kBlock};
}

StringRef ReverseOp::rtlModule() { return "finngl_reverser"; }

void ReverseOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                              unsigned sideBits) {
  instance.set("W", lanes * widthOf(getResult()));
  instance.set("Beats", beatsOf(getResult(), lanes));
  instance.set("Steps", int64_t(getMaxSteps()));
  instance.set("UserBits", sideBits);
}

bool ReverseOp::hasFrameError() { return true; }
bool ReverseOp::hasOverrun() { return true; }

void ReverseOp::describe(NetworkShape::Port &port) { port.reversed = true; }

//===----------------------------------------------------------------------===//
// fifo
//===----------------------------------------------------------------------===//

Resources FifoOp::resources(int64_t) { // shift registers
  int64_t bits = vectorSize(getResult()) * widthOf(getResult());
  return {.lut = int64_t(getSteps()) * bits / 32 + 20, .ff = 16};
}

StringRef FifoOp::rtlModule() { return "finngl_fifo"; }

void FifoOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                           unsigned sideBits) {
  instance.set("Width", lanes * widthOf(getResult()) + sideBits + 2);
  instance.set("Depth", int64_t(getSteps()) * beatsOf(getResult(), lanes));
}

PortMap FifoOp::rtlPorts(const std::string &from, const std::string &to) {
  auto packed = [](const std::string &stream) {
    return "{" + stream + "_err, " + stream + "_last, " + stream + "_user, " +
           stream + "_data}";
  };
  return {{"in_data_i", packed(from)},     {"in_valid_i", from + "_valid"},
          {"in_ready_o", from + "_ready"}, {"out_data_o", packed(to)},
          {"out_valid_o", to + "_valid"},  {"out_ready_i", to + "_ready"}};
}

void FifoOp::describe(NetworkShape::Port &port) {
  port.capacity = int64_t(getSteps());
}

//===----------------------------------------------------------------------===//
// reshape
//===----------------------------------------------------------------------===//

Resources ReshapeOp::resources(int64_t) { return {}; }
StringRef ReshapeOp::rtlModule() { return ""; }
void ReshapeOp::rtlParameters(RtlInstance &, int64_t, unsigned) {}
void ReshapeOp::describe(NetworkShape::Port &port) { port.wires = true; }

//===----------------------------------------------------------------------===//
// swg
//===----------------------------------------------------------------------===//

int64_t SwgOp::lanes(int64_t, int64_t wanted) {
  return std::gcd(vectorSize(getInput()), wanted);
}

StreamWindow::Axis SwgOp::axis(size_t d) {
  size_t rank = getImage().size();
  if (d >= rank)
    return {};
  return {getImage()[d],     getKernel()[d], getStrides()[d],
          getDilations()[d], getPads()[d],   getPads()[rank + d]};
}

StreamWindow SwgOp::window(int64_t lanes) {
  return {axis(0), axis(1), beatsOf(getInput(), lanes)};
}

/// Row pointer of the ring, positions of both sides, comparisons of them.
Resources SwgOp::resources(int64_t lanes) {
  int64_t bits = lanes * widthOf(getInput());
  int64_t words = window(lanes).ringBeats();
  int64_t counters = 6 * log2Ceil(words) + 8 * log2Ceil(axis(0).extent) +
                     8 * log2Ceil(axis(1).extent) + 40;
  return ringOf(bits, words) + Resources{.lut = 2 * counters, .ff = counters};
}

StringRef SwgOp::rtlModule() { return "finngl_swg"; }

void SwgOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                          unsigned sideBits) {
  StreamWindow::Axis rows = axis(0), columns = axis(1);
  instance.set("InBits", widthOf(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("ElemBits", widthOf(getResult()));
  instance.set("Lanes", lanes);
  instance.set("Beats", beatsOf(getInput(), lanes));
  instance.set("Height", rows.extent);
  instance.set("Width", columns.extent);
  instance.set("KernelH", rows.kernel);
  instance.set("KernelW", columns.kernel);
  instance.set("StrideH", rows.stride);
  instance.set("StrideW", columns.stride);
  instance.set("DilationH", rows.dilation);
  instance.set("DilationW", columns.dilation);
  instance.set("PadTop", rows.padBegin);
  instance.set("PadBottom", rows.padEnd);
  instance.set("PadLeft", columns.padBegin);
  instance.set("PadRight", columns.padEnd);
  instance.set("Pad", int64_t(getPadValue()));
  instance.set("UserBits", sideBits);
}

bool SwgOp::hasFrameError() { return true; }

void SwgOp::describe(NetworkShape::Port &port) {
  port.window = window(port.lanes);
}

//===----------------------------------------------------------------------===//
// swg_stream
//===----------------------------------------------------------------------===//

int64_t SwgStreamOp::lanes(int64_t, int64_t wanted) {
  return std::gcd(vectorSize(getInput()), wanted);
}

StreamRows SwgStreamOp::geometry(int64_t lanes) {
  return {.rows = {0, getKernel()[0], getStrides()[0], getDilations()[0],
                   getPads()[0], 0},
          .columns = {int64_t(getWidth()), getKernel()[1], getStrides()[1],
                      getDilations()[1], getPads()[1], getPads()[2]},
          .beats = beatsOf(getInput(), lanes),
          .wait = int64_t(getWait())};
}

LogicalResult SwgStreamOp::verify() {
  if (getKernel().size() != 2 || getStrides().size() != 2 ||
      getDilations().size() != 2 || getPads().size() != 3)
    return emitOpError() << "expects kernel, strides and dilations of two "
                            "entries, pads of three";
  StreamRows rows = geometry(1);
  if (rows.wait < 0 || rows.rows.padBegin < 0 || rows.first() < 0)
    return emitOpError() << "expects fewer rows of padding than a window "
                            "waits for";
  if (stepsOf(getInput()) != rows.columns.extent ||
      stepsOf(getResult()) != rows.columns.count() ||
      vectorSize(getResult()) !=
          rows.rows.kernel * rows.columns.kernel * vectorSize(getInput()))
    return emitOpError() << "expects a result [windows, taps * C] of an input "
                            "[width, C]";
  return success();
}

/// As swg.
Resources SwgStreamOp::resources(int64_t lanes) {
  StreamRows rows = geometry(lanes);
  int64_t bits = lanes * widthOf(getInput()), words = rows.ringBeats();
  int64_t counters = 5 * log2Ceil(words) +
                     5 * log2Ceil(rows.reach() + rows.rows.stride) +
                     8 * log2Ceil(rows.columns.extent) + 40;
  return ringOf(bits, words) + Resources{.lut = 2 * counters, .ff = counters};
}

StringRef SwgStreamOp::rtlModule() { return "finngl_swg_stream"; }

void SwgStreamOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                                unsigned sideBits) {
  StreamRows s = geometry(lanes);
  instance.set("InBits", widthOf(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("ElemBits", widthOf(getResult()));
  instance.set("Lanes", lanes);
  instance.set("Beats", s.beats);
  instance.set("Width", s.columns.extent);
  instance.set("KernelH", s.rows.kernel);
  instance.set("KernelW", s.columns.kernel);
  instance.set("StrideH", s.rows.stride);
  instance.set("StrideW", s.columns.stride);
  instance.set("DilationH", s.rows.dilation);
  instance.set("DilationW", s.columns.dilation);
  instance.set("PadTop", s.rows.padBegin);
  instance.set("PadLeft", s.columns.padBegin);
  instance.set("PadRight", s.columns.padEnd);
  instance.set("Pad", int64_t(getPadValue()));
  instance.set("Wait", s.wait);
  instance.set("UserBits", sideBits);
}

bool SwgStreamOp::hasFrameError() { return true; }

void SwgStreamOp::describe(NetworkShape::Port &port) {
  port.rows = geometry(port.lanes);
}

//===----------------------------------------------------------------------===//
// max_pool
//===----------------------------------------------------------------------===//

int64_t MaxPoolOp::lanes(int64_t, int64_t wanted) {
  return std::gcd(vectorSize(getResult()), wanted);
}

/// A comparator and a register a lane, the maxima so far, a FIFO of two beats.
Resources MaxPoolOp::resources(int64_t lanes) {
  int64_t bits = lanes * widthOf(getResult());
  return {.lut =
              3 * bits + bits * ((beatsOf(getResult(), lanes) + 31) / 32) + 30,
          .ff = bits + 16};
}

StringRef MaxPoolOp::rtlModule() { return "finngl_max_pool"; }

void MaxPoolOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                              unsigned sideBits) {
  instance.set("ElemBits", widthOf(getResult()));
  instance.set("Signed", elementType(getResult()).isSigned());
  instance.set("Lanes", lanes);
  instance.set("Beats", beatsOf(getResult(), lanes));
  instance.set("Taps", vectorSize(getInput()) / vectorSize(getResult()));
  instance.set("UserBits", sideBits);
}

void MaxPoolOp::describe(NetworkShape::Port &port) {
  port.pooledTaps = vectorSize(getInput()) / vectorSize(getResult());
}

//===----------------------------------------------------------------------===//
// arg_max, top_k
//===----------------------------------------------------------------------===//

/// A comparator and a register a rank, of the elements and where they are
/// wanted their positions; a FIFO of two steps in registers.
static Resources rankerResources(Value input, Value result, bool positions) {
  int64_t more = vectorSize(result) - 1;
  int64_t bits = widthOf(input), out = widthOf(result);
  int64_t entry = bits + (positions ? out : 0);
  return {.lut = bits + 3 * out + 30 + more * (bits + entry + out),
          .ff = bits + 2 * out + 16 + more * (entry + 2 * out)};
}

static void setRanker(RtlInstance &instance, Value input, Value result,
                      bool positions, bool selectLast, unsigned sideBits) {
  instance.set("ElemBits", widthOf(input));
  instance.set("Signed", elementType(input).isSigned());
  instance.set("Elements", vectorSize(input));
  instance.set("K", vectorSize(result));
  instance.set("OutBits", widthOf(result));
  instance.set("Positions", positions);
  instance.set("SelectLast", selectLast);
  instance.set("UserBits", sideBits);
}

static void describeRanker(NetworkShape::Port &port, Value input,
                           Value result) {
  port.pooledTaps = vectorSize(input);
  port.ranks = vectorSize(result);
}

int64_t ArgMaxOp::lanes(int64_t, int64_t) { return 1; }
Resources ArgMaxOp::resources(int64_t) {
  return rankerResources(getInput(), getResult(), true);
}
StringRef ArgMaxOp::rtlModule() { return "finngl_top_k"; }
void ArgMaxOp::rtlParameters(RtlInstance &instance, int64_t, unsigned bits) {
  setRanker(instance, getInput(), getResult(), true, getSelectLast(), bits);
}
void ArgMaxOp::describe(NetworkShape::Port &port) {
  describeRanker(port, getInput(), getResult());
}

int64_t TopKOp::lanes(int64_t, int64_t) { return 1; }
Resources TopKOp::resources(int64_t) {
  return rankerResources(getInput(), getResult(), false);
}
StringRef TopKOp::rtlModule() { return "finngl_top_k"; }
void TopKOp::rtlParameters(RtlInstance &instance, int64_t, unsigned bits) {
  setRanker(instance, getInput(), getResult(), false, false, bits);
}
void TopKOp::describe(NetworkShape::Port &port) {
  describeRanker(port, getInput(), getResult());
}

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
  return std::gcd(vectorSize(getInput()), wanted);
}

StreamWindow::Axis LineBufferOp::columns() {
  return {int64_t(getWidth()),    getKernel()[1], int64_t(getStride()),
          int64_t(getDilation()), getPads()[0],   getPads()[1]};
}

StreamLines LineBufferOp::geometry(int64_t lanes) {
  return {.columns = columns(),
          .beats = beatsOf(getInput(), lanes),
          .inRows = int64_t(getInRows()),
          .outRows = int64_t(getOutRows()),
          .kernelH = getKernel()[0],
          .lag = int64_t(getLag()),
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
  int64_t bits = lanes * widthOf(getInput()), words = lines.ringBeats();
  int64_t counters = 6 * log2Ceil(words) + 8 * log2Ceil(lines.columns.extent) +
                     4 * log2Ceil(lines.outRows * lines.kernelH) + 40;
  int64_t table = int64_t(lines.taps.size()) * log2Ceil(lines.outside()) / 16;
  return ringOf(bits, words) +
         Resources{.lut = 2 * counters + table, .ff = counters};
}

StringRef LineBufferOp::rtlModule() { return "finngl_line_buffer"; }

void LineBufferOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                                 unsigned sideBits) {
  StreamLines lines = geometry(lanes);
  instance.set("InBits", widthOf(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("ElemBits", widthOf(getResult()));
  instance.set("Lanes", lanes);
  instance.set("Beats", lines.beats);
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
  StreamSlide table{.beats = stepsOf(getInput()) / int64_t(getRows()) *
                             beatsOf(getInput(), lanes),
                    .rows = int64_t(getRows()),
                    .contexts = int64_t(getContexts()),
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
  for (int64_t source : getSources())
    if (source < 0 || source >= int64_t(getRows()))
      return emitOpError() << "expects sources in [0, " << getRows()
                           << "), got " << source;
  if (int64_t(getContexts()) <= getAges().front() - getAges().back())
    return emitOpError() << "expects a context for each window under way";
  int64_t perRow = stepsOf(getInput()) / int64_t(getRows());
  if (perRow * int64_t(getRows()) != stepsOf(getInput()) ||
      stepsOf(getResult()) != int64_t(entries) * perRow ||
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
  instance.set("Rows", int64_t(getRows()));
  instance.set("Steps", getAges().size());
  instance.set("Contexts", int64_t(getContexts()));
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
