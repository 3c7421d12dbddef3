//===- SystemVerilog.cpp - The top level of a network ---------------------===//
//
// Regions joined by forks and width converters. Ports: TopPorts.cpp.
//
//===----------------------------------------------------------------------===//

#include "finngl/Target/SystemVerilog/SystemVerilog.h"
#include "TopPrinter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

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

/// The region input or initial state that an operand is.
static std::string regionPort(OpOperand &use) {
  auto region = cast<RegionOp>(use.getOwner());
  size_t states = region.getStates().size(), inputs = region.getInputs().size();
  size_t i = use.getOperandNumber();
  if (i >= states + inputs) // a load, or
    return "init" + num(region.stateOfLoad(i - states - inputs));
  return i < states ? "init" + num(i) : "in" + num(i - states);
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
    if (isa<JoinOp>(use.getOwner())) {
      printFinalState(use, tap, lanes);
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
