//===- RegionMvu.cpp - A region's matrix-vector unit ----------------------===//

#include "RegionPrinter.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

/// Columns of the MVU: the operands' memories side by side, of one width.
void RegionPrinter::printColumns(int64_t pass) {
  MvuOp mvu = plan.passes[pass].mvu;
  int64_t simd = schedule.simd(pass);
  IntegerType x = mvu.getOperandType();
  unsigned segments = mvu.getOperands().size();
  unsigned addressBits =
      std::max<unsigned>(1, llvm::Log2_64_Ceil(schedule.columnGroups(pass)));
  unsigned column = simd * x.getWidth();
  std::string address = out.signal(addressBits, named(pass, "mvu_addr"));
  std::string places =
      out.signal(segments * addressBits, named(pass, "seg_addr"));
  std::string columns = out.signal(segments * column, named(pass, "seg_data"));
  std::string data = out.signal(column, named(pass, "mvu_data"));
  std::string packed, sizes;
  for (unsigned k = segments; k-- > 0;) {
    Value operand = mvu.getOperands()[k];
    std::string name = named(pass, "vector" + num(k) + "_a");
    IntegerType from = elementType(operand);
    if (auto argument = dyn_cast<BlockArgument>(operand)) {
      unsigned index = argument.getArgNumber();
      bool isState = index < states;
      name = isState ? "state" + num(index) + "_a"
                     : "in" + num(index - states) + "_a";
      if (!isState)
        from = elementType(region.getInputs()[index - states]);
    }
    packed += resized(name, name, simd, from, x) + (k ? ", " : "");
    sizes += "16'd" + num(vectorSize(operand) / simd) + (k ? ", " : "");
  }
  out.assign(columns, "{" + packed + "}");
  if (segments == 1) {
    out.assign(places, address);
    out.assign(data, columns);
    return;
  }
  RtlInstance concat;
  concat.set("Segs", segments);
  concat.setText("Sizes", "{" + sizes + "}");
  concat.set("W", column);
  concat.set("AddrBits", addressBits);
  out.instance("finngl_concat", named(pass, "concat"), concat,
               {{"clk_i", "clk_i"},
                {"addr_i", address},
                {"seg_addr_o", places},
                {"seg_data_i", columns},
                {"data_o", data}});
}

/// Columns that an earlier pass computes: written by its tail, read by the MVU
/// of this step. A register file of one state without initial value.
void RegionPrinter::printVectors(int64_t pass) {
  const RegionShape::Pass &shape = schedule.shape().passes[pass];
  for (auto [k, vector] : llvm::enumerate(shape.vectors)) {
    Value value = plan.passes[pass].mvu.getOperands()[k];
    unsigned width = elementType(value).getWidth();
    std::string name = named(pass, "vector" + num(k));
    out.blank(name + ": " + num(vector.size) + " x " + num(width) + " bits");
    out.signal(schedule.simd(pass) * width, name + "_a");
    RtlInstance file;
    file.set("N", vector.size);
    file.set("BW", width);
    file.set("L", lanes);
    file.set("S", schedule.simd(pass));
    file.set("HasB", 0);
    out.instance("finngl_state_file", name, file,
                 {{"clk_i", "clk_i"},
                  {"rst_ni", "rst_ni"},
                  {"a_addr_i", columnAddress(pass, value)},
                  {"a_slot_i", "1'b0"},
                  {"a_first_i", "1'b0"},
                  {"a_load_i", "1'b0"},
                  {"a_step_end_i", "1'b0"},
                  {"a_init_i", num(schedule.simd(pass) * width) + "'d0"},
                  {"a_data_o", name + "_a"},
                  {"b_valid_i", "1'b0"},
                  {"b_slot_i", "1'b0"},
                  {"b_first_i", "1'b0"},
                  {"b_load_i", "1'b0"},
                  {"b_init_i", num(lanes * width) + "'d0"},
                  {"b_valid_o", ""},
                  {"b_data_o", ""},
                  {"w_valid_i", tap(vector.from, vector.writeAt)},
                  {"w_slot_i", "1'b0"},
                  {"w_data_i", at(value, vector.from, vector.writeAt)}});
  }
}

