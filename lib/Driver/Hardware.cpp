//===- Hardware.cpp - From integers to a directory of hardware ------------===//

#include "finngl/Driver/Hardware.h"
#include "FoldingFile.h"
#include "HardwareReport.h"
#include "finngl/Conversion/FinnToDataflow/FinnToDataflow.h"
#include "finngl/Core/NetworkTimes.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Driver/Cycles.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/RtlLibrary.h"
#include "finngl/Driver/Simulation.h"
#include "finngl/Driver/Tables.h"
#include "finngl/Support/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

bool finngl::driver::hardwareAvailable() { return true; }

namespace {

/// A mapped network with its folding.
struct Mapped {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  df::Choice choice;
  ThresholdStyle style = ThresholdStyle::SegmentTable;
  bool hoisted = false; ///< input products stand before the scan
};

/// The report's cycles come from a simulation of each step: some seconds here.
constexpr int64_t kMaxSteps = 1 << 17;

class HardwareCompiler {
public:
  HardwareCompiler(Model &model, const HardwareOptions &options,
                   const fs::path &directory, ordered_json &report)
      : model(model), options(options), directory(directory), report(report) {}
  int run();
  int estimate();

private:
  Model &model;
  const HardwareOptions &options;
  fs::path directory;
  ordered_json &report;
  Device device;
  double clockMHz = 0;
  Mapped best;
  nlohmann::json given; ///< --folding, null without

  int checkOptions();
  int checkSteps();
  int checkInputName(const std::string &name);
  df::Goal goal() const;
  int map();
  int applyFolding();
  int describe(const NetworkShape &network);
  void describeStreams(const PrintedNetwork &printed);
  ordered_json foldingJson();
  int writeFiles(const PrintedNetwork &printed);
};

} // namespace

int HardwareCompiler::checkOptions() {
  std::string error;
  auto found = findDevice(options.device, error);
  if (!found)
    return fail(BadUsage, error);
  device = *found;
  clockMHz = options.clockMHz > 0 ? options.clockMHz : device.defaultClockMHz;
  auto refuse = [](const std::string &flag, const std::string &supported) {
    return fail(BadUsage, flag + " is not supported yet",
                "supported: " + supported);
  };
  if (options.backend != "rtl")
    return refuse("--backend " + options.backend, "--backend rtl");
  if (options.mode == "sliding" && options.contexts > 1)
    return refuse("--mode sliding with --contexts",
                  "one stream, whose windows under way have the contexts; "
                  "compile it once for each stream");
  if (options.mode == "sliding" && options.statePorts)
    return refuse("--mode sliding with --state-ports",
                  "states that stay in the hardware: every window starts from "
                  "the initial ones; without --state-ports");
  if (options.interleave > options.contexts)
    return fail(BadUsage,
                "--interleave " + std::to_string(options.interleave) +
                    ": steps in flight are of different contexts",
                "raise --contexts, which is " +
                    std::to_string(options.contexts));
  for (const std::string &input : options.inputs) {
    // The raw ones were taken by the model.
    if (input.ends_with(":code"))
      if (int exit = checkInputName(input.substr(0, input.size() - 5)))
        return exit;
  }
  return Good;
}

int HardwareCompiler::checkSteps() {
  bool good = true;
  model.finnModule().walk([&](finn::ScanOp op) {
    auto proved = op->getAttrOfType<mlir::IntegerAttr>(finn::kMaxStepsAttr);
    if (proved && options.contexts > 1)
      op.emitWarning() << "state ranges grow with each step: widths are proved "
                          "for "
                       << proved.getInt()
                       << " steps of a context from its initial state on, over "
                          "all packets that continue it";
    if (proved && options.statePorts)
      op.emitWarning() << "state ranges grow with each step: widths are proved "
                          "for "
                       << proved.getInt()
                       << " steps from the initial state on, those before a "
                          "state was saved included";
    if (op.getSteps() <= kMaxSteps)
      return;
    good = false;
    mlir::InFlightDiagnostic error = op.emitError()
                                     << "expects at most " << kMaxSteps
                                     << " steps, got " << op.getSteps();
    error.attachNote() << "the hardware takes sequences of any length; compile "
                          "it with a shorter one (--dim)";
  });
  return good ? Good : BadUsage;
}

