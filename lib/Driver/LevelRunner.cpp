//===- LevelRunner.cpp - Floats in, floats out at any level ---------------===//

#include "finngl/Driver/LevelRunner.h"
#include "finngl/Core/Float32.h"
#include "finngl/Driver/Hardware.h"
#include "finngl/Driver/SampleStream.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Exact/Evaluator.h"
#include <cstdio>

using namespace finngl;
using namespace finngl::driver;

LevelRunner::~LevelRunner() = default;

namespace {

using Outputs = std::optional<std::vector<FloatTensor>>;

llvm::ArrayRef<FloatTensor> arrayRef(std::span<const FloatTensor> inputs) {
  return {inputs.data(), inputs.size()};
}

class OnnxRunner : public LevelRunner {
public:
  explicit OnnxRunner(mlir::func::FuncOp function) : evaluator(function) {}

  Outputs run(std::span<const FloatTensor> inputs, std::string &) override {
    auto results = evaluator.run(arrayRef(inputs));
    if (failed(results))
      return std::nullopt;
    std::vector<FloatTensor> outputs;
    for (engine::FloatOutput &result : *results)
      outputs.push_back(std::move(result.tensor));
    return outputs;
  }

private:
  engine::FloatEvaluator evaluator;
};

class ExactRunner : public LevelRunner {
public:
  explicit ExactRunner(mlir::func::FuncOp function) : evaluator(function) {}

  Outputs run(std::span<const FloatTensor> inputs, std::string &) override {
    auto results = evaluator.run(arrayRef(inputs));
    if (failed(results))
      return std::nullopt;
    std::vector<FloatTensor> outputs;
    for (const exact::Output &result : *results) {
      FloatTensor tensor{result.shape, {}};
      for (const Rational &value : result.values)
        tensor.data.push_back(nearestFloat32(value));
      outputs.push_back(std::move(tensor));
    }
    return outputs;
  }

private:
  exact::Evaluator evaluator;
};

class IntRunner : public LevelRunner {
public:
  IntRunner(Plan plan, bool dumpValues)
      : plan(std::move(plan)), dumpValues(dumpValues) {}

  Outputs run(std::span<const FloatTensor> inputs,
              std::string &error) override {
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
    PlanTrace trace = printValue;
    auto results = plan.run(codes, error, dumpValues ? &trace : nullptr);
    if (!results)
      return std::nullopt;
    std::vector<FloatTensor> outputs;
    for (size_t i = 0; i < results->size(); ++i)
      outputs.push_back(plan.decode((*results)[i], i));
    return outputs;
  }

private:
  static void printValue(const PlanValue &value, int64_t step,
                         std::span<const int64_t> codes) {
    std::fprintf(stderr, "step %lld %s:", static_cast<long long>(step),
                 value.label.c_str());
    for (int64_t code : codes)
      std::fprintf(stderr, " %lld", static_cast<long long>(code));
    std::fprintf(stderr, "\n");
  }

  Plan plan;
  bool dumpValues;
};

} // namespace

static std::unique_ptr<LevelRunner> createPlain(Model &model, Level level,
                                                bool dumpValues) {
  switch (level) {
  case Level::Onnx:
    if (!model.toQonnx())
      return nullptr;
    return std::make_unique<OnnxRunner>(model.qonnxMain());
  case Level::Exact:
    if (!model.toQonnx())
      return nullptr;
    return std::make_unique<ExactRunner>(model.qonnxMain());
  case Level::Int: {
    if (!model.toFinn())
      return nullptr;
    std::optional<Plan> plan =
        model.buildPlan(kernels::bestKernels(), /*keepsAll=*/dumpValues);
    if (!plan)
      return nullptr;
    return std::make_unique<IntRunner>(std::move(*plan), dumpValues);
  }
  case Level::Hls:
  case Level::Rtl:
    return createHardwareRunner(model, level);
  }
  return nullptr;
}

std::unique_ptr<LevelRunner>
finngl::driver::createRunner(Model &model, Level level, bool dumpValues) {
  if (model.streamAnswers() && level < Level::Hls) {
    if (level == Level::Int && !dumpValues)
      return createStreamRunner(model);
    fail(BadUsage,
         model.name() + ": " +
             (dumpValues ? "--dump-values"
                         : "level " + std::string(nameOf(level))) +
             " takes whole windows, this directory takes streams (--mode "
             "stream)",
         "use --level int or rtl, or give the .onnx file");
    return nullptr;
  }
  std::unique_ptr<LevelRunner> runner = createPlain(model, level, dumpValues);
  if (!runner || !model.slidingSamples() || level >= Level::Hls)
    return runner;
  std::optional<Plan> plan;
  if (model.toFinn())
    plan = model.buildPlan();
  if (!plan)
    return nullptr;
  return createSlidingRunner(
      std::move(runner),
      SlidingWindows(plan->inputs(), model.slidingSamples()));
}
