//===- RegionPrinter.cpp - One region as a module -------------------------===//

#include "RegionPrinter.h"
#include "finngl/Support/Diagnostics.h"
#include "finngl/Support/IntElements.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

using Connections = ModuleWriter::Connections;

static std::string num(int64_t value) { return std::to_string(value); }

bool finngl::isPortState(RegionOp region, size_t state) {
  return isa<BlockArgument>(region.getStates()[state]);
}

static std::string header(RegionOp region, const RegionSchedule &schedule) {
  const Folding &f = schedule.folding();
  std::string text = "// Region " + region.getName().str() + " (" +
                     describe(region.getLoc()) + ").\n";
  text += "// Period " + num(schedule.period()) + " cycles; pe " + num(f.pe) +
          ", simd " + num(f.simd) + ", lanes " + num(f.lanes) +
          "; first beat leaves the MVU " + num(schedule.beatAt(0)) +
          " cycles after the launch, the last " + num(schedule.lastBeatAt()) +
          ".\n";
  return text;
}

RegionPrinter::RegionPrinter(RegionOp region, unsigned userBits, FileSet &files)
    : region(region), schedule(scheduleOf(region)), userBits(userBits),
      files(files),
      out("finngl_region_" + region.getName().str(), header(region, schedule)),
      lanes(schedule.folding().lanes), states(region.getStates().size()) {}

std::string RegionPrinter::tap(int64_t cycle) const {
  return "beat[" + num(cycle) + "]";
}

std::string RegionPrinter::bit(const std::string &metaName,
                               MetaBit which) const {
  return metaName + "[" + num(which) + "]";
}

std::string RegionPrinter::meta(int64_t cycle) {
  auto [found, isNew] = metaAt.try_emplace(cycle);
  if (!isNew)
    return found->second;
  std::string name = out.signal(metaWidth(), "meta_" + num(cycle));
  found->second = name;
  RtlInstance delay;
  delay.set("Width", metaWidth());
  delay.set("Depth", cycle);
  out.instance("finngl_delay", "meta_" + num(cycle), delay,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", "meta_beat"},
                {"data_o", name}});
  return name;
}

std::string RegionPrinter::at(Value value, int64_t cycle) {
  int64_t late = cycle - readyAt.lookup(value);
  std::map<int64_t, std::string> &taps = signals[value];
  if (auto found = taps.find(late); found != taps.end())
    return found->second;
  auto before = std::prev(taps.upper_bound(late));
  unsigned width = lanes * elementType(value).getWidth();
  std::string name = out.signal(width, taps.begin()->second + "_d" + num(late));
  RtlInstance delay;
  delay.set("Width", width);
  delay.set("Depth", late - before->first);
  out.instance("finngl_delay", name, delay,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", before->second},
                {"data_o", name}});
  taps[late] = name;
  return name;
}

std::string RegionPrinter::resized(const std::string &name,
                                   const std::string &expression,
                                   unsigned count, IntegerType from,
                                   IntegerType to) {
  if (from.getWidth() == to.getWidth())
    return expression;
  std::string wide = out.signal(count * to.getWidth(), name + "_wide");
  RtlInstance resize;
  resize.set("Lanes", count);
  resize.set("InWidth", from.getWidth());
  resize.set("InSigned", from.isSigned());
  resize.set("OutWidth", to.getWidth());
  out.instance("finngl_resize", name, resize,
               {{"data_i", expression}, {"data_o", wide}});
  return wide;
}

