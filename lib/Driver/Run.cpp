//===- Run.cpp - One inference at one level -------------------------------===//

#include "finngl/Driver/Run.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Driver/DataSet.h"
#include "finngl/Driver/LevelRunner.h"
#include "finngl/Driver/ScratchCompile.h"
#include "finngl/Support/TensorFile.h"
#include <filesystem>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

/// ONNX names of the arguments, in graph order.
static std::vector<std::string> inputNames(Model &model, Level level) {
  bool finnLevel = level >= Level::Int;
  mlir::func::FuncOp function =
      finnLevel ? model.finnMain() : model.qonnxMain();
  llvm::StringRef key = finnLevel ? llvm::StringRef(finn::kNameAttr)
                                  : llvm::StringRef(qonnx::kNameAttr);
  std::vector<std::string> names;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto name = function.getArgAttrOfType<mlir::StringAttr>(i, key);
    names.push_back(name ? name.getValue().str()
                         : "input_" + std::to_string(i));
  }
  return names;
}

int finngl::driver::run(const RunOptions &given) {
  RunOptions options = given;
  ScratchCompile scratch;
  if (options.level >= Level::Hls)
    if (int exit = scratch.compile(options.model, options.dims))
      return exit;
  Model model;
  if (!model.open(options.model, options.dims))
    return BadUsage;
  if (options.dumpValues && options.level != Level::Int)
    return fail(BadUsage, "--dump-values needs --level int");
  model.takeShapesFrom([&](unsigned index, const std::string &name) {
    return inputShapeOf(options.inputs, index, name);
  });
  auto runner = createRunner(model, options.level, options.dumpValues);
  if (!runner)
    return BadUsage;
  if (options.level >= Level::Int && !model.toFinn())
    return BadUsage;
  std::string error;
  auto inputs =
      readInputs(options.inputs, inputNames(model, options.level), error);
  if (!inputs)
    return fail(BadUsage, error);
  auto outputs = runner->run(*inputs, error);
  if (!outputs)
    return error.empty() ? int(BadUsage) : fail(BadUsage, error);
  std::error_code code;
  fs::create_directories(options.output, code);
  if (code)
    return fail(BadUsage, options.output + ": " + code.message());
  for (size_t i = 0; i < outputs->size(); ++i) {
    fs::path file =
        fs::path(options.output) / ("output_" + std::to_string(i) + ".npy");
    if (!writeNpy(file.string(), (*outputs)[i], error))
      return fail(BadUsage, file.string() + ": " + error);
  }
  return Good;
}
