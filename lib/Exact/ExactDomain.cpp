//===- ExactDomain.cpp - The numbers of level exact -----------------------===//

#include "ExactDomain.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::exact;

std::vector<int64_t> exact::resultShape(Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType()).getShape().vec();
}

InFlightDiagnostic exact::refuseTerm(Operation *op) {
  InFlightDiagnostic diagnostic =
      op->emitError() << "expects sigmoid, tanh and batch normalisation to "
                         "reach a quantiser as one term with a constant factor "
                         "and offset, and nothing behind a clip of them";
  diagnostic.attachNote() << "quantise their result first";
  return diagnostic;
}

//===----------------------------------------------------------------------===//
// Shape and states
//===----------------------------------------------------------------------===//

static std::vector<int64_t> gatherCodes(const std::vector<int64_t> &codes,
                                        const Indices &indices) {
  std::vector<int64_t> result;
  if (!codes.empty())
    for (int64_t index : indices)
      result.push_back(codes[index]);
  return result;
}

/// Floats of constants are gathered as codes and data, bounds play no part.
static std::shared_ptr<const engine::FloatValue>
gatherFloats(const engine::FloatValue &floats, std::vector<int64_t> shape,
             const Indices &indices) {
  auto result = std::make_shared<engine::FloatValue>();
  result->shape = std::move(shape);
  result->constant = true;
  result->codes = gatherCodes(floats.codes, indices);
  if (floats.data.empty())
    return result;
  for (int64_t index : indices) {
    result->data.push_back(floats.data[index]);
    result->bounds.push_back(floats.bounds[index]);
  }
  return result;
}

ExactValue ExactDomain::gather(const Value &value, std::vector<int64_t> shape,
                               const Indices &indices) {
  Value result;
  result.fixed = exact::gather(value.fixed, indices);
  if (value.term)
    result.term =
        Term{value.term->function, exact::gather(value.term->argument, indices),
             exact::gather(value.term->factor, indices), value.term->lower,
             value.term->upper};
  result.codes = gatherCodes(value.codes, indices);
  if (value.floats)
    result.floats = gatherFloats(*value.floats, shape, indices);
  result.constant = value.constant;
  result.shape = std::move(shape);
  return result;
}

ExactValue ExactDomain::stack(Operands slices, std::vector<int64_t> shape,
                              const Indices &indices) {
  Value whole;
  auto join = [&](auto part) {
    std::vector<const FixedTensor *> parts;
    for (const Value *slice : slices)
      parts.push_back(part(*slice));
    return concatenate(parts);
  };
  whole.fixed = join([](const Value &slice) { return &slice.fixed; });
  bool allCodes = true;
  for (const Value *slice : slices) {
    llvm::append_range(whole.codes, slice->codes);
    allCodes &= !slice->codes.empty();
  }
  if (!allCodes)
    whole.codes.clear();
  if (!slices.empty() && slices.front()->term)
    whole.term =
        Term{slices.front()->term->function,
             join([](const Value &slice) { return &slice.term->argument; }),
             join([](const Value &slice) { return &slice.term->factor; }),
             slices.front()->term->lower, slices.front()->term->upper};
  return gather(whole, std::move(shape), indices);
}

/// `data` with every element that is the float32 value of a code of the grid
/// replaced by that code times scale; `value` holds the exact elements.
ExactValue ExactDomain::onGrid(const Value &value, ArrayRef<float> data,
                               qonnx::QuantiserAttr grid) {
  Quantiser quantiser = qonnx::toQuantiser(grid);
  Indices channels = channelIndices(value.shape, quantiser.axis);
  Value result = value;
  result.codes.clear();
  std::vector<FixedTensor> elements(data.size());
  std::vector<const FixedTensor *> parts;
  for (auto [i, x] : llvm::enumerate(data)) {
    float scale = quantiser.scaleAt(channels[i]);
    float zero = quantiser.bipolar ? 0.0f : quantiser.zeroPointAt(channels[i]);
    double nearest = std::nearbyint(double(x) / scale + zero);
    int64_t code = std::fabs(nearest) < 0x1p53 ? int64_t(nearest) : 0;
    if (quantiser.valueFloat32(code, channels[i]) == x)
      elements[i] = valuesOfCodes(quantiser, code, Indices{channels[i]});
    else
      elements[i] = exact::gather(value.fixed, Indices{int64_t(i)});
    parts.push_back(&elements[i]);
  }
  result.fixed = concatenate(parts);
  return result;
}

