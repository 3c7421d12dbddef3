//===- Verify.cpp - Level against level -----------------------------------===//
//
// Pairs: golden data against the first level asked for, then each neighbour of
// the levels asked for, then int against the hardware. Where levels exact and
// int meet, each kernel is also checked alone (pair `kernels`).
//
//===----------------------------------------------------------------------===//

#include "finngl/Driver/Verify.h"
#include "finngl/Check/KernelCheck.h"
#include "finngl/Driver/DataSet.h"
#include "finngl/Driver/Hardware.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/ScratchCompile.h"
#include "finngl/Engine/Compare.h"
#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
using engine::Comparison;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

class Verification {
public:
  Verification(const VerifyOptions &options, Model &model)
      : options(options), model(model) {}

  int run();

private:
  bool has(Level level) const {
    return std::find(levels.begin(), levels.end(), level) != levels.end();
  }
  int readData();
  int prepare();
  bool checkPlan();
  int checkOutputs();
  int compareOne(const DataSet &data);
  void compareKernels();
  int runInt(const DataSet &data);
  int compareGolden(const DataSet &data);
  int comparePair(Level first, Level second);
  int add(const std::string &pair, mlir::FailureOr<Comparison> result);
  int report();
  Rational intValue(size_t output, size_t element) const {
    return intValues[output][element];
  }
  Rational onnxValue(size_t output, size_t element) const {
    return toRational(comparer->onnxOutputs()[output].tensor.data[element]);
  }

  const VerifyOptions &options;
  Model &model;
  std::vector<Level> levels;
  std::vector<DataSet> sets;
  std::unique_ptr<engine::Comparer> comparer;
  std::optional<Plan> plan;
  std::vector<std::vector<Rational>> intValues;
  std::vector<std::pair<std::string, Comparison>> pairs;
  const DataSet *current = nullptr;
};

} // namespace

int Verification::prepare() {
  levels = options.levels;
  bool hardware = has(Level::Hls) || has(Level::Rtl);
  if (hardware && !has(Level::Int)) {
    levels.push_back(Level::Int);
    std::sort(levels.begin(), levels.end());
  }
  // Sizes that the file leaves open are those of the data.
  model.takeShapesFrom([this](unsigned index, const std::string &) {
    const auto &inputs = sets.front().inputs;
    return index < inputs.size() ? std::optional(inputs[index].shape)
                                 : std::nullopt;
  });
  if (!model.toQonnx() || (has(Level::Int) && !model.toFinn()))
    return BadUsage;
  comparer = std::make_unique<engine::Comparer>(model.qonnxMain());
  if (has(Level::Int)) {
    plan = model.buildPlan();
    if (!plan || !checkPlan())
      return BadUsage;
  }
  return checkOutputs();
}

/// The ports of level int are the model's: of a compile directory they come
/// from two files.
bool Verification::checkPlan() {
  mlir::FunctionType type = model.qonnxMain().getFunctionType();
  auto match = [](const std::vector<PlanPort> &ports, mlir::TypeRange types) {
    return std::equal(
        ports.begin(), ports.end(), types.begin(), types.end(),
        [](const PlanPort &port, mlir::Type type) {
          return port.elements() ==
                 mlir::cast<mlir::RankedTensorType>(type).getNumElements();
        });
  };
  if (match(plan->inputs(), type.getInputs()) &&
      match(plan->outputs(), type.getResults()))
    return true;
  fail(BadUsage,
       model.name() + ": the inputs and outputs of its stages are not those "
                      "of its model.onnx",
       "compile the model again");
  return false;
}

int Verification::checkOutputs() {
  unsigned results = model.qonnxMain().getNumResults();
  for (const DataSet &data : sets)
    if (!data.outputs.empty() && data.outputs.size() != results)
      return fail(BadUsage, data.directory.string() + ": holds " +
                                std::to_string(data.outputs.size()) +
                                " outputs, the model has " +
                                std::to_string(results));
  return Good;
}

int Verification::readData() {
  std::vector<fs::path> folders(options.data.begin(), options.data.end());
  if (folders.empty())
    folders = findDataSets(model.kind() == ModelKind::CompileDirectory
                               ? fs::path(model.directory()) / "model.onnx"
                               : model.file());
  if (folders.empty())
    return fail(BadUsage,
                model.name() + ": no test_data_set_* beside the model",
                "give one with --data DIR (input_0.pb, output_0.pb, ...)");
  for (const fs::path &folder : folders) {
    std::string error;
    std::optional<DataSet> data = readDataSet(folder, error);
    if (!data)
      return fail(BadUsage, error);
    sets.push_back(std::move(*data));
  }
  return Good;
}

