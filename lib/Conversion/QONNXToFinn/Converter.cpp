//===- Converter.cpp - Floats and quantisers become integers --------------===//
//
// One function per op maps operands' linear forms to the result's. Nothing is
// emitted for constants, shapes, scales and biases: they live in the forms.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "finngl/Support/CodeTag.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

int64_t finngl::channelAxis(ArrayRef<int64_t> shape) {
  for (int64_t axis = int64_t(shape.size()) - 1; axis >= 0; --axis)
    if (shape[axis] != 1)
      return axis;
  return int64_t(shape.size()) - 1;
}

Result<Quantiser> finngl::channelQuantiser(qonnx::QuantiserAttr attr,
                                           ArrayRef<int64_t> shape) {
  Quantiser quantiser = qonnx::toQuantiser(attr);
  bool perChannel =
      quantiser.scale.size() > 1 || quantiser.zeroPoint.size() > 1;
  if (perChannel && quantiser.axis != channelAxis(shape))
    return Failure{"a quantiser per index of axis " +
                       std::to_string(quantiser.axis) +
                       ", which is not the axis of the channels",
                   "quantise per tensor or per channel"};
  return quantiser;
}

void Converter::set(Value value, Converted converted) {
  values[value] = std::make_shared<const Converted>(std::move(converted));
}

void Converter::refuse(Operation *op, const Failure &failure) {
  failed = true;
  InFlightDiagnostic error = emitError(op->getLoc())
                             << "no exact integer form for " << failure.message;
  if (!failure.note.empty())
    error.attachNote(op->getLoc()) << failure.note;
  for (Value result : op->getResults())
    set(result, {});
}

