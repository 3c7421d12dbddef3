//===- Quantize.cpp - Post-training quantisation --------------------------===//

#include "finngl/Driver/Quantize.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"
#include "finngl/Driver/Model.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/QuantizeReport.h"
#include "finngl/Driver/Recordings.h"
#include "finngl/Driver/SingleSequence.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/PostTraining/Network.h"
#include "finngl/Support/TensorFile.h"
#include "finngl/Target/ONNX/Export.h"
#include "mlir/Pass/PassManager.h"
#include <fstream>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

/// `bits` of a configuration, if they are a bit width.
static bool readBits(const nlohmann::json &value, const std::string &key,
                     unsigned &bits, std::string &error) {
  if (value.is_number_integer())
    if (auto number = value.get<int64_t>();
        number >= ptq::BitWidths::kLeast && number <= ptq::BitWidths::kMost) {
      bits = unsigned(number);
      return true;
    }
  error = "'" + key + "': expected bits from " +
          std::to_string(ptq::BitWidths::kLeast) + " to " +
          std::to_string(ptq::BitWidths::kMost) + ", got " + value.dump();
  return false;
}

std::optional<ptq::BitWidths>
finngl::driver::readBitWidths(const std::string &path, std::string &error) {
  std::ifstream file(path);
  auto config = nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
  if (!config.is_object()) {
    error = "no JSON object";
    return std::nullopt;
  }
  ptq::BitWidths widths;
  for (auto &[key, value] : config.items()) {
    if (key == "quantisers" && value.is_object()) {
      for (auto &[name, bits] : value.items())
        if (!readBits(bits, name, widths.named[name], error))
          return std::nullopt;
      continue;
    }
    unsigned *bits = key == "weights"       ? &widths.weights
                     : key == "activations" ? &widths.activations
                     : key == "inputs"      ? &widths.inputs
                                            : nullptr;
    if (!bits) {
      error = "unknown key '" + key +
              "'; known are weights, activations, inputs and quantisers "
              "(an object of names and bits)";
      return std::nullopt;
    }
    if (!readBits(value, key, *bits, error))
      return std::nullopt;
  }
  return widths;
}

/// The configuration, and over it what the command line says.
static std::optional<ptq::BitWidths> bitWidths(const QuantizeOptions &options,
                                               std::string &error) {
  ptq::BitWidths widths;
  if (!options.config.empty()) {
    auto read = readBitWidths(options.config, error);
    if (!read) {
      error = options.config + ": " + error;
      return std::nullopt;
    }
    widths = *read;
  }
  widths.weights = options.weights.value_or(widths.weights);
  widths.activations = options.activations.value_or(widths.activations);
  widths.inputs = options.inputs.value_or(widths.inputs);
  return widths;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static std::vector<std::vector<int64_t>> inputShapes(mlir::func::FuncOp main) {
  std::vector<std::vector<int64_t>> shapes;
  for (mlir::Type type : main.getArgumentTypes())
    shapes.push_back(mlir::cast<mlir::RankedTensorType>(type).getShape().vec());
  return shapes;
}

/// Names of the graph outputs, or their numbers.
static std::vector<std::string> outputNames(mlir::func::FuncOp main) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < main.getNumResults(); ++i) {
    auto name = main.getResultAttrOfType<mlir::StringAttr>(i, qonnx::kNameAttr);
    names.push_back(name ? name.getValue().str() : std::to_string(i));
  }
  return names;
}

/// `input[axis] = 1` of each dimension that `given` does not make 1.
static std::string
singleDimensions(const std::map<std::string, int64_t> &sizes,
                 const std::map<std::string, int64_t> &given) {
  std::string text;
  for (const auto &[name, size] : sizes)
    if (size == 1 && !given.contains(name))
      text += (text.empty() ? "" : ", ") + name + " = 1";
  return text;
}

static ptq::OnProgress progressOf(std::string what) {
  auto line = std::make_shared<Progress>(std::move(what));
  return [line](size_t done, size_t total) { line->update(done, total); };
}

/// The twin, its biases corrected, and how it compares. Nothing after an error.
static std::optional<QuantizeResult>
quantizeNetwork(Model &model, ptq::Sites sites, llvm::ArrayRef<unsigned> bits,
                llvm::ArrayRef<ptq::Recording> recordings,
                const QuantizeOptions &options) {
  mlir::func::FuncOp main = model.qonnxMain();
  auto samples = ptq::sampleSites(main, sites, recordings,
                                  progressOf("calibration, recording"));
  if (failed(samples))
    return std::nullopt;
  QuantizeResult result;
  result.quantisers = ptq::chooseQuantisers(
      sites, *samples, bits, options.choice, options.weightScales);
  result.twin =
      ptq::quantisedTwin(model.qonnxModule(), sites, result.quantisers);
  // What one layer's correction moves, the layers behind it see.
  constexpr unsigned kCorrections = 2;
  for (unsigned i = 0; options.correctBias && i < kCorrections; ++i) {
    auto before =
        ptq::compare(main, result.twin, sites, recordings, ptq::States::Forced,
                     progressOf("bias correction, recording"));
    if (failed(before))
      return std::nullopt;
    ptq::correctBiases(result.twin, *before);
  }
  auto comparison =
      ptq::compare(main, result.twin, sites, recordings, ptq::States::Own,
                   progressOf("comparison, recording"));
  if (failed(comparison))
    return std::nullopt;
  result.sites = std::move(sites);
  result.bits.assign(bits.begin(), bits.end());
  result.samples = std::move(*samples);
  result.comparison = std::move(*comparison);
  result.outputNames = outputNames(main);
  return result;
}

