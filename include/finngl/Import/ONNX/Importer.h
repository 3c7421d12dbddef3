//===- Importer.h - ONNX files to the qonnx dialect -------------*- C++ -*-===//
//
// Reads ONNX, QONNX and Brevitas files (opset 1 to 22, as far back as the
// tables of handlers go) with the protobuf classes of libonnx only. Every
// mistake of a model is reported in one run.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_IMPORT_ONNX_IMPORTER_H
#define FINNGL_IMPORT_ONNX_IMPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace finngl {

struct ImportOptions {
  /// Sizes of symbolic dimensions by their name in the file, and of any
  /// dimension, a fixed one too, as `input[axis]` (`--dim NAME=N`).
  std::map<std::string, int64_t> dims;
  /// Asked where neither the file nor `dims` gives a size: the shape that the
  /// caller has data of, for graph input `index` (initialisers do not count).
  /// The number of steps is such a dimension in many files.
  std::function<std::optional<std::vector<int64_t>>(unsigned index,
                                                    const std::string &name)>
      inputShape;
  /// Size of dimensions that are open even then, with a warning; 0 refuses
  /// them.
  int64_t openDim = 0;
  /// Deepest allowed nesting of subgraphs (a Scan body is level 1).
  unsigned maxNesting = 16;
  /// Largest accepted file, external data included.
  uint64_t maxFileBytes = uint64_t(256) << 20;
  /// Largest tensor type, in elements.
  int64_t maxElements = int64_t(1) << 31;
  /// What constant folding may make and multiply in one import; beyond it
  /// operators on constants stay operators.
  int64_t maxFoldedElements = int64_t(1) << 26;
  int64_t maxFoldedProducts = int64_t(1) << 30;
  /// Longest dimension of which positions are listed (Gather, Slice, Split,
  /// Expand, sequence_lens).
  int64_t maxPositions = int64_t(1) << 22;
  /// The bytes are protobuf text format (tests are written so).
  bool textFormat = false;
};

/// The module with one function `main`: arguments are the graph inputs that
/// are no initialisers, results the graph outputs, both in graph order and with
/// their ONNX names in the attribute `qonnx.name`. The module's attribute
/// `qonnx.open_dims` holds the sizes that came from `inputShape` or `openDim`,
/// by `input[axis]`. Null after an error; every error went to the context's
/// diagnostics with nodeLocation. The context gets the dialects it needs.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxFile(mlir::MLIRContext *context,
                                                 const std::string &path,
                                                 const ImportOptions &options);

/// The same from memory. `name` stands in messages and locations; external
/// data is looked for in `directory` and refused if that is empty.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxBytes(mlir::MLIRContext *context,
                                                  std::string_view bytes,
                                                  const std::string &name,
                                                  const std::string &directory,
                                                  const ImportOptions &options);

/// One operator the importer reads, for `finngl ops`.
struct SupportedOp {
  std::string name;
  /// Opset version from which this reading holds.
  int sinceVersion;
  /// True for QONNX and Brevitas operators (any of their domains).
  bool custom;
};
std::vector<SupportedOp> supportedOnnxOps();

} // namespace finngl

#endif // FINNGL_IMPORT_ONNX_IMPORTER_H
