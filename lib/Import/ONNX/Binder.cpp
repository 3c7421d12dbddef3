//===- Binder.cpp - What a handler sees of its node -----------------------===//

#include "Binder.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;

namespace finngl::import {

NodeBinder::NodeBinder(GraphImporter &importer, Scope &scope,
                       const onnx::NodeProto &node, unsigned index)
    : importer(importer), scope(scope), node(node), index(index),
      location(nodeLocation(importer.getContext(), importer.fileName(), index,
                            nameOf(node), node.op_type())),
      builder(builderAtEnd(importer.getContext(), scope.block)) {}

std::string printShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(shape, os);
  os << ']';
  return text;
}

std::optional<llvm::SmallVector<int64_t>> broadcastShapes(ArrayRef<int64_t> a,
                                                          ArrayRef<int64_t> b) {
  llvm::SmallVector<int64_t> out(std::max(a.size(), b.size()));
  for (size_t i = 0; i < out.size(); ++i) {
    int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      return std::nullopt;
    out[out.size() - 1 - i] = x == 1 ? y : x;
  }
  return out;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

LogicalResult NodeBinder::value(unsigned i, Value &out) {
  if (!has(i))
    return error() << "expects input " << i << ", got none";
  out = inputs[i].value;
  if (!out)
    out =
        importer.materialise(scope, inputs[i].constant, location, inputName(i));
  if (out)
    return success();
  // Reported; the next reader stays silent.
  scope.names[inputName(i)] = Entity::poison();
  return failure();
}

LogicalResult NodeBinder::floatValue(unsigned i, Value &out) {
  if (failed(value(i, out)))
    return failure();
  if (cast<RankedTensorType>(out.getType()).getElementType().isF32())
    return success();
  InFlightDiagnostic message = error()
                               << "expects '" << inputName(i)
                               << "' to be float32, got " << out.getType();
  message.attachNote() << "put a DequantizeLinear or a Cast before this node";
  return failure();
}

LogicalResult NodeBinder::constant(unsigned i, llvm::StringRef role,
                                   TensorPtr &out) {
  if (!has(i))
    return error() << "expects a " << role << " as input " << i << ", got none";
  out = inputs[i].constant;
  if (out)
    return success();
  InFlightDiagnostic message = error() << "expects a constant " << role
                                       << ", got the computed value '"
                                       << inputName(i) << "'";
  message.attachNote() << "export the model with this " << role
                       << " as an initialiser";
  return failure();
}

LogicalResult NodeBinder::integers(unsigned i, llvm::StringRef role,
                                   llvm::SmallVectorImpl<int64_t> &out) {
  TensorPtr tensor;
  if (failed(constant(i, role, tensor)))
    return failure();
  if (isFloat(tensor->type) || tensor->shape.size() > 1)
    return error() << "expects " << role << " as a list of integers, got "
                   << onnxTypeName(int(tensor->type)) << " of shape "
                   << printShape(tensor->shape);
  out.assign(tensor->ints.begin(), tensor->ints.end());
  return success();
}

llvm::SmallVector<int64_t> NodeBinder::shape(unsigned i) const {
  if (inputs[i].constant)
    return llvm::SmallVector<int64_t>(
        ArrayRef<int64_t>(inputs[i].constant->shape));
  return llvm::SmallVector<int64_t>(
      cast<RankedTensorType>(inputs[i].value.getType()).getShape());
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *NodeBinder::find(llvm::StringRef name) const {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

/// Old files leave the type field out; then the field that is set counts.
static bool hasType(const onnx::AttributeProto &attribute,
                    onnx::AttributeProto::AttributeType type, bool isSet) {
  return attribute.type() == type ||
         (attribute.type() == onnx::AttributeProto::UNDEFINED && isSet);
}

static LogicalResult wrongType(NodeBinder &b, llvm::StringRef name,
                               llvm::StringRef expected) {
  return b.error() << "expects attribute '" << name << "' to be " << expected;
}

LogicalResult NodeBinder::attribute(llvm::StringRef name, int64_t &out) {
  const onnx::AttributeProto *found = find(name);
  if (!found)
    return success();
  if (!hasType(*found, onnx::AttributeProto::INT, found->has_i()))
    return wrongType(*this, name, "an integer");
  out = found->i();
  return success();
}

LogicalResult NodeBinder::attribute(llvm::StringRef name, float &out) {
  const onnx::AttributeProto *found = find(name);
  if (!found)
    return success();
  if (!hasType(*found, onnx::AttributeProto::FLOAT, found->has_f()))
    return wrongType(*this, name, "a float");
  out = found->f();
  return success();
}

LogicalResult NodeBinder::attribute(llvm::StringRef name, std::string &out) {
  const onnx::AttributeProto *found = find(name);
  if (!found)
    return success();
  if (!hasType(*found, onnx::AttributeProto::STRING, found->has_s()))
    return wrongType(*this, name, "a string");
  out = found->s();
  return success();
}

LogicalResult NodeBinder::attribute(llvm::StringRef name,
                                    llvm::SmallVectorImpl<int64_t> &out) {
  const onnx::AttributeProto *found = find(name);
  if (!found)
    return success();
  if (!hasType(*found, onnx::AttributeProto::INTS, found->ints_size() > 0))
    return wrongType(*this, name, "a list of integers");
  out.assign(found->ints().begin(), found->ints().end());
  return success();
}

LogicalResult NodeBinder::attribute(llvm::StringRef name,
                                    llvm::SmallVectorImpl<float> &out) {
  const onnx::AttributeProto *found = find(name);
  if (!found)
    return success();
  if (!hasType(*found, onnx::AttributeProto::FLOATS, found->floats_size() > 0))
    return wrongType(*this, name, "a list of floats");
  out.assign(found->floats().begin(), found->floats().end());
  return success();
}

LogicalResult NodeBinder::attribute(llvm::StringRef name,
                                    llvm::SmallVectorImpl<std::string> &out) {
  const onnx::AttributeProto *found = find(name);
  if (!found)
    return success();
  if (!hasType(*found, onnx::AttributeProto::STRINGS,
               found->strings_size() > 0))
    return wrongType(*this, name, "a list of strings");
  out.assign(found->strings().begin(), found->strings().end());
  return success();
}

LogicalResult NodeBinder::mayList(int64_t extent) {
  int64_t most = importer.limits().maxPositions;
  if (extent <= most)
    return success();
  return error() << "expects a dimension of at most " << most
                 << " to take parts of, got " << extent;
}

LogicalResult NodeBinder::normaliseAxis(int64_t &axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return error() << "expects an axis of " << -rank << " to " << rank - 1
                   << ", got " << axis;
  if (axis < 0)
    axis += rank;
  return success();
}

LogicalResult expectShape(NodeBinder &b, unsigned i, llvm::StringRef role,
                          ArrayRef<int64_t> shape) {
  if (!b.has(i))
    return b.error() << "expects a " << role << " as input " << i
                     << ", got none";
  if (ArrayRef<int64_t>(b.shape(i)) == shape)
    return success();
  return b.error() << "expects a " << role << " of shape " << printShape(shape)
                   << ", got " << printShape(b.shape(i)) << " for '"
                   << b.inputName(i) << "'";
}

LogicalResult readAxes(NodeBinder &b, bool &given,
                       llvm::SmallVectorImpl<int64_t> &axes) {
  given = b.has(1) || b.find("axes");
  if (b.has(1))
    return b.integers(1, "axes", axes);
  return b.attribute("axes", axes);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void NodeBinder::result(unsigned i, Entity entity) {
  if (i < outputCount())
    importer.define(scope, node.output(int(i)), std::move(entity), location);
}
void NodeBinder::result(unsigned i, Value value) {
  result(i, Entity{nullptr, value, false});
}
void NodeBinder::result(unsigned i, OnnxTensor constant) {
  result(i,
         Entity{std::make_shared<OnnxTensor>(std::move(constant)), {}, false});
}

RankedTensorType NodeBinder::floatType(ArrayRef<int64_t> shape) {
  return type(shape, builder.getF32Type());
}
RankedTensorType NodeBinder::type(ArrayRef<int64_t> shape, Type element) {
  return importer.type(shape, element, location);
}

Value NodeBinder::constantValue(OnnxTensor tensor) {
  return importer.materialise(scope,
                              std::make_shared<OnnxTensor>(std::move(tensor)),
                              location, nameOf(node));
}

//===----------------------------------------------------------------------===//
// Handler tables
//===----------------------------------------------------------------------===//

/// Brevitas, FINN and QONNX write the same operators into these domains.
static bool isQuantDomain(llvm::StringRef domain) {
  return domain == "qonnx.custom_op.general" || domain == "onnx.brevitas" ||
         domain == "finn.custom_op.general";
}

llvm::ArrayRef<llvm::ArrayRef<HandlerEntry>> handlerTables() {
  static const llvm::ArrayRef<HandlerEntry> tables[] = {
      quantHandlers(),  unaryHandlers(),     arithmeticHandlers(),
      shapeHandlers(),  indexHandlers(),     controlHandlers(),
      classHandlers(),  recurrentHandlers(), rnnHandlers(),
      windowHandlers(), reduceHandlers(),    loopHandlers()};
  return tables;
}

const HandlerEntry *findHandler(const onnx::NodeProto &node, int opset) {
  llvm::StringRef domain = node.domain();
  bool custom = isQuantDomain(domain);
  if (!custom && !domain.empty() && domain != "ai.onnx")
    return nullptr;
  const HandlerEntry *best = nullptr;
  for (ArrayRef<HandlerEntry> table : handlerTables())
    for (const HandlerEntry &entry : table)
      if (entry.name == node.op_type() && entry.custom == custom &&
          (custom || entry.since <= opset) &&
          (!best || entry.since > best->since))
        best = &entry;
  return best;
}

} // namespace finngl::import
