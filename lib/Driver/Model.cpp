//===- Model.cpp - A model at the levels it was brought to ----------------===//

#include "finngl/Driver/Model.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Driver/DataSet.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/RawInput.h"
#include "finngl/Import/ONNX/Importer.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

// A thread pool costs more than the passes on one function gain from it.
Model::Model() : mlirContext(MLIRContext::Threading::DISABLED) {
  static const bool registered = (registerPasses(), true);
  (void)registered;
  mlirContext
      .loadDialect<func::FuncDialect, qonnx::QONNXDialect, finn::FinnDialect>();
  mlirContext.printOpOnDiagnostic(false);
  printer = std::make_unique<DiagnosticPrinter>(&mlirContext, llvm::errs());
}

Model::~Model() = default;

static nlohmann::json readReport(const fs::path &directory) {
  std::ifstream file(directory / "report.json");
  return nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
}

/// The sizes that compile was given.
static std::map<std::string, int64_t>
recordedDims(const nlohmann::json &report) {
  std::map<std::string, int64_t> dims;
  if (report.is_object() && report.contains("dims"))
    for (auto &[name, size] : report["dims"].items())
      if (size.is_number_integer())
        dims[name] = size.get<int64_t>();
  return dims;
}

namespace {
struct RecordedInput {
  std::string name;
  std::vector<int64_t> shape; ///< in ONNX
  int64_t steps;              ///< 0: no sequence
};
} // namespace

/// The graph inputs of report.json; none if they cannot be read.
static std::vector<RecordedInput> recordedInputs(const fs::path &directory) {
  nlohmann::json report = readReport(directory);
  std::vector<RecordedInput> inputs;
  auto isShape = [](const nlohmann::json &value) {
    return value.is_array() && llvm::all_of(value, [](const auto &extent) {
             return extent.is_number_integer();
           });
  };
  if (!report.is_object() || !report["streams"].is_array())
    return inputs;
  for (auto &stream : report["streams"]) {
    if (!stream.is_object() || !stream["port"].is_string() ||
        !stream["onnx_name"].is_string() || !isShape(stream["onnx_shape"]) ||
        !isShape(stream["shape"]))
      return {};
    if (stream["port"].get<std::string>().starts_with("s_axis"))
      inputs.push_back({stream["onnx_name"], stream["onnx_shape"],
                        stream["shape"].size() == 2
                            ? stream["shape"][0].get<int64_t>()
                            : 0});
  }
  return inputs;
}

bool Model::open(const std::string &path, std::map<std::string, int64_t> dims) {
  givenPath = path;
  modelFile = path;
  dimSizes = givenDims = std::move(dims);
  std::error_code code;
  if (fs::is_directory(path, code)) {
    if (!isCompileDirectory(path)) {
      fail(BadUsage, path + ": a directory without a report.json of finn-gl",
           "give an .onnx file, or a directory that finngl compile wrote");
      return false;
    }
    modelKind = ModelKind::CompileDirectory;
    compileDirectory = path;
    modelFile = compileDirectory / "model.onnx";
    nlohmann::json report = readReport(path);
    dimSizes.merge(recordedDims(report));
    rawInputs = recordedRawInputs(report);
    endless = recordedAnswers(report, kStreamKey);
    if (auto answers = recordedAnswers(report, kWindowKey)) {
      windowSamples = report[kWindowKey].value(kSamplesKey, int64_t(0));
      windowAge = answers->first;
    }
    headToHost = report.is_object() && report.contains(kHeadKey) &&
                 report[kHeadKey] == kLogits;
  } else if (!fs::is_regular_file(path, code)) {
    fail(BadUsage, path + ": no such file", "give the path of an .onnx file");
    return false;
  } else if (modelFile.extension() == ".mlir") {
    OwningOpRef<ModuleOp> module = parse(modelFile);
    if (!module)
      return false;
    bool isFinn = false;
    module->walk([&](Operation *op) {
      isFinn |= isa_and_nonnull<finn::FinnDialect>(op->getDialect());
    });
    modelKind = isFinn ? ModelKind::FinnText : ModelKind::QonnxText;
    (isFinn ? finn : qonnx) = std::move(module);
  }
  return true;
}

