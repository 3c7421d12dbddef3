//===- Model.cpp - A model at the levels it was brought to ----------------===//

#include "finngl/Driver/Model.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Driver/DataSet.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Import/ONNX/Importer.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"
#include <fstream>
#include <nlohmann/json.hpp>

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

/// The sizes that compile was given.
static std::map<std::string, int64_t> recordedDims(const fs::path &directory) {
  std::ifstream file(directory / "report.json");
  auto report = nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
  std::map<std::string, int64_t> dims;
  if (report.is_object() && report.contains("dims"))
    for (auto &[name, size] : report["dims"].items())
      if (size.is_number_integer())
        dims[name] = size.get<int64_t>();
  return dims;
}

bool Model::open(const std::string &path, std::map<std::string, int64_t> dims) {
  givenPath = path;
  modelFile = path;
  dimSizes = std::move(dims);
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
    dimSizes.merge(recordedDims(path));
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

OwningOpRef<ModuleOp> Model::parse(const fs::path &file) {
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(file.string(), &mlirContext);
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
    llvm::raw_string_ostream os(imported);
    module->print(os, OpPrintingFlags().enableDebugInfo());
  }
  if (!runPipeline(*module, kQonnxPipeline, "expand"))
    return false;
  qonnx = std::move(module);
  return true;
}

bool Model::toFinn() {
  if (finn)
    return true;
  if (modelKind == ModelKind::CompileDirectory) {
    StageTimer timer(times, "load");
    finn = parse(compileDirectory / "stages" / "finn.mlir");
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
