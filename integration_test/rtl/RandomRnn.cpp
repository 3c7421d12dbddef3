//===- RandomRnn.cpp - ONNX files of random LSTMs and GRUs ----------------===//

#include "RandomRnn.h"
#include "OnnxText.h"
#include <random>

using namespace finngl::test;

std::string RnnChoice::describe() const {
  std::ostringstream os;
  os << (cell == Cell::Gru ? "GRU, " : "LSTM, ") << "input " << input
     << ", hidden " << hidden << ", steps " << steps << ", weights "
     << weightBits << " bits, activations " << activationBits << " bits, "
     << (sharedScale ? "one scale" : "two scales") << ", seed " << seed;
  return os.str();
}

namespace {

/// Text of a Scan body; every quantiser gets a random scale near a nominal one.
class BodyWriter {
public:
  explicit BodyWriter(const RnnChoice &choice)
      : choice(choice), random(choice.seed) {}
  OnnxText write();

private:
  const RnnChoice &choice;
  std::mt19937 random;
  OnnxText body;

  float uniform(float lo, float hi) {
    return lo + (hi - lo) * float(random() % 65536) / 65536.0f;
  }
  float near(float nominal) { return nominal * uniform(0.7f, 1.4f); }
  std::string tensor(const std::string &name, Dims dims, float range);
  QuantSpec spec(float scale, bool isSigned = true) const {
    return {
        .bits = choice.activationBits, .isSigned = isSigned, .scale = {scale}};
  }
  float gateTensors(const std::string &name);
  std::string product(const std::string &operand, const std::string &weights,
                      float scale);
  std::string activation(const std::string &name, const std::string &sum,
                         const std::string &function);
  std::string gate(char name, const std::string &function);
  void writeLstm(const QuantSpec &hidden);
  void writeGru(const QuantSpec &hidden);

  std::string node(const std::string &type, std::vector<std::string> inputs,
                   const std::string &output) {
    return body.node(type, inputs, output);
  }
};

} // namespace

std::string BodyWriter::tensor(const std::string &name, Dims dims,
                               float range) {
  std::vector<float> values(size_t(dims[0]) * dims[1]);
  for (float &value : values)
    value = uniform(-range, range);
  body.tensor(name, dims, values);
  return name;
}

/// Weights and bias of a gate, `name`_w, _u and _b; the scale of the weights.
float BodyWriter::gateTensors(const std::string &name) {
  float range = 1.5f / float(choice.hidden > 4 ? 4 : 2);
  tensor(name + "_w", {choice.input, choice.hidden}, range);
  tensor(name + "_u", {choice.hidden, choice.hidden}, range);
  tensor(name + "_b", {1, choice.hidden}, 0.4f);
  return near(range / float(1 << (choice.weightBits - 1)));
}

/// `operand` times quantised weights.
std::string BodyWriter::product(const std::string &operand,
                                const std::string &weights, float scale) {
  QuantSpec spec{.bits = choice.weightBits, .narrow = true, .scale = {scale}};
  return node("MatMul", {operand, body.quant(weights, spec, weights + "q")},
              weights + "_product");
}

/// The function of the quantised sum, quantised.
std::string BodyWriter::activation(const std::string &name,
                                   const std::string &sum,
                                   const std::string &function) {
  int bits = choice.activationBits;
  bool isSigned = function == "Tanh";
  QuantSpec sums = spec(near(3.0f / float(1 << (bits - 1))));
  QuantSpec out = spec(near(1.0f / float(1 << (bits - isSigned))), isSigned);
  std::string quantised = body.quant(sum, sums, name + "_sumq");
  return body.quant(node(function, {quantised}, name + "_f"), out,
                    name + "_out");
}

std::string BodyWriter::gate(char name, const std::string &function) {
  std::string g(1, name);
  float scale = gateTensors(g);
  std::string sum = node(
      "Add", {product("xq", g + "_w", scale), product("h", g + "_u", scale)},
      g + "_xh");
  sum = node("Add", {sum, g + "_b"}, g + "_sum");
  return activation(g, sum, function);
}

