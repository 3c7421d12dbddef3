//===- Eval.cpp - Accuracy over a labelled data set -----------------------===//

#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Driver/LevelRunner.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/Run.h"
#include "finngl/Driver/ScratchCompile.h"
#include "finngl/Support/TensorFile.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;

double ConfusionMatrix::accuracy() const {
  int64_t right = 0, all = 0;
  for (size_t i = 0; i < counts.size(); ++i)
    for (size_t j = 0; j < counts.size(); ++j) {
      all += counts[i][j];
      right += i == j ? counts[i][j] : 0;
    }
  return all ? double(right) / double(all) : 0.0;
}

double ConfusionMatrix::macroF1() const {
  double sum = 0;
  int64_t present = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    int64_t labelled = 0, predicted = 0;
    for (size_t j = 0; j < counts.size(); ++j) {
      labelled += counts[i][j];
      predicted += counts[j][i];
    }
    if (labelled + predicted == 0)
      continue;
    ++present;
    // F1 = 2 TP / (2 TP + FP + FN)
    sum += 2.0 * double(counts[i][i]) / double(labelled + predicted);
  }
  return present ? sum / double(present) : 0.0;
}

namespace {

struct Samples {
  FloatTensor data;
  std::vector<size_t> labels;
  size_t perSample = 0;
};

} // namespace

static std::optional<Samples> readSamples(const EvalOptions &options,
                                          std::string &error) {
  Samples samples;
  auto data = readTensorFile(options.data, error);
  if (!data) {
    error = options.data + ": " + error;
    return std::nullopt;
  }
  auto labels = readTensorFile(options.labels, error);
  if (!labels) {
    error = options.labels + ": " + error;
    return std::nullopt;
  }
  if (data->shape.empty() || data->shape[0] == 0 ||
      int64_t(labels->data.size()) != data->shape[0]) {
    error = options.labels + ": " + std::to_string(labels->data.size()) +
            " labels for " +
            std::to_string(data->shape.empty() ? 0 : data->shape[0]) +
            " samples";
    return std::nullopt;
  }
  for (float label : labels->data) {
    if (!(label >= 0 && label < 65536 && label == std::floor(label))) {
      error =
          options.labels + ": " + std::to_string(label) + " is no class number";
      return std::nullopt;
    }
    samples.labels.push_back(size_t(label));
  }
  samples.perSample = data->data.size() / size_t(data->shape[0]);
  samples.data = std::move(*data);
  return samples;
}

/// Shape of the model's only input.
static std::optional<std::vector<int64_t>> inputShape(Model &model, Level level,
                                                      std::string &error) {
  bool finnLevel = level >= Level::Int;
  auto function = finnLevel ? model.finnMain() : model.qonnxMain();
  if (function.getNumArguments() != 1) {
    error = "eval takes models of one input, this one has " +
            std::to_string(function.getNumArguments());
    return std::nullopt;
  }
  if (auto shape = function.getArgAttrOfType<mlir::DenseI64ArrayAttr>(
          0, finn::kShapeAttr))
    return shape.asArrayRef().vec();
  return mlir::cast<mlir::RankedTensorType>(function.getArgumentTypes()[0])
      .getShape()
      .vec();
}

/// What makes the elements of the first output.
static mlir::Operation *answerOf(Model &model, Level level) {
  auto function = level >= Level::Int ? model.finnMain() : model.qonnxMain();
  mlir::Operation *op =
      function.getBody().front().getTerminator()->getOperand(0).getDefiningOp();
  while (mlir::isa_and_nonnull<qonnx::ReshapeOp, qonnx::NegOp, finn::ReshapeOp>(
      op))
    op = op->getOperand(0).getDefiningOp();
  return op;
}

/// Classes that an answer has for each step, the likeliest first; 0 if it is
/// one number for each class.
static size_t classesGiven(mlir::Operation *answer) {
  int64_t axis = 0;
  if (auto argMax = mlir::dyn_cast_or_null<qonnx::ArgMaxOp>(answer))
    axis = int64_t(argMax.getAxis());
  else if (auto argMax = mlir::dyn_cast_or_null<finn::ArgMaxOp>(answer))
    axis = mlir::cast<mlir::RankedTensorType>(argMax.getType()).getRank() - 1;
  else
    return 0;
  auto type =
      mlir::cast<mlir::RankedTensorType>(answer->getResult(0).getType());
  return size_t(type.getDimSize(unsigned(axis)));
}

