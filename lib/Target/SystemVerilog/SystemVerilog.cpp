//===- SystemVerilog.cpp - The top level of a network ---------------------===//
//
// Regions joined by forks and width converters, AXI4-Stream ports in graph
// order, AXI4-Lite beside the data path.
//
//===----------------------------------------------------------------------===//

#include "finngl/Target/SystemVerilog/SystemVerilog.h"
#include "RegionPrinter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

static std::string attrText(DictionaryAttr attrs, StringRef name) {
  if (auto text = attrs ? attrs.getAs<StringAttr>(name) : StringAttr())
    return text.str();
  return "";
}

namespace {
/// A ready/valid stream inside of the top level, by its signals' prefix.
class TopPrinter {
public:
  TopPrinter(func::FuncOp main, const PrintOptions &options,
             PrintedNetwork &network)
      : main(main), options(options), network(network),
        contexts(contextsOf(main)),
        contextBits(contexts > 1 ? llvm::Log2_64_Ceil(contexts) : 0),
        out("finngl_top",
            "// Top level, printed by finn-gl. Ports: docs/Protocol.md.\n") {}
  void print();

private:
  func::FuncOp main;
  const PrintOptions &options;
  PrintedNetwork &network;
  int64_t contexts;
  unsigned contextBits;
  ModuleWriter out;
  FileSet files;
  /// Region instance ports still to be connected, by region.
  llvm::DenseMap<Operation *, ModuleWriter::Connections> connections;
  std::vector<std::string> launches, frameErrors, badContexts, overruns,
      packetEnds;
  unsigned tuserIn() const { return options.userBits + 2; }
  /// What travels with a step inside: {user bits, context, restart}.
  unsigned sideBits() const { return options.userBits + contextBits + 1; }
  /// TDEST has room for a context that does not exist.
  unsigned destBits() const { return llvm::Log2_64(contexts) + 1; }

  void declareStream(const std::string &prefix, unsigned dataBits);
  void connect(RegionOp region, const std::string &port,
               const std::string &prefix);
  void printGraphInput(BlockArgument argument);
  void printResult(RegionOp region, unsigned index);
  /// Gives a stream to every user of the value.
  void distribute(const std::string &prefix, Value value, int64_t lanes,
                  int64_t steps);
  void printReverse(ReverseOp reverse, const std::string &from, int64_t lanes);
  void printFifo(FifoOp fifo, const std::string &from, int64_t lanes);
  /// Signals of each consumer of a stream.
  std::vector<std::string> fork(const std::string &prefix, unsigned dataBits,
                                unsigned consumers);
  void convert(const std::string &from, int64_t fromLanes,
               const std::string &to, int64_t toLanes, unsigned width);
  void printGraphOutput(const std::string &prefix, unsigned index, Value value,
                        int64_t lanes, int64_t steps);
  void printControl();
};
} // namespace

static std::string joined(const std::vector<std::string> &parts,
                          const char *glue, const char *empty) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : glue) + part;
  return text.empty() ? empty : text;
}

void TopPrinter::declareStream(const std::string &prefix, unsigned dataBits) {
  out.signal(dataBits, prefix + "_data");
  out.signal(sideBits(), prefix + "_user");
  for (const char *name : {"_last", "_err", "_valid", "_ready"})
    out.signal(1, prefix + name);
}

void TopPrinter::connect(RegionOp region, const std::string &port,
                         const std::string &prefix) {
  for (const char *name :
       {"_data", "_user", "_last", "_err", "_valid", "_ready"})
    connections[region].push_back({port + name, prefix + name});
}

/// The region input or initial state that an operand is.
static std::string regionPort(OpOperand &use) {
  auto region = cast<RegionOp>(use.getOwner());
  size_t states = region.getStates().size();
  unsigned i = use.getOperandNumber();
  return i < states ? "init" + num(i) : "in" + num(i - states);
}

