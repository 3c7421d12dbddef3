//===- RandomCell.cpp - Random legal cells --------------------------------===//

#include "RandomCell.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace finngl::test;
using Start = CellState::Start;

namespace {

/// What a value may become; the generator knows enough to stay legal.
struct Info {
  double lo = 0, hi = 0; ///< typical values, not bounds
  int terms = 1;         ///< integer values of unrelated scales in its form
  int degree = 1;        ///< codes multiplied
  bool code = false;     ///< a quantised value
  bool perChannel = false;
};

class CellMaker {
public:
  explicit CellMaker(unsigned seed) : random(7000 + seed) { cell.seed = seed; }
  Cell make();

private:
  Cell cell;
  std::mt19937 random;
  std::vector<Info> infos;
  std::vector<int> codes; ///< quantised values, states included
  std::vector<int> sizes; ///< that vectors of this cell have
  std::vector<float> sharedScales;

  int pick(int lo, int hi) {
    return lo + int(random() % unsigned(hi - lo + 1));
  }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  double uniform(double lo, double hi) {
    return lo + (hi - lo) * double(random() % 65536) / 65536;
  }
  template <typename T> const T &oneOf(const std::vector<T> &list) {
    return list[random() % list.size()];
  }

  void declare();
  int add(CellNode node, Info info);
  float scaleNear(double nominal);
  QuantSpec quantiser(const Info &range, int size, bool ofState);
  QuantSpec weightQuantiser(int columns, double largest);
  std::vector<float> constants(int size, double magnitude);
  int anyCode(int size);
  int operand();
  int product(int size);
  int leaf(int size);
  int affine(int value);
  int binary(int size, int depth);
  int expression(int size, int depth);
  int activation(int value);
  int statement(int size, bool ofState);
  int nextOf(CellState &state);
  void startStates();
  void chooseOutputs();
  void dropUnused();
};

} // namespace

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// One scale of the whole cell times a power of two, a power of two, or any.
float CellMaker::scaleNear(double nominal) {
  double power = std::exp2(std::round(std::log2(nominal)));
  switch (pick(0, 3)) {
  case 0:
    return float(power);
  case 1: {
    float shared = oneOf(sharedScales);
    return float(shared * std::exp2(std::round(std::log2(nominal / shared))));
  }
  default:
    return float(nominal * uniform(0.8, 1.25));
  }
}

QuantSpec CellMaker::quantiser(const Info &range, int size, bool ofState) {
  static const std::vector<std::string> modes = {
      "ROUND", "HALF_EVEN", "CEIL",          "FLOOR",    "UP",
      "DOWN",  "HALF_UP",   "ROUND_TO_ZERO", "HALF_DOWN"};
  QuantSpec spec;
  spec.bits = chance(80) ? pick(2, 8) : pick(1, 10);
  spec.isSigned = range.lo < 0 ? chance(90) : chance(25);
  if (spec.bipolar() && chance(70))
    spec.bits = 2;
  spec.narrow = spec.bits > 1 && chance(25);
  spec.rounding = chance(55) ? "ROUND" : oneOf(modes);
  double width = std::max(range.hi - range.lo, 1e-3);
  if (spec.isSigned)
    width = 2 * std::max(std::max(range.hi, -range.lo), 1e-3);
  double nominal =
      width * uniform(0.25, 1.1) / std::max(spec.hi() - spec.lo(), 1);
  spec.scale = {scaleNear(nominal)};
  if (size > 1 && chance(ofState ? 1 : 3)) {
    spec.scale.clear();
    for (int c = 0; c < size; ++c)
      spec.scale.push_back(scaleNear(nominal * uniform(0.6, 1.6)));
  }
  if (ofState) // so that code * scale is a float32: an initial value
    for (float &scale : spec.scale)
      scale =
          std::ldexp(std::max(std::round(std::ldexp(scale, 20)), 1.0f), -20);
  if (!spec.bipolar() && chance(15))
    spec.zeroPoint = {float(pick(spec.lo(), spec.hi()))};
  if (!spec.bipolar() && !ofState && chance(2))
    spec.zeroPoint = {float(pick(2 * spec.lo(), 2 * spec.hi())) / 2 + 0.25f};
  return spec;
}

