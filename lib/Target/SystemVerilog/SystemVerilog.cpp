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
/// Steps of a packet as whoever made the beats counts them, and their elements.
struct Steps {
  int64_t count, size;
};

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
  /// Gives a stream to every user of the value, whose beats may be steps of
  /// another shape.
  void distribute(const std::string &prefix, Value value, int64_t lanes,
                  Steps steps);
  void giveTo(OpOperand &use, const std::string &tap, int64_t lanes,
              Steps steps);
  void printModule(StreamOpInterface module, const std::string &from,
                   int64_t fromLanes);
  /// Signals of each consumer of a stream.
  std::vector<std::string> fork(const std::string &prefix, unsigned dataBits,
                                unsigned consumers);
  /// The stream with beats of `toLanes` elements.
  std::string converted(const std::string &from, int64_t fromLanes,
                        int64_t toLanes, unsigned width);
  void printGraphOutput(const std::string &prefix, unsigned index, Value value,
                        int64_t lanes, Steps steps);
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
  port.elementsPerBeat = lanesOf(argument);
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
    distribute(axis, argument, port.elementsPerBeat,
               {port.steps, vectorSize(argument)});
}

std::string TopPrinter::converted(const std::string &from, int64_t fromLanes,
                                  int64_t toLanes, unsigned width) {
  if (fromLanes == toLanes)
    return from;
  // Two steps where neither count divides the other.
  std::string source = from, to = from + "_dwc" + num(toLanes);
  if (fromLanes % toLanes && toLanes % fromLanes) {
    source = converted(from, fromLanes, 1, width);
    fromLanes = 1;
  }
  declareStream(to, toLanes * width);
  RtlInstance dwc;
  dwc.set("InElems", fromLanes);
  dwc.set("OutElems", toLanes);
  dwc.set("ElemBits", width);
  dwc.set("UserBits", sideBits());
  ModuleWriter::Connections ports{{"clk_i", "ap_clk"}, {"rst_ni", "ap_rst_n"}};
  llvm::append_range(ports, streamPorts(source, to));
  ports.push_back({"frame_error_o", ""});
  out.instance("finngl_dwc", to, dwc, ports);
  return to;
}

void TopPrinter::printGraphOutput(const std::string &prefix, unsigned index,
                                  Value value, int64_t lanes, Steps steps) {
  std::string axis = "m_axis_" + num(index);
  StreamPort port;
  port.port = axis;
  port.input = false;
  port.index = index;
  port.onnxName = attrText(main.getResultAttrDict(index), finn::kNameAttr);
  port.elementBits = elementType(value).getWidth();
  port.isSigned = elementType(value).isSigned();
  port.elementsPerBeat = lanes;
  port.beatsPerStep = steps.size / lanes;
  port.steps = steps.count;
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
  distribute(prefix, result, lanes,
             {lastOnly ? 1 : region.getSteps(), vectorSize(result)});
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
                            int64_t lanes, Steps steps) {
  // Reshapes are wires: their readers are the stream's own.
  SmallVector<OpOperand *> uses;
  std::function<void(Value)> collect = [&](Value stream) {
    for (OpOperand &use : stream.getUses())
      if (auto module = dyn_cast<StreamOpInterface>(use.getOwner());
          module && module.rtlModule().empty())
        collect(module->getResult(0));
      else
        uses.push_back(&use);
  };
  collect(value);
  std::vector<std::string> taps =
      fork(prefix, lanes * elementType(value).getWidth(), uses.size());
  for (auto [use, tap] : llvm::zip(uses, taps))
    giveTo(*use, tap, lanes, steps);
}

void TopPrinter::giveTo(OpOperand &use, const std::string &tap, int64_t lanes,
                        Steps steps) {
  if (isa<func::ReturnOp>(use.getOwner()))
    return printGraphOutput(tap, use.getOperandNumber(), use.get(), lanes,
                            steps);
  if (auto module = dyn_cast<StreamOpInterface>(use.getOwner()))
    return printModule(module, tap, lanes);
  connect(cast<RegionOp>(use.getOwner()), regionPort(use),
          converted(tap, lanes, takenLanes(use),
                    elementType(use.get()).getWidth()));
}

void TopPrinter::printModule(StreamOpInterface module, const std::string &from,
                             int64_t fromLanes) {
  Value result = module->getResult(0);
  StringRef rtl = module.rtlModule();
  int64_t lanes = lanesOf(result);
  std::string name = from + "_" + module->getName().stripDialect().str();
  declareStream(name, lanes * elementType(result).getWidth());
  RtlInstance instance;
  module.rtlParameters(instance, lanes, sideBits());
  ModuleWriter::Connections ports{{"clk_i", "ap_clk"}, {"rst_ni", "ap_rst_n"}};
  std::string in = converted(from, fromLanes, lanes,
                             elementType(module->getOperand(0)).getWidth());
  llvm::append_range(ports, module.rtlPorts(in, name));
  auto status = [&](const char *port, std::vector<std::string> &all) {
    all.push_back(
        out.signal(1, name + "_" + StringRef(port).drop_back(2).str()));
    ports.push_back({port, all.back()});
  };
  if (module.hasFrameError())
    status("frame_error_o", frameErrors);
  if (module.hasOverrun())
    status("overrun_o", overruns);
  out.instance(rtl.str(), name, instance, ports);
  auto type = cast<RankedTensorType>(result.getType());
  distribute(
      name, result, lanes,
      {type.getRank() == 2 ? type.getDimSize(0) : 1, vectorSize(result)});
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
