//===- ExpandOnnxRnn.cpp - LSTM, GRU and RNN become scans -----------------===//
//
// One step, x [N, F], h and c [N, H], with ONNX' names (W' is W transposed, P
// the peepholes, each activation's operand clipped if asked):
//
//   LSTM  i = f(x Wi' + h Ri' + Wbi + Rbi + Pi c)      o likewise, of c_next
//         f = f(...)  or, coupled: f = 1 - i            g = g(...), no peephole
//         c_next = f c + i g                            h_next = o h(c_next)
//   GRU   z = f(...)   r = f(...)
//         n = g(x Wh' + (r h) Rh' + Wbh + Rbh)          or, linear before
//         reset: n = g(x Wh' + r (h Rh' + Rbh) + Wbh) h_next = (1 - z) n + z h
//   RNN   h_next = f(x W' + h R' + Wb + Rb)
//
// A direction is a scan. Elements of a batch with sequences of different length
// are scans of their own: their steps differ. Only such a scan reads less than
// all steps; the rest of its output is 0.
//
//===----------------------------------------------------------------------===//

#include "OuterGraph.h"
#include "ScanBody.h"
#include <map>

using namespace mlir;

namespace finngl::qonnx {
namespace {

/// Order of the gates in W, R and the bias.
namespace lstm {
enum Gate { Input, Output, Forget, Cell };
} // namespace lstm
namespace gru {
enum Gate { Update, Reset, Hidden };
} // namespace gru

/// Builds the body of one direction's scan.
class OnnxCell {
public:
  OnnxCell(RnnOp op, OuterGraph &graph, ScanBody &body, int64_t direction)
      : op(op), graph(graph), body(body), direction(direction),
        state(cast<RankedTensorType>(body.argument(0).getType())) {}

  /// Next h, and c of an LSTM.
  llvm::SmallVector<Value> build();

private:
  llvm::SmallVector<Value> lstmStep();
  Value gruStep();
  Value gruCandidate(Value reset);

  /// Block `index` of H rows of an operand `[D, n*H, ...]`, D dropped.
  Value rows(const llvm::Twine &name, Value operand, int64_t index);
  /// The same as the body sees it.
  Value parameter(const llvm::Twine &name, Value operand, int64_t index) {
    return body.outer(rows(name, operand, index));
  }
  Value product(const llvm::Twine &name, Value vector, Value weights,
                int64_t gate);
  /// `sum` and the bias `index` of Wb and Rb.
  Value biased(const llvm::Twine &name, Value sum, int64_t index);
  /// `x W' + vector R' + Wb + Rb` of one gate.
  Value gateSum(const llvm::Twine &name, int64_t gate, Value vector);
  Value peephole(const llvm::Twine &name, Value sum, int64_t index, Value cell);
  Value activation(const llvm::Twine &name, Value x, int64_t index);
  Value function(const llvm::Twine &name, Value x, ActivationAttr activation);
  Value affine(const llvm::Twine &name, Value x, float factor, float offset);
  Value oneMinus(const llvm::Twine &name, Value x) {
    return make<SubOp>(name, number(name + "_one", 1.0f), x);
  }
  Value number(const llvm::Twine &name, float value) {
    auto type = RankedTensorType::get({}, state.getElementType());
    return body.make<ConstantOp>(
        name, type, cast<ElementsAttr>(DenseElementsAttr::get(type, value)));
  }
  template <typename OpTy, typename... Args>
  Value make(const llvm::Twine &name, Args &&...args) {
    return body.make<OpTy>(name, state, std::forward<Args>(args)...);
  }
  bool isLstm() { return op.getCell() == Cell::Lstm; }
  Value h() { return body.argument(0); }
  Value c() { return body.argument(1); }
  Value x() { return body.argument(isLstm() ? 2 : 1); }

  RnnOp op;
  OuterGraph &graph;
  ScanBody &body;
  int64_t direction;
  RankedTensorType state;
};

/// The scans of one operator and what joins them.
class Layer {
public:
  explicit Layer(RnnOp op)
      : op(op), graph(op), batchAxis(1 - op.getStepAxis()),
        steps(shapeOf(op.getX())[size_t(op.getStepAxis())]),
        batch(shapeOf(op.getX())[size_t(batchAxis)]) {}

