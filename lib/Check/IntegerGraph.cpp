//===- IntegerGraph.cpp - A piece of an integer graph ---------------------===//

#include "IntegerGraph.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::check;
using exact::Polynomial;
using exact::WeightedPolynomial;

static Rational rational(int64_t value) { return Rational(toInteger(value)); }

void IntegerGraph::bindAtoms(Value value, uint32_t firstAtom,
                             std::vector<int64_t> order) {
  atoms[value] = {firstAtom, std::move(order)};
  known.erase(value);
}

void IntegerGraph::bindAlias(Value value, Value outer) {
  aliases[value] = outer;
}

std::optional<uint32_t> IntegerGraph::atomsOf(Value value) const {
  if (auto found = atoms.find(value); found != atoms.end())
    return found->second.first;
  return std::nullopt;
}

const Polynomials *IntegerGraph::polynomials(Value value) {
  if (auto alias = aliases.find(value); alias != aliases.end())
    return polynomials(alias->second);
  if (auto found = known.find(value); found != known.end())
    return found->second.get();
  std::optional<Polynomials> result;
  if (auto bound = atoms.find(value); bound != atoms.end()) {
    int64_t count = cast<RankedTensorType>(value.getType()).getNumElements();
    result.emplace();
    const auto &[first, order] = bound->second;
    for (int64_t i = 0; i < count; ++i)
      result->push_back(Polynomial::affine(
          first + uint32_t(order.empty() ? i : order[i]), 1, 0));
  } else if (auto made = dyn_cast<OpResult>(value);
             made && made.getOwner()->getNumRegions() == 0) {
    SmallVector<const Polynomials *> operands;
    for (Value operand : made.getOwner()->getOperands())
      operands.push_back(polynomials(operand));
    if (!llvm::is_contained(operands, nullptr))
      result = ops.polynomials(made, operands);
    if (result)
      visited.insert(made.getOwner());
  }
  auto shared = result ? std::make_shared<const Polynomials>(std::move(*result))
                       : nullptr;
  known[value] = shared;
  return shared.get();
}

std::optional<Tail> IntegerGraph::tailOf(Value code) {
  Tail tail;
  while (!polynomials(code)) {
    Operation *op = code.getDefiningOp();
    if (!op || !ops.isKernel(op))
      return std::nullopt;
    visited.insert(op);
    tail.ops.push_back(op);
    code = op->getOperand(0);
  }
  tail.foot = code;
  std::reverse(tail.ops.begin(), tail.ops.end());
  return tail;
}

int64_t IntegerGraph::apply(const Tail &tail, int64_t in, size_t channel) {
  for (Operation *op : tail.ops)
    in = ops.apply(op, in, channel);
  return in;
}

Polynomials check::matrixProduct(std::span<const int64_t> weights, size_t rows,
                                 const Polynomials &in) {
  size_t columns = weights.size() / rows;
  Polynomials result;
  std::vector<WeightedPolynomial> parts;
  for (size_t vector = 0; vector < in.size(); vector += columns)
    for (size_t r = 0; r < rows; ++r) {
      parts.clear();
      for (size_t c = 0; c < columns; ++c)
        parts.emplace_back(rational(weights[r * columns + c]), &in[vector + c]);
      result.push_back(sum(parts));
    }
  return result;
}

Polynomials check::weightedSum(std::span<const int64_t> coefficients,
                               std::span<const int64_t> offset, size_t channels,
                               ArrayRef<const Polynomials *> in) {
  Polynomials result;
  size_t entries = coefficients.size() / in.size(); // of a term
  for (size_t i = 0; i < in[0]->size(); ++i) {
    size_t channel = i % channels;
    Polynomial constant = Polynomial::constant(
        rational(offset[offset.size() == 1 ? 0 : channel]));
    std::vector<WeightedPolynomial> parts{{Rational(1), &constant}};
    for (size_t k = 0; k < in.size(); ++k)
      parts.emplace_back(
          rational(coefficients[k * entries + (entries == 1 ? 0 : channel)]),
          &(*in[k])[i]);
    result.push_back(sum(parts));
  }
  return result;
}

std::optional<Polynomials> check::elementProducts(const Polynomials &a,
                                                  const Polynomials &b) {
  Polynomials result;
  for (size_t i = 0; i < a.size(); ++i) {
    auto element = product(a[i], b[i]);
    if (!element)
      return std::nullopt;
    result.push_back(std::move(*element));
  }
  return result;
}

Polynomials check::constants(std::span<const int64_t> values) {
  Polynomials result;
  for (int64_t value : values)
    result.push_back(Polynomial::constant(rational(value)));
  return result;
}