/// The twin as bytes of an ONNX file. Nothing after an error.
static std::optional<std::string> exportTwin(ptq::Twin &twin, bool qcdq) {
  if (qcdq) {
    mlir::PassManager passes(twin.module->getContext());
    passes.addNestedPass<mlir::func::FuncOp>(qonnx::createConvertQuantToQCDQ());
    if (failed(passes.run(*twin.module)))
      return std::nullopt;
  }
  return exportQonnx(twin.main());
}

/// True if a graph output is what `compile --head logits` leaves to the host.
static bool endsInSoftmax(mlir::func::FuncOp main) {
  return llvm::any_of(main.getBody().front().getTerminator()->getOperands(),
                      [](mlir::Value output) {
                        return output.getDefiningOp<qonnx::SoftmaxOp>();
                      });
}

/// A file beside the target that replaces it once `compile` would take it.
static int writeModel(const std::string &bytes, const fs::path &target,
                      bool headToHost) {
  fs::path draft = target;
  draft += ".tmp";
  std::string error;
  int exit = Good;
  if (!writeText(draft, bytes, error))
    return fail(BadUsage, error);
  {
    Model check;
    if (headToHost)
      check.leaveHeadToHost();
    if (!check.open(draft.string()) || !check.toFinn())
      exit = fail(BadUsage, "the quantised model does not become integers",
                  "the messages above name the operators; finngl check lists "
                  "what a model needs");
  }
  std::error_code code;
  if (exit == Good) {
    fs::rename(draft, target, code);
    if (code)
      exit = fail(BadUsage, target.string() + ": " + code.message());
  }
  if (exit != Good)
    fs::remove(draft, code);
  return exit;
}

/// The first recordings and what the quantised network answers at level onnx,
/// as data sets for verify: those of the float network are another one's.
static int writeTestData(ptq::Twin &twin,
                         llvm::ArrayRef<ptq::Recording> recordings,
                         const fs::path &folder) {
  constexpr size_t kMost = 16;
  std::string error;
  auto write = [&](const fs::path &set, const char *what, size_t index,
                   const FloatTensor &tensor) {
    fs::path file = set / (what + std::to_string(index) + ".npy");
    return writeNpy(file.string(), tensor, error);
  };
  engine::FloatEvaluator evaluator(twin.main());
  for (auto [i, recording] : llvm::enumerate(recordings.take_front(kMost))) {
    auto outputs = evaluator.run(recording);
    if (failed(outputs))
      return BadUsage;
    fs::path set = folder / ("test_data_set_" + std::to_string(i));
    std::error_code code;
    fs::create_directories(set, code);
    bool good = true;
    for (auto [k, tensor] : llvm::enumerate(recording))
      good = good && write(set, "input_", k, tensor);
    for (auto [k, output] : llvm::enumerate(*outputs))
      good = good && write(set, "output_", k, output.tensor);
    if (!good)
      return fail(BadUsage, set.string() + ": " + error);
  }
  return Good;
}

int finngl::driver::quantize(const QuantizeOptions &options) {
  std::string error;
  auto widths = bitWidths(options, error);
  if (!widths)
    return fail(BadUsage, error);
  if (!options.testData.empty() && fs::exists(options.testData))
    return fail(BadUsage, "--test-data " + options.testData + ": exists",
                "give a new folder");
  auto recordings = readRecordings(options.data, error);
  if (!recordings)
    return fail(BadUsage, error);
  Model model;
  if (!model.open(options.model, options.dims))
    return BadUsage;
  if (model.kind() != ModelKind::Onnx)
    return fail(BadUsage, options.model + ": quantize takes an .onnx file");
  std::vector<std::vector<int64_t>> shapes;
  for (const FloatTensor &input : recordings->front())
    shapes.push_back(input.shape);
  auto sizes = singleSequenceDims(options.model, options.dims, shapes);
  model.open(options.model, sizes);
  model.takeShapesFrom([&](unsigned index, const std::string &) {
    return index < shapes.size() ? std::optional(shapes[index]) : std::nullopt;
  });
  if (!model.toQonnx())
    return BadUsage;
  cutRecordings(*recordings, inputShapes(model.qonnxMain()));
  if (!shapeRecordings(*recordings, inputShapes(model.qonnxMain()), error))
    return fail(BadUsage, "--data: " + error);
  auto sites = ptq::findSites(model.qonnxMain());
  if (failed(sites))
    return BadUsage;
  auto bits = ptq::bitsOfGroups(*sites, *widths);
  if (!bits)
    return fail(BadUsage, bits.failure().message, bits.failure().note);
  auto result =
      quantizeNetwork(model, std::move(*sites), *bits, *recordings, options);
  if (!result)
    return BadUsage;
  auto bytes = exportTwin(result->twin, options.qcdq);
  if (!bytes)
    return fail(BadUsage, "the quantised model has no form in ONNX");
  bool headToHost = endsInSoftmax(result->twin.main());
  if (int exit = writeModel(*bytes, options.output, headToHost))
    return exit;
  if (!options.testData.empty())
    if (int exit = writeTestData(result->twin, *recordings, options.testData))
      return exit;
  printQuantizeResult(*result);
  if (std::string single = singleDimensions(sizes, options.dims);
      !single.empty())
    std::printf("one sequence at a time: %s\n", single.c_str());
  if (headToHost)
    std::puts("its Softmax is the host's: finngl compile --head logits");
  if (!options.report.empty() &&
      !writeText(options.report, describeQuantizeResult(*result).dump(2) + "\n",
                 error))
    return fail(BadUsage, error);
  return Good;
}