int Verification::add(const std::string &pair,
                      mlir::FailureOr<Comparison> result) {
  if (failed(result))
    return BadUsage;
  auto found = std::find_if(pairs.begin(), pairs.end(),
                            [&](auto &entry) { return entry.first == pair; });
  if (found == pairs.end())
    found = pairs.insert(pairs.end(), {pair, {}});
  size_t known = found->second.findings.size();
  found->second += *result;
  auto &findings = found->second.findings;
  for (size_t i = known; i < findings.size(); ++i)
    findings[i] = current->directory.string() + ": " + findings[i];
  return Good;
}

int Verification::runInt(const DataSet &data) {
  std::string error;
  std::vector<CodeTensor> codes;
  for (size_t i = 0; i < data.inputs.size(); ++i) {
    auto encoded = plan->encode(data.inputs[i], i, error);
    if (!encoded)
      return fail(BadUsage, data.directory.string() + ": " + error);
    codes.push_back(std::move(*encoded));
  }
  auto outputs = plan->run(codes, error);
  if (!outputs)
    return fail(BadUsage, data.directory.string() + ": " + error);
  intValues.clear();
  for (size_t i = 0; i < outputs->size(); ++i)
    intValues.push_back(plan->values((*outputs)[i], i));
  return Good;
}

int Verification::compareGolden(const DataSet &data) {
  std::string pair = "golden-" + std::string(nameOf(levels.front()));
  switch (levels.front()) {
  case Level::Onnx:
    return add(pair, comparer->goldenOnnx(data.outputs));
  case Level::Exact:
    return add(pair, comparer->goldenExact(data.outputs));
  default:
    return add(pair, comparer->golden(data.outputs, [&](size_t o, size_t e) {
      return intValue(o, e);
    }));
  }
}

/// Neighbours among onnx, exact, int. `onnx-exact` is judged free running and
/// with level onnx's states forced.
int Verification::comparePair(Level first, Level second) {
  std::string pair =
      std::string(nameOf(first)) + "-" + std::string(nameOf(second));
  auto intLevel = [&](size_t o, size_t e) { return intValue(o, e); };
  if (second == Level::Exact) {
    if (int exit = add(pair, comparer->onnxExact(/*teacherForced=*/false)))
      return exit;
    return add(pair, comparer->onnxExact(/*teacherForced=*/true));
  }
  if (first == Level::Exact)
    return add(pair, comparer->exactInt(intLevel));
  // Level onnx stands for golden data: the same float32 arithmetic.
  std::vector<FloatTensor> onnx;
  for (const engine::FloatOutput &output : comparer->onnxOutputs())
    onnx.push_back(output.tensor);
  return add(pair, comparer->golden(onnx, intLevel, /*errorShares=*/1,
                                    /*hosted=*/false));
}

int Verification::compareOne(const DataSet &data) {
  current = &data;
  if (data.inputs.size() != model.qonnxMain().getNumArguments())
    return fail(BadUsage,
                data.directory.string() + ": holds " +
                    std::to_string(data.inputs.size()) +
                    " inputs, the model has " +
                    std::to_string(model.qonnxMain().getNumArguments()));
  if (failed(comparer->load(data.inputs, has(Level::Exact) || has(Level::Int))))
    return BadUsage;
  if (plan)
    if (int exit = runInt(data))
      return exit;
  if (!data.outputs.empty())
    if (int exit = compareGolden(data))
      return exit;
  for (size_t i = 0; i + 1 < levels.size(); ++i)
    if (levels[i + 1] <= Level::Int)
      if (int exit = comparePair(levels[i], levels[i + 1]))
        return exit;
  return Good;
}

/// One line for each reason: a network of images has one for every kernel.
static void printNotes(const std::vector<check::Unchecked> &notes) {
  std::map<std::string, std::pair<std::string, int>> ofReason;
  for (const check::Unchecked &note : notes)
    ++ofReason.try_emplace(note.reason, note.where, 0).first->second.second;
  for (const auto &[reason, found] : ofReason) {
    const auto &[first, count] = found;
    std::string more =
        count > 1 ? " and " + std::to_string(count - 1) + " more" : "";
    std::fprintf(stderr, "kernels: note: %s%s: %s\n", first.c_str(),
                 more.c_str(), reason.c_str());
  }
}

