//===- HardwareLevels.cpp - Level rtl in run, eval and verify -------------===//

#include "finngl/Check/ImageCheck.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "finngl/Driver/Compile.h"
#include "finngl/Driver/ContextTraffic.h"
#include "finngl/Driver/Cycles.h"
#include "finngl/Driver/Hardware.h"
#include "finngl/Driver/SampleStream.h"
#include "finngl/Driver/Simulation.h"
#include "finngl/Target/SystemVerilog/SystemVerilog.h"
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;

/// Reversers and the FIFOs beside them hold so many steps.
static bool stepsFit(Model &model, std::string &error) {
  if (!model.otherSteps())
    return true;
  auto stage = compiledDataflow(model, error);
  if (!stage)
    return false;
  auto bound = stage->lookupSymbol<mlir::func::FuncOp>("main")
                   ->getAttrOfType<mlir::IntegerAttr>(df::kMaxStepsAttr);
  if (!bound || model.otherSteps() <= bound.getInt())
    return true;
  error = model.name() + ": the hardware takes sequences of at most " +
          std::to_string(bound.getInt()) + " steps, the data has " +
          std::to_string(model.otherSteps()) +
          "; compile the model again with --max-steps";
  return false;
}

/// The directory of the hardware: of a compile directory itself. Not yet built.
static std::optional<Simulator> openSimulator(Model &model, const Plan &plan,
                                              std::string &error) {
  if (model.kind() != ModelKind::CompileDirectory) {
    error = model.name() + ": level rtl needs a compile directory; run finngl "
                           "compile first";
    return std::nullopt;
  }
  auto simulator = Simulator::open(model.directory(), error);
  auto isState = [](const StreamPort &port) { return port.isState(); };
  size_t states =
      simulator ? size_t(std::ranges::count_if(simulator->streams(), isState))
                : 0;
  if (simulator && simulator->streams().size() - states !=
                       plan.inputs().size() + plan.outputs().size()) {
    error = model.name() + "/report.json: its streams are not those of the "
                           "model; compile the model again";
    return std::nullopt;
  }
  if (simulator && !stepsFit(model, error))
    return std::nullopt;
  for (size_t i = 0; simulator && i < simulator->streams().size(); ++i) {
    const StreamPort &stream = simulator->streams()[i];
    if (stream.isState())
      continue;
    const PlanPort &port =
        (stream.input ? plan.inputs() : plan.outputs())[stream.index];
    if (port.shape.size() == 2 && !simulator->answers())
      simulator->setSteps(i, port.shape[0]);
  }
  return simulator;
}

static std::optional<std::vector<CodeTensor>>
encodeAll(const Plan &plan, std::span<const FloatTensor> inputs,
          std::string &error) {
  if (inputs.size() != plan.inputs().size()) {
    error = "the model has " + std::to_string(plan.inputs().size()) +
            " inputs, got " + std::to_string(inputs.size());
    return std::nullopt;
  }
  std::vector<CodeTensor> codes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    auto encoded = plan.encode(inputs[i], i, error);
    if (!encoded)
      return std::nullopt;
    codes.push_back(std::move(*encoded));
  }
  return codes;
}

namespace {

class RtlRunner : public LevelRunner {
public:
  RtlRunner(Plan plan, Simulator simulator)
      : plan(std::move(plan)), simulator(std::move(simulator)) {}

  std::optional<std::vector<FloatTensor>>
  run(std::span<const FloatTensor> inputs, std::string &error) override {
    auto codes = encodeAll(plan, inputs, error);
    if (!codes)
      return std::nullopt;
    auto result = simulator.run({{*codes}}, /*seed=*/0, error);
    if (!result)
      return std::nullopt;
    std::vector<FloatTensor> outputs;
    for (size_t i = 0; i < plan.outputs().size(); ++i) {
      result->outputs[0][i].shape = plan.outputs()[i].shape;
      outputs.push_back(plan.decode(result->outputs[0][i], i));
    }
    return outputs;
  }

private:
  Plan plan;
  Simulator simulator;
};

/// Packets are samples: a stream in, its answers out.
class RtlStreamRunner : public LevelRunner {
public:
  RtlStreamRunner(Model &model, Plan plan, Simulator simulator)
      : model(model), plan(std::move(plan)), simulator(std::move(simulator)) {}

  std::optional<std::vector<FloatTensor>>
  run(std::span<const FloatTensor> inputs, std::string &error) override {
    auto stream = createSampleStream(model, plan);
    if (!stream->append(inputs, error))
      return std::nullopt;
    auto result = simulator.run(stream->packets(), /*seed=*/0, error);
    return result ? decodeAnswers(*stream, result->outputs, error)
                  : std::nullopt;
  }

private:
  Model &model;
  Plan plan;
  Simulator simulator;
};

/// Counts of int-rtl and what was seen.
struct RtlComparison {
  int64_t elements = 0, mismatches = 0;
  std::vector<std::string> findings;
};

} // namespace