int HardwareCompiler::checkInputName(const std::string &name) {
  mlir::func::FuncOp main = model.finnMain();
  std::string known;
  for (unsigned i = 0; i < main.getNumArguments(); ++i) {
    auto input = main.getArgAttrOfType<mlir::StringAttr>(i, finn::kNameAttr);
    if (!input)
      continue;
    if (input.getValue() == name)
      return Good;
    known += (known.empty() ? "" : ", ") + input.getValue().str();
  }
  return fail(BadUsage, "--input " + name + ": no such graph input",
              "the inputs of " + model.name() + " are " + known);
}

df::Goal HardwareCompiler::goal() const {
  df::Goal goal;
  if (options.quick)
    goal.effort = df::Effort::quick();
  // Without a budget: half of the part, room for the rest of a design.
  auto limit = [&](const char *key, int64_t whole) {
    auto found = options.budget.find(key);
    if (found != options.budget.end())
      return found->second;
    return options.budget.empty() && !options.targetLatencyUs ? whole / 2
                                                              : whole;
  };
  auto bram = options.budget.find("bram18");
  goal.budget = {.lut = limit("lut", device.lut),
                 .ff = limit("ff", device.ff),
                 .dsp = limit("dsp", device.dsp),
                 .bram18 = bram != options.budget.end() ? bram->second
                           : options.budget.count("bram")
                               ? 2 * options.budget.at("bram")
                               : limit("", device.bram18),
                 .uram = device.uram};
  if (options.targetLatencyUs)
    goal.targetCycles = int64_t(
        std::min(std::floor(*options.targetLatencyUs * clockMHz), 1e15));
  return goal;
}

/// All forms of thresholds and input products, the best choice; or those that
/// --folding asks for.
int HardwareCompiler::map() {
  StageTimer timer(model.times, "map");
  df::Goal wanted = goal();
  Progress progress("compile: foldings simulated");
  wanted.onProgress = [&](size_t done, size_t most) {
    progress.update(done, most);
  };
  bool sliding = options.mode == "sliding";
  std::string style = formIn(given, kThresholds),
              form = formIn(given, kInputProducts);
  for (auto [hoisted, formName] : kProductForms)
    for (auto [thresholds, styleName] : kStyles) {
      bool formFits = sliding ? form.empty() || form == formName
                              : hoisted == options.hoistInputProducts;
      if (!formFits || (!style.empty() && style != styleName))
        continue;
      MappingOptions mapping;
      mapping.style = thresholds;
      mapping.hoistInputProducts = hoisted;
      mapping.maxSteps = options.maxSteps;
      mapping.contexts = options.contexts;
      mapping.interleave = options.interleave;
      mapping.statePorts = options.statePorts;
      mapping.sliding = sliding;
      mapping.stream = options.mode == "stream";
      Mapped mapped{convertFinnToDataflow(model.finnModule(), mapping),
                    {},
                    thresholds,
                    hoisted};
      if (!mapped.module)
        return BadUsage;
      mapped.choice = df::chooseFolding(*mapped.module, wanted);
      if (!best.module || df::better(mapped.choice, best.choice, wanted))
        best = std::move(mapped);
    }
  if (best.choice.regions.empty())
    return fail(BadUsage, model.name() +
                              ": nothing to compute: the outputs are "
                              "inputs, windows of them or constants");
  return Good;
}

static std::string text(const Resources &r) {
  return "lut=" + std::to_string(r.lut) + ",ff=" + std::to_string(r.ff) +
         ",dsp=" + std::to_string(r.dsp) +
         ",bram=" + std::to_string((r.bram18 + 1) / 2);
}

