//===- Model.h - A model at the levels it was brought to --------*- C++ -*-===//

#ifndef FINNGL_DRIVER_MODEL_H
#define FINNGL_DRIVER_MODEL_H

#include "finngl/Core/StreamRows.h"
#include "finngl/Dialect/QONNX/Transforms/RawInputs.h"
#include "finngl/Driver/Command.h"
#include "finngl/Engine/Plan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <filesystem>
#include <functional>
#include <map>

namespace finngl {
class DiagnosticPrinter;
} // namespace finngl

namespace finngl::driver {

/// What the file is: an ONNX model, a directory that `compile` wrote, or the
/// text of a stage.
enum class ModelKind { Onnx, CompileDirectory, QonnxText, FinnText };

/// Owns the context; diagnostics go to stderr while it lives. Every function
/// that returns false has reported why.
class Model {
public:
  /// Shape of the data for graph input `index`; nothing if there is none.
  using InputShape = std::function<std::optional<std::vector<int64_t>>(
      unsigned index, const std::string &name)>;

  Model();
  ~Model();

  /// Looks at the path only. `dims` gives sizes to symbolic dimensions.
  bool open(const std::string &path, std::map<std::string, int64_t> dims = {});

  /// Where sizes come from that neither the file nor `dims` gives; before
  /// toQonnx. Of a compile directory, the steps that the file left open are
  /// those of the data, too: nothing in the hardware depends on them.
  void takeShapesFrom(InputShape shapes);
  /// For commands without data: from the first data set beside the model, with
  /// a remark, else 1, with a warning.
  void takeDefaultShapes();

  /// Inputs that come as raw integers; a compile directory knows its own.
  void setRawInputs(std::vector<qonnx::RawInput> inputs) {
    rawInputs = std::move(inputs);
  }
  /// A Softmax, LogSoftmax or Sigmoid as graph output is the host's; before
  /// toQonnx. Of a compile directory it is as compile was told.
  void leaveHeadToHost() { headToHost = true; }

  /// Level qonnx, with quantisers and recurrences made explicit. Of a compile
  /// directory the model is imported again, so that the levels onnx and exact
  /// do not depend on what compile wrote.
  bool toQonnx();
  /// Level finn; of a compile directory its stages/finn.mlir.
  bool toFinn();

  ModelKind kind() const { return modelKind; }
  /// The ONNX file (of a compile directory, its copy), or the stage file.
  const std::filesystem::path &file() const { return modelFile; }
  /// The compile directory, if it is one.
  const std::filesystem::path &directory() const { return compileDirectory; }
  /// The path as the user gave it.
  const std::string &name() const { return givenPath; }
  /// Sizes of symbolic dimensions: given, recorded, and after toQonnx chosen.
  const std::map<std::string, int64_t> &dims() const { return dimSizes; }
  /// Steps of the data where the directory was compiled for another number.
  int64_t otherSteps() const { return newSteps; }
  /// Samples of a window where the directory was compiled with --mode sliding,
  /// else 0: its data are streams that are longer.
  int64_t slidingSamples() const { return windowSamples; }
  /// The samples that such a directory answers; and those of --mode stream with
  /// windows, nothing in other modes.
  SampleRows slidingAnswers() const { return {windowAge, 1}; }
  std::optional<SampleRows> streamAnswers() const { return endless; }
  /// True if toQonnx chose a size.
  bool choseDims() const { return chose; }

  mlir::MLIRContext *context() { return &mlirContext; }
  mlir::ModuleOp qonnxModule() { return *qonnx; }
  mlir::ModuleOp finnModule() { return *finn; }
  /// `main` of a level that has been reached.
  mlir::func::FuncOp qonnxMain();
  mlir::func::FuncOp finnMain();
  /// Level int's program; after toFinn. Nothing after an error.
  std::optional<Plan>
  buildPlan(const kernels::KernelSet &set = kernels::bestKernels(),
            bool keepsAll = false);
  /// The module before any pass, as text; kept by toQonnx for stages/.
  const std::string &importedText() const { return imported; }

  std::vector<StageTime> times;

private:
  void recordChosenDims(mlir::ModuleOp module);
  bool changeSteps(mlir::ModuleOp module);
  bool runPipeline(mlir::ModuleOp module, const char *pipeline,
                   const char *stage);
  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::filesystem::path &file);

  mlir::MLIRContext mlirContext;
  std::unique_ptr<DiagnosticPrinter> printer;
  ModelKind modelKind = ModelKind::Onnx;
  std::string givenPath, imported;
  std::filesystem::path modelFile, compileDirectory;
  std::map<std::string, int64_t> dimSizes;
  InputShape inputShape;
  int64_t openDim = 0;
  std::string shapeSource; ///< named in a remark if not empty
  bool chose = false, headToHost = false;
  /// Steps that the directory was compiled for, and those of the data; 0 if
  /// they agree.
  int64_t oldSteps = 0, newSteps = 0;
  int64_t windowSamples = 0, windowAge = 0;
  std::optional<SampleRows> endless;
  std::vector<qonnx::RawInput> rawInputs;
  std::map<std::string, int64_t> givenDims; ///< on this command line
  mlir::OwningOpRef<mlir::ModuleOp> qonnx, finn;
};

/// Registers the dialects' passes; the pipelines below name them.
void registerPasses();

/// From the imported model to explicit quantisers and scans, and from there to
/// integers. The same text works with finngl-opt --pass-pipeline.
inline constexpr const char *kQonnxPipeline =
    "builtin.module(func.func(convert-qcdq-to-quant,qonnx-expand-rnn,"
    "qonnx-fold-reversals,qonnx-select-steps))";
/// In between, of a model compiled with --head logits.
inline constexpr const char *kHeadPipeline =
    "builtin.module(func.func(qonnx-leave-head-to-host))";
inline constexpr const char *kFinnPipeline =
    "builtin.module(func.func(convert-qonnx-to-finn,finn-compose-selections,"
    "finn-minimize-bit-width,finn-verify-integer))";

} // namespace finngl::driver

#endif // FINNGL_DRIVER_MODEL_H
