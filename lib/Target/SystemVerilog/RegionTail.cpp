//===- RegionTail.cpp - A region's states, cores and outputs --------------===//

#include "RegionPrinter.h"
#include "finngl/Support/Diagnostics.h"
#include "finngl/Support/IntElements.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

using Connections = ModuleWriter::Connections;

static std::string num(int64_t value) { return std::to_string(value); }

void RegionPrinter::printTailTiming(int64_t pass) {
  auto n = [&](const char *name) { return named(pass, name); };
  out.blank("the step's meta bits follow its beats");
  out.signal(lastTap(pass) + 1, n("beat"));
  for (const char *name : {"meta_delayed", "meta_beat"})
    out.signal(metaWidth(), n(name));
  out.signal(1, n("step_begin"));
  RtlInstance taps;
  taps.set("Depth", lastTap(pass));
  out.instance("finngl_taps", n("beat"), taps,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"pulse_i", n("beat_0")},
                {"taps_o", n("beat")}});
  RtlInstance pulse;
  pulse.set("Width", 1);
  pulse.set("Depth", schedule.beatAt(pass, 0) - schedule.startAt(pass));
  pulse.set("Reset", 1);
  out.instance("finngl_delay", n("step_begin"), pulse,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", starts[pass]},
                {"data_o", n("step_begin")}});
  RtlInstance delay;
  delay.set("Width", metaWidth());
  delay.set("Depth", schedule.beatAt(pass, 0));
  out.instance("finngl_delay", n("meta_delayed"), delay,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", "meta_launch"},
                {"data_o", n("meta_delayed")}});
  RtlInstance hold;
  hold.set("Width", metaWidth());
  out.instance("finngl_hold", n("meta_beat"), hold,
               {{"clk_i", "clk_i"},
                {"pulse_i", n("step_begin")},
                {"data_i", n("meta_delayed")},
                {"data_o", n("meta_beat")}});
}

/// Image of a constant initial state with `group` elements a word, of `size`
/// elements together; nothing if it is all zero.
static std::optional<RtlInstance::Image> initialImage(Value state, int64_t size,
                                                      unsigned width,
                                                      int64_t group,
                                                      StringRef parameter) {
  auto constant = state.getDefiningOp<finn::ConstantOp>();
  std::vector<int64_t> values = intElements(constant.getValue());
  if (llvm::all_of(values, [](int64_t v) { return v == 0; }))
    return std::nullopt;
  values.resize(size, 0);
  RtlInstance::Image image{parameter.str(), unsigned(group) * width, {}};
  for (size_t i = 0; i < values.size(); i += group) {
    image.words.emplace_back();
    for (int64_t e = 0; e < group; ++e)
      putBits(image.words.back(), e * width, width, values[i + e]);
  }
  return image;
}

void RegionPrinter::printStates() {
  Block &body = region.getBody().front();
  for (size_t s = 0; s < states; ++s) {
    const RegionShape::Operand &operand = schedule.shape().states[s];
    BlockArgument argument = body.getArgument(s);
    IntegerType type = elementType(argument);
    unsigned width = type.getWidth();
    int64_t simd = schedule.simd(operand.mvu);
    bool byMvu = mvuReads(operand), byTail = operand.readAt >= 0;
    std::string name = "state" + num(s), init = "init" + num(s);
    out.blank("state " + num(s) + ": " + num(operand.size) + " x " +
              num(width) + " bits");
    RtlInstance file;
    file.set("N", operand.size);
    file.set("BW", width);
    file.set("L", lanes);
    file.set("S", byMvu ? simd : 0);
    file.set("HasB", byTail || !byMvu);
    file.set("Banks", schedule.stateBanks(operand));
    if (contexts > 1) {
      file.set("Contexts", contexts);
      file.set("Bram", inBlockRam(schedule, operand, contexts));
    }
    std::string aInit = num(byMvu ? simd * width : 1) + "'d0",
                bInit = num(lanes * width) + "'d0", aAddress = "1'b0";
    Initial initial = initialOf(s);
    if (initial != Initial::None) {
      auto from =
          initial == Initial::Load ? type : elementType(region.getStates()[s]);
      file.set("ExternalInit", 1);
      if (byMvu)
        aInit = resized(init + "_a", init + "_a", simd, from, type);
      if (byTail)
        bInit = resized(init + "_b", init + "_b", lanes, from, type);
    }
    if (initial != Initial::EveryPacket) {
      for (auto [parameter, group] :
           {std::pair<const char *, int64_t>{"InitFileA", byMvu ? simd : 0},
            {"InitFileB", byTail ? int64_t(lanes) : 0}})
        if (group)
          if (auto image = initialImage(region.getStates()[s], operand.size,
                                        width, group, parameter))
            file.setText(parameter,
                         "\"" +
                             files.addImage(region.getName().str() + "_" +
                                                name + "_" + parameter,
                                            *image) +
                             "\"");
    }
    if (byMvu) {
      aAddress = columnAddress(operand.mvu, argument);
      out.signal(simd * width, name + "_a");
    }
    if (byTail) {
      signals[{argument, operand.tail}][0] =
          out.signal(lanes * width, name + "_b");
      readyAt[{argument, operand.tail}] = operand.readAt;
    }
    std::string bMeta =
        byTail ? meta(operand.tail, operand.readAt - 1) : "meta_mvu";
    // The constant where there is one, the stream where that is to be read.
    auto first = [&](const std::string &step) {
      return initial == Initial::EveryPacket ? "1'b0" : bit(step, Init);
    };
    auto loads = [&](const std::string &step) {
      return initial == Initial::None          ? "1'b0"
             : initial == Initial::EveryPacket ? bit(step, Init)
                                               : loadBit(step);
    };
    stateWrites.push_back(out.signal(lanes * width, name + "_next"));
    out.instance(
        "finngl_state_file", name, file,
        {{"clk_i", "clk_i"},
         {"rst_ni", "rst_ni"},
         {"a_addr_i", aAddress},
         {"a_slot_i", stateSlot(operand, mvuMeta(operand.mvu), false)},
         {"a_first_i", first(mvuMeta(operand.mvu))},
         {"a_load_i", loads(mvuMeta(operand.mvu))},
         {"a_step_end_i", byMvu ? named(operand.mvu, "mvu_last") : "1'b0"},
         {"a_init_i", aInit},
         {"a_data_o", byMvu ? name + "_a" : ""},
         {"b_valid_i", byTail ? tap(operand.tail, operand.readAt - 1) : "1'b0"},
         {"b_slot_i", stateSlot(operand, bMeta, false)},
         {"b_first_i", byTail ? first(bMeta) : "1'b0"},
         {"b_load_i", byTail ? loads(bMeta) : "1'b0"},
         {"b_init_i", bInit},
         {"b_valid_o", ""},
         {"b_data_o", byTail ? name + "_b" : ""},
         {"w_valid_i", tap(operand.writer, operand.writeAt)},
         {"w_slot_i",
          contexts > 1
              ? stateSlot(operand, meta(operand.writer, operand.writeAt), true)
              : "1'b0"},
         {"w_data_i", name + "_next"}});
  }
}

