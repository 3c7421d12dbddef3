//===- finngl-translate.cpp - Files in and out of the compiler ------------===//

#include "finngl/Import/ONNX/Importer.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include <google/protobuf/text_format.h>

using namespace mlir;
namespace cl = llvm::cl;

static cl::list<std::string>
    dims("dim", cl::desc("size of a symbolic dimension of an ONNX input"),
         cl::value_desc("NAME=N"));

static cl::opt<int64_t>
    openDim("open-dim", cl::init(0),
            cl::desc("size of dimensions that nothing else gives"));

static bool readDims(finngl::ImportOptions &options) {
  for (llvm::StringRef text : dims) {
    auto [name, size] = text.rsplit('=');
    int64_t extent = 0;
    if (name.empty() || size.getAsInteger(10, extent)) {
      llvm::errs() << "expects --dim NAME=N, got '" << text << "'\n";
      return false;
    }
    options.dims[name.str()] = extent;
  }
  return true;
}

static OwningOpRef<Operation *> importOnnx(llvm::SourceMgr &sources,
                                           MLIRContext *context, bool text) {
  finngl::DiagnosticPrinter printer(context, llvm::errs());
  finngl::ImportOptions options;
  options.textFormat = text;
  options.openDim = openDim;
  if (!readDims(options))
    return {};
  const llvm::MemoryBuffer &buffer =
      *sources.getMemoryBuffer(sources.getMainFileID());
  // A part of a split file is called `within split at FILE:LINE offset `.
  llvm::StringRef path = buffer.getBufferIdentifier();
  if (path.consume_front("within split at "))
    path = path.rsplit(':').first;
  llvm::StringRef folder = llvm::sys::path::parent_path(path);
  llvm::StringRef bytes = buffer.getBuffer();
  OwningOpRef<ModuleOp> module = finngl::importOnnxBytes(
      context, std::string_view(bytes.data(), bytes.size()),
      llvm::sys::path::filename(path).str(),
      folder.empty() ? "." : folder.str(), options);
  if (!module)
    return {};
  return module.release().getOperation();
}

/// For tests of the tools that take .onnx files only: models are written as
/// text there.
static LogicalResult encodeOnnx(const std::shared_ptr<llvm::SourceMgr> &sources,
                                llvm::raw_ostream &os, MLIRContext *) {
  llvm::StringRef text =
      sources->getMemoryBuffer(sources->getMainFileID())->getBuffer();
  onnx::ModelProto model;
  if (!google::protobuf::TextFormat::ParseFromString(text.str(), &model))
    return failure(); // protobuf has said why
  os << model.SerializeAsString();
  return success();
}

int main(int argc, char **argv) {
  TranslateToMLIRRegistration binary(
      "import-onnx", "ONNX, QONNX or Brevitas model to the qonnx dialect",
      [](llvm::SourceMgr &sources, MLIRContext *context) {
        return importOnnx(sources, context, false);
      });
  TranslateToMLIRRegistration text(
      "import-onnx-text", "the same from protobuf text format (for tests)",
      [](llvm::SourceMgr &sources, MLIRContext *context) {
        return importOnnx(sources, context, true);
      });
  TranslateRegistration encode(
      "onnx-text-to-onnx", "protobuf text format to an .onnx file", encodeOnnx);
  return failed(mlirTranslateMain(argc, argv, "finn-gl translation"));
}