/// The class of the last step: given, or the first of the largest elements.
static size_t predictedClass(const FloatTensor &output, size_t ranks) {
  if (ranks)
    return size_t(*(output.data.end() - std::ptrdiff_t(ranks)));
  size_t classes = output.shape.empty() ? 1 : size_t(output.shape.back());
  classes = std::min(classes, output.data.size());
  auto begin = output.data.end() - std::ptrdiff_t(classes);
  return size_t(std::max_element(begin, output.data.end()) - begin);
}

static void print(const ConfusionMatrix &matrix, size_t samples) {
  std::printf("samples   %zu\naccuracy  %.4f\nmacro-F1  %.4f\n", samples,
              matrix.accuracy(), matrix.macroF1());
  std::printf("confusion (row: label, column: predicted)\n%6s", "");
  for (size_t i = 0; i < matrix.rows().size(); ++i)
    std::printf("%6zu", i);
  for (size_t i = 0; i < matrix.rows().size(); ++i) {
    std::printf("\n%6zu", i);
    for (int64_t count : matrix.rows()[i])
      std::printf("%6lld", static_cast<long long>(count));
  }
  std::printf("\n");
}

static int report(const EvalOptions &options, const ConfusionMatrix &matrix,
                  const std::vector<size_t> &predictions) {
  print(matrix, predictions.size());
  if (options.json.empty())
    return Good;
  ordered_json result = {
      {"level", nameOf(options.level)}, {"samples", predictions.size()},
      {"accuracy", matrix.accuracy()},  {"macro_f1", matrix.macroF1()},
      {"confusion", matrix.rows()},     {"predictions", predictions}};
  std::string error;
  if (!writeText(options.json, result.dump(2) + "\n", error))
    return fail(BadUsage, error);
  return Good;
}

int finngl::driver::evaluate(const EvalOptions &given) {
  EvalOptions options = given;
  std::string error;
  ScratchCompile scratch;
  auto samples = readSamples(options, error);
  if (!samples)
    return fail(BadUsage, error);
  if (options.level >= Level::Hls)
    if (int exit = scratch.compile(options.model, options.dims))
      return exit;
  Model model;
  if (!model.open(options.model, options.dims))
    return BadUsage;
  if (model.streamAnswers())
    return fail(BadUsage,
                options.model + ": answers each step of a stream (--mode "
                                "stream), not once a sample of the data",
                "give the .onnx file, or compile it with --mode window");
  const std::vector<int64_t> &all = samples->data.shape;
  model.takeShapesFrom([&](unsigned, const std::string &) {
    return std::optional(std::vector(all.begin() + 1, all.end()));
  });
  auto runner = createRunner(model, options.level);
  if (!runner || (options.level >= Level::Int && !model.toFinn()))
    return BadUsage;
  auto shape = inputShape(model, options.level, error);
  if (!shape)
    return fail(BadUsage, options.model + ": " + error);
  FloatTensor sample{*shape, {}};
  if (size_t(sample.elements()) != samples->perSample)
    return fail(BadUsage, options.data + ": a sample has " +
                              std::to_string(samples->perSample) +
                              " elements, the model's input " +
                              std::to_string(sample.elements()));
  mlir::Operation *answer = answerOf(model, options.level);
  if (mlir::isa_and_nonnull<qonnx::TopKOp, finn::TopKOp>(answer))
    return fail(BadUsage, options.model +
                              ": the first output is the values of a TopK, "
                              "which name no class; make its indices the first "
                              "output");
  size_t ranks = classesGiven(answer);
  std::vector<size_t> predictions;
  Progress progress("eval");
  for (size_t i = 0; i < samples->labels.size(); ++i) {
    progress.update(i, samples->labels.size());
    auto first =
        samples->data.data.begin() + std::ptrdiff_t(i * samples->perSample);
    sample.data.assign(first, first + std::ptrdiff_t(samples->perSample));
    auto outputs = runner->run({&sample, 1}, error);
    if (!outputs)
      return error.empty()
                 ? int(BadUsage)
                 : fail(BadUsage, "sample " + std::to_string(i) + ": " + error);
    predictions.push_back(predictedClass(outputs->front(), ranks));
  }
  size_t classes = 0;
  for (size_t i = 0; i < predictions.size(); ++i)
    classes = std::max({classes, predictions[i] + 1, samples->labels[i] + 1});
  ConfusionMatrix matrix(classes);
  for (size_t i = 0; i < predictions.size(); ++i)
    matrix.add(samples->labels[i], predictions[i]);
  return report(options, matrix, predictions);
}
