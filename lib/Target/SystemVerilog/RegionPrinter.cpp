//===- RegionPrinter.cpp - One region as a module -------------------------===//

#include "RegionPrinter.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

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
