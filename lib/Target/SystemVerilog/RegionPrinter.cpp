//===- RegionPrinter.cpp - One region as a module -------------------------===//

#include "RegionPrinter.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static std::string num(int64_t value) { return std::to_string(value); }

static std::string header(RegionOp region, const RegionSchedule &schedule) {
  std::string text = "// Region " + region.getName().str() + " (" +
                     describe(region.getLoc()) + ").\n";
  text += "// Period " + num(schedule.period()) + " cycles, lanes " +
          num(schedule.folding().lanes) + ".\n";
  if (schedule.inFlight() > 1)
    text += "// Steps of " + num(schedule.inFlight()) +
            " contexts in flight; a context's own ones " +
            num(schedule.loop()) + " cycles apart.\n";
  for (auto [k, pass] : llvm::enumerate(schedule.folding().passes))
    text += "// Pass " + num(k) + ": pe " + num(pass.pe) + ", simd " +
            num(pass.simd) + "; starts " + num(schedule.startAt(k)) +
            " cycles after the launch, beats from " +
            num(schedule.beatAt(k, 0)) + " to " + num(schedule.lastBeatAt(k)) +
            ".\n";
  return text;
}

RegionPrinter::RegionPrinter(RegionOp region, unsigned sideBits, FileSet &files)
    : region(region), plan(planPasses(region)), schedule(scheduleOf(region)),
      sideBits(sideBits), contexts(contextsOf(region)),
      statePorts(hasStatePorts(region)), files(files),
      out("finngl_region_" + region.getName().str(), header(region, schedule)),
      lanes(schedule.folding().lanes), states(region.getStates().size()),
      metaAt(plan.passes.size()) {
  for (size_t k = 0; k < plan.passes.size(); ++k)
    metaAt[k][0] = named(k, "meta_beat");
}

std::string RegionPrinter::tap(int64_t pass, int64_t cycle) const {
  return named(pass, "beat") + "[" + num(cycle) + "]";
}

std::string RegionPrinter::bit(const std::string &metaName,
                               MetaBit which) const {
  return metaName + "[" + num(which) + "]";
}

std::string RegionPrinter::loadBit(const std::string &metaName) const {
  return "(" + bit(metaName, First) + " & " + metaName + "[" +
         num(Restart + sideBits) + "])";
}

RegionPrinter::Initial RegionPrinter::initialOf(size_t state) {
  if (region.isStreamed(state))
    return Initial::EveryPacket;
  return region.getLoads().empty() ? Initial::None : Initial::Load;
}

std::string RegionPrinter::initialBit(Initial initial,
                                      const std::string &metaName) const {
  return initial == Initial::Load ? loadBit(metaName) : bit(metaName, First);
}

std::string RegionPrinter::contextOf(const std::string &side,
                                     unsigned low) const {
  if (contexts == 1)
    return "1'b0";
  return side + "[" + num(low) + " +: " + num(llvm::Log2_64_Ceil(contexts)) +
         "]";
}

std::string RegionPrinter::stateSlot(const RegionShape::Operand &state,
                                     const std::string &metaName,
                                     bool writes) const {
  std::string context = contextOf(metaName, Restart + 1);
  if (contexts == 1 || schedule.stateBanks(state) == 1)
    return context;
  return "{" + context + ", " + (writes ? "~" : "") + metaName + "[" +
         num(metaWidth() - 1) + "]}";
}

std::string RegionPrinter::meta(int64_t pass, int64_t cycle) {
  auto [found, isNew] = metaAt[pass].try_emplace(cycle);
  if (!isNew)
    return found->second;
  std::string name = out.signal(metaWidth(), named(pass, "meta_" + num(cycle)));
  found->second = name;
  RtlInstance delay;
  delay.set("Width", metaWidth());
  delay.set("Depth", cycle);
  out.instance("finngl_delay", name, delay,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"data_i", named(pass, "meta_beat")},
                {"data_o", name}});
  return name;
}

/// A value of an earlier tail at the beats of a later pass.
void RegionPrinter::printHandover(Value value, int64_t pass) {
  size_t index = 0;
  while (plan.handovers[index].value != value ||
         plan.handovers[index].to != pass)
    ++index;
  const RegionShape::Handover &shape = schedule.shape().handovers[index];
  std::string source = at(value, shape.from, shape.readyAt);
  unsigned width = lanes * elementType(value).getWidth();
  std::string name = out.signal(width, source + "_pass" + num(pass));
  RtlInstance handover;
  handover.set("Width", width);
  handover.set("Words", schedule.handoverWords(shape));
  out.instance("finngl_handover", name, handover,
               {{"clk_i", "clk_i"},
                {"rst_ni", "rst_ni"},
                {"w_valid_i", tap(shape.from, shape.readyAt)},
                {"w_data_i", source},
                {"r_valid_i", tap(pass, shape.readAt - 1)},
                {"r_data_o", name}});
  signals[{value, pass}][0] = name;
  readyAt[{value, pass}] = shape.readAt;
}

std::string RegionPrinter::at(Value value, int64_t pass, int64_t cycle) {
  TailValue key{value, pass};
  if (!signals.count(key))
    printHandover(value, pass);
  int64_t late = cycle - readyAt.lookup(key);
  std::map<int64_t, std::string> &taps = signals[key];
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

int64_t RegionPrinter::lastTap(int64_t pass) {
  int64_t last = 1;
  auto note = [&](int64_t of, int64_t cycle) {
    if (of == pass)
      last = std::max(last, cycle);
  };
  const RegionShape &shape = schedule.shape();
  for (const auto *list : {&shape.states, &shape.inputs})
    for (const RegionShape::Operand &o : *list) {
      note(o.tail, o.readAt);
      note(o.writer, o.writeAt);
    }
  for (const RegionShape::Output &o : shape.outputs)
    note(o.pass, o.at);
  for (const RegionShape::Handover &h : shape.handovers) {
    note(h.from, h.readyAt);
    note(h.to, h.readAt);
  }
  for (const RegionShape::Pass &later : shape.passes)
    for (const RegionShape::Vector &v : later.vectors)
      note(v.from, v.writeAt);
  for (Operation &op : region.getBody().front().without_terminator())
    if (auto start = op.getAttrOfType<IntegerAttr>("start"))
      note(plan.of(&op), start.getInt());
  return last;
}

void RegionPrinter::print() {
  out.port("input ", 1, "clk_i");
  out.port("input ", 1, "rst_ni");
  printInputs();
  printLaunch();
  for (size_t k = 0; k < plan.passes.size(); ++k) {
    printStart(k);
    printMvu(k);
    printTailTiming(k);
  }
  printStates();
  printCores();
  for (size_t k = 0; k < plan.passes.size(); ++k)
    printVectors(k);
  printOutputs();
  files.files[moduleName() + ".sv"] = out.text();
}
