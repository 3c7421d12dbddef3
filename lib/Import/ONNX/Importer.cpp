//===- Importer.cpp - ONNX files to the qonnx dialect ---------------------===//

#include "finngl/Import/ONNX/Importer.h"
#include "Binder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

using namespace mlir;
namespace pb = google::protobuf;

namespace finngl {

/// Deep enough to say clearly that subgraphs nest too deep (three messages a
/// level), shallow enough for any stack.
static constexpr int kMessageDepth = 600;

/// Messages live in an arena with this budget: two bytes of a hostile file can
/// ask for a node of 200 bytes.
static constexpr size_t kArenaBytes = size_t(768) << 20;

/// Bytes handed out to the arena of the import that runs in this thread.
static thread_local size_t arenaUsed = 0;

static void *allocateBlock(size_t bytes) {
  if (bytes > kArenaBytes - std::min(arenaUsed, kArenaBytes))
    throw std::bad_alloc();
  arenaUsed += bytes;
  return ::operator new(bytes);
}
static void freeBlock(void *block, size_t bytes) {
  arenaUsed -= std::min(bytes, arenaUsed);
  ::operator delete(block);
}

namespace {
/// Keeps the text format's first complaint instead of printing it.
struct TextErrors : pb::io::ErrorCollector {
  std::string first;
  void AddError(int line, pb::io::ColumnNumber,
                const std::string &text) override {
    if (first.empty())
      first = "line " + std::to_string(line + 1) + ": " + text;
  }
};

/// protobuf prints parse errors to stderr by default; ours say more.
struct QuietProtobuf {
  pb::LogHandler *old = pb::SetLogHandler(nullptr);
  ~QuietProtobuf() { pb::SetLogHandler(old); }
};
} // namespace

static bool parse(std::string_view bytes, const ImportOptions &options,
                  onnx::ModelProto &model, std::string &detail) {
  QuietProtobuf quiet;
  if (options.textFormat) {
    TextErrors errors;
    pb::TextFormat::Parser parser;
    parser.SetRecursionLimit(kMessageDepth);
    parser.RecordErrorsTo(&errors);
    bool good = parser.ParseFromString(std::string(bytes), &model);
    detail = errors.first;
    return good;
  }
  pb::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(bytes.data()), int(bytes.size()));
  stream.SetTotalBytesLimit(int(bytes.size()) + 1);
  stream.SetRecursionLimit(kMessageDepth);
  return model.ParseFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

static OwningOpRef<ModuleOp>
importParsed(MLIRContext *context, std::string_view bytes,
             const std::string &name, const std::string &directory,
             const ImportOptions &options, Location location) {
  pb::ArenaOptions arenaOptions;
  arenaOptions.block_alloc = allocateBlock;
  arenaOptions.block_dealloc = freeBlock;
  arenaOptions.max_block_size = 1 << 20;
  pb::Arena arena(arenaOptions);
  auto *model = pb::Arena::CreateMessage<onnx::ModelProto>(&arena);
  std::string detail;
  if (!parse(bytes, options, *model, detail)) {
    InFlightDiagnostic error = emitError(location)
                               << "cannot be parsed as an ONNX model, "
                               << bytes.size() << " bytes";
    if (!detail.empty())
      error << ", " << detail;
    error.attachNote() << "the file is truncated, damaged, nested far too deep "
                          "or not ONNX; export it again";
    return {};
  }
  if (!model->has_graph() ||
      (model->graph().node_size() == 0 && model->graph().output_size() == 0)) {
    emitError(location) << "expects a model with a graph, found none"
                        << " in " << bytes.size() << " bytes";
    return {};
  }
  return import::GraphImporter(context, *model, name, directory, options).run();
}

OwningOpRef<ModuleOp> importOnnxBytes(MLIRContext *context,
                                      std::string_view bytes,
                                      const std::string &name,
                                      const std::string &directory,
                                      const ImportOptions &options) {
  context->loadDialect<func::FuncDialect, qonnx::QONNXDialect>();
  Location location = FileLineColLoc::get(context, name, 0, 0);
  if (bytes.empty()) {
    InFlightDiagnostic error = emitError(location)
                               << "expects an ONNX model, got an empty file";
    error.attachNote() << "export the model again";
    return {};
  }
  if (bytes.size() > std::min<uint64_t>(options.maxFileBytes, INT32_MAX - 1)) {
    emitError(location) << "expects a file of at most " << options.maxFileBytes
                        << " bytes, got " << bytes.size();
    return {};
  }
  try {
    return importParsed(context, bytes, name, directory, options, location);
  } catch (const std::bad_alloc &) {
    InFlightDiagnostic error = emitError(location)
                               << "expects a model that is read within "
                               << (kArenaBytes >> 20) << " MB, got one of "
                               << bytes.size() << " bytes that needs more";
    error.attachNote() << "split the model, or keep weights in raw_data";
    return {};
  } catch (const std::exception &failure) { // protobuf
    emitError(location) << "cannot be read: " << failure.what();
    return {};
  }
}

OwningOpRef<ModuleOp> importOnnxFile(MLIRContext *context,
                                     const std::string &path,
                                     const ImportOptions &options) {
  std::string name = llvm::sys::path::filename(path).str();
  Location location = FileLineColLoc::get(context, name, 0, 0);
  uint64_t size = 0;
  std::error_code code = llvm::sys::fs::file_size(path, size);
  if (!code && llvm::sys::fs::is_directory(path))
    code = std::make_error_code(std::errc::is_a_directory);
  if (!code && size > options.maxFileBytes) {
    emitError(location) << "expects a file of at most " << options.maxFileBytes
                        << " bytes, got " << size;
    return {};
  }
  auto buffer = code ? llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>>(code)
                     : llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    InFlightDiagnostic error = emitError(location)
                               << "cannot be read: "
                               << buffer.getError().message();
    error.attachNote() << "give the path of an .onnx file";
    return {};
  }
  StringRef bytes = (*buffer)->getBuffer();
  llvm::SmallString<128> directory = llvm::sys::path::parent_path(path);
  if (directory.empty())
    directory = ".";
  return importOnnxBytes(context, std::string_view(bytes.data(), bytes.size()),
                         name, directory.str().str(), options);
}

std::vector<SupportedOp> supportedOnnxOps() {
  std::vector<SupportedOp> out;
  for (ArrayRef<import::HandlerEntry> table : import::handlerTables())
    for (const import::HandlerEntry &entry : table)
      out.push_back({entry.name.str(), entry.since, entry.custom});
  return out;
}

} // namespace finngl
