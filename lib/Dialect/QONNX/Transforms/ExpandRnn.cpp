//===- ExpandRnn.cpp - Recurrent operators become scans -------------------===//
//
// One step of a Brevitas 0.11 QuantLSTM, x [N, F], h and c [N, H]:
//
//   a_g = Q_acc_g(x W_g^T + h U_g^T + b_g)        for g in i, f, c, o
//   i = Q_i(sigmoid(a_i))   f = Q_f(sigmoid(a_f))   or, cifg: f = Q_i(1) - i
//   g = Q_g(tanh(a_c))      o = Q_o(sigmoid(a_o))
//   c' = Q_c(Q_c(f c) + Q_c(i g))
//   h' = Q_out(o Q_t(tanh(c')))
//
// Each op is a part of the cell's node by name: quantisers as Brevitas calls
// them (`/input_acc`, `/cell_tanh`), the three of the cell state by what they
// quantise (`/forget_times_cell`, `/input_times_cell`, `/cell_state`).
//
// ONNX' own operators: ExpandOnnxRnn.cpp.
//
//===----------------------------------------------------------------------===//

#include "ScanBody.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"

using namespace mlir;

namespace finngl::qonnx {
#define GEN_PASS_DEF_EXPANDRNN
#include "finngl/Dialect/QONNX/Transforms/Passes.h.inc"

namespace {
/// Order of Brevitas' quantisers in the operator.
enum CellQuantiser {
  Output,
  CellState,
  InputAcc,
  ForgetAcc,
  CellAcc,
  OutputAcc,
  InputSigmoid,
  ForgetSigmoid,
  CellTanh,
  OutputSigmoid,
  HiddenTanh
};
/// Order of weights and biases in the operator.
enum Gate { Input, Forget, Cell, Out };
constexpr llvm::StringLiteral kGateNames[] = {"input", "forget", "cell",
                                              "output"};

/// Builds the body of one cell's scan.
class CellBody {
public:
  CellBody(QuantLSTMCellOp op, ScanBody &body) : op(op), body(body) {}

  /// Next h and c.
  std::pair<Value, Value> build();

private:
  Value quantise(const llvm::Twine &name, Value value, CellQuantiser which) {
    return body.make<QuantOp>(name, value.getType(), value,
                              cast<QuantiserAttr>(op.getQuantisers()[which]));
  }
  Value gate(Gate gate, CellQuantiser accumulator);
  Value product(const llvm::Twine &name, Value x, Value weight);
  Value forgetGate(Value inputGate);
  template <typename OpTy, typename... Operands>
  Value make(const llvm::Twine &name, Operands... operands) {
    return body.make<OpTy>(name, stateType(), operands...);
  }
  /// A function and its quantiser, which has the name.
  template <typename OpTy>
  Value activation(const llvm::Twine &name, Value x, CellQuantiser which) {
    return quantise(name, make<OpTy>(name + "_real", x), which);
  }
  RankedTensorType stateType() {
    return cast<RankedTensorType>(op.getH0().getType());
  }
  Value h() { return body.argument(0); }
  Value c() { return body.argument(1); }
  Value x() { return body.argument(2); }

