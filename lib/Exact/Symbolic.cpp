//===- Symbolic.cpp - A piece of a qonnx graph, exactly -------------------===//

#include "finngl/Exact/Symbolic.h"
#include "ExactDomain.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::exact;

using Constant = std::shared_ptr<const ExactValue>;
using Shared = std::shared_ptr<const PolynomialTensor>;

static std::vector<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape().vec();
}

ValueGrid exact::gridOf(const Quantiser &quantiser,
                        std::span<const int64_t> shape) {
  ValueGrid grid;
  for (int64_t channel : channelIndices(shape, quantiser.axis)) {
    Rational scale = finngl::toRational(quantiser.scaleAt(channel));
    if (quantiser.bipolar) {
      grid.scale.push_back(2 * scale);
      grid.offset.push_back(-scale);
      continue;
    }
    grid.scale.push_back(scale);
    grid.offset.push_back(
        quantiser.zeroPointAfterRounding
            ? Rational(0)
            : Rational(-scale *
                       finngl::toRational(quantiser.zeroPointAt(channel))));
  }
  return grid;
}

int64_t exact::integerOf(const Quantiser &quantiser, int64_t code,
                         size_t channel) {
  if (quantiser.bipolar)
    return code > 0;
  return quantiser.zeroPointAfterRounding
             ? code - int64_t(quantiser.zeroPointAt(channel))
             : code;
}

bool exact::isDyadic(const Rational &value) {
  return mpz_popcount(value.get_den().get_mpz_t()) == 1;
}

struct Symbolic::Implementation {
  ExactDomain domain;
  llvm::DenseMap<Value, Value> aliases;
  llvm::DenseMap<Value, Constant> constants; // null: not constant
  llvm::DenseMap<Value, Shared> polynomials; // null: no polynomial
  llvm::DenseMap<Value, std::pair<uint32_t, ValueGrid>> atoms;

  Constant constant(Value value);
  Constant evaluateConstant(Operation *op, ArrayRef<Constant> operands);
  Shared polynomial(Value value);
  Shared evaluate(Operation *op);
  Shared matMul(qonnx::MatMulOp op, const PolynomialTensor &lhs,
                const PolynomialTensor &rhs);
};

Symbolic::Symbolic() : implementation(std::make_unique<Implementation>()) {}
Symbolic::~Symbolic() = default;

void Symbolic::bindAtoms(Value value, uint32_t firstAtom, ValueGrid grid) {
  implementation->atoms[value] = {firstAtom, std::move(grid)};
  implementation->polynomials.erase(value);
}