int64_t RegionPrinter::lastTap() {
  int64_t last = 1;
  for (const auto *list : {&schedule.shape().states, &schedule.shape().inputs})
    for (const RegionShape::Operand &o : *list)
      last = std::max({last, o.readAt, o.writeAt});
  for (int64_t at : schedule.shape().outputAt)
    last = std::max(last, at);
  for (Operation &op : region.getBody().front().without_terminator())
    if (auto start = op.getAttrOfType<IntegerAttr>("start"))
      last = std::max(last, start.getInt());
  return last;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

void RegionPrinter::bufferFor(const std::string &prefix, Value argument,
                              Type portType,
                              const RegionShape::Operand &operand,
                              bool initial) {
  auto type =
      cast<IntegerType>(cast<RankedTensorType>(portType).getElementType());
  unsigned width = type.getWidth(), wl = schedule.inputLanes(operand);
  int64_t simd = schedule.folding().simd;
  bool byMvu = mvuReads(operand), byTail = operand.readAt >= 0;
  out.port("input ", wl * width, prefix + "_data");
  out.port("input ", userBits + 1, prefix + "_user");
  for (const char *name : {"_last", "_err", "_valid"})
    out.port("input ", 1, prefix + name);
  out.port("output", 1, prefix + "_ready");
  out.signal(1, prefix + "_full");
  out.signal(userBits + 4, prefix + "_meta");
  out.signal(1, prefix + "_frame_error");
  std::string launch = initial ? "(launch_o & in0_meta[1])" : "launch_o";

  // Only a packet's first step uses up an initial state.
  std::string aNext = "1'b0", bNext = "1'b0", aAddress = "1'b0",
              bAddress = "1'b0";
  std::string a = "", b = "";
  if (byMvu) {
    a = out.signal(simd * width, prefix + "_a");
    MvuOp mvu = region.getMvu();
    size_t segment =
        llvm::find(mvu.getOperands(), argument) - mvu.getOperands().begin();
    unsigned bits =
        std::max<unsigned>(1, llvm::Log2_64_Ceil(operand.size / simd));
    unsigned total =
        std::max<unsigned>(1, llvm::Log2_64_Ceil(schedule.columnGroups()));
    aAddress = "seg_addr[" + num(segment * total) + " +: " + num(bits) + "]";
    aNext = initial ? "mvu_last & " + bit("meta_mvu", First) : "mvu_last";
  }
  if (byTail) {
    b = out.signal(lanes * width, prefix + "_b");
    bAddress =
        out.signal(std::max<unsigned>(1, llvm::Log2_64_Ceil(schedule.beats())),
                   prefix + "_b_addr");
    std::string last = out.signal(1, prefix + "_b_last");
    RtlInstance counter;
    counter.set("Beats", schedule.beats());
    out.instance("finngl_beat_counter", prefix + "_b", counter,
                 {{"clk_i", "clk_i"},
                  {"rst_ni", "rst_ni"},
                  {"start_i", tap(operand.readAt - 1)},
                  {"valid_o", ""},
                  {"addr_o", bAddress},
                  {"last_o", last}});
    bNext =
        initial ? last + " & " + bit(meta(operand.readAt - 1), First) : last;
  }
  RtlInstance buffer;
  buffer.set("N", operand.size);
  buffer.set("BW", width);
  buffer.set("WL", wl);
  buffer.set("RA", byMvu ? simd : 0);
  buffer.set("RB", byTail ? int64_t(lanes) : 0);
  buffer.set("Slots", initial ? 2 : schedule.inputSlots(operand));
  buffer.set("UserBits", userBits);
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
                {"release_i", byTail  ? bNext
                              : byMvu ? aNext
                                      : launch}});
}

void RegionPrinter::printInputs() {
  Block &body = region.getBody().front();
  for (auto [i, input] : llvm::enumerate(region.getInputs())) {
    std::string prefix = "in" + num(i);
    BlockArgument argument = body.getArgument(states + i);
    const RegionShape::Operand &operand = schedule.shape().inputs[i];
    out.blank("input " + num(i) + ": " + num(operand.size) +
              " elements a step");
    bufferFor(prefix, argument, input.getType(), operand, false);
    if (operand.readAt >= 0) {
      signals[argument][0] = prefix + "_b";
      readyAt[argument] = operand.readAt;
    }
  }
  for (size_t s = 0; s < states; ++s)
    if (isPortState(region, s)) {
      out.blank("initial value of state " + num(s));
      bufferFor("init" + num(s), body.getArgument(s),
                region.getStates()[s].getType(), schedule.shape().states[s],
                true);
    }
}

//===----------------------------------------------------------------------===//
// Launch and matrix-vector unit
//===----------------------------------------------------------------------===//