std::unique_ptr<LevelRunner> finngl::driver::createHardwareRunner(Model &model,
                                                                  Level level) {
  std::string error;
  if (level != Level::Rtl) {
    fail(BadUsage, "level hls is not available yet");
    return nullptr;
  }
  if (!model.toFinn())
    return nullptr;
  std::optional<Plan> plan = model.buildPlan();
  if (!plan)
    return nullptr;
  auto simulator = openSimulator(model, *plan, error);
  if (!simulator || !simulator->build(error)) {
    fail(BadUsage, error);
    return nullptr;
  }
  if (simulator->answers())
    return std::make_unique<RtlStreamRunner>(model, std::move(*plan),
                                             std::move(*simulator));
  return std::make_unique<RtlRunner>(std::move(*plan), std::move(*simulator));
}

static void compare(const SimulationResult &result,
                    std::span<const std::vector<CodeTensor>> expected,
                    const std::string &where, RtlComparison &total) {
  for (size_t p = 0; p < expected.size(); ++p)
    for (size_t o = 0; o < expected[p].size(); ++o) {
      const auto &want = expected[p][o].data, &got = result.outputs[p][o].data;
      total.elements += want.size();
      int64_t wrong = 0;
      for (size_t e = 0; e < want.size(); ++e)
        if (e >= got.size() || got[e] != want[e]) {
          if (!wrong++ && total.findings.size() < 10)
            total.findings.push_back(
                where + ", packet " + std::to_string(p) + ", output " +
                std::to_string(o) + ", element " + std::to_string(e) +
                ": int " + std::to_string(want[e]) + ", rtl " +
                (e < got.size() ? std::to_string(got[e]) : "nothing"));
        }
      total.mismatches += wrong;
    }
}

/// The schedule's cycles must be the simulation's, packet by packet.
static int checkCycles(Model &model, const SimulationResult &result) {
  std::string error;
  auto network = compiledNetwork(model, error);
  if (!network)
    return fail(BadUsage, error);
  std::vector<std::string> differences =
      compareCycles(*network, result, model.otherSteps());
  for (const std::string &difference : differences)
    std::fprintf(stderr, "int-rtl: %s\n", difference.c_str());
  if (!differences.empty())
    return CheckFailed;
  // The report's cycles are those of the steps that compile was given.
  if (!model.otherSteps() && !markSimulated(model.directory(), error))
    return fail(BadUsage, error);
  return Good;
}

/// Several contexts in random order, with packets that continue one another or
/// load their states; seed 0 also checks the cycles.
static int verifyContexts(Model &model, const Simulator &simulator,
                          const Reference &reference, int64_t contexts,
                          std::span<const Packet> sets, unsigned seed,
                          RtlComparison &total) {
  std::string error;
  size_t set = seed;
  auto traffic = randomContextTraffic(
      reference, contexts, seed,
      [&] { return sets[set++ % sets.size()].inputs; }, error);
  if (!traffic)
    return error.empty() ? Good : fail(BadUsage, error);
  auto result = simulator.run(traffic->packets, seed, error, traffic->order);
  if (!result)
    return fail(CheckFailed, error);
  compare(*result, traffic->expected,
          std::to_string(contexts) + " contexts, seed " + std::to_string(seed),
          total);
  return seed == 0 ? checkCycles(model, *result) : Good;
}

/// The data sets behind one another as one stream of samples. Without stalls
/// also the cycles; with stalls the stream restarts here and there.
static int verifyStream(Model &model, const Simulator &simulator,
                        const Plan &plan,
                        std::span<const std::vector<FloatTensor>> inputs,
                        int64_t seeds, RtlComparison &total) {
  Progress progress("verify int-rtl");
  std::string error;
  auto stream = createSampleStream(model, plan);
  for (const std::vector<FloatTensor> &set : inputs)
    if (!stream->append(set, error))
      return fail(BadUsage, error);
  int cycles = Good;
  for (int64_t seed = 0; seed <= seeds; ++seed) {
    progress.update(seed, seeds + 1);
    auto traffic = stream->traffic(unsigned(seed), error);
    if (!traffic)
      return fail(BadUsage, error);
    auto result = simulator.run(traffic->packets, unsigned(seed), error);
    if (!result)
      return fail(CheckFailed, error);
    compare(*result, traffic->expected, "seed " + std::to_string(seed), total);
    if (seed == 0)
      cycles = checkCycles(model, *result);
    if (cycles > CheckFailed)
      return cycles;
  }
  return cycles;
}