/// The choice, or what --folding says of each kernel.
int HardwareCompiler::applyFolding() {
  auto main = best.module->lookupSymbol<mlir::func::FuncOp>("main");
  if (given.is_null() && !best.choice.feasible) {
    return fail(BadUsage,
                "no folding meets the goal within " + text(goal().budget),
                "the nearest needs " + text(best.choice.resources) + " and " +
                    std::to_string(best.choice.cycles) +
                    " cycles; raise --budget or --target-latency-us");
  }
  size_t index = 0;
  std::vector<std::string> known{kThresholds};
  if (options.mode == "sliding")
    known.push_back(kInputProducts);
  for (df::RegionOp region : main.getOps<df::RegionOp>()) {
    df::Candidate &candidate = best.choice.regions[index++];
    if (given.is_object()) {
      readFolding(given, region, candidate);
      if (auto reason = df::refuse(region, candidate))
        return fail(BadUsage,
                    options.foldingFile + ": region " + region.getName().str() +
                        ": " + *reason,
                    kFoldingNote);
    }
    df::apply(region, candidate);
    candidate.resources = df::estimate(region, df::planPasses(region),
                                       df::scheduleTail(region), candidate);
    ordered_json kernels = writeFolding(region);
    for (const auto &item : kernels.items())
      known.push_back(item.key());
  }
  for (const auto &item : given.items())
    if (std::find(known.begin(), known.end(), item.key()) == known.end())
      return fail(BadUsage,
                  options.foldingFile + ": unknown kernel '" + item.key() + "'",
                  "the kernels of " + model.name() + " are " +
                      llvm::join(known, ", "));
  return Good;
}

ordered_json HardwareCompiler::foldingJson() {
  ordered_json folding;
  for (auto [style, name] : kStyles)
    if (style == best.style)
      folding[kThresholds] = {{"impl", name}};
  for (auto [hoisted, name] : kProductForms)
    if (hoisted == best.hoisted && options.mode == "sliding")
      folding[kInputProducts] = {{"impl", name}};
  auto main = best.module->lookupSymbol<mlir::func::FuncOp>("main");
  for (df::RegionOp region : main.getOps<df::RegionOp>())
    folding.update(writeFolding(region));
  return folding;
}

/// Steps or samples that one packet of the region serves. A head that works
/// once a sequence does not set the pace of a step; a convolution has several
/// steps of its own in one.
static int64_t unitsOf(const NetworkShape &network,
                       const NetworkShape::Region &region, bool isSequence) {
  if (region.made)
    return region.made->stride;
  return isSequence && !network.slide ? network.fewestSteps() : 1;
}

int HardwareCompiler::describe(const NetworkShape &network) {
  auto main = best.module->lookupSymbol<mlir::func::FuncOp>("main");
  if (isStuck(network))
    return fail(InternalError,
                model.name() + ": the network's streams wait "
                               "for one another",
                "please report this model");
  NetworkTimes times = timesOf(network, options.interleave);
  int64_t perStep = 0, perPacket = 0, perContext = 0;
  Resources total = df::shellCost(*best.module);
  ordered_json kernels = ordered_json::array(), regions = ordered_json::array();
  size_t index = 0;
  for (df::RegionOp region : main.getOps<df::RegionOp>()) {
    RegionSchedule schedule = df::scheduleOf(region);
    int64_t fewest =
        unitsOf(network, network.regions[index], region.isSequence());
    int64_t &pace = region.isSequence() ? perStep : perPacket;
    pace = std::max(
        pace, (schedule.interval() * region.getSteps() + fewest - 1) / fewest);
    perContext = std::max(perContext, schedule.turn());
    total += best.choice.regions[index++].resources;
    describeKernels(region, schedule, kernels);
    regions.push_back({{"name", region.getName().str()},
                       {"steps", region.getSteps()},
                       {"period", schedule.period()},
                       {"loop", schedule.loop()},
                       {"in_flight", schedule.inFlight()},
                       {"passes", schedule.shape().passes.size()},
                       {"first_beat", schedule.beatAt(0, 0)},
                       {"last_beat", schedule.end()}});
  }
  report["device"] = device.name;
  report["clock_mhz"] = clockMHz;
  report["cycles"] = {{"latency", times.latency},
                      {"interval", times.interval},
                      {"per_step", network.slide ? times.interval
                                   : perStep     ? perStep
                                                 : perPacket},
                      {"per_context", perContext},
                      {"tick", times.tick},
                      {"source", "schedule"}};
  report["latency_us"] = double(times.latency) / clockMHz;
  report["resources"] = toJson(total, "model");
  auto share = [](int64_t used, int64_t whole) {
    return whole ? double(used) / double(whole) : 0.0;
  };
  report["utilisation"] = {{"lut", share(total.lut, device.lut)},
                           {"ff", share(total.ff, device.ff)},
                           {"dsp", share(total.dsp, device.dsp)},
                           {"bram18", share(total.bram18, device.bram18)},
                           {"uram", share(total.uram, device.uram)}};
  report["regions"] = regions;
  if (auto bound = main->getAttrOfType<mlir::IntegerAttr>(df::kMaxStepsAttr))
    report["max_steps"] = bound.getInt();
  report["mode"] = options.mode;
  if (network.slide)
    report[kWindowKey] = {{kSamplesKey, df::windowOf(main)},
                          {kAnswerAgeKey, network.slide->maxAge},
                          {"steps", network.slide->steps.size()},
                          {"under_way", network.slide->contexts}};
  else if (network.answers)
    report[kStreamKey] = {{kAnswerAgeKey, network.answers->first},
                          {kAnswerStrideKey, network.answers->stride}};
  report["contexts"] = options.contexts;
  report["interleave"] = options.interleave;
  describeModules(main, kernels);
  report["kernels"] = kernels;
  return Good;
}