/// Level int against level exact without data, kernel by kernel.
void Verification::compareKernels() {
  check::KernelComparison kernels =
      check::checkKernels(model.qonnxMain(), model.finnMain());
  Comparison pair;
  pair.elements = kernels.elements;
  pair.mismatches = pair.unexplained = kernels.mismatches;
  pair.findings = std::move(kernels.findings);
  pairs.emplace_back("kernels", std::move(pair));
  printNotes(kernels.notes);
}

/// The table, the findings, the JSON file; CheckFailed if a pair fails.
int Verification::report() {
  ordered_json entries = ordered_json::array();
  bool failed = false;
  std::printf("%-14s %12s %12s %12s %12s\n", "pair", "elements", "mismatches",
              "ambiguous", "unexplained");
  for (const auto &[pair, result] : pairs) {
    std::printf("%-14s %12lld %12lld %12lld %12lld\n", pair.c_str(),
                static_cast<long long>(result.elements),
                static_cast<long long>(result.mismatches),
                static_cast<long long>(result.ambiguous),
                static_cast<long long>(result.unexplained));
    entries.push_back({{"pair", pair},
                       {"elements", result.elements},
                       {"mismatches", result.mismatches},
                       {"ambiguous", result.ambiguous},
                       {"unexplained", result.unexplained}});
    failed |= result.unexplained != 0;
  }
  std::fflush(stdout);
  for (const auto &[pair, result] : pairs)
    for (const std::string &finding : result.findings)
      std::fprintf(stderr, "%s: %s\n", pair.c_str(), finding.c_str());
  auto isGolden = [](const auto &entry) {
    return llvm::StringRef(entry.first).starts_with("golden-") &&
           entry.second.unexplained;
  };
  if (llvm::any_of(pairs, isGolden))
    std::fprintf(stderr,
                 "  note: outputs beside the inputs must be of this very "
                 "model; those of the float model that finngl quantize took "
                 "are another network's (--test-data writes its own)\n");
  // int against hardware prints its own lines.
  std::vector<std::vector<FloatTensor>> inputs;
  for (const DataSet &data : sets)
    inputs.push_back(data.inputs);
  for (Level level : {Level::Hls, Level::Rtl}) {
    if (!has(level))
      continue;
    int exit = verifyHardware(model, level, inputs, options.seeds, entries);
    if (exit > CheckFailed)
      return exit;
    failed |= exit == CheckFailed;
  }
  std::string error;
  if (!options.json.empty() &&
      !writeText(options.json, ordered_json{{"levels", entries}}.dump(2) + "\n",
                 error))
    return fail(BadUsage, error);
  return failed ? CheckFailed : Good;
}

int Verification::run() {
  if (int exit = readData())
    return exit;
  if (int exit = prepare())
    return exit;
  Progress progress("verify");
  for (size_t i = 0; i < sets.size(); ++i) {
    progress.update(i, sets.size());
    if (int exit = compareOne(sets[i]))
      return exit;
  }
  if (has(Level::Exact) && has(Level::Int))
    compareKernels();
  if (pairs.empty() && !has(Level::Hls) && !has(Level::Rtl))
    return fail(BadUsage, "nothing to compare: one level and no golden output",
                "ask for two levels, e.g. --levels exact,int");
  return report();
}

int finngl::driver::verify(const VerifyOptions &given) {
  VerifyOptions options = given;
  ScratchCompile scratch;
  if (std::any_of(options.levels.begin(), options.levels.end(),
                  [](Level level) { return level >= Level::Hls; })) {
    // The data sets are beside the model, not beside its hardware.
    if (options.data.empty() && fs::is_regular_file(options.model))
      for (const fs::path &folder : findDataSets(options.model))
        options.data.push_back(folder.string());
    if (int exit = scratch.compile(options.model, options.dims))
      return exit;
  }
  Model model;
  if (!model.open(options.model, options.dims))
    return BadUsage;
  if (model.kind() == ModelKind::FinnText)
    return fail(BadUsage, options.model + ": integers only",
                "verify needs the .onnx file or a compile directory");
  return Verification(options, model).run();
}
