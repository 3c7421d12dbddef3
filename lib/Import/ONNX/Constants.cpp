//===- Constants.cpp - Tensors as attributes and from other files ---------===//

#include "Graph.h"
#include "finngl/Support/IntElements.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace finngl::import {

DenseElementsAttr toAttribute(const OnnxTensor &tensor, RankedTensorType type) {
  if (type.getElementType().isF32())
    return DenseElementsAttr::get(type, ArrayRef<float>(tensor.floats));
  return denseInts(type, tensor.ints);
}

namespace {
/// The entries of TensorProto.external_data.
struct ExternalEntry {
  std::string location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
};
} // namespace

static bool parseEntry(const onnx::TensorProto &proto, ExternalEntry &entry,
                       std::string &error) {
  for (const onnx::StringStringEntryProto &pair : proto.external_data()) {
    uint64_t number = 0;
    if (pair.key() == "location") {
      entry.location = pair.value();
    } else if (pair.key() == "offset" || pair.key() == "length") {
      if (llvm::StringRef(pair.value()).getAsInteger(10, number)) {
        error = "its " + pair.key() + " is no number: '" + pair.value() + "'";
        return false;
      }
      if (pair.key() == "offset")
        entry.offset = number;
      else
        entry.length = number;
    }
  }
  if (entry.location.empty())
    error = "its external data has no location";
  return error.empty();
}

/// The file's real path, if that is inside the model's folder even through
/// links.
static std::optional<std::string> insideFolder(const std::string &directory,
                                               const std::string &location,
                                               std::string &error) {
  llvm::SmallString<256> folder, path;
  bool relative = !llvm::sys::path::is_absolute(location) &&
                  location.find('\0') == std::string::npos;
  llvm::SmallString<256> joined(directory);
  llvm::sys::path::append(joined, location);
  if (directory.empty() || llvm::sys::fs::real_path(directory, folder)) {
    error = "external data needs a model in a folder";
  } else if (relative && !llvm::sys::fs::real_path(joined, path)) {
    folder += llvm::sys::path::get_separator();
    if (llvm::StringRef(path).starts_with(folder))
      return path.str().str();
  } else if (relative && location.find("..") == std::string::npos) {
    error = "its file '" + location + "' is not there";
  }
  if (error.empty())
    error = "its file '" + location + "' is outside the model's folder";
  return std::nullopt;
}

std::optional<std::string> readExternal(const onnx::TensorProto &proto,
                                        const std::string &directory,
                                        uint64_t maxBytes, std::string &error) {
  ExternalEntry entry;
  if (!parseEntry(proto, entry, error))
    return std::nullopt;
  auto path = insideFolder(directory, entry.location, error);
  if (!path)
    return std::nullopt;
  uint64_t size = 0;
  if (!llvm::sys::fs::is_regular_file(*path) ||
      llvm::sys::fs::file_size(*path, size)) {
    error = "its file '" + entry.location + "' is no regular file";
    return std::nullopt;
  }
  uint64_t length = entry.length.value_or(size - std::min(size, entry.offset));
  if (entry.offset > size || length > size - entry.offset ||
      length > maxBytes) {
    error = "expects " + std::to_string(length) + " bytes at offset " +
            std::to_string(entry.offset) + " of '" + entry.location +
            "', which holds " + std::to_string(size);
    return std::nullopt;
  }
  auto slice = llvm::MemoryBuffer::getFileSlice(*path, length, entry.offset);
  if (!slice) {
    error = "its file '" + entry.location +
            "' cannot be read: " + slice.getError().message();
    return std::nullopt;
  }
  return (*slice)->getBuffer().str();
}

} // namespace finngl::import