void BodyWriter::writeLstm(const QuantSpec &hidden) {
  float full = float(1 << (choice.activationBits - 1));
  QuantSpec cSpec = spec(near(2.0f / full)), tSpec = spec(near(1.0f / full));
  std::string i = gate('i', "Sigmoid"), f = gate('f', "Sigmoid"),
              o = gate('o', "Sigmoid"), g = gate('g', "Tanh");
  std::string fc = body.quant(node("Mul", {f, "c"}, "fc"), cSpec, "fcq");
  std::string ig = body.quant(node("Mul", {i, g}, "ig"), cSpec, "igq");
  std::string c = body.quant(node("Add", {fc, ig}, "c_sum"), cSpec, "c_next");
  std::string t = body.quant(node("Tanh", {c}, "t"), tSpec, "tq");
  body.quant(node("Mul", {t, o}, "th"), hidden, "h_next");
}

/// h' = (1 - z) n + z h with n = tanh(W x + b + r (U h + b_u)).
void BodyWriter::writeGru(const QuantSpec &hidden) {
  std::string r = gate('r', "Sigmoid"), z = gate('z', "Sigmoid");
  float scale = gateTensors("n");
  QuantSpec sums = spec(near(3.0f / float(1 << (choice.activationBits - 1))));
  std::string bias = tensor("n_bu", {1, choice.hidden}, 0.4f);
  std::string h = node("Add", {product("h", "n_u", scale), bias}, "n_h");
  h = body.quant(h, sums, "n_hq");
  h = body.quant(node("Mul", {r, h}, "n_rh"), sums, "n_rhq");
  std::string x = node("Add", {product("xq", "n_w", scale), "n_b"}, "n_x");
  x = body.quant(x, sums, "n_xq");
  std::string n = activation("n", node("Add", {x, h}, "n_sum"), "Tanh");
  body.scalar("one", 1);
  std::string rest = node("Sub", {"one", z}, "rest");
  std::string fromN = body.quant(node("Mul", {rest, n}, "zn"), hidden, "znq");
  std::string fromH = body.quant(node("Mul", {z, "h"}, "zh"), hidden, "zhq");
  body.quant(node("Add", {fromN, fromH}, "h_sum"), hidden, "h_next");
}

OnnxText BodyWriter::write() {
  bool isLstm = choice.cell == RnnChoice::Cell::Lstm;
  body.valueInfo("input", "h", {1, choice.hidden});
  if (isLstm)
    body.valueInfo("input", "c", {1, choice.hidden});
  body.valueInfo("input", "x", {1, choice.input});
  body.valueInfo("output", "h_next", {1, choice.hidden});
  if (isLstm)
    body.valueInfo("output", "c_next", {1, choice.hidden});
  body.valueInfo("output", "h_out", {1, choice.hidden});
  float full = float(1 << (choice.activationBits - 1));
  QuantSpec hSpec = spec(near(1.0f / full));
  QuantSpec xSpec = choice.sharedScale ? hSpec : spec(near(1.0f / full));
  body.quant("x", xSpec, "xq");
  isLstm ? writeLstm(hSpec) : writeGru(hSpec);
  node("Identity", {"h_next"}, "h_out");
  return std::move(body);
}

bool finngl::test::writeRnn(const RnnChoice &choice,
                            const std::filesystem::path &file) {
  int hidden = choice.hidden, steps = choice.steps;
  OnnxText graph;
  graph.valueInfo("input", "xs", {steps, 1, choice.input});
  std::vector<std::string> inputs{"h0"}, outputs{"final_h"};
  if (choice.cell == RnnChoice::Cell::Lstm) {
    inputs.push_back("c0");
    outputs.push_back("final_c");
  }
  std::vector<float> zeros(size_t(hidden), 0.0f);
  for (size_t i = 0; i < inputs.size(); ++i) {
    graph.valueInfo("output", outputs[i], {1, hidden});
    graph.tensor(inputs[i], {1, hidden}, zeros);
  }
  graph.valueInfo("output", "hs", {steps, 1, hidden});
  inputs.push_back("xs");
  outputs.push_back("hs");
  graph.scan(inputs, outputs, 1, BodyWriter(choice).write());
  return writeOnnx(graph, file);
}
