//===- RandomLstm.cpp - ONNX files of random quantised LSTMs --------------===//

#include "RandomLstm.h"
#include "onnx/onnx_pb.h"
#include <fstream>
#include <google/protobuf/text_format.h>
#include <random>
#include <sstream>
#include <vector>

using namespace finngl::test;

std::string LstmChoice::describe() const {
  std::ostringstream os;
  os << "input " << input << ", hidden " << hidden << ", steps " << steps
     << ", weights " << weightBits << " bits, activations " << activationBits
     << " bits, " << (sharedScale ? "one scale" : "two scales") << ", seed "
     << seed;
  return os.str();
}

namespace {

/// Text of a Scan body; every quantiser gets a random scale near a nominal one.
class BodyWriter {
public:
  explicit BodyWriter(const LstmChoice &choice)
      : choice(choice), random(choice.seed) {}
  std::string write();

private:
  const LstmChoice &choice;
  std::mt19937 random;
  std::ostringstream os;

  float uniform(float lo, float hi) {
    return lo + (hi - lo) * float(random() % 65536) / 65536.0f;
  }
  float near(float nominal) { return nominal * uniform(0.7f, 1.4f); }
  void tensor(const std::string &name, std::vector<int> dims, float range);
  void scalar(const std::string &name, float value);
  std::string node(const std::string &type, std::vector<std::string> inputs,
                   const std::string &output,
                   const std::string &more = std::string());
  std::string quant(const std::string &input, const std::string &scale,
                    int bits, bool isSigned, const std::string &output,
                    bool narrow = false);
  std::string gate(char name, const std::string &function);
};

} // namespace

void BodyWriter::tensor(const std::string &name, std::vector<int> dims,
                        float range) {
  os << "initializer { name: \"" << name << "\" data_type: 1";
  int count = 1;
  for (int d : dims) {
    os << " dims: " << d;
    count *= d;
  }
  for (int i = 0; i < count; ++i)
    os << " float_data: " << uniform(-range, range);
  os << " }\n";
}

void BodyWriter::scalar(const std::string &name, float value) {
  os << "initializer { name: \"" << name
     << "\" data_type: 1 float_data: " << value << " }\n";
}

std::string BodyWriter::node(const std::string &type,
                             std::vector<std::string> inputs,
                             const std::string &output,
                             const std::string &more) {
  os << "node { op_type: \"" << type << "\" name: \"" << output << "_node\"";
  for (const std::string &input : inputs)
    os << " input: \"" << input << "\"";
  os << " output: \"" << output << "\"" << more << " }\n";
  return output;
}

std::string BodyWriter::quant(const std::string &input,
                              const std::string &scale, int bits, bool isSigned,
                              const std::string &output, bool narrow) {
  scalar(output + "_bits", float(bits));
  auto flag = [](const char *name, bool value) {
    return std::string(" attribute { name: \"") + name +
           "\" type: INT i: " + (value ? "1" : "0") + " }";
  };
  return node("Quant", {input, scale, "zero", output + "_bits"}, output,
              " domain: \"qonnx.custom_op.general\"" +
                  flag("signed", isSigned) + flag("narrow", narrow) +
                  " attribute { name: \"rounding_mode\" type: STRING s: "
                  "\"ROUND\" }");
}

std::string BodyWriter::gate(char name, const std::string &function) {
  std::string g(1, name);
  float range = 1.5f / float(choice.hidden > 4 ? 4 : 2);
  int half = 1 << (choice.weightBits - 1), bits = choice.activationBits;
  bool isSigned = function == "Tanh";
  tensor(g + "_w", {choice.input, choice.hidden}, range);
  tensor(g + "_u", {choice.hidden, choice.hidden}, range);
  tensor(g + "_b", {1, choice.hidden}, 0.4f);
  scalar(g + "_weight_scale", near(range / float(half)));
  scalar(g + "_sum_scale", near(3.0f / float(1 << (bits - 1))));
  scalar(g + "_out_scale", near(1.0f / float(1 << (bits - isSigned))));
  std::string w = quant(g + "_w", g + "_weight_scale", choice.weightBits, true,
                        g + "_wq", true);
  std::string u = quant(g + "_u", g + "_weight_scale", choice.weightBits, true,
                        g + "_uq", true);
  std::string sum = node(
      "Add",
      {node("MatMul", {"xq", w}, g + "_x"), node("MatMul", {"h", u}, g + "_h")},
      g + "_xh");
  sum = node("Add", {sum, g + "_b"}, g + "_sum");
  sum = quant(sum, g + "_sum_scale", bits, true, g + "_sumq");
  return quant(node(function, {sum}, g + "_f"), g + "_out_scale", bits,
               isSigned, g + "_out");
}