void RegionPrinter::printCores() {
  for (Operation &op : region.getBody().front().without_terminator()) {
    auto core = dyn_cast<CoreOpInterface>(op);
    if (!core)
      continue;
    Value result = op.getResult(0);
    int64_t pass = plan.of(&op);
    int64_t start = op.getAttrOfType<IntegerAttr>("start").getInt();
    std::string name = identifier(nodeName(op.getLoc()));
    unsigned width = elementType(result).getWidth();
    out.blank(describe(op.getLoc()) + ": " + num(vectorSize(result)) + " x " +
              (elementType(result).isSigned() ? "si" : "ui") + num(width));
    std::string signal = out.signal(lanes * width, "v_" + name);
    for (unsigned lane = 0; lane < lanes; ++lane) {
      RtlInstance instance;
      core.rtlParameters(instance, lane, lanes);
      for (const RtlInstance::Image &image : instance.images)
        instance.setText(image.parameter,
                         "\"" +
                             files.addImage(region.getName().str() + "_" +
                                                name + "_" + image.parameter +
                                                num(lane),
                                            image) +
                             "\"");
      std::vector<std::string> operands;
      for (Value operand : op.getOperands())
        operands.push_back(slice(at(operand, pass, start), lane, lanes,
                                 elementType(operand).getWidth()));
      Connections connections{{"clk_i", "clk_i"},
                              {"rst_ni", "rst_ni"},
                              {"valid_i", tap(pass, start)}};
      for (auto &port : core.rtlPorts(operands))
        connections.push_back(port);
      connections.push_back({"valid_o", ""});
      connections.push_back({"data_o", slice(signal, lane, lanes, width)});
      out.instance(core.rtlModule().str(),
                   name + (lanes > 1 ? "_l" + num(lane) : ""), instance,
                   connections);
    }
    signals[{result, pass}][0] = signal;
    readyAt[{result, pass}] = start + core.latency();
  }
}

void RegionPrinter::printOutputs() {
  EmitOp emit = region.getEmit();
  out.blank("next states and outputs");
  for (size_t s = 0; s < states; ++s) {
    const RegionShape::Operand &state = schedule.shape().states[s];
    out.assign(stateWrites[s],
               at(emit.getOperand(s), state.writer, state.writeAt));
  }
  for (auto [r, result] : llvm::enumerate(region.getResults())) {
    if (result.use_empty())
      continue;
    std::string name = "out" + num(r);
    auto [when, pass, size] = schedule.shape().outputs[r];
    unsigned width = lanes * elementType(result).getWidth();
    out.port("output", width, name + "_data");
    out.port("output", sideBits + 1, name + "_user");
    for (const char *suffix : {"_last", "_err", "_valid"})
      out.port("output", 1, name + suffix);
    out.port("input ", 1, name + "_ready");
    out.signal(1, name + "_room");
    std::string m = meta(pass, when);
    RtlInstance port;
    port.set("W", width);
    port.set("Beats", schedule.beats(pass));
    if (int64_t kept = schedule.outputBeats(r); kept < schedule.beats(pass))
      port.set("Keep", kept);
    port.set("Steps", schedule.outputSteps(r));
    port.set("UserBits", sideBits + 1);
    port.set("LastOnly", r < states);
    out.instance(
        "finngl_out_port", name, port,
        {{"clk_i", "clk_i"},
         {"rst_ni", "rst_ni"},
         {"reserve_i", "launch_o"},
         {"room_o", name + "_room"},
         {"data_i", at(emit.getOperand(r), pass, when)},
         {"user_i", m + "[" + num(Restart) + " +: " + num(sideBits + 1) + "]"},
         {"err_i", bit(m, Err)},
         {"last_i", bit(m, Last)},
         {"valid_i", tap(pass, when)},
         {"m_data_o", name + "_data"},
         {"m_user_o", name + "_user"},
         {"m_err_o", name + "_err"},
         {"m_last_o", name + "_last"},
         {"m_valid_o", name + "_valid"},
         {"m_ready_i", name + "_ready"}});
  }
}
