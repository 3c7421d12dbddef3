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

/// Dimensions of the ONNX shape in the order of the elements, empty if that is
/// ONNX' own; nothing if it is no order of dimensions.
static std::optional<SmallVector<int64_t>> orderOf(const Layout &layout,
                                                   ArrayRef<int64_t> shape) {
  return layout.isPlain() ? SmallVector<int64_t>() : layout.dimensions(shape);
}

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
          .Case<QuantOp, ClipOp, SigmoidOp, TanhOp, SoftsignOp, ReluOp,
                LeakyReluOp, EluOp, ArgMaxOp, TopKOp, SoftmaxOp, NegOp, AddOp,
                SubOp, MulOp, MatMulOp, ReshapeOp, TransposeOp, ConcatOp,
                GatherOp, ConvOp, MaxPoolOp, AveragePoolOp, BatchNormOp>(
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
      if (auto order = orderOf(result->layout, shapeOf(op.getResult(0))))
        tagCodes(result->form.terms[0].value.value, number->second, *order);
  // An op that emitted nothing lives on in its result's location.
  if (result->kind != Kind::Form || !isa<QuantOp>(op)) {
    for (Value operand : op.getOperands())
      llvm::append_range((*result).absorbed, lookup(operand).absorbed);
    (*result).absorbed.push_back(op.getLoc());
  }
  set(op.getResult(0), std::move(*result));
}

Result<Converted> finngl::asForm(Result<LinearForm> form, Layout layout) {
  if (!form)
    return form.failure();
  Converted result{.kind = Kind::Form};
  result.form = std::move(*form);
  result.layout = std::move(layout);
  return result;
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

/// A constant operand of a value of ONNX shape `shape`, per channel.
static Result<Rationals> perChannel(const ConstantTensor &constant,
                                    ArrayRef<int64_t> shape,
                                    const Converted &value) {
  Rationals all;
  for (size_t i = 0; i < constant.size(); ++i) {
    if (!constant.isQuantised() && !std::isfinite(constant.values[i]))
      return Failure{"a constant that is not finite", "check the model's data"};
    all.push_back(constant.exact(i));
  }
  if (auto same = uniform(all))
    return Rationals{*same};
  int64_t channels = value.form.channels(), axis = channelAxis(constant.shape);
  int64_t fromRight = int64_t(constant.shape.size()) - axis;
  if (value.layout.isPlain() && int64_t(all.size()) == channels &&
      constant.shape[axis] == channels &&
      fromRight == int64_t(shape.size()) - channelAxis(shape))
    return all; // the common case, however long a sequence is
  auto entries = value.layout.perChannel(
      broadcastIndices(constant.shape, shape), channels);
  if (!entries)
    return Failure{"a constant of " + std::to_string(constant.size()) +
                       " elements beside a value of " +
                       std::to_string(channels) + " channels",
                   "a constant operand must be a scalar or one per channel"};
  Rationals result;
  for (int64_t entry : *entries)
    result.push_back(all[entry]);
  return result;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// x * factor + offset with constants, x a form or (scalars only) an
/// activation.
static Result<Converted> affine(FinnEmitter &emitter, const Converted &input,
                                const Rationals &factor,
                                const Rationals &offset) {
  if (input.kind == Kind::Activation) {
    if (llvm::is_contained(factor, Rational(0)))
      return Failure{"an activation times zero",
                     "remove what is multiplied by zero"};
    Converted result = input;
    result.absorbed.clear();
    result.chain.push_back({.kind = ActivationStep::Kind::Affine,
                            .factor = factor,
                            .offset = offset});
    return result;
  }
  if (auto refusal = notLinear(input))
    return *refusal;
  auto form = scaled(emitter, input.form, factor);
  if (form)
    (*form).offset = sum(form->offset, offset);
  return asForm(std::move(form), input.layout);
}

Result<Converted> Converter::convertOp(qonnx::NegOp op) {
  return affine(emitter, lookup(op.getInput()), {Rational(-1)}, {Rational(0)});
}

/// Both operands' elements must be side by side.
static std::optional<Failure> notAlike(Operation *op, const Converted &lhs,
                                       const Converted &rhs) {
  for (const Converted *operand : {&lhs, &rhs})
    if (auto refusal = notLinear(*operand))
      return refusal;
  if (ShapedType::getNumElements(shapeOf(op->getResult(0))) !=
      ShapedType::getNumElements(lhs.form.shape()))
    return Failure{"a sum or product that broadcasts one value over another",
                   "both operands must have the same elements"};
  if (lhs.layout == rhs.layout)
    return std::nullopt;
  return Failure{"two values whose elements come in different orders",
                 "transpose neither or both"};
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
  return perChannel(*constant.constant, shape, other);
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
      return affine(emitter, rhs, {sign}, *constant);
    return affine(emitter, lhs, {Rational(1)}, product(*constant, {sign}));
  }
  if (auto refusal = notAlike(op, lhs, rhs))
    return *refusal;
  return asForm(sum(emitter, lhs.form, subtract ? negated(rhs.form) : rhs.form),
                lhs.layout);
}

Result<Converted> Converter::convertOp(qonnx::AddOp op) {
  return additive(op, false);
}

Result<Converted> Converter::convertOp(qonnx::SubOp op) {
  return additive(op, true);
}

/// An activation times an affine function of what it is applied to, as x *
/// sigmoid(x): a longer activation.
static std::optional<Converted> gated(const Converted &lhs,
                                      const Converted &rhs) {
  bool isLeft = lhs.kind == Kind::Activation;
  const Converted &activation = isLeft ? lhs : rhs, &gate = isLeft ? rhs : lhs;
  if (activation.kind != Kind::Activation || gate.kind != Kind::Form ||
      activation.form.terms.size() != 1 || gate.form.terms.size() != 1 ||
      !(activation.layout == gate.layout))
    return std::nullopt;
  const Term &foot = activation.form.terms[0], &term = gate.form.terms[0];
  if (foot.value.value != term.value.value)
    return std::nullopt;
  Rationals factor = quotient(term.scale, foot.scale);
  Converted result = activation;
  result.absorbed.clear();
  result.chain.push_back(
      {.kind = ActivationStep::Kind::Gate,
       .factor = factor,
       .offset = sum(gate.form.offset,
                     negated(product(factor, activation.form.offset)))});
  return result;
}

Result<Converted> Converter::convertOp(qonnx::MulOp op) {
  const Converted &lhs = lookup(op.getLhs()), &rhs = lookup(op.getRhs());
  if (lhs.kind == Kind::Constant || rhs.kind == Kind::Constant) {
    bool isLeft = lhs.kind == Kind::Constant;
    auto constant = constantOperand(op, isLeft ? lhs : rhs, isLeft ? rhs : lhs);
    if (!constant)
      return constant.failure();
    return affine(emitter, isLeft ? rhs : lhs, *constant, {Rational(0)});
  }
  if (auto result = gated(lhs, rhs))
    return *result;
  if (auto refusal = notAlike(op, lhs, rhs))
    return *refusal;
  return asForm(product(emitter, lhs.form, rhs.form), lhs.layout);
}