/// Each row block's lanes as a value of the tail. A first part comes earlier
/// and waits for the second.
void RegionPrinter::printBlocks(int64_t pass) {
  MvuOp mvu = plan.passes[pass].mvu;
  unsigned blocks = mvu.getRowBlocks(), aw = mvu.getAccumulatorWidth();
  std::string rows = named(pass, "mvu_rows");
  std::string firstPart = named(pass, "mvu_first_part");
  if (mvu.getSplit()) {
    unsigned width = schedule.rowsPerBeat(pass) * aw;
    RtlInstance delay;
    delay.set("Width", width);
    delay.set("Depth", schedule.columnGroups(pass) -
                           int64_t(*mvu.getSplit()) / schedule.simd(pass));
    out.signal(width, firstPart);
    out.instance("finngl_delay", firstPart, delay,
                 {{"clk_i", "clk_i"},
                  {"rst_ni", "rst_ni"},
                  {"data_i", rows},
                  {"data_o", firstPart}});
  }
  for (auto [b, block] : llvm::enumerate(mvu.getBlocks())) {
    unsigned width = elementType(block).getWidth();
    std::string name = out.signal(lanes * width, named(pass, "block" + num(b)));
    std::string parts;
    for (unsigned l = lanes; l-- > 0;)
      parts += (mvu.getSplit() && b < blocks ? firstPart : rows) + "[" +
               num((l * blocks + b % blocks) * aw) + " +: " + num(width) + "]" +
               (l ? ", " : "");
    out.assign(name, "{" + parts + "}");
    signals[{block, pass}][0] = name;
    readyAt[{block, pass}] = 0;
  }
}

/// Without a matrix, a counter makes the beats.
void RegionPrinter::printBeats(int64_t pass) {
  RtlInstance counter;
  counter.set("Beats", schedule.beats(pass));
  counter.set("Generate", 1);
  out.instance("finngl_beat_counter", named(pass, "beats"), counter,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"start_i", starts[pass]},
                {"valid_o", named(pass, "beat_0")},
                {"addr_o", ""},
                {"last_o", ""}});
}

/// The pulse that starts a pass: the launch, or that of the pass before, later.
void RegionPrinter::printStart(int64_t pass) {
  int64_t from = -1; // the launch
  for (int64_t k = 0; k < pass; ++k)
    if (schedule.startAt(k) <= schedule.startAt(pass) &&
        (from < 0 || schedule.startAt(k) > schedule.startAt(from)))
      from = k;
  std::string source = from < 0 ? "launch_o" : starts[from];
  int64_t depth =
      schedule.startAt(pass) - (from < 0 ? 0 : schedule.startAt(from));
  if (!depth) {
    starts.push_back(source);
    return;
  }
  std::string name = out.signal(1, named(pass, "start"));
  starts.push_back(name);
  RtlInstance delay;
  delay.set("Width", 1);
  delay.set("Depth", depth);
  delay.set("Reset", 1);
  out.instance("finngl_delay", name, delay,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", source},
                {"data_o", name}});
}

/// A pass that starts later than the launch may still read when the next step
/// is launched.
void RegionPrinter::printMvuMeta(int64_t pass) {
  bool readsState = llvm::any_of(schedule.shape().states,
                                 [&](const RegionShape::Operand &state) {
                                   return mvuReads(state) && state.mvu == pass;
                                 });
  if (!schedule.startAt(pass) || !readsState)
    return;
  std::string started = out.signal(metaWidth(), named(pass, "meta_start"));
  out.signal(metaWidth(), mvuMeta(pass));
  RtlInstance delay;
  delay.set("Width", metaWidth());
  delay.set("Depth", schedule.startAt(pass));
  out.instance("finngl_delay", started, delay,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", "meta_launch"},
                {"data_o", started}});
  RtlInstance hold;
  hold.set("Width", metaWidth());
  out.instance("finngl_hold", mvuMeta(pass), hold,
               {{"clk_i", "clk_i"},
                {"pulse_i", starts[pass]},
                {"data_i", started},
                {"data_o", mvuMeta(pass)}});
}

void RegionPrinter::printMvu(int64_t pass) {
  out.signal(1, named(pass, "beat_0"));
  MvuOp mvu = plan.passes[pass].mvu;
  if (!mvu)
    return printBeats(pass);
  auto [pe, simd] = schedule.folding().passes[pass];
  out.blank("matrix-vector unit: " + num(mvu.getRows()) + " x " +
            num(mvu.getColumns()) + ", " + num(mvu.getRowBlocks()) +
            " row blocks, " + describe(mvu.getLoc()));
  printMvuMeta(pass);
  printColumns(pass);
  out.signal(1, named(pass, "mvu_last"));
  out.signal(schedule.rowsPerBeat(pass) * mvu.getAccumulatorWidth(),
             named(pass, "mvu_rows"));
  RtlInstance unit;
  mvu.rtlParameters(unit, pe, simd, lanes);
  for (const RtlInstance::Image &image : unit.images)
    unit.setText(image.parameter,
                 "\"" +
                     files.addImage(region.getName().str() + "_" +
                                        named(pass, "weights"),
                                    image) +
                     "\"");
  out.instance("finngl_mvu", named(pass, "mvu"), unit,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"start_i", starts[pass]},
                {"rd_o", ""},
                {"addr_o", named(pass, "mvu_addr")},
                {"last_o", named(pass, "mvu_last")},
                {"data_i", named(pass, "mvu_data")},
                {"valid_o", named(pass, "beat_0")},
                {"data_o", named(pass, "mvu_rows")}});
  printBlocks(pass);
}
