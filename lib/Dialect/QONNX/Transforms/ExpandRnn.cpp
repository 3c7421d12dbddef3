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
// them
// (`/input_acc`, `/cell_tanh`), the three of the cell state by what they
// quantise
// (`/forget_times_cell`, `/input_times_cell`, `/cell_state`).
//
// What depends on constants only (weights behind quantisers) is cloned into the
// body, so that the body's constants are seen where they are used.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Dialect/QONNX/Transforms/Passes.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/IR/IRMapping.h"

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
  CellBody(QuantLSTMCellOp op, Block &block)
      : op(op), builder(op.getContext()), block(block) {
    builder.setInsertionPointToEnd(&block);
  }

  void build();
  /// Values of the outer graph behind the body arguments added last.
  llvm::SmallVector<Value> captures;

private:
  Value outer(Value value);
  Location part(const llvm::Twine &name) {
    return partLocation(op.getLoc(), name.str());
  }
  Value quantise(const llvm::Twine &name, Value value, CellQuantiser which);
  Value gate(Gate gate, CellQuantiser accumulator);
  Value product(const llvm::Twine &name, Value x, Value weight);
  Value forgetGate(Value inputGate);
  template <typename OpTy, typename... Operands>
  Value make(const llvm::Twine &name, Operands... operands) {
    return builder.create<OpTy>(part(name), stateType(), operands...);
  }
  /// A function and its quantiser, which has the name.
  template <typename OpTy>
  Value activation(const llvm::Twine &name, Value x, CellQuantiser which) {
    return quantise(name, make<OpTy>(name + "_real", x), which);
  }
  RankedTensorType stateType() {
    return cast<RankedTensorType>(op.getH0().getType());
  }
  Value h() { return block.getArgument(0); }
  Value c() { return block.getArgument(1); }
  Value x() { return block.getArgument(2); }

  QuantLSTMCellOp op;
  OpBuilder builder;
  Block &block;
  IRMapping inside;
};

class ExpandRnnPass : public impl::ExpandRnnBase<ExpandRnnPass> {
  void runOnOperation() override;
};
} // namespace

/// True if `value` follows from constants by operators without regions.
static bool followsFromConstants(Value value) {
  Operation *maker = value.getDefiningOp();
  return maker && maker->getNumRegions() == 0 && isPure(maker) &&
         llvm::all_of(maker->getOperands(), followsFromConstants);
}

/// `value` of the outer graph as seen in the body: a clone of what makes it if
/// that is constant, else a capture.
Value CellBody::outer(Value value) {
  if (Value known = inside.lookupOrNull(value))
    return known;
  if (!followsFromConstants(value)) {
    captures.push_back(value);
    Value argument = block.addArgument(value.getType(), value.getLoc());
    inside.map(value, argument);
    return argument;
  }
  Operation *maker = value.getDefiningOp();
  for (Value operand : maker->getOperands())
    outer(operand);
  builder.clone(*maker, inside);
  return inside.lookup(value);
}

Value CellBody::quantise(const llvm::Twine &name, Value value,
                         CellQuantiser which) {
  return builder.create<QuantOp>(
      part(name), value.getType(), value,
      cast<QuantiserAttr>(op.getQuantisers()[which]));
}

/// `x weight^T` for a weight `[H, F]`.
Value CellBody::product(const llvm::Twine &name, Value x, Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  auto transposed = RankedTensorType::get(
      {type.getDimSize(1), type.getDimSize(0)}, type.getElementType());
  Value columns =
      builder.create<TransposeOp>(part(name + "_weight"), transposed,
                                  outer(weight), ArrayRef<int64_t>{1, 0});
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
    sum = make<AddOp>(name + "_bias", sum, outer(op.getBiases()[gate]));
  return quantise(name + "_acc", sum, accumulator);
}

/// With coupled gates `Q(1) - i`, which is not quantised again.
Value CellBody::forgetGate(Value inputGate) {
  if (!op.getCifg())
    return activation<SigmoidOp>("forget_sigmoid", gate(Forget, ForgetAcc),
                                 ForgetSigmoid);
  Value one = builder.create<ConstantOp>(
      part("one"), stateType(),
      cast<ElementsAttr>(DenseElementsAttr::get(stateType(), 1.0f)));
  return make<SubOp>("forget_sigmoid",
                     quantise("one_sigmoid", one, InputSigmoid), inputGate);
}

void CellBody::build() {
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
  Value nextC =
      quantise("cell_state", make<AddOp>("cell_sum", kept, added), CellState);
  Value seen = activation<TanhOp>("hidden_state_tanh", nextC, HiddenTanh);
  Value nextH =
      quantise("output", make<MulOp>("output_product", o, seen), Output);
  builder.create<YieldOp>(op.getLoc(), ValueRange{nextH, nextC, nextH});
}

/// Erases what only made operands of an operator that is gone.
static void eraseDead(llvm::SmallVector<Value> values) {
  while (!values.empty()) {
    Operation *maker = values.pop_back_val().getDefiningOp();
    if (!maker || !isOpTriviallyDead(maker))
      continue;
    llvm::SmallVector<Value> operands(maker->getOperands());
    // The same op may stand on the list twice.
    llvm::erase_if(values, [&](Value v) { return v.getDefiningOp() == maker; });
    maker->erase();
    values.append(operands);
  }
}

static LogicalResult expandCell(QuantLSTMCellOp op) {
  int64_t axis = op.getBatchFirst() ? 1 : 0;
  auto xType = cast<RankedTensorType>(op.getX().getType());
  if (xType.getRank() != 3)
    return op.emitError() << "expects a sequence of rank 3, got " << xType;
  llvm::SmallVector<int64_t> stepShape(xType.getShape());
  stepShape.erase(stepShape.begin() + axis);
  Region region;
  Block &block = region.emplaceBlock();
  Type state = op.getH0().getType();
  block.addArguments(
      {state, state, RankedTensorType::get(stepShape, xType.getElementType())},
      {op.getLoc(), op.getLoc(), op.getLoc()});
  CellBody body(op, block);
  body.build();

  OpBuilder builder(op);
  int64_t direction = op.getReverseInput() ? 1 : 0;
  auto scan = builder.create<ScanOp>(
      op.getLoc(), TypeRange{state, state, op.getAllH().getType()},
      ValueRange{op.getH0(), op.getC0()}, ValueRange{op.getX()}, body.captures,
      axis, direction, axis, direction);
  scan.getBody().takeBody(region);
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
}

} // namespace finngl::qonnx
