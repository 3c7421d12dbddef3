//===- OnnxText.cpp - ONNX models written as protobuf text ----------------===//

#include "OnnxText.h"
#include "onnx/onnx_pb.h"
#include <fstream>
#include <google/protobuf/text_format.h>
#include <limits>

using namespace finngl::test;

int QuantSpec::lo() const {
  if (bipolar())
    return -1;
  return isSigned ? -(1 << (bits - 1)) + narrow : 0;
}

int QuantSpec::hi() const {
  if (bipolar())
    return 1;
  return isSigned ? (1 << (bits - 1)) - 1 : (1 << bits) - 1 - narrow;
}

void OnnxText::valueInfo(const std::string &kind, const std::string &name,
                         const Dims &dims) {
  os << kind << " { name: \"" << name
     << "\" type { tensor_type { elem_type: 1 shape {";
  for (int d : dims)
    os << " dim { dim_value: " << d << " }";
  os << " } } } }\n";
}

void OnnxText::tensor(const std::string &name, const Dims &dims,
                      const std::vector<float> &values) {
  // As many digits as a float needs to come back unchanged.
  os.precision(std::numeric_limits<float>::max_digits10);
  os << "initializer { name: \"" << name << "\" data_type: 1";
  for (int d : dims)
    os << " dims: " << d;
  for (float value : values)
    os << " float_data: " << value;
  os << " }\n";
}

void OnnxText::integers(const std::string &name,
                        const std::vector<int> &values) {
  os << "initializer { name: \"" << name
     << "\" data_type: 7 dims: " << values.size();
  for (int value : values)
    os << " int64_data: " << value;
  os << " }\n";
}

std::string OnnxText::node(const std::string &type,
                           const std::vector<std::string> &inputs,
                           const std::string &output, const std::string &more) {
  os << "node { op_type: \"" << type << "\" name: \"" << output << "_node\"";
  for (const std::string &input : inputs)
    os << " input: \"" << input << "\"";
  os << " output: \"" << output << "\"" << more << " }\n";
  return output;
}

std::string finngl::test::intAttribute(const std::string &name, int value) {
  return " attribute { name: \"" + name +
         "\" type: INT i: " + std::to_string(value) + " }";
}

std::string OnnxText::quant(const std::string &input, const QuantSpec &spec,
                            const std::string &output, const Dims &channels) {
  auto parameter = [&](const char *name, const std::vector<float> &values) {
    tensor(output + name, values.size() > 1 ? channels : Dims(), values);
    return output + name;
  };
  return node("Quant",
              {input, parameter("_scale", spec.scale),
               parameter("_zero", spec.zeroPoint),
               parameter("_bits", {float(spec.bits)})},
              output,
              " domain: \"qonnx.custom_op.general\"" +
                  intAttribute("signed", spec.isSigned) +
                  intAttribute("narrow", spec.narrow) +
                  " attribute { name: \"rounding_mode\" type: STRING s: \"" +
                  spec.rounding + "\" }");
}

void OnnxText::scan(const std::vector<std::string> &inputs,
                    const std::vector<std::string> &outputs, size_t scanInputs,
                    const OnnxText &body) {
  os << "node { op_type: \"Scan\" name: \"scan\"";
  for (const std::string &input : inputs)
    os << " input: \"" << input << "\"";
  for (const std::string &output : outputs)
    os << " output: \"" << output << "\"";
  os << intAttribute("num_scan_inputs", int(scanInputs))
     << " attribute { name: \"body\" type: GRAPH g { name: \"step\"\n"
     << body.text() << "} } }\n";
}

bool finngl::test::writeOnnx(const OnnxText &graph,
                             const std::filesystem::path &file) {
  std::string text =
      "ir_version: 8\nopset_import { version: 14 }\nopset_import { domain: "
      "\"qonnx.custom_op.general\" version: 1 }\ngraph { name: \"network\"\n" +
      graph.text() + "}\n";
  onnx::ModelProto model;
  if (!google::protobuf::TextFormat::ParseFromString(text, &model))
    return false;
  std::ofstream os(file, std::ios::binary);
  return model.SerializeToOstream(&os) && os.good();
}