void RegionPrinter::printLaunch() {
  out.port("output", 1, "launch_o");
  out.port("output", 1, "frame_error_o");
  out.signal(1, "init");
  out.signal(metaWidth(), "meta_launch");
  out.signal(metaWidth(), "meta_mvu");
  std::string full, firstFull, room, errors;
  size_t inputs = region.getInputs().size(), first = 0, outputs = 0;
  for (size_t i = inputs; i-- > 0;) {
    full += "in" + num(i) + "_full" + (i ? ", " : "");
    errors += "in" + num(i) + "_frame_error | ";
    if (i)
      errors += "(launch_o & (in" + num(i) + "_meta[2] != in0_meta[2])) | ";
  }
  for (size_t s = states; s-- > 0;)
    if (isPortState(region, s)) {
      firstFull += (first++ ? ", init" : "init") + num(s) + "_full";
      errors += "init" + num(s) + "_frame_error | ";
    }
  for (auto [r, result] : llvm::enumerate(region.getResults()))
    if (!result.use_empty())
      room += (outputs++ ? ", out" : "out") + num(r) + "_room";
  RtlInstance launch;
  launch.set("NIn", inputs);
  launch.set("NFirst", first);
  launch.set("NOut", outputs);
  launch.set("Period", schedule.period());
  out.blank("launch: inputs complete, outputs with room, period over");
  out.instance("finngl_launch", "launch", launch,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"full_i", "{" + full + "}"},
                {"first_i", "in0_meta[1]"},
                {"first_full_i", first ? "{" + firstFull + "}" : "1'b0"},
                {"room_i", outputs ? "{" + room + "}" : "1'b0"},
                {"launch_o", "launch_o"}});
  RtlInstance context;
  context.set("Contexts", 1);
  out.instance("finngl_context", "context", context,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"launch_i", "launch_o"},
                {"ctx_i", "1'b0"},
                {"first_i", "in0_meta[1]"},
                {"restart_i", "in0_meta[0]"},
                {"err_i", "in0_meta[3]"},
                {"init_o", "init"}});
  std::string user =
      userBits ? "in0_meta[4 +: " + num(userBits) + "], " : std::string();
  out.assign("meta_launch", "{" + user +
                                "in0_meta[0], in0_meta[3], in0_meta[2], "
                                "in0_meta[1], init}");
  out.assign("frame_error_o", errors + "1'b0");
  RtlInstance hold;
  hold.set("Width", metaWidth());
  out.instance("finngl_hold", "meta_mvu", hold,
               {{"clk_i", "clk_i"},
                {"pulse_i", "launch_o"},
                {"data_i", "meta_launch"},
                {"data_o", "meta_mvu"}});
}

