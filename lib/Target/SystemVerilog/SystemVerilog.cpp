//===- SystemVerilog.cpp - The top level of a network ---------------------===//
//
// Regions joined by forks, width converters and elastic modules. Ports:
// TopPorts.cpp.
//
//===----------------------------------------------------------------------===//

#include "TopPrinter.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

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

/// The region input or value of a state that an operand is.
static std::string regionPort(OpOperand &use) {
  auto region = cast<RegionOp>(use.getOwner());
  size_t states = region.getStates().size(), inputs = region.getInputs().size();
  size_t i = use.getOperandNumber();
  if (i >= states + inputs) // a load, or
    return "init" + num(region.stateOfLoad(i - states - inputs));
  return i < states ? "init" + num(i) : "in" + num(i - states);
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

std::string TopPrinter::packed(const std::string &from, int64_t fromLanes,
                               int64_t elements, unsigned width) {
  int64_t beats = (elements + fromLanes - 1) / fromLanes;
  std::string all = converted(from, fromLanes, beats * fromLanes, width),
              to = from + "_step";
  declareStream(to, elements * width);
  out.assign(to + "_data", all + "_data" + range(elements * width));
  for (const char *name : {"_user", "_last", "_err", "_valid"})
    out.assign(to + name, all + name);
  out.assign(all + "_ready", to + "_ready");
  return to;
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

  if (schedule.packs(index)) {
    lanes = schedule.outputLanes(index);
    prefix = packed(prefix, schedule.folding().lanes, lanes, width);
  }
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
  std::string stream =
      converted(tap, lanes, takenLanes(use), elementType(use.get()).getWidth());
  if (isa<JoinOp>(use.getOwner()))
    finalStates[use.getOperandNumber()] = stream;
  else
    connect(cast<RegionOp>(use.getOwner()), regionPort(use), stream);
}

void TopPrinter::printModule(StreamOpInterface module, const std::string &from,
                             int64_t fromLanes) {
  Value result = module->getResult(0);
  int64_t lanes = lanesOf(result);
  std::string name = from + "_" + module->getName().stripDialect().str();
  declareStream(name, lanes * elementType(result).getWidth());
  RtlInstance instance;
  module.rtlParameters(instance, lanes, sideBits());
  ModuleWriter::Connections ports{{"clk_i", "ap_clk"}, {"rst_ni", "ap_rst_n"}};
  std::string in = converted(from, fromLanes, module.taken(lanes),
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
  out.instance(module.rtlModule().str(), name, instance, ports);
  distribute(name, result, lanes, {stepsOf(result), vectorSize(result)});
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
  for (JoinOp join : main.getOps<JoinOp>())
    printJoin(join);
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
