//===- Cell.cpp - A recurrent cell as data --------------------------------===//

#include "Cell.h"
#include "finngl/Support/TensorFile.h"
#include <random>

using namespace finngl::test;
using Start = CellState::Start;

int Cell::size(int value) const {
  size_t v = size_t(value);
  if (v < states.size())
    return states[v].size;
  return v < size_t(firstNode()) ? inputs[v - states.size()].size
                                 : node(value)->size;
}

Dims Cell::dims(int size) const {
  if (layout == Layout::Vector)
    return {size};
  return layout == Layout::Row ? Dims{1, size} : Dims{size, 1};
}

const QuantSpec &Cell::gridOf(const CellState &state) const {
  static const QuantSpec none;
  int value = state.next;
  for (const CellNode *n = node(value); n; n = node(value)) {
    if (n->op == "Quant")
      return n->quant;
    value = n->inputs[0];
  }
  size_t input = size_t(value) - states.size();
  return input < inputs.size() ? inputs[input].quant : none;
}

std::string Cell::describe() const {
  std::string text = "states";
  for (const CellState &state : states)
    text += " " + std::to_string(state.size);
  text += ", inputs";
  for (const CellInput &input : inputs)
    text += " " + std::to_string(input.size);
  text += ", steps " + std::to_string(steps) + ":";
  for (size_t i = 0; i < nodes.size(); ++i) {
    const CellNode &n = nodes[i];
    text += " v" + std::to_string(firstNode() + int(i)) + "=" + n.op + "(";
    for (size_t k = 0; k < n.inputs.size(); ++k)
      text += (k ? ",v" : "v") + std::to_string(n.inputs[k]);
    text += ")";
  }
  for (const CellState &state : states)
    text += " next v" + std::to_string(state.next);
  for (int output : outputs)
    text += " out v" + std::to_string(output);
  return text;
}

//===----------------------------------------------------------------------===//
// ONNX
//===----------------------------------------------------------------------===//

namespace {

class CellWriter {
public:
  explicit CellWriter(const Cell &cell) : cell(cell) {}
  OnnxText graph();

private:
  const Cell &cell;
  OnnxText body;

  static std::string name(int value) { return "v" + std::to_string(value); }
  void ports();
  void yields();
  void node(const CellNode &n, const std::string &out);
  std::string weights(const CellNode &n, const std::string &out);
  std::string constant(const std::vector<float> &values,
                       const std::string &name) {
    Dims dims = values.size() > 1 ? cell.dims(int(values.size())) : Dims();
    body.tensor(name, dims, values);
    return name;
  }
};

} // namespace

/// Scan inputs that are quantised in the body are called x<i> there.
void CellWriter::ports() {
  for (size_t s = 0; s < cell.states.size(); ++s)
    body.valueInfo("input", name(int(s)), cell.dims(cell.states[s].size));
  for (size_t i = 0; i < cell.inputs.size(); ++i) {
    const CellInput &input = cell.inputs[i];
    std::string value = name(int(cell.states.size() + i));
    std::string raw = "x" + std::to_string(i);
    body.valueInfo("input", input.quantOutside ? value : raw,
                   cell.dims(input.size));
    if (!input.quantOutside)
      body.quant(raw, input.quant, value, cell.dims(input.size));
  }
}

/// A row layout multiplies by [inputs, size], Gemm and columns by its
/// transpose.
std::string CellWriter::weights(const CellNode &n, const std::string &out) {
  int rows = cell.size(n.inputs[0]), columns = n.size;
  bool transposed = n.op == "Gemm" || cell.layout == Cell::Layout::Column;
  std::vector<float> values;
  for (int i = 0; i < (transposed ? columns : rows); ++i)
    for (int j = 0; j < (transposed ? rows : columns); ++j)
      values.push_back(
          n.constant[transposed ? j * columns + i : i * columns + j]);
  Dims dims = transposed ? Dims{columns, rows} : Dims{rows, columns};
  body.tensor(out + "_w", dims, values);
  return body.quant(out + "_w", n.quant, out + "_wq",
                    transposed ? Dims{columns, 1} : Dims{1, columns});
}

void CellWriter::node(const CellNode &n, const std::string &out) {
  std::vector<std::string> inputs;
  for (int input : n.inputs)
    inputs.push_back(name(input));
  if (n.op == "Quant") {
    body.quant(inputs[0], n.quant, out, cell.dims(n.size));
    return;
  }
  std::string more;
  if (n.op == "MatMul" || n.op == "Gemm") {
    bool column = cell.layout == Cell::Layout::Column;
    inputs.insert(column ? inputs.begin() : inputs.end(), weights(n, out));
    if (n.op == "Gemm") {
      inputs.push_back(constant(n.bias, out + "_b"));
      more = intAttribute("transB", 1);
    }
  } else if (n.op == "Clip") {
    body.scalar(out + "_min", n.constant[0]);
    body.scalar(out + "_max", n.constant[1]);
    inputs.insert(inputs.end(), {out + "_min", out + "_max"});
  } else if (n.op == "Concat") {
    more = intAttribute("axis", cell.layout == Cell::Layout::Row ? 1 : 0);
  } else if (!n.constant.empty()) {
    inputs.insert(n.constantFirst ? inputs.begin() : inputs.end(),
                  constant(n.constant, out + "_c"));
  }
  body.node(n.op, inputs, out, more);
}

