//===- RegionInputs.cpp - A region's input buffers and launch -------------===//

#include "RegionPrinter.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

void RegionPrinter::bufferFor(const std::string &prefix, Value argument,
                              Type portType,
                              const RegionShape::Operand &operand,
                              Initial initial) {
  auto type =
      cast<IntegerType>(cast<RankedTensorType>(portType).getElementType());
  unsigned width = type.getWidth(), wl = schedule.inputLanes(operand);
  int64_t simd = schedule.simd(operand.mvu);
  bool byMvu = mvuReads(operand), byTail = operand.readAt >= 0;
  out.port("input ", wl * width, prefix + "_data");
  out.port("input ", sideBits + 1, prefix + "_user");
  for (const char *name : {"_last", "_err", "_valid"})
    out.port("input ", 1, prefix + name);
  out.port("output", 1, prefix + "_ready");
  out.signal(1, prefix + "_full");
  out.signal(sideBits + 4, prefix + "_meta");
  out.signal(1, prefix + "_frame_error");
  bool isInitial = initial != Initial::None;
  // Only a packet's first step uses up an initial state.
  std::string launch =
      isInitial ? "(launch_o & " + initialBit(initial) + ")" : "launch_o";
  std::string aNext = "1'b0", bNext = "1'b0", aAddress = "1'b0",
              bAddress = "1'b0";
  std::string a = "", b = "";
  if (byMvu) {
    a = out.signal(simd * width, prefix + "_a");
    aAddress = columnAddress(operand.mvu, argument);
    aNext = named(operand.mvu, "mvu_last");
    if (isInitial)
      aNext += " & " + initialBit(initial, mvuMeta(operand.mvu));
  }
  if (byTail) {
    b = out.signal(lanes * width, prefix + "_b");
    int64_t beats = schedule.beats(operand.tail);
    bAddress = out.signal(std::max<unsigned>(1, llvm::Log2_64_Ceil(beats)),
                          prefix + "_b_addr");
    std::string last = out.signal(1, prefix + "_b_last");
    RtlInstance counter;
    counter.set("Beats", beats);
    out.instance("finngl_beat_counter", prefix + "_b", counter,
                 {{"clk_i", "clk_i"},
                  {"rst_ni", "rst_ni"},
                  {"start_i", tap(operand.tail, operand.readAt - 1)},
                  {"valid_o", ""},
                  {"addr_o", bAddress},
                  {"last_o", last}});
    bNext = last;
    if (isInitial)
      bNext +=
          " & " + initialBit(initial, meta(operand.tail, operand.readAt - 1));
  }
  // A memory needs a port even if nobody reads.
  bool unread = !byMvu && !byTail;
  if (unread)
    bAddress =
        num(std::max<unsigned>(1, llvm::Log2_64_Ceil(operand.size))) + "'d0";
  RtlInstance buffer;
  buffer.set("N", operand.size);
  if (operand.given < operand.size)
    buffer.set("Given", operand.given);
  buffer.set("BW", width);
  buffer.set("WL", wl);
  buffer.set("RA", byMvu ? simd : 0);
  buffer.set("RB", byTail ? int64_t(lanes) : int64_t(unread));
  buffer.set("Slots", isInitial ? 2 : schedule.inputSlots(operand));
  buffer.set("UserBits", sideBits);
  if (servesWindows(region))
    buffer.set("Stepwise", 1);
  else if (contexts > 1)
    buffer.set("Contexts", contexts);
  out.instance("finngl_vector_buffer", prefix, buffer,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"s_data_i", prefix + "_data"},
                {"s_user_i", prefix + "_user"},
                {"s_last_i", prefix + "_last"},
                {"s_err_i", prefix + "_err"},
                {"s_valid_i", prefix + "_valid"},
                {"s_ready_o", prefix + "_ready"},
                {"frame_error_o", prefix + "_frame_error"},
                {"full_o", prefix + "_full"},
                {"meta_o", prefix + "_meta"},
                {"launch_i", launch},
                {"a_addr_i", aAddress},
                {"a_next_i", aNext},
                {"a_data_o", a},
                {"b_addr_i", bAddress},
                {"b_next_i", bNext},
                {"b_data_o", b},
                {"release_i", schedule.tailIsLast(operand) ? bNext
                              : byMvu                      ? aNext
                                                           : launch}});
}

void RegionPrinter::printInputs() {
  Block &body = region.getBody().front();
  for (auto [i, input] : llvm::enumerate(region.getInputs())) {
    std::string prefix = "in" + num(i);
    BlockArgument argument = body.getArgument(states + i);
    const RegionShape::Operand &operand = schedule.shape().inputs[i];
    out.blank("input " + num(i) + ": " + num(operand.given) +
              " elements a step");
    bufferFor(prefix, argument, input.getType(), operand, Initial::None);
    if (operand.readAt >= 0) {
      signals[{argument, operand.tail}][0] = prefix + "_b";
      readyAt[{argument, operand.tail}] = operand.readAt;
    }
  }
  for (size_t s = 0; s < states; ++s)
    if (Initial initial = initialOf(s); initial != Initial::None) {
      bool load = initial == Initial::Load;
      Value stream = load ? region.loadOf(s) : region.getStates()[s];
      out.blank((load ? "loaded value of state " : "initial value of state ") +
                num(s));
      bufferFor("init" + num(s), body.getArgument(s), stream.getType(),
                schedule.shape().states[s], initial);
    }
}