ExactValue ExactDomain::enterState(qonnx::ScanOp scan, unsigned state,
                                   const Value &value, bool initial) {
  qonnx::QuantiserAttr grid = initial && value.codes.empty() && !value.term
                                  ? gridOfState(scan, state)
                                  : qonnx::QuantiserAttr();
  Value result = value;
  if (grid) {
    std::vector<float> data;
    for (size_t i = 0; i < value.fixed.numerators.size(); ++i) {
      Rational exact = value.fixed.at(i);
      float x = float(exact.get_d());
      // Only a float32 number of the file can stand for a code.
      bool isFloat = std::isfinite(x) && Rational(x) == exact;
      data.push_back(isFloat ? x : std::nanf(""));
    }
    result = onGrid(value, data, grid);
  }
  result.floats.reset();
  return result;
}

ExactValue ExactDomain::forceState(qonnx::ScanOp scan, unsigned state,
                                   const FloatTensor &tensor) {
  Value value;
  value.shape = tensor.shape;
  value.fixed = fromFloats(tensor.data);
  Operation *yield = scan.getBody().front().getTerminator();
  if (auto quantiser = quantiserOf(yield->getOperand(state)))
    return onGrid(value, tensor.data, quantiser);
  return value;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

/// Computed in float32; behind a quantiser it means code times scale.
FailureOr<ExactValue> ExactDomain::constantValue(Operation *op,
                                                 Operands operands) {
  SmallVector<const engine::FloatValue *> floats;
  for (const Value *operand : operands)
    floats.push_back(operand->floats.get());
  auto result = engine::evaluateFloat(op, floats);
  if (failed(result))
    return failure();
  Value value;
  value.shape = result->shape;
  value.codes = result->codes;
  if (result->data.empty()) {
    value.fixed = fromIntegers(result->codes);
  } else if (auto quant = dyn_cast<qonnx::QuantOp>(op)) {
    Quantiser &quantiser = prepare(quant).quantiser;
    value.fixed = valuesOfCodes(quantiser, value.codes,
                                channelIndices(value.shape, quantiser.axis));
  } else if (auto linear = dyn_cast<qonnx::DequantizeLinearOp>(op)) {
    Quantiser quantiser;
    quantiser.scale.assign(linear.getScale().begin(), linear.getScale().end());
    quantiser.zeroPoint.assign(linear.getZeroPoint().begin(),
                               linear.getZeroPoint().end());
    bool perTensor =
        quantiser.scale.size() == 1 && quantiser.zeroPoint.size() == 1;
    value.fixed = valuesOfCodes(
        quantiser, value.codes,
        channelIndices(value.shape, perTensor ? -1 : linear.getAxis()));
  } else {
    value.fixed = fromFloats(result->data);
  }
  value.floats = std::make_shared<const engine::FloatValue>(std::move(*result));
  return value;
}

FailureOr<ExactValue> ExactDomain::matMul(qonnx::MatMulOp op, const Value &lhs,
                                          const Value &rhs) {
  if (lhs.term || rhs.term)
    return refuseTerm(op);
  Value result;
  result.shape = resultShape(op);
  result.fixed =
      exact::matMul(planMatMul(lhs.shape, rhs.shape), lhs.fixed, rhs.fixed);
  return result;
}

static ExactValue broadcast(ExactDomain &domain, Operation *op,
                            const ExactValue &value) {
  std::vector<int64_t> shape = resultShape(op);
  if (shape == value.shape)
    return value;
  Indices indices = broadcastIndices(value.shape, shape);
  return domain.gather(value, std::move(shape), indices);
}

static bool isClipped(const ExactValue &value) {
  return value.term && value.term->isClipped();
}

static ExactValue negated(ExactValue value) {
  value.fixed = negate(std::move(value.fixed));
  if (value.term)
    value.term->factor = negate(std::move(value.term->factor));
  return value;
}

FailureOr<ExactValue> ExactDomain::sum(Operation *op, Value lhs, Value rhs) {
  if ((lhs.term && rhs.term) || isClipped(lhs) || isClipped(rhs))
    return refuseTerm(op);
  Value left = broadcast(*this, op, lhs), right = broadcast(*this, op, rhs);
  Value result;
  result.shape = std::move(left.shape);
  result.fixed = add(left.fixed, right.fixed);
  result.term = left.term ? std::move(left.term) : std::move(right.term);
  return result;
}

FailureOr<ExactValue> ExactDomain::product(Operation *op, const Value &lhs,
                                           const Value &rhs) {
  if ((lhs.term && rhs.term) || isClipped(lhs) || isClipped(rhs))
    return refuseTerm(op);
  Value left = broadcast(*this, op, lhs), right = broadcast(*this, op, rhs);
  Value result;
  result.shape = std::move(left.shape);
  result.fixed = multiply(left.fixed, right.fixed);
  if (left.term)
    result.term = Term{left.term->function, std::move(left.term->argument),
                       multiply(left.term->factor, right.fixed)};
  if (right.term)
    result.term = Term{right.term->function, std::move(right.term->argument),
                       multiply(right.term->factor, left.fixed)};
  return result;
}

FailureOr<ExactValue> ExactDomain::evaluate(Operation *op, Operands in,
                                            int64_t visit) {
  if (llvm::all_of(in, [](const Value *value) { return value->constant; }))
    return constantValue(op, in);
  return llvm::TypeSwitch<Operation *, FailureOr<Value>>(op)
      .Case([&](qonnx::QuantOp q) { return quantise(q, *in[0], visit); })
      .Case([&](qonnx::MatMulOp m) { return matMul(m, *in[0], *in[1]); })
      .Case([&](qonnx::AddOp) { return sum(op, *in[0], *in[1]); })
      .Case([&](qonnx::SubOp) { return sum(op, *in[0], negated(*in[1])); })
      .Case([&](qonnx::MulOp) { return product(op, *in[0], *in[1]); })
      .Case([&](qonnx::ConcatOp c) -> FailureOr<Value> {
        if (llvm::any_of(in, [](const Value *v) { return bool(v->term); }))
          return refuseTerm(op);
        return stack(in, resultShape(op), concatIndices(c));
      })
      .Case([&](qonnx::NegOp) -> FailureOr<Value> {
        if (isClipped(*in[0]))
          return refuseTerm(op);
        Value result = negated(*in[0]);
        result.codes.clear();
        return result;
      })
      .Case([&](qonnx::ArgMaxOp a) { return argMax(a, *in[0], visit); })
      .Case([&](qonnx::TopKOp t) { return topK(t, *in[0]); })
      .Case([&](qonnx::ConvOp c) { return conv(c, *in[0], *in[1]); })
      .Case([&](qonnx::MaxPoolOp p) { return maxPool(p, *in[0]); })
      .Case([&](qonnx::AveragePoolOp p) { return averagePool(p, *in[0]); })
      .Case([&](qonnx::BatchNormOp b) { return batchNorm(b, *in[0]); })
      .Case<qonnx::SigmoidOp, qonnx::TanhOp, qonnx::SoftsignOp, qonnx::ReluOp,
            qonnx::ClipOp, qonnx::LeakyReluOp, qonnx::EluOp>(
          [&](auto typed) { return activation(typed, *in[0]); })
      .Case([](qonnx::SoftmaxOp s) -> FailureOr<Value> {
        InFlightDiagnostic error = s.emitError()
                                   << "is not executable at level exact";
        error.attachNote() << qonnx::kHeadRemedy;
        return error;
      })
      .Default([](Operation *other) -> FailureOr<Value> {
        return other->emitError() << "is not executable at level exact";
      });
}