/// Beat layout of the ports, known now.
void HardwareCompiler::describeStreams(const PrintedNetwork &printed) {
  size_t index = 0;
  report["tdest_bits"] = printed.destBits;
  for (const StreamPort &port : printed.streams) {
    ordered_json &streams = report["streams"];
    if (port.isState())
      streams.insert(
          streams.begin() + index,
          ordered_json{{"port", port.port}, {"onnx_name", port.onnxName}});
    ordered_json &entry = streams[index++];
    entry["port"] = port.port;
    entry["elements_per_beat"] = port.elementsPerBeat;
    entry["element_bits"] = port.elementBits;
    entry["signed"] = port.isSigned;
    entry["beats_per_step"] = port.beatsPerStep;
    entry["steps"] = port.steps;
    entry["order"] = "beat t of a step holds elements t*E to t*E+E-1, element "
                     "i of a beat at bits [i*b +: b]";
    if (port.isState())
      entry["states"] = describeStates(model.finnModule());
  }
}

int HardwareCompiler::writeFiles(const PrintedNetwork &printed) {
  std::string error;
  std::string stage;
  llvm::raw_string_ostream os(stage);
  best.module->print(os, mlir::OpPrintingFlags().enableDebugInfo());
  if (!writeText(directory / "stages/dataflow.mlir", stage + "\n", error) ||
      !writeText(directory / "folding.json", foldingJson().dump(2) + "\n",
                 error))
    return fail(BadUsage, error);
  report[kDataflowHashKey] =
      std::to_string(hashFile(directory / "stages/dataflow.mlir"));
  if (options.stopAfterMap)
    return Good;
  std::map<std::string, std::string> files = printed.files;
  if (!addRtlLibrary(files, error))
    return fail(InternalError, error);
  for (const auto &[name, content] : files)
    if (!writeText(directory / "rtl" / name, content, error))
      return fail(BadUsage, error);
  std::string harness;
  if (!readSimulationHarness(harness, error))
    return fail(InternalError, error);
  if (!writeText(directory / "sim/main.cpp", harness, error) ||
      !writeText(directory / "sim/ports.h",
                 simulationPorts(printed.streams, options.contexts), error))
    return fail(BadUsage, error);
  return Good;
}

/// All that the report says of cycles and resources; no text of hardware yet.
int HardwareCompiler::estimate() {
  if (int exit = checkOptions())
    return exit;
  if (int exit = checkSteps())
    return exit;
  if (!options.foldingFile.empty())
    if (int exit = readFoldingFile(options.foldingFile, given))
      return exit;
  if (int exit = map())
    return exit;
  if (int exit = applyFolding())
    return exit;
  StageTimer timer(model.times, "schedule");
  return describe(df::networkShape(*best.module));
}

int HardwareCompiler::run() {
  if (int exit = estimate())
    return exit;
  PrintedNetwork printed;
  {
    StageTimer timer(model.times, "print");
    PrintOptions print;
    print.userBits = unsigned(options.userBits);
    print.modelHash = hashFile(model.file());
    printed = printSystemVerilog(*best.module, print);
    describeStreams(printed);
    return writeFiles(printed);
  }
}

int finngl::driver::estimateHardware(Model &model, ordered_json &report) {
  HardwareOptions options;
  options.quick = true;
  return HardwareCompiler(model, options, {}, report).estimate();
}

int finngl::driver::compileHardware(Model &model,
                                    const HardwareOptions &options,
                                    const fs::path &directory,
                                    ordered_json &report) {
  return HardwareCompiler(model, options, directory, report).run();
}
