//===- GraphWriter.h - Protobuf graphs, piece by piece ----------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_ONNX_GRAPHWRITER_H
#define FINNGL_LIB_TARGET_ONNX_GRAPHWRITER_H

#include "mlir/IR/Value.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"
#include <string>
#include <vector>

namespace finngl::to_onnx {

inline constexpr llvm::StringLiteral kQonnxDomain = "qonnx.custom_op.general";

/// An empty model with its opset imports.
onnx::ModelProto makeModel(llvm::StringRef graphName, llvm::StringRef doc);

/// Names of tensors and nodes, unique in a model: a body must not hide a name
/// of the graph around it.
class NameTable {
public:
  /// `wanted`, or with a number if that is taken.
  std::string fresh(llvm::StringRef wanted);

private:
  llvm::StringSet<> taken;
};

/// Appends to one graph; bodies have their own and share the names.
class GraphWriter {
public:
  GraphWriter(mlir::MLIRContext *context, onnx::GraphProto &graph,
              NameTable &names)
      : graph(graph), names(names), context(*context) {}

  std::string fresh(llvm::StringRef wanted) { return names.fresh(wanted); }

  onnx::NodeProto *node(llvm::StringRef op, llvm::StringRef name,
                        std::vector<std::string> inputs,
                        std::vector<std::string> outputs);
  /// Initialisers; the result is their name.
  std::string floats(llvm::StringRef wanted, llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<float> values);
  std::string ints(llvm::StringRef wanted, llvm::ArrayRef<int64_t> values);

  void input(llvm::StringRef name, mlir::Type type,
             llvm::ArrayRef<int64_t> shape, llvm::StringRef doc = "");
  void output(llvm::StringRef name, mlir::Type type,
              llvm::ArrayRef<int64_t> shape, llvm::StringRef doc = "");
  /// `finn_datatype` of a tensor, its `tensor_layout` by its rank, and its
  /// shape unless it is a graph input or output: QONNX' executor wants every
  /// shape.
  void annotate(llvm::StringRef name, llvm::StringRef dataType,
                llvm::ArrayRef<int64_t> shape);
  /// Shape of an inner tensor without an annotation.
  void valueInfo(llvm::StringRef name, mlir::Type type,
                 llvm::ArrayRef<int64_t> shape);

  /// Codes of an integer type that opset 17's quantisation operators hold.
  std::string codes(llvm::StringRef wanted, mlir::Type type,
                    llvm::ArrayRef<int64_t> shape,
                    llvm::ArrayRef<int64_t> values);

  void bind(mlir::Value value, std::string name) {
    bound[value] = std::move(name);
  }
  /// Names and binds the result of a node that is about to be written.
  std::string define(mlir::Value value);
  /// Before the nodes: a graph output's tensor is named by the output, so that
  /// no copy is needed. An empty name stands for the node's own.
  void reserveOutputs(mlir::ValueRange values, std::vector<std::string> &names);
  /// After the nodes: a copy where the value has another name.
  void writeOutput(mlir::Value value, const std::string &name);
  /// The tensor of a value that has been written.
  const std::string &nameOf(mlir::Value value) const {
    return bound.find(value)->second;
  }

  onnx::GraphProto &graph;
  NameTable &names;
  mlir::MLIRContext &context;

private:
  llvm::DenseMap<mlir::Value, std::string> bound, reserved;
  llvm::StringSet<> described; ///< with a ValueInfo, now or later
};

void setAttribute(onnx::NodeProto *node, llvm::StringRef name, int64_t value);
void setAttribute(onnx::NodeProto *node, llvm::StringRef name, float value);
void setAttribute(onnx::NodeProto *node, llvm::StringRef name,
                  llvm::StringRef value);
void setAttribute(onnx::NodeProto *node, llvm::StringRef name,
                  llvm::ArrayRef<int64_t> values);
/// An empty graph as attribute; the reference holds while the node does.
onnx::GraphProto &addGraph(onnx::NodeProto *node, llvm::StringRef name,
                           llvm::StringRef graphName);

/// Name of the tensor that `value` becomes: of its ONNX node, else of its
/// operator.
std::string wantedName(mlir::Value value);

} // namespace finngl::to_onnx

#endif // FINNGL_LIB_TARGET_ONNX_GRAPHWRITER_H
