//===- Graph.h - One graph of a model and its names -------------*- C++ -*-===//
//
// A Scope maps the names of one ONNX graph to what they mean so far; a body's
// scope looks names up in the scopes around it. The GraphImporter walks the
// nodes of a scope in dependence order and calls one handler a node.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_IMPORT_ONNX_GRAPH_H
#define FINNGL_LIB_IMPORT_ONNX_GRAPH_H

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Import/ONNX/Importer.h"
#include "finngl/Support/OnnxTensor.h"
#include "mlir/IR/Builders.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringMap.h"
#include <deque>
#include <memory>

namespace finngl::import {

using TensorPtr = std::shared_ptr<const OnnxTensor>;

/// What a name means: a constant known on the host, a value of the IR, or (with
/// `poisoned`) nothing, because an error was reported where it is made.
struct Entity {
  TensorPtr constant;
  mlir::Value value;
  bool poisoned = false;

  bool exists() const { return constant || value || poisoned; }
  static Entity poison() { return {nullptr, {}, true}; }
};

struct Scope {
  Scope *parent = nullptr;
  unsigned depth = 0;
  mlir::Block *block = nullptr;
  llvm::StringMap<Entity> names;
  /// Initialisers, decoded when a node first reads them: what nothing reads
  /// cannot be wrong.
  llvm::StringMap<const onnx::TensorProto *> initialisers;
  /// `qonnx.constant` of a host constant in this block.
  llvm::DenseMap<const OnnxTensor *, mlir::Value> materialised;
  /// Constants are owned here while `materialised` refers to them.
  std::vector<TensorPtr> keep;
  /// Values of the scopes around, in the order of their block arguments.
  llvm::SmallVector<mlir::Value> captures;
};

class NodeBinder;

class GraphImporter {
public:
  GraphImporter(mlir::MLIRContext *context, const onnx::ModelProto &model,
                std::string file, std::string directory,
                const ImportOptions &options);

  mlir::OwningOpRef<mlir::ModuleOp> run();

  /// Imports all nodes of `graph` into `scope`; every error is reported, and
  /// the names behind an error are poisoned.
  void importNodes(const onnx::GraphProto &graph, Scope &scope);
  /// Imports `node`, which the importer then owns, in the place of `b`'s.
  mlir::LogicalResult
  importInstead(NodeBinder &b, onnx::NodeProto node,
                mlir::LogicalResult (*handler)(NodeBinder &));
  /// Registers the initialisers of `graph`.
  void addInitialisers(const onnx::GraphProto &graph, Scope &scope);
  /// Binds a name; a second definition is an error.
  void define(Scope &scope, llvm::StringRef name, Entity entity,
              mlir::Location location);
  /// The meaning of a name, from this scope outwards. Captured values get a
  /// block argument.
  Entity lookup(Scope &scope, llvm::StringRef name, mlir::Location location);
  /// A value for a constant, at the end of the scope's block; null after an
  /// error (not finite, or a type that no op holds).
  mlir::Value materialise(Scope &scope, const TensorPtr &tensor,
                          mlir::Location location, llvm::StringRef name);
  /// The type, or null after an error about its size.
  mlir::RankedTensorType type(llvm::ArrayRef<int64_t> shape, mlir::Type element,
                              mlir::Location location);
  /// Static shape of a declared tensor type, or nothing after an error.
  std::optional<llvm::SmallVector<int64_t>>
  staticShape(const onnx::ValueInfoProto &info);

  /// Takes the elements of a tensor of `shape`, and `products`
  /// multiplications, from what constant folding may use; false if it is used
  /// up.
  bool mayFold(llvm::ArrayRef<int64_t> shape, int64_t products = 0);

  /// True if a graph input has another size than the file says.
  bool hasOtherSizes() const { return replacesSizes; }

  mlir::InFlightDiagnostic error(mlir::Location location);
  mlir::Location fileLocation() const;
  int opset() const { return opsetVersion; }
  const ImportOptions &limits() const { return options; }
  mlir::MLIRContext *getContext() const { return context; }
  const std::string &fileName() const { return file; }

private:
  bool checkOpset();
  bool checkNesting(const onnx::GraphProto &graph, unsigned depth);
  void importNode(const onnx::NodeProto &node, unsigned index, Scope &scope);
  bool resolveInputs(NodeBinder &binder);
  bool addArguments(Scope &scope, mlir::Block &block);
  std::optional<int64_t> extent(const onnx::ValueInfoProto &info, int axis);
  TensorPtr loadInitialiser(const onnx::TensorProto &proto,
                            mlir::Location location);
  mlir::OwningOpRef<mlir::ModuleOp> finish(Scope &scope,
                                           mlir::OwningOpRef<mlir::ModuleOp>);

  mlir::MLIRContext *context;
  const onnx::ModelProto &model;
  std::string file, directory;
  const ImportOptions &options;
  int opsetVersion = 0;
  unsigned errors = 0;
  int64_t foldedElements = 0, foldedProducts = 0;
  uint64_t externalBytes = 0;
  llvm::SmallVector<std::string> argumentNames;
  std::deque<onnx::NodeProto> rewritten; ///< initialisers are read from them
  bool replacesSizes = false;
  mlir::NamedAttrList chosenDims; ///< open sizes that `dims` does not give
};

/// OpBuilder::atBlockEnd asks the block for its context, which a body has only
/// once it belongs to an operator.
inline mlir::OpBuilder builderAtEnd(mlir::MLIRContext *context,
                                    mlir::Block *block) {
  mlir::OpBuilder builder(context);
  builder.setInsertionPointToEnd(block);
  return builder;
}

/// Name of a node: its own or that of its first output.
llvm::StringRef nameOf(const onnx::NodeProto &node);

/// Order in which `graph`'s nodes can be imported: the file's own where that is
/// legal. Nothing if there is a cycle, of which `onCycle` is a node's index.
std::optional<std::vector<unsigned>> sortNodes(const onnx::GraphProto &graph,
                                               unsigned &onCycle);

/// Bytes of a tensor outside the model file; nothing with `error` set if they
/// are not inside `directory` or not there.
std::optional<std::string> readExternal(const onnx::TensorProto &proto,
                                        const std::string &directory,
                                        uint64_t maxBytes, std::string &error);

/// The elements of a float32 or integer constant as an attribute. Requires an
/// element type of the qonnx dialect.
mlir::DenseElementsAttr toAttribute(const OnnxTensor &tensor,
                                    mlir::RankedTensorType type);

/// The dialect's element type, or null if the dialect does not hold it.
mlir::Type elementType(mlir::MLIRContext *context, OnnxType type);

} // namespace finngl::import

#endif // FINNGL_LIB_IMPORT_ONNX_GRAPH_H
