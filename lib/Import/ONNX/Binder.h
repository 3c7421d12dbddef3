//===- Binder.h - What a handler sees of its node ---------------*- C++ -*-===//
//
// Reads operands and attributes of one node and fails early: every accessor
// that returns failure has reported why.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_IMPORT_ONNX_BINDER_H
#define FINNGL_LIB_IMPORT_ONNX_BINDER_H

#include "Graph.h"

namespace finngl::import {

class NodeBinder {
public:
  NodeBinder(GraphImporter &importer, Scope &scope, const onnx::NodeProto &node,
             unsigned index);

  //===--- Operands -------------------------------------------------------===//
  unsigned inputCount() const { return inputs.size(); }
  /// False for a missing optional input.
  bool has(unsigned i) const { return i < inputs.size() && inputs[i].exists(); }
  const Entity &input(unsigned i) const { return inputs[i]; }
  llvm::StringRef inputName(unsigned i) const { return node.input(int(i)); }
  bool isConstant(unsigned i) const { return has(i) && inputs[i].constant; }
  /// The operand as a value; constants become `qonnx.constant`.
  mlir::LogicalResult value(unsigned i, mlir::Value &out);
  /// The same, of element type f32.
  mlir::LogicalResult floatValue(unsigned i, mlir::Value &out);
  /// The operand as a host constant; `role` names it in the message ("scale").
  mlir::LogicalResult constant(unsigned i, llvm::StringRef role,
                               TensorPtr &out);
  /// Constant integers (shapes, axes).
  mlir::LogicalResult integers(unsigned i, llvm::StringRef role,
                               llvm::SmallVectorImpl<int64_t> &out);
  /// Shape of a constant or a value.
  llvm::SmallVector<int64_t> shape(unsigned i) const;

  //===--- Attributes -----------------------------------------------------===//
  const onnx::AttributeProto *find(llvm::StringRef name) const;
  mlir::LogicalResult attribute(llvm::StringRef name, int64_t &out);
  mlir::LogicalResult attribute(llvm::StringRef name, float &out);
  mlir::LogicalResult attribute(llvm::StringRef name, std::string &out);
  mlir::LogicalResult attribute(llvm::StringRef name,
                                llvm::SmallVectorImpl<int64_t> &out);
  mlir::LogicalResult attribute(llvm::StringRef name,
                                llvm::SmallVectorImpl<float> &out);
  mlir::LogicalResult attribute(llvm::StringRef name,
                                llvm::SmallVectorImpl<std::string> &out);

  //===--- Results --------------------------------------------------------===//
  unsigned outputCount() const { return unsigned(node.output_size()); }
  void result(unsigned i, mlir::Value value);
  void result(unsigned i, OnnxTensor constant);
  void result(unsigned i, Entity entity);
  /// The tensor type after the checks of size; null after an error.
  mlir::RankedTensorType floatType(llvm::ArrayRef<int64_t> shape);
  mlir::RankedTensorType type(llvm::ArrayRef<int64_t> shape,
                              mlir::Type element);
  template <typename OpTy, typename... Args> OpTy create(Args &&...args) {
    return builder.create<OpTy>(location, std::forward<Args>(args)...);
  }
  /// A `qonnx.constant` that no name of the file stands for.
  mlir::Value constantValue(OnnxTensor tensor);

  mlir::InFlightDiagnostic error() { return importer.error(location); }
  mlir::LogicalResult normaliseAxis(int64_t &axis, int64_t rank);
  /// Reports a dimension that is too long to list its positions.
  mlir::LogicalResult mayList(int64_t extent);

  GraphImporter &importer;
  Scope &scope;
  const onnx::NodeProto &node;
  unsigned index;
  mlir::Location location;
  mlir::OpBuilder builder;
  std::vector<Entity> inputs;
};

using Handler = mlir::LogicalResult (*)(NodeBinder &);

/// A reading of an operator from an opset version on. Custom operators are
/// those of the QONNX, FINN and Brevitas domains.
struct HandlerEntry {
  llvm::StringLiteral name;
  int since;
  unsigned minInputs, maxInputs;
  Handler handler;
  bool custom = false;
};

llvm::ArrayRef<HandlerEntry> quantHandlers();
llvm::ArrayRef<HandlerEntry> unaryHandlers();
llvm::ArrayRef<HandlerEntry> arithmeticHandlers();
llvm::ArrayRef<HandlerEntry> shapeHandlers();
llvm::ArrayRef<HandlerEntry> indexHandlers();
llvm::ArrayRef<HandlerEntry> controlHandlers();
llvm::ArrayRef<HandlerEntry> classHandlers();
llvm::ArrayRef<HandlerEntry> recurrentHandlers();
llvm::ArrayRef<HandlerEntry> rnnHandlers();
llvm::ArrayRef<HandlerEntry> windowHandlers();
llvm::ArrayRef<HandlerEntry> reduceHandlers();
llvm::ArrayRef<HandlerEntry> loopHandlers();
/// All of them.
llvm::ArrayRef<llvm::ArrayRef<HandlerEntry>> handlerTables();

/// Handler of a Scan, which a Loop that counts becomes.
mlir::LogicalResult importScan(NodeBinder &b);

/// The newest reading that is not newer than the model's opset.
const HandlerEntry *findHandler(const onnx::NodeProto &node, int opset);

/// Prints `[2, 3]`.
std::string printShape(llvm::ArrayRef<int64_t> shape);

/// Reports operand `i` unless it is there and of shape `shape`; `role` names it
/// in the message.
mlir::LogicalResult expectShape(NodeBinder &b, unsigned i, llvm::StringRef role,
                                llvm::ArrayRef<int64_t> shape);

/// Axes of Squeeze, Unsqueeze and reductions: an attribute, in later opsets
/// input 1. `given`: the node has them.
mlir::LogicalResult readAxes(NodeBinder &b, bool &given,
                             llvm::SmallVectorImpl<int64_t> &axes);

/// Shape of NumPy broadcasting, or nothing if the shapes do not broadcast.
std::optional<llvm::SmallVector<int64_t>>
broadcastShapes(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);

//===--- Quantiser parameters, shared by Quant and QuantLSTMCell ----------===//

/// Per-tensor or per-channel numbers of an operand of shape `shape`.
struct ChannelData {
  std::vector<float> values;
  int64_t axis = -1;
};
/// Reads a constant that broadcasts to `shape` along at most one dimension.
mlir::LogicalResult channelData(NodeBinder &b, unsigned input,
                                llvm::StringRef role,
                                llvm::ArrayRef<int64_t> shape,
                                ChannelData &out);
/// Reports scales that are not normal numbers above zero.
mlir::LogicalResult checkScales(NodeBinder &b, llvm::StringRef name,
                                llvm::ArrayRef<float> scales);
/// Attributes of a QONNX quantiser.
struct QuantAttributes {
  bool isSigned = true, narrow = false;
  std::string rounding = "ROUND";
};
/// The quantiser of (scale, zero point, bit width) at operands `first`,
/// `first` + 1, `first` + 2 on a tensor of shape `shape`.
mlir::LogicalResult readQuantiser(NodeBinder &b, unsigned first,
                                  llvm::ArrayRef<int64_t> shape,
                                  const QuantAttributes &attributes,
                                  qonnx::QuantiserAttr &out);

} // namespace finngl::import

#endif // FINNGL_LIB_IMPORT_ONNX_BINDER_H