static std::string valueInfo(const std::string &kind, const std::string &name,
                             std::vector<int> dims) {
  std::string text = kind + " { name: \"" + name +
                     "\" type { tensor_type { elem_type: 1 shape {";
  for (int d : dims)
    text += " dim { dim_value: " + std::to_string(d) + " }";
  return text + " } } } }\n";
}

std::string BodyWriter::write() {
  int bits = choice.activationBits, hidden = choice.hidden;
  os << "name: \"step\"\n"
     << valueInfo("input", "h", {1, hidden})
     << valueInfo("input", "c", {1, hidden})
     << valueInfo("input", "x", {1, choice.input})
     << valueInfo("output", "h_next", {1, hidden})
     << valueInfo("output", "c_next", {1, hidden})
     << valueInfo("output", "h_out", {1, hidden});
  float full = float(1 << (bits - 1));
  scalar("zero", 0);
  float hScale = near(1.0f / full);
  scalar("h_scale", hScale);
  scalar("x_scale", choice.sharedScale ? hScale : near(1.0f / full));
  scalar("c_scale", near(2.0f / full));
  scalar("t_scale", near(1.0f / full));
  quant("x", "x_scale", bits, true, "xq");
  std::string i = gate('i', "Sigmoid"), f = gate('f', "Sigmoid"),
              o = gate('o', "Sigmoid"), g = gate('g', "Tanh");
  std::string fc =
      quant(node("Mul", {f, "c"}, "fc"), "c_scale", bits, true, "fcq");
  std::string ig =
      quant(node("Mul", {i, g}, "ig"), "c_scale", bits, true, "igq");
  std::string c =
      quant(node("Add", {fc, ig}, "c_sum"), "c_scale", bits, true, "c_next");
  std::string t = quant(node("Tanh", {c}, "t"), "t_scale", bits, true, "tq");
  std::string h =
      quant(node("Mul", {t, o}, "th"), "h_scale", bits, true, "h_next");
  node("Identity", {h}, "h_out");
  return os.str();
}

bool finngl::test::writeLstm(const LstmChoice &choice,
                             const std::filesystem::path &file) {
  int hidden = choice.hidden, steps = choice.steps;
  std::string zeros = "data_type: 1 dims: 1 dims: " + std::to_string(hidden);
  for (int i = 0; i < hidden; ++i)
    zeros += " float_data: 0";
  std::string text =
      "ir_version: 8\nopset_import { version: 14 }\nopset_import { domain: "
      "\"qonnx.custom_op.general\" version: 1 }\ngraph { name: \"lstm\"\n" +
      valueInfo("input", "xs", {steps, 1, choice.input}) +
      valueInfo("output", "final_h", {1, hidden}) +
      valueInfo("output", "final_c", {1, hidden}) +
      valueInfo("output", "hs", {steps, 1, hidden}) +
      "initializer { name: \"h0\" " + zeros + " }\n" +
      "initializer { name: \"c0\" " + zeros + " }\n" +
      "node { op_type: \"Scan\" name: \"scan\" input: \"h0\" input: \"c0\" "
      "input: \"xs\" output: \"final_h\" output: \"final_c\" output: \"hs\" "
      "attribute { name: \"num_scan_inputs\" type: INT i: 1 } attribute { "
      "name: \"body\" type: GRAPH g {\n" +
      BodyWriter(choice).write() + "} } }\n}\n";
  onnx::ModelProto model;
  if (!google::protobuf::TextFormat::ParseFromString(text, &model))
    return false;
  std::ofstream os(file, std::ios::binary);
  return model.SerializeToOstream(&os) && os.good();
}