void RegionPrinter::printLaunch() {
  out.port("output", 1, "launch_o");
  out.port("output", 1, "frame_error_o");
  out.signal(1, "init");
  out.signal(metaWidth(), "meta_launch");
  out.signal(metaWidth(), "meta_mvu");
  std::string full, first, firstFull, room, errors, brokenLoads,
      context = contextOf("in0_meta", 4);
  size_t inputs = region.getInputs().size(), firsts = 0, outputs = 0;
  for (size_t i = inputs; i-- > 0;) {
    full += "in" + num(i) + "_full" + (i ? ", " : "");
    errors += "in" + num(i) + "_frame_error | ";
    if (i)
      errors += "(launch_o & (in" + num(i) + "_meta[2] != in0_meta[2])) | ";
    if (i && contexts > 1)
      errors += "(launch_o & (" + contextOf("in" + num(i) + "_meta", 4) +
                " != " + context + ")) | ";
  }
  for (size_t s = states; s-- > 0;) {
    Initial initial = initialOf(s);
    if (initial == Initial::None)
      continue;
    std::string comma = firsts++ ? ", " : "", name = "init" + num(s);
    std::string needed = initialBit(initial);
    first += comma + needed;
    firstFull += comma + name + "_full";
    errors += name + "_frame_error | ";
    if (contexts > 1)
      errors += "(launch_o & " + needed + " & (" +
                contextOf(name + "_meta", 4) + " != " + context + ")) | ";
    if (initial == Initial::Load)
      brokenLoads += " | (" + needed + " & " + name + "_meta[3])";
  }
  for (auto [r, result] : llvm::enumerate(region.getResults()))
    if (!result.use_empty())
      room += (outputs++ ? ", out" : "out") + num(r) + "_room";
  RtlInstance launch;
  launch.set("NIn", inputs);
  launch.set("NFirst", firsts);
  launch.set("NOut", outputs);
  launch.set("Period", schedule.period());
  if (schedule.inFlight() > 1) {
    launch.set("InFlight", schedule.inFlight());
    launch.set("Loop", schedule.loop());
  }
  if (contexts > 1)
    launch.set("CtxBits", llvm::Log2_64_Ceil(contexts));
  out.blank("launch: inputs complete, outputs with room, period over");
  out.instance("finngl_launch", "launch", launch,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"full_i", "{" + full + "}"},
                {"ctx_i", context},
                {"first_i", firsts ? "{" + first + "}" : "1'b0"},
                {"first_full_i", firsts ? "{" + firstFull + "}" : "1'b0"},
                {"room_i", outputs ? "{" + room + "}" : "1'b0"},
                {"launch_o", "launch_o"}});
  RtlInstance flags;
  flags.set("Contexts", contexts);
  if (servesWindows(region))
    flags.set("Stepwise", 1);
  std::string bank = contexts > 1 ? out.signal(1, "bank") : "";
  bool loads = statePorts && states > 0;
  std::string err = "in0_meta[3]", lost = loads ? out.signal(1, "lost") : "";
  if (loads) {
    flags.set("Lost", 1);
    out.assign(out.signal(1, "load"),
               "in0_meta[1] & in0_meta[" + num(3 + sideBits) + "]");
    // A load that was closed with an error spoils each step of its packet.
    out.assign(out.signal(1, "err"), err + " | lost" + brokenLoads);
    err = "err";
  }
  out.instance("finngl_context", "context", flags,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"launch_i", "launch_o"},
                {"ctx_i", context},
                {"first_i", "in0_meta[1]"},
                {"restart_i", "in0_meta[0]"},
                {"err_i", err},
                {"init_o", "init"},
                {"lost_o", lost},
                {"bank_o", bank}});
  std::string user = bank.empty() ? bank : bank + ", ";
  if (sideBits)
    user += "in0_meta[4 +: " + num(sideBits) + "], ";
  out.assign("meta_launch", "{" + user + "in0_meta[0], " + err +
                                ", in0_meta[2], in0_meta[1], init}");
  out.assign("frame_error_o", errors + "1'b0");
  RtlInstance hold;
  hold.set("Width", metaWidth());
  out.instance("finngl_hold", "meta_mvu", hold,
               {{"clk_i", "clk_i"},
                {"pulse_i", "launch_o"},
                {"data_i", "meta_launch"},
                {"data_o", "meta_mvu"}});
}

std::string RegionPrinter::columnAddress(int64_t pass, Value operand) {
  MvuOp mvu = plan.passes[pass].mvu;
  size_t segment =
      llvm::find(mvu.getOperands(), operand) - mvu.getOperands().begin();
  auto bits = [](int64_t words) {
    return std::max<unsigned>(1, llvm::Log2_64_Ceil(words));
  };
  unsigned total = bits(schedule.columnGroups(pass));
  return named(pass, "seg_addr") + "[" + num(segment * total) +
         " +: " + num(bits(vectorSize(operand) / schedule.simd(pass))) + "]";
}
