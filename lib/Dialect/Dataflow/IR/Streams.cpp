//===- Streams.cpp - Elastic modules between regions ----------------------===//

#include "StreamCost.h"
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
  return windowLanes(vectorSize(getInput()), axis(0).kernel, axis(1).kernel,
                     wanted);
}

int64_t SwgOp::taken(int64_t lanes) {
  return std::min(lanes, vectorSize(getInput()));
}

StreamWindow::Axis SwgOp::axis(size_t d) {
  size_t rank = getImage().size();
  if (d >= rank)
    return {};
  return {getImage()[d],     getKernel()[d], getStrides()[d],
          getDilations()[d], getPads()[d],   getPads()[rank + d]};
}

StreamWindow SwgOp::window(int64_t lanes) {
  int64_t each = taken(lanes);
  return {axis(0), axis(1), beatsOf(getInput(), each), lanes / each};
}

/// Row pointer of the ring, positions of both sides, comparisons of them.
Resources SwgOp::resources(int64_t lanes) {
  StreamWindow w = window(lanes);
  int64_t bits = taken(lanes) * widthOf(getInput());
  int64_t words = w.ringBeats();
  int64_t counters = 6 * log2Ceil(words) + 8 * log2Ceil(axis(0).extent) +
                     8 * log2Ceil(axis(1).extent) + 40;
  return rowRing(w.rows.span(), w.columns.extent * w.beats, bits, w.beatTaps) +
         Resources{.lut = 2 * counters, .ff = counters};
}

StringRef SwgOp::rtlModule() { return "finngl_swg"; }

void SwgOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                          unsigned sideBits) {
  StreamWindow w = window(lanes);
  const StreamWindow::Axis &rows = w.rows, &columns = w.columns;
  instance.set("InBits", widthOf(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("ElemBits", widthOf(getResult()));
  instance.set("Lanes", taken(lanes));
  instance.set("Beats", w.beats);
  instance.set("BeatTaps", w.beatTaps);
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
  return windowLanes(vectorSize(getInput()), getKernel()[0], getKernel()[1],
                     wanted);
}

int64_t SwgStreamOp::taken(int64_t lanes) {
  return std::min(lanes, vectorSize(getInput()));
}

StreamRows SwgStreamOp::geometry(int64_t lanes) {
  return {.rows = {0, getKernel()[0], getStrides()[0], getDilations()[0],
                   getPads()[0], 0},
          .columns = {int64_t(getWidth()), getKernel()[1], getStrides()[1],
                      getDilations()[1], getPads()[1], getPads()[2]},
          .beats = beatsOf(getInput(), taken(lanes)),
          .wait = int64_t(getWait()),
          .beatTaps = lanes / taken(lanes)};
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
  int64_t bits = taken(lanes) * widthOf(getInput()), words = rows.ringBeats();
  int64_t counters = 5 * log2Ceil(words) +
                     5 * log2Ceil(rows.reach() + rows.rows.stride) +
                     8 * log2Ceil(rows.columns.extent) + 40;
  return rowRing(rows.reach(), rows.columns.extent * rows.beats, bits,
                 rows.beatTaps) +
         Resources{.lut = 2 * counters, .ff = counters};
}

StringRef SwgStreamOp::rtlModule() { return "finngl_swg_stream"; }

void SwgStreamOp::rtlParameters(RtlInstance &instance, int64_t lanes,
                                unsigned sideBits) {
  StreamRows s = geometry(lanes);
  instance.set("InBits", widthOf(getInput()));
  instance.set("InSigned", elementType(getInput()).isSigned());
  instance.set("ElemBits", widthOf(getResult()));
  instance.set("Lanes", taken(lanes));
  instance.set("Beats", s.beats);
  instance.set("BeatTaps", s.beatTaps);
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