void TopPrinter::printGraphInput(BlockArgument argument) {
  unsigned index = argument.getArgNumber();
  std::string axis = "s_axis_" + num(index);
  StreamPort port;
  port.port = axis;
  port.onnxName = attrText(main.getArgAttrDict(index), finn::kNameAttr);
  port.index = index;
  IntegerType type = elementType(argument);
  port.elementBits = type.getWidth();
  port.isSigned = type.isSigned();
  port.elementsPerBeat = graphInputLanes(argument);
  port.beatsPerStep = vectorSize(argument) / port.elementsPerBeat;
  auto tensor = cast<RankedTensorType>(argument.getType());
  port.steps = tensor.getRank() == 2 ? tensor.getDimSize(0) : 1;
  network.streams.push_back(port);

  unsigned bits = port.elementsPerBeat * port.elementBits;
  out.port("input ", port.dataBits(), axis + "_tdata");
  out.port("input ", tuserIn(), axis + "_tuser");
  out.port("input ", destBits(), axis + "_tdest");
  out.port("input ", 1, axis + "_tlast");
  out.port("input ", 1, axis + "_tvalid");
  out.port("output", 1, axis + "_tready");
  out.blank(axis + ": " + port.onnxName + ", " + num(port.elementsPerBeat) +
            " x " + num(port.elementBits) + " bits a beat, " +
            num(port.beatsPerStep) + " beats a step");
  declareStream(axis, bits);
  std::string bad = out.signal(1, axis + "_bad_context");
  badContexts.push_back(bad);
  std::string context =
      contextBits ? out.signal(contextBits, axis + "_context") : "";
  std::string mixed = contextBits ? out.signal(1, axis + "_mixed") : "";
  if (contextBits)
    frameErrors.push_back(mixed);
  RtlInstance in;
  in.set("Contexts", contexts);
  in.set("DestBits", destBits());
  in.set("Beats", port.beatsPerStep);
  out.instance("finngl_axis_in", axis, in,
               {{"clk_i", "ap_clk"},
                {"rst_ni", "ap_rst_n"},
                {"s_tvalid_i", axis + "_tvalid"},
                {"s_tready_o", axis + "_tready"},
                {"s_tlast_i", axis + "_tlast"},
                {"s_tdest_i", axis + "_tdest"},
                {"m_valid_o", axis + "_valid"},
                {"m_ctx_o", context},
                {"m_err_o", axis + "_err"},
                {"m_ready_i", axis + "_ready"},
                {"bad_context_o", bad},
                {"frame_error_o", mixed}});
  out.assign(axis + "_data", axis + "_tdata" + range(bits));
  std::string user = options.userBits
                         ? axis + "_tuser[2 +: " + num(options.userBits) + "], "
                         : std::string();
  if (contextBits)
    user += context + ", ";
  out.assign(axis + "_user", "{" + user + axis + "_tuser[0]}");
  out.assign(axis + "_last", axis + "_tlast");
  if (argument.use_empty())
    out.assign(axis + "_ready", "1'b1");
  else
    distribute(axis, argument, port.elementsPerBeat, port.steps);
}

void TopPrinter::convert(const std::string &from, int64_t fromLanes,
                         const std::string &to, int64_t toLanes,
                         unsigned width) {
  std::string source = from;
  // Two steps where neither count divides the other.
  if (fromLanes % toLanes && toLanes % fromLanes) {
    std::string single = to + "_single";
    declareStream(single, width);
    convert(from, fromLanes, single, 1, width);
    source = single;
    fromLanes = 1;
  }
  RtlInstance dwc;
  dwc.set("InElems", fromLanes);
  dwc.set("OutElems", toLanes);
  dwc.set("ElemBits", width);
  dwc.set("UserBits", sideBits());
  out.instance("finngl_dwc", to, dwc,
               {{"clk_i", "ap_clk"},
                {"rst_ni", "ap_rst_n"},
                {"s_data_i", source + "_data"},
                {"s_user_i", source + "_user"},
                {"s_last_i", source + "_last"},
                {"s_err_i", source + "_err"},
                {"s_valid_i", source + "_valid"},
                {"s_ready_o", source + "_ready"},
                {"frame_error_o", ""},
                {"m_data_o", to + "_data"},
                {"m_user_o", to + "_user"},
                {"m_last_o", to + "_last"},
                {"m_err_o", to + "_err"},
                {"m_valid_o", to + "_valid"},
                {"m_ready_i", to + "_ready"}});
}

