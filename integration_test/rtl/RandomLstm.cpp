//===- RandomLstm.cpp - ONNX files of random quantised LSTMs --------------===//

#include "RandomLstm.h"
#include "OnnxText.h"
#include <random>

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
  OnnxText write();

private:
  const LstmChoice &choice;
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
  std::string gate(char name, const std::string &function);

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

std::string BodyWriter::gate(char name, const std::string &function) {
  std::string g(1, name);
  float range = 1.5f / float(choice.hidden > 4 ? 4 : 2);
  int half = 1 << (choice.weightBits - 1), bits = choice.activationBits;
  bool isSigned = function == "Tanh";
  tensor(g + "_w", {choice.input, choice.hidden}, range);
  tensor(g + "_u", {choice.hidden, choice.hidden}, range);
  tensor(g + "_b", {1, choice.hidden}, 0.4f);
  QuantSpec weights{.bits = choice.weightBits,
                    .narrow = true,
                    .scale = {near(range / float(half))}};
  QuantSpec sums = spec(near(3.0f / float(1 << (bits - 1))));
  QuantSpec out = spec(near(1.0f / float(1 << (bits - isSigned))), isSigned);
  std::string w = body.quant(g + "_w", weights, g + "_wq");
  std::string u = body.quant(g + "_u", weights, g + "_uq");
  std::string sum = node(
      "Add",
      {node("MatMul", {"xq", w}, g + "_x"), node("MatMul", {"h", u}, g + "_h")},
      g + "_xh");
  sum = node("Add", {sum, g + "_b"}, g + "_sum");
  sum = body.quant(sum, sums, g + "_sumq");
  return body.quant(node(function, {sum}, g + "_f"), out, g + "_out");
}

OnnxText BodyWriter::write() {
  int hidden = choice.hidden;
  body.valueInfo("input", "h", {1, hidden});
  body.valueInfo("input", "c", {1, hidden});
  body.valueInfo("input", "x", {1, choice.input});
  for (const char *name : {"h_next", "c_next", "h_out"})
    body.valueInfo("output", name, {1, hidden});
  float full = float(1 << (choice.activationBits - 1));
  QuantSpec hSpec = spec(near(1.0f / full));
  QuantSpec xSpec = choice.sharedScale ? hSpec : spec(near(1.0f / full));
  QuantSpec cSpec = spec(near(2.0f / full)), tSpec = spec(near(1.0f / full));
  body.quant("x", xSpec, "xq");
  std::string i = gate('i', "Sigmoid"), f = gate('f', "Sigmoid"),
              o = gate('o', "Sigmoid"), g = gate('g', "Tanh");
  std::string fc = body.quant(node("Mul", {f, "c"}, "fc"), cSpec, "fcq");
  std::string ig = body.quant(node("Mul", {i, g}, "ig"), cSpec, "igq");
  std::string c = body.quant(node("Add", {fc, ig}, "c_sum"), cSpec, "c_next");
  std::string t = body.quant(node("Tanh", {c}, "t"), tSpec, "tq");
  std::string h = body.quant(node("Mul", {t, o}, "th"), hSpec, "h_next");
  node("Identity", {h}, "h_out");
  return std::move(body);
}

bool finngl::test::writeLstm(const LstmChoice &choice,
                             const std::filesystem::path &file) {
  int hidden = choice.hidden, steps = choice.steps;
  OnnxText graph;
  graph.valueInfo("input", "xs", {steps, 1, choice.input});
  graph.valueInfo("output", "final_h", {1, hidden});
  graph.valueInfo("output", "final_c", {1, hidden});
  graph.valueInfo("output", "hs", {steps, 1, hidden});
  std::vector<float> zeros(size_t(hidden), 0.0f);
  graph.tensor("h0", {1, hidden}, zeros);
  graph.tensor("c0", {1, hidden}, zeros);
  graph.scan({"h0", "c0", "xs"}, {"final_h", "final_c", "hs"}, 1,
             BodyWriter(choice).write());
  return writeOnnx(graph, file);
}