/// ONNX wants every output of a body to be made by a node of its own.
void CellWriter::yields() {
  auto yield = [&](int value, const std::string &out) {
    body.node("Identity", {name(value)}, out);
    body.valueInfo("output", out, cell.dims(cell.size(value)));
  };
  for (size_t s = 0; s < cell.states.size(); ++s)
    yield(cell.states[s].next, "next" + std::to_string(s));
  for (size_t o = 0; o < cell.outputs.size(); ++o)
    yield(cell.outputs[o], "y" + std::to_string(o));
}

static Dims stacked(int steps, Dims dims) {
  dims.insert(dims.begin(), steps);
  return dims;
}

static std::vector<float> startValues(const Cell &cell,
                                      const CellState &state) {
  std::vector<float> values(size_t(state.size), 0.0f);
  const QuantSpec &grid = cell.gridOf(state);
  if (state.start == Start::Constant)
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = (float(state.codes[i]) - grid.zeroPoint[0]) *
                  grid.scale[grid.scale.size() > 1 ? i : 0];
  return values;
}

OnnxText CellWriter::graph() {
  OnnxText graph;
  std::vector<std::string> operands, results;
  for (size_t s = 0; s < cell.states.size(); ++s) {
    const CellState &state = cell.states[s];
    std::string start = "start" + std::to_string(s);
    if (state.start == Start::Input)
      graph.valueInfo("input", start, cell.dims(state.size));
    else
      graph.tensor(start, cell.dims(state.size), startValues(cell, state));
    operands.push_back(start);
    results.push_back("final" + std::to_string(s));
    graph.valueInfo("output", results.back(), cell.dims(state.size));
  }
  for (size_t i = 0; i < cell.inputs.size(); ++i) {
    const CellInput &input = cell.inputs[i];
    std::string xs = "xs" + std::to_string(i);
    graph.valueInfo("input", xs, stacked(cell.steps, cell.dims(input.size)));
    operands.push_back(
        input.quantOutside
            ? graph.quant(xs, input.quant, xs + "_q", cell.dims(input.size))
            : xs);
  }
  for (size_t o = 0; o < cell.outputs.size(); ++o) {
    results.push_back("ys" + std::to_string(o));
    graph.valueInfo("output", results.back(),
                    stacked(cell.steps, cell.dims(cell.size(cell.outputs[o]))));
  }
  ports();
  for (size_t i = 0; i < cell.nodes.size(); ++i)
    node(cell.nodes[i], name(cell.firstNode() + int(i)));
  yields();
  graph.scan(operands, results, cell.inputs.size(), body);
  return graph;
}

bool Cell::write(const std::filesystem::path &file) const {
  return writeOnnx(CellWriter(*this).graph(), file);
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

/// Values around a quantiser's range, often a level or a rounding boundary;
/// only levels if `onGrid`.
static finngl::FloatTensor randomTensor(const Dims &dims, int channels,
                                        const QuantSpec &spec, bool onGrid,
                                        std::mt19937 &random) {
  finngl::FloatTensor tensor;
  tensor.shape.assign(dims.begin(), dims.end());
  int span = spec.hi() - spec.lo();
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    size_t c = size_t(i % channels);
    // In halves of a level.
    double halves = 2 * spec.lo() + int(random() % unsigned(2 * span + 1));
    if (onGrid)
      halves = 2 * (spec.lo() + int(random() % unsigned(span + 1)));
    else if (random() % 4)
      halves = 2 * (spec.lo() - 0.1 * span) +
               2.4 * span * double(random() % 65536) / 65536.0;
    float zero = spec.zeroPoint[spec.zeroPoint.size() > 1 ? c : 0];
    tensor.data.push_back(float(halves / 2 - double(zero)) *
                          spec.scale[spec.scale.size() > 1 ? c : 0]);
  }
  return tensor;
}

bool Cell::writeData(const std::filesystem::path &folder,
                     unsigned index) const {
  std::filesystem::create_directories(folder);
  std::mt19937 random(100 * seed + index);
  int count = 0;
  std::string error;
  auto add = [&](const finngl::FloatTensor &tensor) {
    std::string file = "input_" + std::to_string(count++) + ".npy";
    return writeNpy((folder / file).string(), tensor, error);
  };
  bool good = true;
  for (const CellState &state : states)
    if (state.start == Start::Input)
      good &= add(randomTensor(dims(state.size), state.size, gridOf(state),
                               /*onGrid=*/true, random));
  for (const CellInput &input : inputs)
    good &= add(randomTensor(stacked(steps, dims(input.size)), input.size,
                             input.quant, /*onGrid=*/false, random));
  return good;
}