Location Converter::locationOf(Operation *op) {
  SmallVector<Location, 8> parts = {op->getLoc()};
  for (Value operand : op->getOperands())
    llvm::append_range(parts, lookup(operand).absorbed);
  return FusedLoc::get(parts, Attribute(), op->getContext());
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

void Converter::convert(Operation &op) {
  if (auto scan = dyn_cast<qonnx::ScanOp>(op))
    return convertScan(scan);
  // A scan's body is converted once for each round of its state ranges; what
  // depends on constants only stays.
  if (auto known = values.find(op.getResult(0));
      known != values.end() && known->second->kind == Kind::Constant)
    return;
  SmallVector<const ConstantTensor *, 4> constants;
  for (Value operand : op.getOperands()) {
    const Converted &converted = lookup(operand);
    if (converted.kind == Kind::Poison)
      return set(op.getResult(0), {});
    if (converted.kind == Kind::Constant)
      constants.push_back(converted.constant.get());
  }
  if (constants.size() == op.getNumOperands()) {
    auto constant = evaluateConstant(&op, constants);
    if (!constant)
      return refuse(&op, constant.failure());
    Converted result{.kind = Kind::Constant};
    result.constant = std::make_shared<ConstantTensor>(std::move(*constant));
    return set(op.getResult(0), std::move(result));
  }
  using namespace qonnx;
  emitter.setLocation(locationOf(&op));
  auto result =
      llvm::TypeSwitch<Operation *, Result<Converted>>(&op)
          .Case<QuantOp, ClipOp, SigmoidOp, TanhOp, ReluOp, NegOp, AddOp, SubOp,
                MulOp, MatMulOp, ReshapeOp, TransposeOp, ConcatOp, GatherOp>(
              [&](auto typed) { return convertOp(typed); })
          .Default([](Operation *other) {
            return Failure{"'" + other->getName().getStringRef().str() + "'",
                           "see 'finngl ops' for what is supported"};
          });
  if (!result)
    return refuse(&op, result.failure());
  // How `verify` finds the kernel of a quantiser; a port's codes are its own.
  if (auto number = quantNumbers.find(&op); number != quantNumbers.end())
    if (lookup(op.getOperand(0)).kind != Kind::Port)
      tagCodes(result->form.terms[0].value.value, number->second);
  // An op that emitted nothing lives on in its result's location.
  if (result->kind != Kind::Form || !isa<QuantOp>(op)) {
    for (Value operand : op.getOperands())
      llvm::append_range((*result).absorbed, lookup(operand).absorbed);
    (*result).absorbed.push_back(op.getLoc());
  }
  set(op.getResult(0), std::move(*result));
}

Converted finngl::asForm(LinearForm form) {
  Converted result{.kind = Kind::Form};
  result.form = std::move(form);
  return result;
}

Result<Converted> finngl::asForm(Result<LinearForm> form) {
  return form ? Result<Converted>(asForm(std::move(*form)))
              : Result<Converted>(form.failure());
}

std::optional<Failure> finngl::notLinear(const Converted &operand) {
  if (operand.kind == Kind::Port)
    return Failure{"a graph input that has not been quantised",
                   "put a quantiser on the graph input"};
  if (operand.kind == Kind::Activation)
    return Failure{"an activation that has not been quantised",
                   "put a quantiser behind the activation"};
  return std::nullopt;
}

/// A constant operand per channel of a value with `channels` channels and ONNX
/// shape `shape`.
static Result<Rationals> perChannel(const ConstantTensor &constant,
                                    ArrayRef<int64_t> shape, int64_t channels) {
  Rationals result;
  int64_t axis = channelAxis(constant.shape);
  int64_t fromRight = int64_t(constant.shape.size()) - axis;
  bool fits = constant.size() == 1 ||
              (int64_t(constant.size()) == channels &&
               constant.shape[axis] == channels &&
               fromRight == int64_t(shape.size()) - channelAxis(shape));
  if (!fits)
    return Failure{"a constant of " + std::to_string(constant.size()) +
                       " elements beside a value of " +
                       std::to_string(channels) + " channels",
                   "a constant operand must be a scalar or one per channel"};
  for (size_t i = 0; i < constant.size(); ++i) {
    if (!constant.isQuantised() && !std::isfinite(constant.values[i]))
      return Failure{"a constant that is not finite", "check the model's data"};
    result.push_back(constant.exact(i));
  }
  if (auto same = uniform(result))
    return Rationals{*same};
  return result;
}

//===----------------------------------------------------------------------===//
// Quantisers and activations
//===----------------------------------------------------------------------===//

Result<Converted> Converter::convertOp(qonnx::QuantOp op) {
  const Converted &input = lookup(op.getInput());
  if (input.kind == Kind::Port) {
    // convertPort has checked that all quantisers of a port are equal.
    if (!input.portQuantiser)
      return notLinear(input).value();
    return asForm(input.form);
  }
  auto quantiser = channelQuantiser(op.getQuantiser(), shapeOf(op));
  if (!quantiser)
    return quantiser.failure();
  if (input.kind == Kind::Activation)
    return asForm(quantised(emitter, input.form, input.chain, *quantiser));
  return asForm(quantised(emitter, input.form, *quantiser));
}

Result<Converted> Converter::activated(Operation *op, ActivationStep step) {
  const Converted &input = lookup(op->getOperand(0));
  if (input.kind == Kind::Port)
    return notLinear(input).value();
  Converted result = input;
  result.absorbed.clear();
  result.kind = Kind::Activation;
  result.chain.push_back(std::move(step));
  return result;
}

Result<Converted> Converter::convertOp(qonnx::SigmoidOp op) {
  return activated(op, {.kind = ActivationStep::Kind::Sigmoid});
}

Result<Converted> Converter::convertOp(qonnx::TanhOp op) {
  return activated(op, {.kind = ActivationStep::Kind::Tanh});
}

Result<Converted> Converter::clipped(Operation *op,
                                     std::optional<Rational> lower,
                                     std::optional<Rational> upper) {
  const Converted &input = lookup(op->getOperand(0));
  if (input.kind == Kind::Form)
    if (auto form = clamped(emitter, input.form, lower, upper))
      return asForm(std::move(*form));
  return activated(op, {.kind = ActivationStep::Kind::Clip,
                        .lower = std::move(lower),
                        .upper = std::move(upper)});
}

Result<Converted> Converter::convertOp(qonnx::ReluOp op) {
  return clipped(op, Rational(0), std::nullopt);
}

Result<Converted> Converter::convertOp(qonnx::ClipOp op) {
  auto bound = [](const APFloat &value) {
    return value.isInfinity() ? std::optional<Rational>()
                              : toRational(value.convertToDouble());
  };
  if (isa<IntegerType>(getElementTypeOrSelf(op.getType())))
    return Failure{"a clip on integer codes",
                   "run convert-qcdq-to-quant before this pass"};
  return clipped(op, bound(op.getMin()), bound(op.getMax()));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// x * factor + offset with constants, x a form or (scalars only) an
/// activation.
static Result<Converted> affine(const Converted &input, const Rationals &factor,
                                const Rationals &offset) {
  if (input.kind == Kind::Activation) {
    auto f = uniform(factor), o = uniform(offset);
    if (!f || !o || *f == 0)
      return Failure{"an activation with a factor or offset per channel",
                     "put a quantiser behind the activation"};
    Converted result = input;
    result.absorbed.clear();
    result.chain.push_back({.kind = ActivationStep::Kind::Affine,
                            .lower = {},
                            .upper = {},
                            .factor = *f,
                            .offset = *o});
    return result;
  }
  if (auto refusal = notLinear(input))
    return *refusal;
  auto form = scaled(input.form, factor);
  if (form)
    (*form).offset = sum(form->offset, offset);
  return asForm(std::move(form));
}

Result<Converted> Converter::convertOp(qonnx::NegOp op) {
  return affine(lookup(op.getInput()), {Rational(-1)}, {Rational(0)});
}

/// The operand that is constant, as rationals per channel of the other.
static Result<Rationals> constantOperand(Operation *op,
                                         const Converted &constant,
                                         const Converted &other) {
  if (auto refusal = notLinear(other);
      refusal && other.kind != Kind::Activation)
    return *refusal;
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  if (ShapedType::getNumElements(shape) !=
      ShapedType::getNumElements(other.form.shape()))
    return Failure{"a value that broadcasts over a constant",
                   "repeat no value; give the constant one entry per channel"};
  return perChannel(*constant.constant, shape, other.form.channels());
}

Result<Converted> Converter::additive(Operation *op, bool subtract) {
  const Converted &lhs = lookup(op->getOperand(0));
  const Converted &rhs = lookup(op->getOperand(1));
  Rational sign = subtract ? -1 : 1;
  if (lhs.kind == Kind::Constant || rhs.kind == Kind::Constant) {
    bool isLeft = lhs.kind == Kind::Constant;
    auto constant = constantOperand(op, isLeft ? lhs : rhs, isLeft ? rhs : lhs);
    if (!constant)
      return constant.failure();
    if (isLeft)
      return affine(rhs, {sign}, *constant);
    return affine(lhs, {Rational(1)}, product(*constant, {sign}));
  }
  for (const Converted *operand : {&lhs, &rhs})
    if (auto refusal = notLinear(*operand))
      return *refusal;
  return asForm(
      sum(emitter, lhs.form, subtract ? negated(rhs.form) : rhs.form));
}

Result<Converted> Converter::convertOp(qonnx::AddOp op) {
  return additive(op, false);
}

Result<Converted> Converter::convertOp(qonnx::SubOp op) {
  return additive(op, true);
}

Result<Converted> Converter::convertOp(qonnx::MulOp op) {
  const Converted &lhs = lookup(op.getLhs()), &rhs = lookup(op.getRhs());
  if (lhs.kind == Kind::Constant || rhs.kind == Kind::Constant) {
    bool isLeft = lhs.kind == Kind::Constant;
    auto constant = constantOperand(op, isLeft ? lhs : rhs, isLeft ? rhs : lhs);
    if (!constant)
      return constant.failure();
    return affine(isLeft ? rhs : lhs, *constant, {Rational(0)});
  }
  for (const Converted *operand : {&lhs, &rhs})
    if (auto refusal = notLinear(*operand))
      return *refusal;
  return asForm(product(emitter, lhs.form, rhs.form));
}

/// The constant operand as [MH, MW]: rhs [K, N] is transposed, lhs [N, K] is
/// taken as it is.
static Result<WeightMatrix> weightMatrix(const ConstantTensor &constant,
                                         bool isRight) {
  if (!constant.isQuantised())
    return Failure{"a matrix product with weights that are not quantised",
                   "put a quantiser on the weights"};
  size_t rank = constant.shape.size();
  if (rank != 2)
    return Failure{"weights of rank " + std::to_string(rank),
                   "weights must be a matrix"};
  int64_t rowAxis = isRight ? 1 : 0;
  WeightMatrix weights;
  weights.rows = constant.shape[rowAxis];
  weights.columns = constant.shape[1 - rowAxis];
  Rationals scale;
  for (float s : constant.scale)
    scale.push_back(toRational(s));
  bool onRows = scale.size() == 1 || constant.axis == rowAxis;
  weights.rowScale = onRows ? scale : Rationals{Rational(1)};
  weights.columnScale = onRows ? Rationals{Rational(1)} : scale;
  if (!isRight) {
    weights.codes = constant.levels;
    return weights;
  }
  weights.codes.resize(constant.levels.size());
  for (int64_t c = 0; c < weights.columns; ++c)
    for (int64_t r = 0; r < weights.rows; ++r)
      weights.codes[r * weights.columns + c] =
          constant.levels[c * weights.rows + r];
  return weights;
}

Result<Converted> Converter::convertOp(qonnx::MatMulOp op) {
  const Converted &lhs = lookup(op.getLhs()), &rhs = lookup(op.getRhs());
  bool isRight = rhs.kind == Kind::Constant;
  if (!isRight && lhs.kind != Kind::Constant)
    return Failure{"a matrix product of two values that are not constant",
                   "one operand must be constant weights"};
  const Converted &input = isRight ? lhs : rhs;
  if (auto refusal = notLinear(input))
    return *refusal;
  ArrayRef<int64_t> shape = shapeOf(isRight ? op.getLhs() : op.getRhs());
  if (!isRight && shape.size() > 1 && shape.back() != 1)
    return Failure{"weights times a matrix of " + std::to_string(shape.back()) +
                       " columns",
                   "each step must be one column vector"};
  auto weights = weightMatrix(*(isRight ? rhs : lhs).constant, isRight);
  if (!weights)
    return weights.failure();
  if (weights->columns != input.form.channels())
    return Failure{"a matrix product over " + std::to_string(weights->columns) +
                       " of " + std::to_string(input.form.channels()) +
                       " channels",
                   "reshape the value so that its channels are contracted"};
  return asForm(product(emitter, *weights, input.form));
}