  void expand();

private:
  /// All h, last h, and of an LSTM last c: without their dimension D.
  using Results = llvm::SmallVector<Value>;
  Results direction(int64_t index);
  /// Those of one length: all if `elements` is empty.
  struct Group {
    int64_t length;
    llvm::SmallVector<int64_t> elements;
  };
  Results sequences(int64_t direction, const Group &group);
  llvm::SmallVector<Value> initialStates(int64_t direction, const Group &group);
  Value ofGroup(Value value, int64_t axis, const Group &group) {
    return group.elements.empty() ? value
                                  : graph.gather(value, axis, group.elements);
  }
  Value paddedSteps(Value all);

  RnnOp op;
  OuterGraph graph;
  int64_t batchAxis, steps, batch;
};
} // namespace

//===----------------------------------------------------------------------===//
// One step
//===----------------------------------------------------------------------===//

Value OnnxCell::rows(const llvm::Twine &name, Value operand, int64_t index) {
  int64_t hidden = op.getHidden();
  graph.setLocation(body.part(name));
  Value mine = graph.gather(operand, 0, {direction});
  mine = graph.gather(mine, 1, range(index * hidden, hidden));
  return graph.reshape(mine, shapeOf(mine).drop_front());
}

Value OnnxCell::product(const llvm::Twine &name, Value vector, Value weights,
                        int64_t gate) {
  Value matrix = graph.transpose(rows(name + "_weight", weights, gate));
  return make<MatMulOp>(name, vector, body.outer(matrix));
}

Value OnnxCell::biased(const llvm::Twine &name, Value sum, int64_t index) {
  if (!op.getBias())
    return sum;
  return make<AddOp>(name, sum,
                     parameter(name + "_value", op.getBias(), index));
}

Value OnnxCell::gateSum(const llvm::Twine &name, int64_t gate, Value vector) {
  Value fromInput = product(name + "_x", x(), op.getW(), gate);
  Value fromState = product(name + "_h", vector, op.getR(), gate);
  Value sum = make<AddOp>(name + "_sum", fromInput, fromState);
  if (!op.getBias())
    return sum;
  // As in ONNX' reference: one vector of both biases.
  int64_t gates = RnnOp::gatesOf(op.getCell());
  Value input = rows(name + "_bias_value", op.getBias(), gate);
  Value state = rows(name + "_bias_value", op.getBias(), gates + gate);
  return make<AddOp>(name + "_bias", sum, body.outer(graph.add(input, state)));
}

Value OnnxCell::peephole(const llvm::Twine &name, Value sum, int64_t index,
                         Value cell) {
  if (!op.getPeepholes())
    return sum;
  Value weight = parameter(name + "_peephole_weight", op.getPeepholes(), index);
  Value seen = make<MulOp>(name + "_peephole", cell, weight);
  return make<AddOp>(name + "_peephole_sum", sum, seen);
}

Value OnnxCell::affine(const llvm::Twine &name, Value x, float factor,
                       float offset) {
  x = make<MulOp>(name + "_scaled", x, number(name + "_alpha", factor));
  return make<AddOp>(name + "_moved", x, number(name + "_beta", offset));
}

Value OnnxCell::function(const llvm::Twine &name, Value x,
                         ActivationAttr activation) {
  ArrayRef<float> p = activation.getParameters();
  switch (activation.getFunction()) {
  case Function::Sigmoid:
    return make<SigmoidOp>(name, x);
  case Function::Tanh:
    return make<TanhOp>(name, x);
  case Function::Relu:
    return make<ReluOp>(name, x);
  case Function::Affine:
    return affine(name, x, p[0], p[1]);
  case Function::HardSigmoid:
    return make<ClipOp>(name, affine(name, x, p[0], p[1]), APFloat(0.0),
                        APFloat(1.0));
  case Function::ScaledTanh:
    x = make<MulOp>(name + "_scaled", x, number(name + "_beta", p[1]));
    x = make<TanhOp>(name + "_tanh", x);
    return make<MulOp>(name, x, number(name + "_alpha", p[0]));
  case Function::LeakyRelu:
    return make<LeakyReluOp>(name, x, p, /*axis=*/-1);
  }
  llvm_unreachable("no such activation");
}

/// Activation `index` of this direction, behind the clip.
Value OnnxCell::activation(const llvm::Twine &name, Value x, int64_t index) {
  if (std::optional<APFloat> clip = op.getClip()) {
    double bound = clip->convertToFloat();
    x = make<ClipOp>(name + "_clip", x, APFloat(-bound), APFloat(bound));
  }
  int64_t first = direction * RnnOp::activationsOf(op.getCell());
  return function(
      name, x,
      cast<ActivationAttr>(op.getActivations()[size_t(first + index)]));
}

llvm::SmallVector<Value> OnnxCell::lstmStep() {
  Value sum = gateSum("input", lstm::Input, h());
  Value i = activation("input_gate", peephole("input", sum, 0, c()), 0);
  Value f;
  if (op.getCoupled()) {
    f = oneMinus("forget_gate", i);
  } else {
    sum = gateSum("forget", lstm::Forget, h());
    f = activation("forget_gate", peephole("forget", sum, 2, c()), 0);
  }
  Value g = activation("cell_gate", gateSum("cell", lstm::Cell, h()), 1);
  Value kept = make<MulOp>("forget_product", f, c());
  Value added = make<MulOp>("input_product", i, g);
  Value nextC = make<AddOp>("cell_state", kept, added);
  sum = gateSum("output", lstm::Output, h());
  Value o = activation("output_gate", peephole("output", sum, 1, nextC), 0);
  Value seen = activation("cell_state_activation", nextC, 2);
  return {make<MulOp>("hidden_state", o, seen), nextC};
}

Value OnnxCell::gruCandidate(Value reset) {
  if (!op.getLinearBeforeReset())
    return gateSum("hidden", gru::Hidden,
                   make<MulOp>("reset_state", reset, h()));
  Value fromInput = product("hidden_x", x(), op.getW(), gru::Hidden);
  Value fromState = product("hidden_h", h(), op.getR(), gru::Hidden);
  fromState = biased("hidden_h_bias", fromState, 3 + gru::Hidden);
  Value kept = make<MulOp>("reset_product", reset, fromState);
  return biased("hidden_x_bias", make<AddOp>("hidden_sum", fromInput, kept),
                gru::Hidden);
}

Value OnnxCell::gruStep() {
  Value z = activation("update_gate", gateSum("update", gru::Update, h()), 0);
  Value r = activation("reset_gate", gateSum("reset", gru::Reset, h()), 0);
  Value n = activation("hidden_gate", gruCandidate(r), 1);
  Value rest = oneMinus("update_rest", z);
  Value added = make<MulOp>("hidden_product", rest, n);
  Value kept = make<MulOp>("update_product", z, h());
  return make<AddOp>("hidden_state", added, kept);
}

llvm::SmallVector<Value> OnnxCell::build() {
  switch (op.getCell()) {
  case Cell::Lstm:
    return lstmStep();
  case Cell::Gru:
    return {gruStep()};
  case Cell::Rnn:
    return {activation("hidden_state", gateSum("hidden", 0, h()), 0)};
  }
  llvm_unreachable("no such cell");
}

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

/// States of those elements of the batch before the first step: `[n, H]` each.
llvm::SmallVector<Value> Layer::initialStates(int64_t direction,
                                              const Group &group) {
  int64_t count =
      group.elements.empty() ? batch : int64_t(group.elements.size());
  int64_t shape[] = {count, op.getHidden()};
  int64_t directionAxis = op.getBatchFirst() ? 1 : 0;
  auto initial = [&](Value given) {
    if (!given)
      return graph.filled(shape, 0.0f);
    given = graph.gather(given, directionAxis, {direction});
    given = ofGroup(given, 1 - directionAxis, group);
    return graph.reshape(given, shape);
  };
  llvm::SmallVector<Value> states = {initial(op.getInitialH())};
  if (op.getCell() == Cell::Lstm)
    states.push_back(initial(op.getInitialC()));
  return states;
}

/// Zeros behind the last step that counts.
Value Layer::paddedSteps(Value all) {
  llvm::SmallVector<int64_t> rest(shapeOf(all));
  int64_t &missing = rest[size_t(op.getStepAxis())];
  missing = steps - missing;
  if (missing == 0)
    return all;
  return graph.concat({all, graph.filled(rest, 0.0f)}, op.getStepAxis());
}

/// One scan over the steps that count.
Layer::Results Layer::sequences(int64_t direction, const Group &group) {
  bool both = op.getDirections() == 2;
  bool reverse = direction == 1 || op.getDirection() == Direction::Reverse;
  Value x = ofGroup(op.getX(), batchAxis, group);
  if (group.length < steps)
    x = graph.gather(x, op.getStepAxis(), range(0, group.length));
  llvm::SmallVector<Value> states = initialStates(direction, group);
  Type element = getElementTypeOrSelf(x.getType());
  int64_t count = shapeOf(x)[size_t(batchAxis)];
  std::string prefix = !both ? "" : reverse ? "reverse_" : "forward_";
  ScanBody body(op.getLoc(), ValueRange(states).getTypes(),
                RankedTensorType::get({count, shapeOf(x)[2]}, element), prefix);
  auto next = OnnxCell(op, graph, body, direction).build();
  llvm::SmallVector<int64_t> stacked(shapeOf(x));
  stacked[2] = op.getHidden();
  ScanOp scan =
      body.finish(op, states, x, op.getStepAxis(), reverse,
                  RankedTensorType::get(stacked, element), next, next.front());
  graph.setLocation(op.getLoc());
  Results results = {paddedSteps(scan->getResults().back())};
  llvm::append_range(results, scan->getResults().drop_back());
  return results;
}

Layer::Results Layer::direction(int64_t index) {
  if (op.getSequenceLens().empty())
    return sequences(index, {steps, {}});
  std::map<int64_t, llvm::SmallVector<int64_t>> byLength;
  for (auto [element, length] : llvm::enumerate(op.getSequenceLens()))
    byLength[length].push_back(int64_t(element));
  llvm::SmallVector<int64_t> order;
  llvm::SmallVector<Results> parts;
  for (const auto &[length, elements] : byLength) {
    order.append(elements);
    parts.push_back(sequences(index, {length, elements}));
  }
  llvm::SmallVector<int64_t> position(order.size());
  for (auto [at, element] : llvm::enumerate(order))
    position[size_t(element)] = int64_t(at);
  Results whole;
  for (size_t i = 0; i < parts.front().size(); ++i) {
    llvm::SmallVector<Value> slices;
    for (const Results &part : parts)
      slices.push_back(part[i]);
    int64_t axis = i == 0 ? batchAxis : 0;
    whole.push_back(graph.gather(graph.concat(slices, axis), axis, position));
  }
  return whole;
}

void Layer::expand() {
  llvm::SmallVector<Results> directions;
  for (int64_t d = 0; d < op.getDirections(); ++d)
    directions.push_back(direction(d));
  for (auto [i, result] : llvm::enumerate(op->getResults())) {
    int64_t axis = (i == 0 ? 1 : 0) + (op.getBatchFirst() ? 1 : 0);
    llvm::SmallVector<int64_t> shape(shapeOf(result));
    shape[size_t(axis)] = 1;
    llvm::SmallVector<Value> slices;
    for (const Results &one : directions)
      slices.push_back(graph.reshape(one[i], shape));
    result.replaceAllUsesWith(graph.concat(slices, axis));
  }
  llvm::SmallVector<Value> unused(op->getOperands());
  op.erase();
  unused.append(graph.values());
  eraseDead(std::move(unused));
}

void expandRnn(RnnOp op) { Layer(op).expand(); }

} // namespace finngl::qonnx