/// The memory images on disk against the dataflow stage (pair `images`): finds
/// a word that no data set reads.
static check::KernelComparison compareImages(Model &model,
                                             mlir::ModuleOp dataflow) {
  std::filesystem::path directory = model.directory();
  PrintedNetwork printed = printSystemVerilog(dataflow, {});
  return check::checkImages(
      printed.files,
      [&](const std::string &name) -> std::optional<std::string> {
        std::ifstream file(directory / "rtl" / name);
        if (!file)
          return std::nullopt;
        return std::string(std::istreambuf_iterator<char>(file), {});
      });
}

/// One line of the table and one entry of the JSON; CheckFailed on a mismatch.
static int report(const char *pair, int64_t elements, int64_t mismatches,
                  std::span<const std::string> findings, ordered_json &levels) {
  std::printf("%-14s %12lld %12lld %12d %12lld\n", pair,
              static_cast<long long>(elements),
              static_cast<long long>(mismatches), 0,
              static_cast<long long>(mismatches));
  std::fflush(stdout);
  for (const std::string &finding : findings)
    std::fprintf(stderr, "%s: %s\n", pair, finding.c_str());
  levels.push_back({{"pair", pair},
                    {"elements", elements},
                    {"mismatches", mismatches},
                    {"ambiguous", 0},
                    {"unexplained", mismatches}});
  return mismatches ? CheckFailed : Good;
}

static int verifyStreamLevels(Model &model, Simulator &simulator,
                              const Plan &plan,
                              std::span<const std::vector<FloatTensor>> inputs,
                              int64_t seeds,
                              const check::KernelComparison &stage,
                              ordered_json &levels) {
  std::string error;
  if (!simulator.build(error))
    return fail(BadUsage, error);
  int images = report("images", stage.elements, stage.mismatches,
                      stage.findings, levels);
  RtlComparison total;
  int cycles = verifyStream(model, simulator, plan, inputs, seeds, total);
  if (cycles > CheckFailed)
    return cycles;
  int exit = report("int-rtl", total.elements, total.mismatches, total.findings,
                    levels);
  return std::max({exit, images, cycles});
}

int finngl::driver::verifyHardware(
    Model &model, Level level, std::span<const std::vector<FloatTensor>> inputs,
    int64_t seeds, ordered_json &levels) {
  if (level != Level::Rtl)
    return fail(BadUsage, "level hls is not available yet");
  std::string error;
  std::optional<Plan> plan = model.buildPlan();
  if (!plan)
    return BadUsage;
  Progress progress("verify int-rtl");
  auto simulator = openSimulator(model, *plan, error);
  if (!simulator)
    return fail(BadUsage, error);
  // What is quick to refuse comes before the build of the simulation.
  auto dataflow = compiledDataflow(model, error);
  if (!dataflow)
    return fail(BadUsage, error);
  auto main = dataflow->lookupSymbol<mlir::func::FuncOp>("main");
  int64_t contexts = df::contextsOf(main);
  auto reference = Reference::build(model, df::hasStatePorts(main));
  if (!reference)
    return BadUsage;
  check::KernelComparison stage = compareImages(model, *dataflow);
  if (simulator->answers())
    return verifyStreamLevels(model, *simulator, *plan, inputs, seeds, stage,
                              levels);
  std::vector<Packet> packets;
  std::vector<std::vector<CodeTensor>> expected;
  for (const std::vector<FloatTensor> &set : inputs) {
    auto codes = encodeAll(*plan, set, error);
    auto results = codes ? reference->run(*codes, error) : std::nullopt;
    if (!results)
      return fail(BadUsage, error);
    packets.push_back({*codes});
    expected.push_back(std::move(*results));
  }
  if (!simulator->build(error))
    return fail(BadUsage, error);
  int images = report("images", stage.elements, stage.mismatches,
                      stage.findings, levels);
  RtlComparison total;
  int cycles = Good;
  for (int64_t seed = 0; seed <= seeds; ++seed) {
    progress.update(seed, seeds + 1);
    auto result = simulator->run(packets, unsigned(seed), error);
    if (!result)
      return fail(CheckFailed, error);
    compare(*result, expected, "seed " + std::to_string(seed), total);
    if (seed == 0)
      cycles = checkCycles(model, *result);
    if (contexts > 1 || reference->hasStatePorts())
      cycles = std::max(cycles,
                        verifyContexts(model, *simulator, *reference, contexts,
                                       packets, unsigned(seed), total));
    if (cycles > CheckFailed)
      return cycles;
  }
  int exit = report("int-rtl", total.elements, total.mismatches, total.findings,
                    levels);
  return std::max({exit, images, cycles});
}
