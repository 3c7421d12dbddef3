//===- ControlOps.cpp - Decisions that the shapes have made ---------------===//
//
// Exporters write `squeeze` as Shape, Gather, Equal and If, and the condition
// of a Loop by comparisons. Every shape is known at import, so that they are
// constants, and one branch of an If remains.
//
//===----------------------------------------------------------------------===//

#include "Binder.h"
#include <compare>

using namespace mlir;

namespace finngl::import {

/// Element i of a constant.
static double numberAt(const OnnxTensor &tensor, size_t i) {
  if (!tensor.floats.empty())
    return tensor.floats[i];
  return tensor.doubles.empty() ? double(tensor.ints[i]) : tensor.doubles[i];
}

static std::partial_ordering compareAt(const OnnxTensor &a, size_t i,
                                       const OnnxTensor &b, size_t j) {
  if (!a.ints.empty() && !b.ints.empty())
    return a.ints[i] <=> b.ints[j];
  return numberAt(a, i) <=> numberAt(b, j);
}

/// A bool for each pair of elements of two constants.
static LogicalResult decide(NodeBinder &b,
                            llvm::function_ref<bool(const OnnxTensor &, size_t,
                                                    const OnnxTensor &, size_t)>
                                holds) {
  TensorPtr lhs, rhs;
  if (failed(b.constant(0, "operand", lhs)) ||
      failed(b.constant(1, "operand", rhs)))
    return failure();
  size_t left = size_t(lhs->elements()), right = size_t(rhs->elements());
  if (left == 0 || right == 0 ||
      (lhs->shape != rhs->shape && left != 1 && right != 1))
    return b.error() << "expects constants of one shape or of one element, got "
                     << printShape(b.shape(0)) << " and "
                     << printShape(b.shape(1));
  bool wide =
      left > right || (left == right && lhs->shape.size() >= rhs->shape.size());
  OnnxTensor out;
  out.type = OnnxType::Bool;
  out.shape = wide ? lhs->shape : rhs->shape;
  for (size_t i = 0; i < std::max(left, right); ++i)
    out.ints.push_back(
        holds(*lhs, left == 1 ? 0 : i, *rhs, right == 1 ? 0 : i));
  b.result(0, std::move(out));
  return success();
}

template <bool (*Relation)(std::partial_ordering)>
static LogicalResult importComparison(NodeBinder &b) {
  return decide(b, [](const OnnxTensor &x, size_t i, const OnnxTensor &y,
                      size_t j) { return Relation(compareAt(x, i, y, j)); });
}

static LogicalResult importAnd(NodeBinder &b) {
  return decide(b, [](const OnnxTensor &x, size_t i, const OnnxTensor &y,
                      size_t j) { return numberAt(x, i) && numberAt(y, j); });
}

static LogicalResult importOr(NodeBinder &b) {
  return decide(b, [](const OnnxTensor &x, size_t i, const OnnxTensor &y,
                      size_t j) { return numberAt(x, i) || numberAt(y, j); });
}

/// The branch of an If that its condition takes; null after an error.
static const onnx::GraphProto *takenBranch(NodeBinder &b) {
  TensorPtr condition;
  if (failed(b.constant(0, "condition", condition)))
    return nullptr;
  if (condition->type != OnnxType::Bool || condition->ints.size() != 1) {
    b.error() << "expects a condition of one bool, got "
              << onnxTypeName(int(condition->type)) << " of shape "
              << printShape(b.shape(0));
    return nullptr;
  }
  const char *name = condition->ints[0] ? "then_branch" : "else_branch";
  const onnx::AttributeProto *branch = b.find(name);
  if (!branch || !branch->has_g()) {
    b.error() << "expects the graph '" << name << "', got none";
    return nullptr;
  }
  return &branch->g();
}

/// The other branch is not read: it need not fit the shapes.
static LogicalResult importIf(NodeBinder &b) {
  const onnx::GraphProto *branch = takenBranch(b);
  if (!branch)
    return failure();
  if (unsigned(branch->output_size()) != b.outputCount())
    return b.error() << "expects a branch of " << b.outputCount()
                     << " outputs, got " << branch->output_size();
  Scope inner;
  inner.parent = &b.scope;
  inner.depth = b.scope.depth + 1;
  inner.block = b.scope.block;
  b.importer.addInitialisers(*branch, inner);
  b.importer.importNodes(*branch, inner);
  for (auto [index, info] : llvm::enumerate(branch->output())) {
    Entity entity = b.importer.lookup(inner, info.name(), b.location);
    if (!entity.exists())
      return b.error() << "expects branch output '" << info.name()
                       << "' to be made by a node, found none";
    b.result(unsigned(index), entity);
  }
  return success();
}

llvm::ArrayRef<HandlerEntry> controlHandlers() {
  static const HandlerEntry table[] = {
      {"Equal", 7, 2, 2, importComparison<std::is_eq>},
      {"Less", 7, 2, 2, importComparison<std::is_lt>},
      {"LessOrEqual", 12, 2, 2, importComparison<std::is_lteq>},
      {"Greater", 7, 2, 2, importComparison<std::is_gt>},
      {"GreaterOrEqual", 12, 2, 2, importComparison<std::is_gteq>},
      {"And", 7, 2, 2, importAnd},
      {"Or", 7, 2, 2, importOr},
      {"If", 1, 1, 1, importIf},
  };
  return table;
}

} // namespace finngl::import