void RegionPrinter::printMvu() {
  MvuOp mvu = region.getMvu();
  if (!mvu) {
    RtlInstance counter;
    counter.set("Beats", schedule.beats());
    counter.set("Generate", 1);
    out.signal(1, "beat_0");
    out.instance("finngl_beat_counter", "beats", counter,
                 {{"clk_i", "clk_i"},
                  {"rst_ni", "rst_ni"},
                  {"start_i", "launch_o"},
                  {"valid_o", "beat_0"},
                  {"addr_o", ""},
                  {"last_o", ""}});
    return;
  }
  const Folding &f = schedule.folding();
  IntegerType x = mvu.getOperandType();
  unsigned segments = mvu.getOperands().size();
  unsigned addressBits =
      std::max<unsigned>(1, llvm::Log2_64_Ceil(schedule.columnGroups()));
  unsigned column = f.simd * x.getWidth();
  unsigned aw = mvu.getAccumulatorWidth();
  out.blank("matrix-vector unit: " + num(mvu.getRows()) + " x " +
            num(mvu.getColumns()) + ", " + num(mvu.getRowBlocks()) +
            " row blocks, " + describe(mvu.getLoc()));
  out.signal(addressBits, "mvu_addr");
  out.signal(segments * addressBits, "seg_addr");
  out.signal(1, "mvu_last");
  out.signal(segments * column, "seg_data");
  out.signal(column, "mvu_data");
  out.signal(1, "beat_0");
  out.signal(schedule.rowsPerBeat() * aw, "mvu_rows");

  std::string packed, sizes;
  Block &body = region.getBody().front();
  for (unsigned k = segments; k-- > 0;) {
    auto argument = cast<BlockArgument>(mvu.getOperands()[k]);
    bool isState = argument.getArgNumber() < states;
    std::string name =
        isState ? "state" + num(argument.getArgNumber()) + "_a"
                : "in" + num(argument.getArgNumber() - states) + "_a";
    Type port =
        isState
            ? body.getArgument(argument.getArgNumber()).getType()
            : region.getInputs()[argument.getArgNumber() - states].getType();
    auto from =
        cast<IntegerType>(cast<RankedTensorType>(port).getElementType());
    packed += resized(name, name, f.simd, from, x) + (k ? ", " : "");
    sizes += "16'd" + num(vectorSize(argument) / f.simd) + (k ? ", " : "");
  }
  out.assign("seg_data", "{" + packed + "}");
  if (segments == 1) {
    out.assign("seg_addr", "mvu_addr");
    out.assign("mvu_data", "seg_data");
  } else {
    RtlInstance concat;
    concat.set("Segs", segments);
    concat.setText("Sizes", "{" + sizes + "}");
    concat.set("W", column);
    concat.set("AddrBits", addressBits);
    out.instance("finngl_concat", "concat", concat,
                 {{"clk_i", "clk_i"},
                  {"addr_i", "mvu_addr"},
                  {"seg_addr_o", "seg_addr"},
                  {"seg_data_i", "seg_data"},
                  {"data_o", "mvu_data"}});
  }

  RtlInstance unit;
  unit.set("PE", f.pe);
  unit.set("SIMD", f.simd);
  unit.set("NC", schedule.columnGroups());
  unit.set("G", schedule.rowGroups());
  unit.set("WW", mvu.getWeightWidth());
  unit.set("XW", x.getWidth());
  unit.set("XSigned", x.isSigned());
  unit.set("AW", aw);
  unit.set("R", schedule.rowsPerBeat());
  if (mvu.getSplit())
    unit.set("Split", int64_t(*mvu.getSplit()) / f.simd);
  unit.set("Dsp", mvu.getImpl() != "lut");
  unit.set("Pack", mvu.getImpl() == "dsp_packed");
  if (mvu.getLaneWidth())
    unit.set("LaneW", int64_t(*mvu.getLaneWidth()));
  unit.set("Bram", mvu.usesBlockRam(f.pe, f.simd));
  std::vector<int64_t> weights = intElements(mvu.getWeights());
  RtlInstance::Image image{
      "File", unsigned(f.pe * f.simd) * mvu.getWeightWidth(), {}};
  for (int64_t g = 0; g < schedule.rowGroups(); ++g)
    for (int64_t c = 0; c < schedule.columnGroups(); ++c) {
      image.words.emplace_back();
      for (int64_t pe = 0; pe < f.pe; ++pe)
        for (int64_t simd = 0; simd < f.simd; ++simd)
          putBits(
              image.words.back(), (pe * f.simd + simd) * mvu.getWeightWidth(),
              mvu.getWeightWidth(),
              weights[(g * f.pe + pe) * mvu.getColumns() + c * f.simd + simd]);
    }
  unit.setText(
      "File",
      "\"" + files.addImage(region.getName().str() + "_weights", image) + "\"");
  out.instance("finngl_mvu", "mvu", unit,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"start_i", "launch_o"},
                {"rd_o", ""},
                {"addr_o", "mvu_addr"},
                {"last_o", "mvu_last"},
                {"data_i", "mvu_data"},
                {"valid_o", "beat_0"},
                {"data_o", "mvu_rows"}});
  // A first part comes earlier and waits for the second.
  unsigned blocks = mvu.getRowBlocks();
  if (mvu.getSplit()) {
    unsigned width = schedule.rowsPerBeat() * aw;
    RtlInstance delay;
    delay.set("Width", width);
    delay.set("Depth",
              schedule.columnGroups() - int64_t(*mvu.getSplit()) / f.simd);
    out.signal(width, "mvu_first_part");
    out.instance("finngl_delay", "mvu_first_part", delay,
                 {{"clk_i", "clk_i"},
                  {"rst_ni", "rst_ni"},
                  {"data_i", "mvu_rows"},
                  {"data_o", "mvu_first_part"}});
  }
  for (auto [b, block] : llvm::enumerate(mvu.getBlocks())) {
    unsigned width = elementType(block).getWidth();
    std::string name = out.signal(lanes * width, "block" + num(b)), parts;
    std::string rows =
        mvu.getSplit() && b < blocks ? "mvu_first_part" : "mvu_rows";
    for (unsigned l = lanes; l-- > 0;)
      parts += rows + "[" + num((l * blocks + b % blocks) * aw) +
               " +: " + num(width) + "]" + (l ? ", " : "");
    out.assign(name, "{" + parts + "}");
    signals[block][0] = name;
    readyAt[block] = 0;
  }
}