void Symbolic::bindAlias(Value value, Value outer) {
  implementation->aliases[value] = outer;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Constant
Symbolic::Implementation::evaluateConstant(Operation *op,
                                           ArrayRef<Constant> operands) {
  SmallVector<const ExactValue *> pointers;
  for (const Constant &operand : operands)
    pointers.push_back(operand.get());
  std::vector<int64_t> shape = shapeOf(op->getResult(0));
  std::optional<ExactValue> value;
  if (auto moved = qonnx::movedElements(op)) {
    value = domain.gather(*pointers[0], shape, *moved);
  } else if (auto evaluated = domain.evaluate(op, pointers, -1);
             succeeded(evaluated)) {
    value = std::move(*evaluated);
  }
  if (!value || value->term)
    return nullptr;
  value->constant = true;
  return std::make_shared<const ExactValue>(std::move(*value));
}

Constant Symbolic::Implementation::constant(Value value) {
  if (auto alias = aliases.find(value); alias != aliases.end())
    return constant(alias->second);
  if (auto known = constants.find(value); known != constants.end())
    return known->second;
  Operation *op = value.getDefiningOp();
  Constant result;
  if (op && op->getNumResults() == 1 && op->getNumRegions() == 0 &&
      !atoms.count(value)) {
    SmallVector<Constant> operands;
    for (Value operand : op->getOperands())
      operands.push_back(constant(operand));
    if (llvm::all_of(operands, [](const Constant &c) { return bool(c); }))
      result = evaluateConstant(op, operands);
  }
  return constants[value] = result;
}

bool Symbolic::isConstant(Value value) {
  return bool(implementation->constant(value));
}

//===----------------------------------------------------------------------===//
// Polynomials
//===----------------------------------------------------------------------===//

static PolynomialTensor gathered(const PolynomialTensor &from,
                                 std::vector<int64_t> shape,
                                 const Indices &indices) {
  PolynomialTensor result{std::move(shape), {}};
  for (int64_t index : indices)
    result.elements.push_back(from.elements[index]);
  return result;
}

/// Both operands at the shape of the result.
static std::optional<PolynomialTensor>
elementwise(Operation *op, const PolynomialTensor &lhs,
            const PolynomialTensor &rhs,
            function_ref<std::optional<Polynomial>(const Polynomial &,
                                                   const Polynomial &)>
                apply) {
  std::vector<int64_t> shape = shapeOf(op->getResult(0));
  Indices left = broadcastIndices(lhs.shape, shape);
  Indices right = broadcastIndices(rhs.shape, shape);
  PolynomialTensor result{std::move(shape), {}};
  for (size_t i = 0; i < left.size(); ++i) {
    auto element = apply(lhs.elements[left[i]], rhs.elements[right[i]]);
    if (!element)
      return std::nullopt;
    result.elements.push_back(std::move(*element));
  }
  return result;
}

static std::optional<PolynomialTensor> additive(Operation *op,
                                                const PolynomialTensor &lhs,
                                                const PolynomialTensor &rhs,
                                                int sign) {
  return elementwise(op, lhs, rhs,
                     [&](const Polynomial &a, const Polynomial &b) {
                       return std::optional(sum(std::vector<WeightedPolynomial>{
                           {Rational(1), &a}, {Rational(sign), &b}}));
                     });
}

Shared Symbolic::Implementation::matMul(qonnx::MatMulOp op,
                                        const PolynomialTensor &lhs,
                                        const PolynomialTensor &rhs) {
  bool isRight = bool(constant(op.getRhs()));
  if (!isRight && !constant(op.getLhs()))
    return nullptr;
  MatMulPlan plan = planMatMul(lhs.shape, rhs.shape);
  PolynomialTensor result{shapeOf(op), {}};
  std::vector<WeightedPolynomial> parts;
  for (size_t batch = 0; batch < plan.lhsOffsets.size(); ++batch)
    for (int64_t r = 0; r < plan.rows; ++r)
      for (int64_t c = 0; c < plan.columns; ++c) {
        parts.clear();
        for (int64_t k = 0; k < plan.inner; ++k) {
          const Polynomial &left =
              lhs.elements[plan.lhsOffsets[batch] + r * plan.inner + k];
          const Polynomial &right =
              rhs.elements[plan.rhsOffsets[batch] + k * plan.columns + c];
          parts.emplace_back((isRight ? right : left).constantTerm(),
                             isRight ? &left : &right);
        }
        result.elements.push_back(sum(parts));
      }
  return std::make_shared<const PolynomialTensor>(std::move(result));
}

Shared Symbolic::Implementation::evaluate(Operation *op) {
  SmallVector<Shared> in;
  for (Value operand : op->getOperands())
    if (in.push_back(polynomial(operand)); !in.back())
      return nullptr;
  std::vector<int64_t> shape = shapeOf(op->getResult(0));
  using Result = std::optional<PolynomialTensor>;
  if (auto product = dyn_cast<qonnx::MatMulOp>(op))
    return matMul(product, *in[0], *in[1]);
  Result result =
      llvm::TypeSwitch<Operation *, Result>(op)
          .Case<qonnx::ReshapeOp, qonnx::TransposeOp, qonnx::GatherOp>(
              [&](auto) {
                return gathered(*in[0], shape, *qonnx::movedElements(op));
              })
          .Case([&](qonnx::ConcatOp concat) {
            PolynomialTensor all;
            for (const Shared &part : in)
              llvm::append_range(all.elements, part->elements);
            return gathered(all, shape, concatIndices(concat));
          })
          .Case([&](qonnx::NegOp) {
            PolynomialTensor negated{shape, {}};
            for (const Polynomial &element : in[0]->elements)
              negated.elements.push_back(sum(
                  std::vector<WeightedPolynomial>{{Rational(-1), &element}}));
            return negated;
          })
          .Case([&](qonnx::AddOp) { return additive(op, *in[0], *in[1], 1); })
          .Case([&](qonnx::SubOp) { return additive(op, *in[0], *in[1], -1); })
          .Case([&](qonnx::MulOp) {
            return elementwise(op, *in[0], *in[1], product);
          })
          .Default([](Operation *) { return std::nullopt; });
  if (!result)
    return nullptr;
  return std::make_shared<const PolynomialTensor>(std::move(*result));
}

Shared Symbolic::Implementation::polynomial(Value value) {
  if (auto known = polynomials.find(value); known != polynomials.end())
    return known->second;
  Shared result;
  if (auto bound = atoms.find(value); bound != atoms.end()) {
    const auto &[first, grid] = bound->second;
    PolynomialTensor leaf{shapeOf(value), {}};
    for (size_t i = 0; i < grid.scale.size(); ++i)
      leaf.elements.push_back(Polynomial::affine(
          first + uint32_t(i), grid.scale[i], grid.offset[i]));
    result = std::make_shared<const PolynomialTensor>(std::move(leaf));
  } else if (Constant known = constant(value)) {
    PolynomialTensor leaf{known->shape, {}};
    for (size_t i = 0; i < known->fixed.numerators.size(); ++i)
      leaf.elements.push_back(Polynomial::constant(known->fixed.at(i)));
    result = std::make_shared<const PolynomialTensor>(std::move(leaf));
  } else if (Operation *op = value.getDefiningOp();
             op && op->getNumResults() == 1) {
    result = evaluate(op);
  }
  return polynomials[value] = result;
}

const PolynomialTensor *Symbolic::polynomial(Value value) {
  return implementation->polynomial(value).get();
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

std::optional<Chain> Symbolic::chainOf(qonnx::QuantOp op) {
  Chain chain;
  Operation *current = op;
  while (true) {
    chain.ops.push_back(current);
    Value next;
    for (Value operand : current->getOperands())
      if (!isConstant(operand)) {
        if (next)
          return std::nullopt;
        next = operand;
      }
    if (!next)
      return std::nullopt;
    if (polynomial(next)) {
      chain.foot = next;
      std::reverse(chain.ops.begin(), chain.ops.end());
      return chain;
    }
    current = next.getDefiningOp();
    if (!current ||
        !isa<qonnx::QuantOp, qonnx::SigmoidOp, qonnx::TanhOp, qonnx::ReluOp,
             qonnx::ClipOp, qonnx::NegOp, qonnx::AddOp, qonnx::SubOp,
             qonnx::MulOp, qonnx::BatchNormOp, qonnx::LeakyReluOp, qonnx::EluOp,
             qonnx::SoftsignOp, qonnx::ReshapeOp, qonnx::TransposeOp,
             qonnx::GatherOp>(current))
      return std::nullopt;
  }
}

/// Dyadic rationals over one power of two.
static FixedTensor fixedFrom(std::span<const Rational> values) {
  FixedTensor result;
  for (const Rational &value : values) {
    int64_t bits = int64_t(mpz_sizeinbase(value.get_den().get_mpz_t(), 2)) - 1;
    result.exponent = std::min(result.exponent, -bits);
  }
  for (const Rational &value : values) {
    Integer scaled = value.get_num();
    scaled <<= -result.exponent;
    result.numerators.push_back(scaled / value.get_den());
  }
  return result;
}

FailureOr<std::vector<int64_t>>
Symbolic::codes(const Chain &chain, std::span<const Rational> values) {
  Implementation &self = *implementation;
  ExactValue value;
  value.shape = shapeOf(chain.foot);
  value.fixed = fixedFrom(values);
  for (Operation *op : chain.ops) {
    std::vector<int64_t> shape = shapeOf(op->getResult(0));
    if (auto moved = qonnx::movedElements(op)) {
      value = self.domain.gather(value, std::move(shape), *moved);
      continue;
    }
    SmallVector<const ExactValue *> operands;
    for (Value operand : op->getOperands()) {
      Constant constant = self.constant(operand);
      operands.push_back(constant ? constant.get() : &value);
    }
    auto next = self.domain.evaluate(op, operands, 0);
    if (failed(next))
      return failure();
    value = std::move(*next);
  }
  return std::move(value.codes);
}

std::vector<CodeBoundary> Symbolic::boundaries(qonnx::QuantOp op,
                                               size_t channel) {
  Quantiser quantiser = qonnx::toQuantiser(op.getQuantiser());
  ChannelQuantiser decider(quantiser, channel);
  std::vector<CodeBoundary> result;
  int64_t first = quantiser.bipolar ? 1 : quantiser.lo + 1;
  int64_t last = quantiser.bipolar ? 1 : quantiser.hi;
  for (int64_t code = first; code <= last; ++code) {
    Rational at = decider.boundaryBelow(code);
    FixedTensor fixed = fixedFrom(std::span(&at, 1));
    bool reached =
        decider.decide(fixed.numerators[0], fixed.exponent).code >= code;
    result.push_back({code, at, reached});
  }
  return result;
}