void TopPrinter::printGraphOutput(const std::string &prefix, unsigned index,
                                  Value value, int64_t lanes, int64_t steps) {
  std::string axis = "m_axis_" + num(index);
  StreamPort port;
  port.port = axis;
  port.input = false;
  port.index = index;
  port.onnxName = attrText(main.getResultAttrDict(index), finn::kNameAttr);
  port.elementBits = elementType(value).getWidth();
  port.isSigned = elementType(value).isSigned();
  port.elementsPerBeat = lanes;
  port.beatsPerStep = vectorSize(value) / lanes;
  port.steps = steps;
  network.streams.push_back(port);
  out.port("output", port.dataBits(), axis + "_tdata");
  out.port("output", options.userBits + 1, axis + "_tuser");
  out.port("output", destBits(), axis + "_tdest");
  out.port("output", 1, axis + "_tlast");
  out.port("output", 1, axis + "_tvalid");
  out.port("input ", 1, axis + "_tready");
  unsigned bits = lanes * port.elementBits;
  std::string pad = port.dataBits() > bits
                        ? num(port.dataBits() - bits) + "'b0, "
                        : std::string();
  out.blank(axis + ": " + port.onnxName);
  out.assign(axis + "_tdata", "{" + pad + prefix + "_data}");
  std::string user = options.userBits
                         ? prefix + "_user[" + num(1 + contextBits) +
                               " +: " + num(options.userBits) + "], "
                         : std::string();
  out.assign(axis + "_tuser", "{" + user + prefix + "_err}");
  out.assign(axis + "_tdest", contextBits
                                  ? num(destBits()) + "'(" + prefix +
                                        "_user[1 +: " + num(contextBits) + "])"
                                  : "1'b0");
  out.assign(axis + "_tlast", prefix + "_last");
  out.assign(axis + "_tvalid", prefix + "_valid");
  out.assign(prefix + "_ready", axis + "_tready");
  packetEnds.push_back("(" + axis + "_tvalid & " + axis + "_tready & " + axis +
                       "_tlast)");
}

void TopPrinter::printResult(RegionOp region, unsigned index) {
  Value result = region.getResult(index);
  if (result.use_empty())
    return;
  RegionSchedule schedule = scheduleOf(region);
  int64_t lanes = schedule.folding().lanes;
  unsigned width = elementType(result).getWidth();
  std::string prefix = region.getName().str() + "_out" + num(index);
  declareStream(prefix, lanes * width);
  connect(region, "out" + num(index), prefix);

  bool lastOnly = index < region.getStates().size();
  distribute(prefix, result, lanes, lastOnly ? 1 : region.getSteps());
}

std::vector<std::string> TopPrinter::fork(const std::string &prefix,
                                          unsigned dataBits,
                                          unsigned consumers) {
  if (consumers == 1)
    return {prefix};
  std::vector<std::string> taps;
  std::string valids, readies;
  for (unsigned c = 0; c < consumers; ++c) {
    std::string tap = prefix + "_tap" + num(c);
    declareStream(tap, dataBits);
    std::string comma = valids.empty() ? "" : ", ";
    valids = tap + "_valid" + comma + valids;
    readies = tap + "_ready" + comma + readies;
    for (const char *name : {"_data", "_user", "_last", "_err"})
      out.assign(tap + name, prefix + name);
    taps.push_back(tap);
  }
  RtlInstance fork;
  fork.set("Width", 1); // the data wires need no copy
  fork.set("N", consumers);
  out.instance("finngl_fork", prefix, fork,
               {{"clk_i", "ap_clk"},
                {"rst_ni", "ap_rst_n"},
                {"s_data_i", "1'b0"},
                {"s_valid_i", prefix + "_valid"},
                {"s_ready_o", prefix + "_ready"},
                {"m_data_o", ""},
                {"m_valid_o", "{" + valids + "}"},
                {"m_ready_i", "{" + readies + "}"}});
  return taps;
}

