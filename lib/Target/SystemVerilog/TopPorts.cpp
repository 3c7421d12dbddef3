//===- TopPorts.cpp - The top level's ports -------------------------------===//
//
// AXI4-Stream ports in graph order, those of all states, AXI4-Lite beside the
// data path.
//
//===----------------------------------------------------------------------===//

#include "TopPrinter.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

static std::string attrText(DictionaryAttr attrs, StringRef name) {
  if (auto text = attrs ? attrs.getAs<StringAttr>(name) : StringAttr())
    return text.str();
  return "";
}

static std::string joined(const std::vector<std::string> &parts,
                          const char *glue, const char *empty) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : glue) + part;
  return text.empty() ? empty : text;
}

void TopPrinter::printGraphInput(BlockArgument argument) {
  unsigned index = argument.getArgNumber();
  SplitOp split;
  if (statePorts && index + 1 == main.getNumArguments())
    split = cast<SplitOp>(*argument.user_begin());
  StreamPort port;
  port.port = split ? "s_axis_state" : "s_axis_" + num(index);
  port.onnxName = attrText(main.getArgAttrDict(index), finn::kNameAttr);
  port.index = index;
  IntegerType type = elementType(argument);
  port.elementBits = type.getWidth();
  port.isSigned = type.isSigned();
  port.elementsPerBeat = lanesOf(argument);
  port.beatsPerStep = vectorSize(argument) / port.elementsPerBeat;
  port.steps = stepsOf(argument);
  network.streams.push_back(port);
  std::string axis = printInputPort(port);
  if (split)
    printSplit(split, axis);
  else if (argument.use_empty())
    out.assign(axis + "_ready", "1'b1");
  else
    distribute(axis, argument, port.elementsPerBeat,
               {port.steps, vectorSize(argument)});
}

std::string TopPrinter::printInputPort(const StreamPort &port) {
  const std::string &axis = port.port;
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
  std::string user = statePorts ? axis + "_tuser[1], " : std::string();
  if (options.userBits)
    user += axis + "_tuser[2 +: " + num(options.userBits) + "], ";
  if (contextBits)
    user += context + ", ";
  if (innerBits)
    user += num(innerBits) + "'d0, ";
  out.assign(axis + "_user", "{" + user + axis + "_tuser[0]}");
  out.assign(axis + "_last", axis + "_tlast");
  return axis;
}

/// Each state's stream: the low bits of its elements.
void TopPrinter::printSplit(SplitOp split, const std::string &from) {
  constexpr unsigned kSizeBits = 32;
  unsigned bits = elementType(split.getInput()).getWidth();
  int64_t lanes = lanesOf(split.getInput());
  std::string valids, readies, sizes;
  frameErrors.push_back(out.signal(1, from + "_frame_error"));
  std::string last = out.signal(1, from + "_part_last"),
              err = out.signal(1, from + "_part_err");
  std::vector<std::string> streams;
  for (auto [k, part] : llvm::enumerate(split.getParts())) {
    unsigned width = elementType(part).getWidth();
    std::string name = from + "_" + num(k), data;
    declareStream(name, lanes * width);
    for (int64_t e = lanes; e-- > 0;)
      data += from + "_data[" + num(e * bits) + " +: " + num(width) + "]" +
              (e ? ", " : "");
    out.assign(name + "_data", "{" + data + "}");
    out.assign(name + "_user", from + "_user");
    out.assign(name + "_last", last);
    out.assign(name + "_err", err);
    std::string comma = k ? ", " : "";
    valids = name + "_valid" + comma + valids;
    readies = name + "_ready" + comma + readies;
    sizes =
        num(kSizeBits) + "'d" + num(vectorSize(part) / lanes) + comma + sizes;
    streams.push_back(name);
  }
  RtlInstance unit;
  unit.set("N", streams.size());
  unit.set("SizeBits", kSizeBits);
  unit.setText("Sizes", "{" + sizes + "}");
  out.instance("finngl_split", from + "_split", unit,
               {{"clk_i", "ap_clk"},
                {"rst_ni", "ap_rst_n"},
                {"s_last_i", from + "_last"},
                {"s_err_i", from + "_err"},
                {"s_valid_i", from + "_valid"},
                {"s_ready_o", from + "_ready"},
                {"frame_error_o", frameErrors.back()},
                {"m_valid_o", "{" + valids + "}"},
                {"m_last_o", last},
                {"m_err_o", err},
                {"m_ready_i", "{" + readies + "}"}});
  for (auto [part, name] : llvm::zip(split.getParts(), streams))
    distribute(name, part, lanes, {1, vectorSize(part)});
}

void TopPrinter::printJoin(JoinOp join) {
  IntegerType to = elementType(join.getResult());
  int64_t lanes = lanesOf(join.getResult());
  unsigned bits = lanes * to.getWidth();
  std::string name = "m_axis_state", data, lasts, errs, valids, readies;
  declareStream(name, bits);
  for (auto &[k, stream] : finalStates) {
    IntegerType from = elementType(join.getParts()[k]);
    std::string wide = out.signal(bits, stream + "_wide");
    RtlInstance resize;
    resize.set("Lanes", lanes);
    resize.set("InWidth", from.getWidth());
    resize.set("InSigned", from.isSigned());
    resize.set("OutWidth", to.getWidth());
    out.instance("finngl_resize", stream + "_wide", resize,
                 {{"data_i", stream + "_data"}, {"data_o", wide}});
    std::string comma = k ? ", " : "";
    data = "{" + stream + "_user, " + wide + "}" + comma + data;
    lasts = stream + "_last" + comma + lasts;
    errs = stream + "_err" + comma + errs;
    valids = stream + "_valid" + comma + valids;
    readies = stream + "_ready" + comma + readies;
  }
  RtlInstance unit;
  unit.set("N", finalStates.size());
  unit.set("Width", bits + sideBits());
  out.instance("finngl_join", name, unit,
               {{"clk_i", "ap_clk"},
                {"rst_ni", "ap_rst_n"},
                {"s_data_i", "{" + data + "}"},
                {"s_last_i", "{" + lasts + "}"},
                {"s_err_i", "{" + errs + "}"},
                {"s_valid_i", "{" + valids + "}"},
                {"s_ready_o", "{" + readies + "}"},
                {"m_data_o", "{" + name + "_user, " + name + "_data}"},
                {"m_last_o", name + "_last"},
                {"m_err_o", name + "_err"},
                {"m_valid_o", name + "_valid"},
                {"m_ready_i", name + "_ready"}});
  printGraphOutput(name, main.getNumResults() - 1, join.getResult(), lanes,
                   {1, vectorSize(join.getResult())});
}

void TopPrinter::printGraphOutput(const std::string &prefix, unsigned index,
                                  Value value, int64_t lanes, Steps steps) {
  bool state = value.getDefiningOp<JoinOp>() != nullptr;
  std::string axis = state ? "m_axis_state" : "m_axis_" + num(index);
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
  std::string user =
      options.userBits ? prefix + "_user[" + num(1 + innerBits + contextBits) +
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