QuantSpec CellMaker::weightQuantiser(int columns, double largest) {
  QuantSpec spec;
  spec.bits = chance(90) ? pick(2, 8) : pick(1, 10);
  spec.narrow = spec.bits > 1 && chance(50);
  double nominal = largest / std::max(spec.hi(), 1);
  spec.scale = {scaleNear(nominal)};
  if (columns > 1 && chance(5)) {
    spec.scale.clear();
    for (int c = 0; c < columns; ++c)
      spec.scale.push_back(scaleNear(nominal * uniform(0.6, 1.4)));
  }
  return spec;
}

/// One or one a channel, sometimes with few bits.
std::vector<float> CellMaker::constants(int size, double magnitude) {
  std::vector<float> values(size_t(chance(70) ? size : 1));
  bool coarse = chance(50);
  for (float &value : values) {
    double v = uniform(-magnitude, magnitude);
    value = float(coarse ? std::round(v * 16) / 16 : v);
  }
  return values;
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

int CellMaker::add(CellNode node, Info info) {
  cell.nodes.push_back(std::move(node));
  infos.push_back(info);
  return cell.values() - 1;
}

/// A code of this size, late ones more often; -1 if there is none.
int CellMaker::anyCode(int size) {
  std::vector<int> fitting;
  for (int code : codes)
    if (cell.size(code) == size)
      fitting.insert(fitting.end(), cell.node(code) ? 2 : 1, code);
  return fitting.empty() ? -1 : oneOf(fitting);
}

/// Operand of a matrix product: a code, rarely a sum of two or 1 - code. Scales
/// along the contraction are for the few cells that may be refused.
int CellMaker::operand() {
  int value = oneOf(codes);
  for (int i = 0; i < 4 && infos[value].perChannel; ++i)
    value = oneOf(codes);
  return chance(6) ? expression(cell.size(value), 1) : value;
}

int CellMaker::product(int size) {
  int value = operand();
  for (int i = 0; i < 3 && infos[value].terms > 1; ++i)
    value = oneOf(codes);
  int rows = cell.size(value);
  bool gemm = cell.layout == Cell::Layout::Row && chance(15);
  double largest = uniform(0.3, 1.5) / std::sqrt(rows);
  CellNode node{.op = gemm ? "Gemm" : "MatMul",
                .inputs = {value},
                .size = size,
                .quant = weightQuantiser(size, largest)};
  for (int i = 0; i < rows * size; ++i)
    node.constant.push_back(float(uniform(-largest, largest)));
  double x = std::max(std::fabs(infos[value].lo), std::fabs(infos[value].hi));
  double reach = x * largest * std::sqrt(rows);
  if (gemm)
    node.bias = constants(size, reach / 2);
  return add(std::move(node), {.lo = -reach,
                               .hi = reach,
                               .terms = infos[value].terms,
                               .degree = infos[value].degree,
                               .perChannel = infos[value].perChannel});
}

int CellMaker::leaf(int size) {
  int code = anyCode(size);
  return code < 0 || chance(45) ? product(size) : code;
}

/// -x, c - x, x + c or x * c.
int CellMaker::affine(int value) {
  Info info = infos[value];
  info.code = false;
  int size = cell.size(value);
  CellNode node{.op = "Neg", .inputs = {value}, .size = size};
  double reach = std::max({std::fabs(info.lo), std::fabs(info.hi), 0.1});
  int kind = pick(0, 3);
  if (kind == 0) {
    std::tie(info.lo, info.hi) = std::pair(-info.hi, -info.lo);
  } else if (kind == 1) { // the complement of a gate
    node.op = "Sub";
    node.constant = {1};
    node.constantFirst = true;
    std::tie(info.lo, info.hi) = std::pair(1 - info.hi, 1 - info.lo);
  } else if (kind == 2) {
    node.op = chance(70) ? "Add" : "Sub";
    node.constant = constants(size, reach / 2);
  } else {
    node.op = "Mul";
    node.constant = {float(uniform(0.3, 2) * (chance(25) ? -1 : 1))};
    info.hi = 1.2 * reach;
    info.lo = -info.hi;
  }
  return add(std::move(node), info);
}

int CellMaker::binary(int size, int depth) {
  int a = expression(size, depth - 1), b = expression(size, depth - 1);
  const Info &x = infos[a], &y = infos[b];
  bool mayMultiply =
      x.degree + y.degree <= (chance(5) ? 3 : 2) && x.terms * y.terms <= 2;
  if (mayMultiply && (x.code || y.code) && chance(60)) {
    Info info{.terms = x.terms * y.terms,
              .degree = x.degree + y.degree,
              .perChannel = x.perChannel || y.perChannel};
    auto corners = {x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi};
    std::tie(info.lo, info.hi) = std::minmax(corners);
    return add({.op = "Mul", .inputs = {a, b}, .size = size}, info);
  }
  if (x.terms + y.terms > 3)
    return a;
  bool minus = chance(35);
  Info info{.lo = x.lo + (minus ? -y.hi : y.lo),
            .hi = x.hi + (minus ? -y.lo : y.hi),
            .terms = x.terms + y.terms,
            .degree = std::max(x.degree, y.degree),
            .perChannel = x.perChannel || y.perChannel};
  return add({.op = minus ? "Sub" : "Add", .inputs = {a, b}, .size = size},
             info);
}

int CellMaker::expression(int size, int depth) {
  if (depth == 0)
    return leaf(size);
  int kind = pick(1, 100);
  if (kind <= 20)
    return leaf(size);
  return kind <= 35 ? affine(expression(size, depth - 1)) : binary(size, depth);
}

int CellMaker::activation(int value) {
  Info info = infos[value];
  info.code = false;
  CellNode node{.op = "", .inputs = {value}, .size = cell.size(value)};
  switch (pick(0, 7)) {
  case 0:
    node.op = "Sigmoid";
    std::tie(info.lo, info.hi) = std::pair(0, 1);
    break;
  case 1:
    node.op = "Tanh";
    std::tie(info.lo, info.hi) = std::pair(-1, 1);
    break;
  case 2:
    node.op = "Relu";
    info.lo = 0;
    info.hi = std::max(info.hi, 0.1);
    break;
  case 3:
    node.op = "LeakyRelu";
    info.lo = std::min(info.lo, 0.0) / 100;
    info.hi = std::max(info.hi, 0.1);
    break;
  case 4:
    node.op = "PRelu";
    for (int i = 0; i < node.size; ++i)
      node.constant.push_back(float(uniform(0, 1.2)));
    info.lo = std::min(info.lo * 1.2, 0.0);
    info.hi = std::max(info.hi, 0.1);
    break;
  case 5:
    node.op = "Elu";
    info.lo = -1;
    info.hi = std::max(info.hi, 0.1);
    break;
  case 6:
    node.op = "Softsign";
    std::tie(info.lo, info.hi) = std::pair(-1, 1);
    break;
  default: // HardSigmoid and its like are affine maps before this
    node.op = "Clip";
    node.constant = {float(info.lo * uniform(0, 0.8)),
                     float(info.hi * uniform(0, 0.8))};
    std::sort(node.constant.begin(), node.constant.end());
    std::tie(info.lo, info.hi) = std::pair(node.constant[0], node.constant[1]);
  }
  return add(std::move(node), info);
}

/// A value behind a quantiser.
int CellMaker::statement(int size, bool ofState) {
  int value = expression(size, pick(0, 2));
  // A transcendental function of several unrelated terms has no exact form.
  if (infos[value].terms > 1 && chance(50)) {
    value = add({.op = "Quant",
                 .inputs = {value},
                 .size = size,
                 .quant = quantiser(infos[value], size, false)},
                infos[value]);
    infos[value].terms = infos[value].degree = 1;
  }
  if (infos[value].terms == 1 && chance(40))
    value = activation(value);
  QuantSpec spec = quantiser(infos[value], size, ofState);
  double scale = *std::max_element(spec.scale.begin(), spec.scale.end());
  double zero = spec.zeroPoint[0];
  Info info{.lo = std::max((spec.lo() - zero) * scale,
                           std::min(infos[value].lo, 0.0)),
            .hi = std::min((spec.hi() - zero) * scale,
                           std::max(infos[value].hi, 0.0)),
            .code = true,
            .perChannel = spec.scale.size() > 1};
  int code = add(
      {.op = "Quant", .inputs = {value}, .size = size, .quant = spec}, info);
  codes.push_back(code);
  return code;
}

//===----------------------------------------------------------------------===//
// Cells
//===----------------------------------------------------------------------===//

void CellMaker::declare() {
  int layout = pick(1, 10);
  cell.layout = layout <= 6   ? Cell::Layout::Row
                : layout <= 8 ? Cell::Layout::Vector
                              : Cell::Layout::Column;
  cell.steps = pick(1, 12);
  for (int i = pick(1, 3); i > 0; --i)
    sizes.push_back(chance(80) ? pick(1, 8) : pick(1, 20));
  sharedScales = {float(uniform(0.004, 0.03)), float(uniform(0.004, 0.03))};
  cell.states.resize(size_t(pick(1, 3)));
  cell.inputs.resize(size_t(pick(1, 2)));
  for (CellState &state : cell.states) {
    state.size = oneOf(sizes);
    codes.push_back(int(codes.size()));
    infos.push_back({.lo = -1, .hi = 1, .code = true});
  }
  for (CellInput &input : cell.inputs) {
    input.size = chance(50) ? oneOf(sizes) : pick(1, 12);
    Info info{.lo = chance(70) ? -1.0 : 0.0, .hi = 1, .code = true};
    input.quant = quantiser(info, input.size, false);
    input.quantOutside = chance(30);
    info.perChannel = input.quant.scale.size() > 1;
    codes.push_back(int(codes.size()));
    infos.push_back(info);
  }
}

/// Mostly a statement of its own; now and then a code that is there already, or
/// one that passes an operator that keeps its grid.
int CellMaker::nextOf(CellState &state) {
  int value = chance(6) ? anyCode(state.size) : -1;
  if (value < int(cell.states.size()))
    value = statement(state.size, /*ofState=*/true);
  if (!chance(4))
    return value;
  Info info = infos[value];
  return add({.op = chance(50) ? "Relu" : "Identity",
              .inputs = {value},
              .size = state.size},
             info);
}

void CellMaker::startStates() {
  for (CellState &state : cell.states) {
    const QuantSpec &grid = cell.gridOf(state);
    bool plain = std::floor(grid.zeroPoint[0]) == grid.zeroPoint[0];
    for (float scale : grid.scale) // input and shared scales have 24 bits
      plain &= std::ldexp(scale, 20) == std::round(std::ldexp(scale, 20));
    int kind = plain ? pick(1, 10) : 1;
    state.start = kind <= 5   ? Start::Zero
                  : kind <= 8 ? Start::Constant
                              : Start::Input;
    for (int i = 0; i < state.size; ++i)
      state.codes.push_back(pick(grid.lo(), grid.hi()));
    if (grid.bipolar()) // 0 is none of its levels
      for (int &code : state.codes)
        code = code < 0 ? -1 : 1;
  }
}

/// Results that nothing reads first.
void CellMaker::chooseOutputs() {
  std::vector<bool> used(size_t(cell.values()));
  for (const CellNode &node : cell.nodes)
    for (int input : node.inputs)
      used[size_t(input)] = true;
  for (const CellState &state : cell.states)
    used[size_t(state.next)] = true;
  std::vector<int> dead, all;
  for (int code : codes)
    if (code >= int(cell.states.size()) || chance(20))
      (used[size_t(code)] ? all : dead).push_back(code);
  for (int i = pick(0, 3); i > 0; --i) {
    cell.outputs.push_back(oneOf(dead.empty() ? all : dead));
    std::erase(dead, cell.outputs.back());
  }
}

/// Most of what no state and no output needs; some stays as dead code.
void CellMaker::dropUnused() {
  std::vector<bool> needed(size_t(cell.values()));
  for (const CellState &state : cell.states)
    needed[size_t(state.next)] = true;
  for (int output : cell.outputs)
    needed[size_t(output)] = true;
  std::vector<int> renamed(size_t(cell.values()), -1);
  for (int v = cell.values() - 1; v >= cell.firstNode(); --v) {
    needed[size_t(v)] = needed[size_t(v)] || chance(3);
    if (needed[size_t(v)])
      for (int input : cell.node(v)->inputs)
        needed[size_t(input)] = true;
  }
  std::vector<CellNode> kept;
  for (int v = 0; v < cell.values(); ++v) {
    renamed[size_t(v)] =
        v < cell.firstNode() ? v : cell.firstNode() + int(kept.size());
    if (v < cell.firstNode() || !needed[size_t(v)])
      continue;
    kept.push_back(*cell.node(v));
    for (int &input : kept.back().inputs)
      input = renamed[size_t(input)];
  }
  cell.nodes = std::move(kept);
  for (CellState &state : cell.states)
    state.next = renamed[size_t(state.next)];
  for (int &output : cell.outputs)
    output = renamed[size_t(output)];
}

Cell CellMaker::make() {
  declare();
  for (int i = pick(0, 4); i > 0; --i)
    statement(oneOf(sizes), /*ofState=*/chance(30));
  for (CellState &state : cell.states)
    state.next = nextOf(state);
  chooseOutputs();
  dropUnused();
  startStates();
  return cell;
}

Cell finngl::test::randomCell(unsigned seed) { return CellMaker(seed).make(); }