void TopPrinter::distribute(const std::string &prefix, Value value,
                            int64_t lanes, int64_t steps) {
  unsigned width = elementType(value).getWidth();
  std::vector<std::string> taps =
      fork(prefix, lanes * width, llvm::range_size(value.getUses()));
  unsigned c = 0;
  for (OpOperand &use : value.getUses()) {
    const std::string &tap = taps[c++];
    if (isa<func::ReturnOp>(use.getOwner())) {
      printGraphOutput(tap, use.getOperandNumber(), value, lanes, steps);
      continue;
    }
    if (auto reverse = dyn_cast<ReverseOp>(use.getOwner())) {
      printReverse(reverse, tap, lanes);
      continue;
    }
    if (auto fifo = dyn_cast<FifoOp>(use.getOwner())) {
      printFifo(fifo, tap, lanes);
      continue;
    }
    auto consumer = cast<RegionOp>(use.getOwner());
    RegionSchedule next = scheduleOf(consumer);
    int64_t want = next.inputLanes(operandOf(next, use));
    if (want == lanes) {
      connect(consumer, regionPort(use), tap);
      continue;
    }
    std::string converted = tap + "_dwc";
    declareStream(converted, want * width);
    convert(tap, lanes, converted, want, width);
    connect(consumer, regionPort(use), converted);
  }
}

void TopPrinter::printReverse(ReverseOp reverse, const std::string &from,
                              int64_t lanes) {
  std::string name = from + "_reversed";
  unsigned width = lanes * elementType(reverse.getResult()).getWidth();
  declareStream(name, width);
  frameErrors.push_back(out.signal(1, name + "_frame_error"));
  overruns.push_back(out.signal(1, name + "_overrun"));
  RtlInstance reverser;
  reverser.set("W", width);
  reverser.set("Beats", vectorSize(reverse.getResult()) / lanes);
  reverser.set("Steps", int64_t(reverse.getMaxSteps()));
  reverser.set("UserBits", sideBits());
  out.instance("finngl_reverser", name, reverser,
               {{"clk_i", "ap_clk"},
                {"rst_ni", "ap_rst_n"},
                {"s_data_i", from + "_data"},
                {"s_user_i", from + "_user"},
                {"s_last_i", from + "_last"},
                {"s_err_i", from + "_err"},
                {"s_valid_i", from + "_valid"},
                {"s_ready_o", from + "_ready"},
                {"frame_error_o", frameErrors.back()},
                {"overrun_o", overruns.back()},
                {"m_data_o", name + "_data"},
                {"m_user_o", name + "_user"},
                {"m_last_o", name + "_last"},
                {"m_err_o", name + "_err"},
                {"m_valid_o", name + "_valid"},
                {"m_ready_i", name + "_ready"}});
  auto type = cast<RankedTensorType>(reverse.getResult().getType());
  distribute(name, reverse.getResult(), lanes, type.getDimSize(0));
}

void TopPrinter::printFifo(FifoOp fifo, const std::string &from,
                           int64_t lanes) {
  std::string name = from + "_waiting";
  Value value = fifo.getResult();
  unsigned width = lanes * elementType(value).getWidth();
  unsigned word = width + sideBits() + 2;
  declareStream(name, width);
  RtlInstance unit;
  unit.set("Width", word);
  unit.set("Depth", int64_t(fifo.getSteps()) * (vectorSize(value) / lanes));
  auto packed = [](const std::string &stream) {
    return "{" + stream + "_err, " + stream + "_last, " + stream + "_user, " +
           stream + "_data}";
  };
  out.instance("finngl_fifo", name, unit,
               {{"clk_i", "ap_clk"},
                {"rst_ni", "ap_rst_n"},
                {"in_data_i", packed(from)},
                {"in_valid_i", from + "_valid"},
                {"in_ready_o", from + "_ready"},
                {"out_data_o", packed(name)},
                {"out_valid_o", name + "_valid"},
                {"out_ready_i", name + "_ready"}});
  auto type = cast<RankedTensorType>(value.getType());
  distribute(name, value, lanes, type.getRank() == 2 ? type.getDimSize(0) : 1);
}