//===----------------------------------------------------------------------===//
// Tail
//===----------------------------------------------------------------------===//

void RegionPrinter::printTailTiming() {
  int64_t first = schedule.beatAt(0);
  out.blank("the step's meta bits follow its beats");
  out.signal(lastTap() + 1, "beat");
  for (const char *name : {"meta_delayed", "meta_beat"})
    out.signal(metaWidth(), name);
  out.signal(1, "step_begin");
  RtlInstance taps;
  taps.set("Depth", lastTap());
  out.instance("finngl_taps", "beat", taps,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"pulse_i", "beat_0"},
                {"taps_o", "beat"}});
  RtlInstance pulse;
  pulse.set("Width", 1);
  pulse.set("Depth", first);
  pulse.set("Reset", 1);
  out.instance("finngl_delay", "step_begin", pulse,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", "launch_o"},
                {"data_o", "step_begin"}});
  RtlInstance delay;
  delay.set("Width", metaWidth());
  delay.set("Depth", first);
  out.instance("finngl_delay", "meta_delayed", delay,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", "meta_launch"},
                {"data_o", "meta_delayed"}});
  RtlInstance hold;
  hold.set("Width", metaWidth());
  out.instance("finngl_hold", "meta_beat", hold,
               {{"clk_i", "clk_i"},
                {"pulse_i", "step_begin"},
                {"data_i", "meta_delayed"},
                {"data_o", "meta_beat"}});
  metaAt[0] = "meta_beat";
}

/// Image of a constant initial state with `group` elements a word; nothing if
/// it is all zero.
static std::optional<RtlInstance::Image>
initialImage(Value state, unsigned width, int64_t group, StringRef parameter) {
  auto constant = state.getDefiningOp<finn::ConstantOp>();
  std::vector<int64_t> values = intElements(constant.getValue());
  if (llvm::all_of(values, [](int64_t v) { return v == 0; }))
    return std::nullopt;
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
    int64_t simd = schedule.folding().simd;
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
    file.set("Banks", byMvu ? schedule.stateBanks() : 1);
    std::string aInit = num(byMvu ? simd * width : 1) + "'d0",
                bInit = num(lanes * width) + "'d0", aAddress = "1'b0";
    if (isPortState(region, s)) {
      auto from = elementType(region.getStates()[s]);
      file.set("ExternalInit", 1);
      if (byMvu)
        aInit = resized(init + "_a", init + "_a", simd, from, type);
      if (byTail)
        bInit = resized(init + "_b", init + "_b", lanes, from, type);
    } else {
      for (auto [parameter, group] :
           {std::pair<const char *, int64_t>{"InitFileA", byMvu ? simd : 0},
            {"InitFileB", byTail ? int64_t(lanes) : 0}})
        if (group)
          if (auto image =
                  initialImage(region.getStates()[s], width, group, parameter))
            file.setText(parameter,
                         "\"" +
                             files.addImage(region.getName().str() + "_" +
                                                name + "_" + parameter,
                                            *image) +
                             "\"");
    }
    if (byMvu) {
      MvuOp mvu = region.getMvu();
      size_t segment =
          llvm::find(mvu.getOperands(), argument) - mvu.getOperands().begin();
      unsigned bits =
          std::max<unsigned>(1, llvm::Log2_64_Ceil(operand.size / simd));
      unsigned total =
          std::max<unsigned>(1, llvm::Log2_64_Ceil(schedule.columnGroups()));
      aAddress = "seg_addr[" + num(segment * total) + " +: " + num(bits) + "]";
      out.signal(simd * width, name + "_a");
    }
    if (byTail) {
      signals[argument][0] = out.signal(lanes * width, name + "_b");
      readyAt[argument] = operand.readAt;
    }
    stateWrites.push_back(out.signal(lanes * width, name + "_next"));
    out.instance(
        "finngl_state_file", name, file,
        {{"clk_i", "clk_i"},
         {"rst_ni", "rst_ni"},
         {"a_addr_i", aAddress},
         {"a_first_i", bit("meta_mvu", Init)},
         {"a_step_end_i", byMvu ? "mvu_last" : "1'b0"},
         {"a_init_i", aInit},
         {"a_data_o", byMvu ? name + "_a" : ""},
         {"b_valid_i", byTail ? tap(operand.readAt - 1) : "1'b0"},
         {"b_first_i", byTail ? bit(meta(operand.readAt - 1), Init) : "1'b0"},
         {"b_init_i", bInit},
         {"b_valid_o", ""},
         {"b_data_o", byTail ? name + "_b" : ""},
         {"w_valid_i", tap(operand.writeAt)},
         {"w_data_i", name + "_next"}});
  }
}