/// MLIR's parser may free what it still refers to once a nested region has an
/// error. Text that someone edited is parsed by a child process first, which
/// prints what is wrong and may crash.
static bool isParsable(const fs::path &file, MLIRContext *context) {
  std::fflush(nullptr);
  pid_t child = ::fork();
  if (child == 0) {
    bool good = bool(parseSourceFile<ModuleOp>(file.string(), context));
    ::_exit(good ? 0 : 1);
  }
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

OwningOpRef<ModuleOp> Model::parse(const fs::path &file) {
  OwningOpRef<ModuleOp> module;
  if (isParsable(file, &mlirContext))
    module = parseSourceFile<ModuleOp>(file.string(), &mlirContext);
  if (!module && modelKind == ModelKind::CompileDirectory)
    fail(BadUsage, file.string() + ": is not as finngl compile wrote it",
         "compile the model again");
  if (module && !module->lookupSymbol<func::FuncOp>("main")) {
    InFlightDiagnostic error = module->emitError("expects a function 'main'");
    if (modelKind == ModelKind::CompileDirectory)
      error.attachNote() << "compile the model again";
    return {};
  }
  return module;
}

bool Model::runPipeline(ModuleOp module, const char *pipeline,
                        const char *stage) {
  StageTimer timer(times, stage);
  FailureOr<OpPassManager> passes = parsePassPipeline(pipeline, llvm::errs());
  if (failed(passes)) {
    fail(InternalError, std::string("this build lacks a pass of ") + pipeline);
    return false;
  }
  PassManager manager(&mlirContext);
  static_cast<OpPassManager &>(manager) = *passes;
  return succeeded(manager.run(module));
}

void Model::takeShapesFrom(InputShape shapes) {
  inputShape = std::move(shapes);
  if (modelKind != ModelKind::CompileDirectory || windowSamples || endless)
    return;
  // A dimension that compile chose is recorded as input[axis].
  for (const auto &[index, input] :
       llvm::enumerate(recordedInputs(compileDirectory))) {
    auto data = inputShape(unsigned(index), input.name);
    if (!data || data->size() != input.shape.size())
      continue;
    for (size_t axis = 0; axis < input.shape.size(); ++axis) {
      std::string key = input.name + "[" + std::to_string(axis) + "]";
      if ((*data)[axis] == input.shape[axis] || (*data)[axis] <= 0 ||
          givenDims.contains(key) || !dimSizes.contains(key) ||
          dimSizes[key] != input.steps)
        continue;
      oldSteps = input.steps;
      newSteps = dimSizes[key] = (*data)[axis];
    }
  }
}

void Model::takeDefaultShapes() {
  openDim = 1;
  std::vector<fs::path> sets = findDataSets(modelFile);
  if (sets.empty())
    return;
  inputShape = [this, set = sets.front()](unsigned index, const std::string &) {
    auto shape = inputShapeIn(set, index);
    if (shape)
      shapeSource = set.filename().string();
    return shape;
  };
}

/// The sizes that the import chose count as given from here on.
void Model::recordChosenDims(ModuleOp module) {
  auto chosen = module->getAttrOfType<DictionaryAttr>(qonnx::kOpenDimsAttr);
  if (!chosen)
    return;
  chose = true;
  for (NamedAttribute entry : chosen) {
    std::string name = entry.getName().str();
    int64_t size = cast<IntegerAttr>(entry.getValue()).getInt();
    dimSizes[name] = size;
    if (!shapeSource.empty())
      emitRemark(module->getLoc())
          << "the file leaves " << name << " open; taken as " << size
          << ", as in " << shapeSource << "; --dim " << name
          << "=N gives another size";
  }
}

bool Model::toQonnx() {
  if (qonnx)
    return true;
  if (modelKind == ModelKind::FinnText) {
    fail(BadUsage, givenPath + ": integers only",
         "this level needs the .onnx file");
    return false;
  }
  if (!fs::exists(modelFile)) {
    fail(BadUsage, modelFile.string() + ": no such file",
         "compile the model again");
    return false;
  }
  OwningOpRef<ModuleOp> module;
  {
    StageTimer timer(times, "import");
    ImportOptions options;
    options.dims = dimSizes;
    options.inputShape = inputShape;
    options.openDim = openDim;
    module = importOnnxFile(&mlirContext, modelFile.string(), options);
    if (!module)
      return false;
    recordChosenDims(*module);
    if (failed(qonnx::takeRawInputs(module->lookupSymbol<func::FuncOp>("main"),
                                    rawInputs)))
      return false;
    llvm::raw_string_ostream os(imported);
    module->print(os, OpPrintingFlags().enableDebugInfo());
  }
  if (!runPipeline(*module, kQonnxPipeline, "expand") ||
      (headToHost && !runPipeline(*module, kHeadPipeline, "head")))
    return false;
  qonnx = std::move(module);
  return true;
}

/// State ranges that grow with each step hold for so many.
static bool isProved(ModuleOp module, int64_t steps) {
  bool proved = true;
  module.walk([&](finn::ScanOp op) {
    auto most = op->getAttrOfType<IntegerAttr>(finn::kMaxStepsAttr);
    if (!most || steps <= most.getInt())
      return;
    proved = false;
    InFlightDiagnostic error = op.emitError()
                               << "widths are proved for " << most.getInt()
                               << " steps, the data has " << steps;
    error.attachNote() << "compile the model again for the longest sequence";
  });
  return proved;
}

/// Sequences are the tensors [steps, n] outside of the scans: they get the
/// steps of the data, and ports the ONNX shapes of the import at that length.
bool Model::changeSteps(ModuleOp module) {
  if (!toQonnx() || !isProved(module, newSteps))
    return false;
  auto main = module.lookupSymbol<func::FuncOp>("main");
  auto changed = [&](Type type) -> Type {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getRank() != 2 || tensor.getDimSize(0) != oldSteps)
      return type;
    return RankedTensorType::get({newSteps, tensor.getDimSize(1)},
                                 tensor.getElementType());
  };
  auto change = [&](Value value) { value.setType(changed(value.getType())); };
  llvm::for_each(main.getArguments(), change);
  for (Operation &op : main.getBody().front())
    llvm::for_each(op.getResults(), change);
  FunctionType type = main.getFunctionType(),
               wanted = qonnxMain().getFunctionType();
  auto all = [&](TypeRange types) {
    return llvm::map_to_vector(types, changed);
  };
  main.setFunctionType(FunctionType::get(&mlirContext, all(type.getInputs()),
                                         all(type.getResults())));
  auto shape = [&](Type port) {
    return DenseI64ArrayAttr::get(&mlirContext,
                                  cast<RankedTensorType>(port).getShape());
  };
  bool same = wanted.getNumInputs() == type.getNumInputs() &&
              wanted.getNumResults() == type.getNumResults();
  for (unsigned i = 0; same && i < type.getNumInputs(); ++i)
    main.setArgAttr(i, finn::kShapeAttr, shape(wanted.getInput(i)));
  for (unsigned i = 0; same && i < type.getNumResults(); ++i)
    main.setResultAttr(i, finn::kShapeAttr, shape(wanted.getResult(i)));
  return same && succeeded(verify(module));
}

bool Model::toFinn() {
  if (finn)
    return true;
  if (modelKind == ModelKind::CompileDirectory) {
    StageTimer timer(times, "load");
    finn = parse(compileDirectory / "stages" / "finn.mlir");
    if (finn && newSteps && !changeSteps(*finn))
      finn = {};
    return bool(finn);
  }
  if (!toQonnx())
    return false;
  OwningOpRef<ModuleOp> module = (*qonnx).clone();
  if (!runPipeline(*module, kFinnPipeline, "convert"))
    return false;
  finn = std::move(module);
  return true;
}

std::optional<Plan> Model::buildPlan(const kernels::KernelSet &set,
                                     bool keepsAll) {
  std::optional<Plan> plan = Plan::build(finnMain(), set, keepsAll);
  if (!plan && modelKind == ModelKind::CompileDirectory)
    fail(BadUsage,
         (compileDirectory / "stages/finn.mlir").string() +
             ": is not as finngl compile wrote it",
         "compile the model again");
  return plan;
}

func::FuncOp Model::qonnxMain() {
  return qonnx->lookupSymbol<func::FuncOp>("main");
}

func::FuncOp Model::finnMain() {
  return finn->lookupSymbol<func::FuncOp>("main");
}