void TopPrinter::printControl() {
  RtlInstance lite;
  lite.setText("Version", "32'd" + num(options.version));
  char hash[32];
  std::snprintf(hash, sizeof hash, "64'h%016llx",
                static_cast<unsigned long long>(options.modelHash));
  lite.setText("Hash", hash);
  lite.set("NCount", 2);
  ModuleWriter::Connections ports{
      {"clk_i", "ap_clk"},
      {"rst_ni", "ap_rst_n"},
      {"busy_i", joined(launches, " | ", "1'b0")},
      {"error_i", "{" + joined(overruns, " | ", "1'b0") + ", " +
                      joined(badContexts, " | ", "1'b0") + ", " +
                      joined(frameErrors, " | ", "1'b0") + "}"},
      {"count_i",
       "{" + joined({packetEnds.empty() ? "1'b0" : packetEnds[0]}, "", "") +
           ", " + launches[0] + "}"}};
  struct Signal {
    const char *direction;
    unsigned width;
    const char *name;
  };
  static const Signal axi[] = {
      {"input ", 8, "awaddr"},  {"input ", 1, "awvalid"},
      {"output", 1, "awready"}, {"input ", 32, "wdata"},
      {"input ", 4, "wstrb"},   {"input ", 1, "wvalid"},
      {"output", 1, "wready"},  {"output", 2, "bresp"},
      {"output", 1, "bvalid"},  {"input ", 1, "bready"},
      {"input ", 8, "araddr"},  {"input ", 1, "arvalid"},
      {"output", 1, "arready"}, {"output", 32, "rdata"},
      {"output", 2, "rresp"},   {"output", 1, "rvalid"},
      {"input ", 1, "rready"}};
  for (const Signal &signal : axi) {
    std::string name = std::string("s_axi_control_") + signal.name;
    out.port(signal.direction, signal.width, name);
    bool isInput = std::string(signal.direction) == "input ";
    ports.push_back(
        {std::string("s_axi_") + signal.name + (isInput ? "_i" : "_o"), name});
  }
  out.blank("version, model hash, errors, counters");
  out.instance("finngl_axi_lite", "control", lite, ports);
}

void TopPrinter::print() {
  out.port("input ", 1, "ap_clk");
  out.port("input ", 1, "ap_rst_n");
  for (BlockArgument argument : main.getArguments())
    printGraphInput(argument);
  SmallVector<RegionOp> regions(main.getOps<RegionOp>());
  for (RegionOp region : regions)
    for (unsigned i = 0; i < region.getNumResults(); ++i)
      printResult(region, i);
  for (RegionOp region : regions) {
    RegionPrinter printer(region, sideBits() - 1, files);
    printer.print();
    std::string name = region.getName().str();
    launches.push_back(out.signal(1, name + "_launch"));
    frameErrors.push_back(out.signal(1, name + "_frame_error"));
    ModuleWriter::Connections ports{{"clk_i", "ap_clk"},
                                    {"rst_ni", "ap_rst_n"}};
    llvm::append_range(ports, connections[region]);
    ports.push_back({"launch_o", launches.back()});
    ports.push_back({"frame_error_o", frameErrors.back()});
    out.blank("region " + name);
    out.instance(printer.moduleName(), name, {}, ports);
  }
  printControl();
  llvm::sort(network.streams, [](const StreamPort &a, const StreamPort &b) {
    return std::tuple(!a.input, a.index) < std::tuple(!b.input, b.index);
  });
  network.destBits = destBits();
  network.files = std::move(files.files);
  network.files["finngl_top.sv"] = out.text();
}

PrintedNetwork finngl::printSystemVerilog(ModuleOp module,
                                          const PrintOptions &options) {
  PrintedNetwork network;
  TopPrinter(module.lookupSymbol<func::FuncOp>("main"), options, network)
      .print();
  return network;
}
