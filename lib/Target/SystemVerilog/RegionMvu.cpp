//===- RegionMvu.cpp - A region's matrix-vector unit ----------------------===//

#include "RegionPrinter.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

/// Columns of the MVU: the operands' memories side by side, of one width.
void RegionPrinter::printColumns(MvuOp mvu) {
  int64_t simd = schedule.folding().simd;
  IntegerType x = mvu.getOperandType();
  unsigned segments = mvu.getOperands().size();
  unsigned addressBits =
      std::max<unsigned>(1, llvm::Log2_64_Ceil(schedule.columnGroups()));
  unsigned column = simd * x.getWidth();
  out.signal(addressBits, "mvu_addr");
  out.signal(segments * addressBits, "seg_addr");
  out.signal(segments * column, "seg_data");
  out.signal(column, "mvu_data");
  std::string packed, sizes;
  for (unsigned k = segments; k-- > 0;) {
    auto argument = cast<BlockArgument>(mvu.getOperands()[k]);
    unsigned index = argument.getArgNumber();
    bool isState = index < states;
    std::string name = isState ? "state" + num(index) + "_a"
                               : "in" + num(index - states) + "_a";
    IntegerType from = elementType(
        isState ? Value(argument) : region.getInputs()[index - states]);
    packed += resized(name, name, simd, from, x) + (k ? ", " : "");
    sizes += "16'd" + num(vectorSize(argument) / simd) + (k ? ", " : "");
  }
  out.assign("seg_data", "{" + packed + "}");
  if (segments == 1) {
    out.assign("seg_addr", "mvu_addr");
    out.assign("mvu_data", "seg_data");
    return;
  }
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

/// Each row block's lanes as a value of the tail. A first part comes earlier
/// and waits for the second.
void RegionPrinter::printBlocks(MvuOp mvu) {
  unsigned blocks = mvu.getRowBlocks(), aw = mvu.getAccumulatorWidth();
  if (mvu.getSplit()) {
    unsigned width = schedule.rowsPerBeat() * aw;
    RtlInstance delay;
    delay.set("Width", width);
    delay.set("Depth", schedule.columnGroups() -
                           int64_t(*mvu.getSplit()) / schedule.folding().simd);
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

/// Without a matrix, a counter makes the beats.
void RegionPrinter::printBeats() {
  RtlInstance counter;
  counter.set("Beats", schedule.beats());
  counter.set("Generate", 1);
  out.instance("finngl_beat_counter", "beats", counter,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"start_i", "launch_o"},
                {"valid_o", "beat_0"},
                {"addr_o", ""},
                {"last_o", ""}});
}

void RegionPrinter::printMvu() {
  out.signal(1, "beat_0");
  MvuOp mvu = region.getMvu();
  if (!mvu)
    return printBeats();
  const Folding &f = schedule.folding();
  out.blank("matrix-vector unit: " + num(mvu.getRows()) + " x " +
            num(mvu.getColumns()) + ", " + num(mvu.getRowBlocks()) +
            " row blocks, " + describe(mvu.getLoc()));
  printColumns(mvu);
  out.signal(1, "mvu_last");
  out.signal(schedule.rowsPerBeat() * mvu.getAccumulatorWidth(), "mvu_rows");
  RtlInstance unit;
  mvu.rtlParameters(unit, f.pe, f.simd, f.lanes);
  for (const RtlInstance::Image &image : unit.images)
    unit.setText(
        image.parameter,
        "\"" + files.addImage(region.getName().str() + "_weights", image) +
            "\"");
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
  printBlocks(mvu);
}