void RegionPrinter::printCores() {
  for (Operation &op : region.getBody().front().without_terminator()) {
    auto core = dyn_cast<CoreOpInterface>(op);
    if (!core)
      continue;
    Value result = op.getResult(0);
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
        operands.push_back(slice(at(operand, start), lane, lanes,
                                 elementType(operand).getWidth()));
      Connections connections{
          {"clk_i", "clk_i"}, {"rst_ni", "rst_ni"}, {"valid_i", tap(start)}};
      for (auto &port : core.rtlPorts(operands))
        connections.push_back(port);
      connections.push_back({"valid_o", ""});
      connections.push_back({"data_o", slice(signal, lane, lanes, width)});
      out.instance(core.rtlModule().str(),
                   name + (lanes > 1 ? "_l" + num(lane) : ""), instance,
                   connections);
    }
    signals[result][0] = signal;
    readyAt[result] = start + core.latency();
  }
}

void RegionPrinter::printOutputs() {
  EmitOp emit = region.getEmit();
  out.blank("next states and outputs");
  for (size_t s = 0; s < states; ++s)
    out.assign(stateWrites[s],
               at(emit.getOperand(s), schedule.shape().states[s].writeAt));
  for (auto [r, result] : llvm::enumerate(region.getResults())) {
    if (result.use_empty())
      continue;
    std::string name = "out" + num(r);
    int64_t when = schedule.shape().outputAt[r];
    unsigned width = lanes * elementType(result).getWidth();
    out.port("output", width, name + "_data");
    out.port("output", userBits + 1, name + "_user");
    for (const char *suffix : {"_last", "_err", "_valid"})
      out.port("output", 1, name + suffix);
    out.port("input ", 1, name + "_ready");
    out.signal(1, name + "_room");
    std::string m = meta(when);
    RtlInstance port;
    port.set("W", width);
    port.set("Beats", schedule.beats());
    port.set("Steps", schedule.outputSteps(r));
    port.set("UserBits", userBits + 1);
    port.set("LastOnly", r < states);
    out.instance(
        "finngl_out_port", name, port,
        {{"clk_i", "clk_i"},
         {"rst_ni", "rst_ni"},
         {"reserve_i", "launch_o"},
         {"room_o", name + "_room"},
         {"data_i", at(emit.getOperand(r), when)},
         {"user_i", m + "[" + num(Restart) + " +: " + num(userBits + 1) + "]"},
         {"err_i", bit(m, Err)},
         {"last_i", bit(m, Last)},
         {"valid_i", tap(when)},
         {"m_data_o", name + "_data"},
         {"m_user_o", name + "_user"},
         {"m_err_o", name + "_err"},
         {"m_last_o", name + "_last"},
         {"m_valid_o", name + "_valid"},
         {"m_ready_i", name + "_ready"}});
  }
}

void RegionPrinter::print() {
  out.port("input ", 1, "clk_i");
  out.port("input ", 1, "rst_ni");
  metaAt[0] = "meta_beat";
  printInputs();
  printLaunch();
  printMvu();
  printTailTiming();
  printStates();
  printCores();
  printOutputs();
  files.files[moduleName() + ".sv"] = out.text();
}