  QuantLSTMCellOp op;
  ScanBody &body;
};

class ExpandRnnPass : public impl::ExpandRnnBase<ExpandRnnPass> {
  void runOnOperation() override;
};
} // namespace

/// `x weight^T` for a weight `[H, F]`.
Value CellBody::product(const llvm::Twine &name, Value x, Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  auto transposed = RankedTensorType::get(
      {type.getDimSize(1), type.getDimSize(0)}, type.getElementType());
  Value columns =
      body.make<TransposeOp>(name + "_weight", transposed, body.outer(weight),
                             ArrayRef<int64_t>{1, 0});
  return make<MatMulOp>(name, x, columns);
}

/// The quantised sum of one gate.
Value CellBody::gate(Gate gate, CellQuantiser accumulator) {
  // Named one by one: C++ does not say which argument is built first.
  llvm::StringRef name = kGateNames[gate];
  Value fromInput = product(name + "_x", x(), op.getWeights()[gate]);
  Value fromState = product(name + "_h", h(), op.getRecurrentWeights()[gate]);
  Value sum = make<AddOp>(name + "_sum", fromInput, fromState);
  if (!op.getBiases().empty())
    sum = make<AddOp>(name + "_bias", sum, body.outer(op.getBiases()[gate]));
  return quantise(name + "_acc", sum, accumulator);
}

/// With coupled gates `Q(1) - i`, which is not quantised again.
Value CellBody::forgetGate(Value inputGate) {
  if (!op.getCifg())
    return activation<SigmoidOp>("forget_sigmoid", gate(Forget, ForgetAcc),
                                 ForgetSigmoid);
  Value one = body.make<ConstantOp>(
      "one", stateType(),
      cast<ElementsAttr>(DenseElementsAttr::get(stateType(), 1.0f)));
  return make<SubOp>("forget_sigmoid",
                     quantise("one_sigmoid", one, InputSigmoid), inputGate);
}

std::pair<Value, Value> CellBody::build() {
  Value i = activation<SigmoidOp>("input_sigmoid", gate(Input, InputAcc),
                                  InputSigmoid);
  Value f = forgetGate(i);
  Value g = activation<TanhOp>("cell_tanh", gate(Cell, CellAcc), CellTanh);
  Value o = activation<SigmoidOp>("output_sigmoid", gate(Out, OutputAcc),
                                  OutputSigmoid);
  Value kept = quantise("forget_times_cell",
                        make<MulOp>("forget_product", f, c()), CellState);
  Value added = quantise("input_times_cell", make<MulOp>("input_product", i, g),
                         CellState);
  Value nextC = quantise("cell_state",
                         make<AddOp>("cell_state_sum", kept, added), CellState);
  Value seen = activation<TanhOp>("hidden_state_tanh", nextC, HiddenTanh);
  Value nextH =
      quantise("output", make<MulOp>("output_product", o, seen), Output);
  return {nextH, nextC};
}

static LogicalResult expandCell(QuantLSTMCellOp op) {
  int64_t axis = op.getBatchFirst() ? 1 : 0;
  auto xType = cast<RankedTensorType>(op.getX().getType());
  if (xType.getRank() != 3)
    return op.emitError() << "expects a sequence of rank 3, got " << xType;
  llvm::SmallVector<int64_t> stepShape(xType.getShape());
  stepShape.erase(stepShape.begin() + axis);
  Type state = op.getH0().getType();
  ScanBody body(op.getLoc(), {state, state},
                RankedTensorType::get(stepShape, xType.getElementType()));
  auto [h, c] = CellBody(op, body).build();
  ScanOp scan =
      body.finish(op, {op.getH0(), op.getC0()}, op.getX(), axis,
                  op.getReverseInput(), op.getAllH().getType(), {h, c}, h);
  op.getLastH().replaceAllUsesWith(scan.getResult(0));
  op.getLastC().replaceAllUsesWith(scan.getResult(1));
  op.getAllH().replaceAllUsesWith(scan.getResult(2));
  llvm::SmallVector<Value> operands(op->getOperands());
  op.erase();
  eraseDead(std::move(operands));
  return success();
}

void ExpandRnnPass::runOnOperation() {
  llvm::SmallVector<QuantLSTMCellOp> cells;
  getOperation().walk([&](QuantLSTMCellOp op) { cells.push_back(op); });
  for (QuantLSTMCellOp op : cells)
    if (failed(expandCell(op)))
      return signalPassFailure();
  llvm::SmallVector<RnnOp> layers;
  getOperation().walk([&](RnnOp op) { layers.push_back(op); });
  llvm::for_each(layers, expandRnn);
}

} // namespace finngl::qonnx
