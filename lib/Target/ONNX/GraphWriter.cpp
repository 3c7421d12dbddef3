//===- GraphWriter.cpp - Protobuf graphs, piece by piece ------------------===//

#include "GraphWriter.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

using namespace mlir;

namespace finngl::to_onnx {

onnx::ModelProto makeModel(StringRef graphName, StringRef doc) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("finn-gl");
  model.set_doc_string(doc.str());
  auto *standard = model.add_opset_import();
  standard->set_domain("");
  standard->set_version(17);
  auto *custom = model.add_opset_import();
  custom->set_domain(kQonnxDomain.str());
  custom->set_version(1);
  model.mutable_graph()->set_name(graphName.str());
  return model;
}

std::string NameTable::fresh(StringRef wanted) {
  std::string name = wanted.empty() ? "tensor" : wanted.str();
  for (unsigned i = 1; !taken.insert(name).second; ++i)
    name = (wanted + "_" + std::to_string(i)).str();
  return name;
}

onnx::NodeProto *GraphWriter::node(StringRef op, StringRef name,
                                   std::vector<std::string> inputs,
                                   std::vector<std::string> outputs) {
  onnx::NodeProto *node = graph.add_node();
  node->set_op_type(op.str());
  node->set_name(name.str());
  if (op == "Quant" || op == "BipolarQuant" || op == "MultiThreshold")
    node->set_domain(kQonnxDomain.str());
  for (std::string &input : inputs)
    node->add_input(std::move(input));
  for (std::string &output : outputs)
    node->add_output(std::move(output));
  return node;
}

/// FLOAT, INT64 of shapes, or what opset 17's quantisation operators hold.
static int elementNumber(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return onnx::TensorProto::FLOAT;
  if (integer.getWidth() == 64)
    return onnx::TensorProto::INT64;
  if (integer.getWidth() == 32)
    return onnx::TensorProto::INT32;
  return integer.isUnsigned() ? onnx::TensorProto::UINT8
                              : onnx::TensorProto::INT8;
}

static void describe(onnx::ValueInfoProto *info, StringRef name, Type type,
                     ArrayRef<int64_t> shape, StringRef doc) {
  info->set_name(name.str());
  if (!doc.empty())
    info->set_doc_string(doc.str());
  auto *tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type ? elementNumber(type)
                             : int(onnx::TensorProto::FLOAT));
  auto *dims = tensor->mutable_shape();
  for (int64_t extent : shape)
    dims->add_dim()->set_dim_value(extent);
}

std::string GraphWriter::floats(StringRef wanted, ArrayRef<int64_t> shape,
                                ArrayRef<float> values) {
  onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(fresh(wanted));
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  for (int64_t extent : shape)
    tensor->add_dims(extent);
  tensor->set_raw_data(values.data(), values.size() * sizeof(float));
  valueInfo(tensor->name(), {}, shape);
  return tensor->name();
}

std::string GraphWriter::ints(StringRef wanted, ArrayRef<int64_t> values) {
  onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(fresh(wanted));
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(int64_t(values.size()));
  tensor->set_raw_data(values.data(), values.size() * sizeof(int64_t));
  valueInfo(tensor->name(), IntegerType::get(&context, 64),
            {int64_t(values.size())});
  return tensor->name();
}

std::string GraphWriter::codes(StringRef wanted, Type type,
                               ArrayRef<int64_t> shape,
                               ArrayRef<int64_t> values) {
  onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(fresh(wanted));
  tensor->set_data_type(elementNumber(type));
  for (int64_t extent : shape)
    tensor->add_dims(extent);
  for (int64_t value : values)
    tensor->add_int32_data(int32_t(value));
  valueInfo(tensor->name(), type, shape);
  return tensor->name();
}

std::string GraphWriter::define(Value value) {
  auto known = reserved.find(value);
  std::string name =
      known != reserved.end() ? known->second : fresh(wantedName(value));
  bound[value] = name;
  return name;
}

void GraphWriter::reserveOutputs(ValueRange values,
                                 std::vector<std::string> &names) {
  for (auto [value, name] : llvm::zip(values, names)) {
    if (name.empty())
      name = fresh(wantedName(value));
    described.insert(name);
    if (value.getDefiningOp())
      reserved.try_emplace(value, name);
  }
}

void GraphWriter::writeOutput(Value value, const std::string &name) {
  if (nameOf(value) != name)
    node("Identity", fresh(name), {nameOf(value)}, {name});
}

void GraphWriter::input(StringRef name, Type type, ArrayRef<int64_t> shape,
                        StringRef doc) {
  described.insert(name);
  describe(graph.add_input(), name, type, shape, doc);
}

void GraphWriter::output(StringRef name, Type type, ArrayRef<int64_t> shape,
                         StringRef doc) {
  describe(graph.add_output(), name, type, shape, doc);
}

void GraphWriter::valueInfo(StringRef name, Type type,
                            ArrayRef<int64_t> shape) {
  if (described.insert(name).second)
    describe(graph.add_value_info(), name, type, shape, "");
}

void GraphWriter::annotate(StringRef name, StringRef dataType,
                           ArrayRef<int64_t> shape) {
  valueInfo(name, {}, shape);
  auto *annotation = graph.add_quantization_annotation();
  annotation->set_tensor_name(name.str());
  auto add = [&](StringRef key, StringRef value) {
    auto *entry = annotation->add_quant_parameter_tensor_names();
    entry->set_key(key.str());
    entry->set_value(value.str());
  };
  add("finn_datatype", dataType);
  if (shape.size() == 2)
    add("tensor_layout", "['N', 'C']");
  else if (shape.size() == 3)
    add("tensor_layout", "['N', 'W', 'C']");
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

static onnx::AttributeProto *add(onnx::NodeProto *node, StringRef name,
                                 onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto *attribute = node->add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(type);
  return attribute;
}

void setAttribute(onnx::NodeProto *node, StringRef name, int64_t value) {
  add(node, name, onnx::AttributeProto::INT)->set_i(value);
}

void setAttribute(onnx::NodeProto *node, StringRef name, float value) {
  add(node, name, onnx::AttributeProto::FLOAT)->set_f(value);
}

void setAttribute(onnx::NodeProto *node, StringRef name, StringRef value) {
  add(node, name, onnx::AttributeProto::STRING)->set_s(value.str());
}

void setAttribute(onnx::NodeProto *node, StringRef name,
                  ArrayRef<int64_t> values) {
  auto *attribute = add(node, name, onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute->add_ints(value);
}

onnx::GraphProto &addGraph(onnx::NodeProto *node, StringRef name,
                           StringRef graphName) {
  onnx::GraphProto *graph =
      add(node, name, onnx::AttributeProto::GRAPH)->mutable_g();
  graph->set_name(graphName.str());
  return *graph;
}

std::string wantedName(Value value) {
  std::string name = nodeName(value.getLoc());
  if (name.empty() && value.getDefiningOp())
    name = value.getDefiningOp()->getName().stripDialect().str();
  return name;
}

} // namespace finngl::to_onnx
