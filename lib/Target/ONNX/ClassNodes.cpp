//===- ClassNodes.cpp - Decisions between classes -------------------------===//

#include "ClassNodes.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"

using namespace mlir;

namespace finngl::to_onnx {

static int64_t extentAt(Value value, int64_t axis) {
  return cast<RankedTensorType>(value.getType()).getDimSize(unsigned(axis));
}

static void writeSoftmax(GraphWriter &out, qonnx::SoftmaxOp op) {
  std::string input = out.nameOf(op.getInput());
  std::string name = out.define(op.getResult());
  auto *node =
      out.node(op.getLog() ? "LogSoftmax" : "Softmax", name, {input}, {name});
  setAttribute(node, "axis", int64_t(op.getAxis()));
}

/// A TopK node has both results; the one not asked for gets a name of its own.
static void writeTopK(GraphWriter &out, const std::string &input, int64_t axis,
                      int64_t k, const std::string &values,
                      const std::string &positions) {
  const std::string &name = values.empty() ? positions : values;
  auto orUnread = [&](const std::string &wanted) {
    return wanted.empty() ? out.fresh(name + "_unread") : wanted;
  };
  auto *node = out.node("TopK", name, {input, out.ints(name + "_k", {k})},
                        {orUnread(values), orUnread(positions)});
  setAttribute(node, "axis", axis);
}

static void writeArgMax(GraphWriter &out, qonnx::ArgMaxOp op) {
  auto axis = int64_t(op.getAxis());
  int64_t k = extentAt(op.getResult(), axis);
  std::string input = out.nameOf(op.getInput());
  std::string name = out.define(op.getResult());
  std::string positions = out.fresh(name + "_int64");
  if (k == 1) {
    auto *node = out.node("ArgMax", positions, {input}, {positions});
    setAttribute(node, "axis", axis);
    setAttribute(node, "keepdims", int64_t(1));
    setAttribute(node, "select_last_index", int64_t(op.getSelectLast()));
  } else {
    writeTopK(out, input, axis, k, "", positions);
  }
  auto *cast = out.node("Cast", name, {positions}, {name});
  setAttribute(cast, "to", int64_t(onnx::TensorProto::FLOAT));
}

bool writeClassNode(GraphWriter &out, Operation *op) {
  if (auto softmax = dyn_cast<qonnx::SoftmaxOp>(op)) {
    writeSoftmax(out, softmax);
  } else if (auto argMax = dyn_cast<qonnx::ArgMaxOp>(op)) {
    writeArgMax(out, argMax);
  } else if (auto topK = dyn_cast<qonnx::TopKOp>(op)) {
    auto axis = int64_t(topK.getAxis());
    std::string input = out.nameOf(topK.getInput());
    writeTopK(out, input, axis, extentAt(topK.getResult(), axis),
              out.define(topK.getResult()), "");
  } else {
    return false;
  }
  Value result = op->getResult(0);
  out.annotate(out.nameOf(result), "FLOAT32",
               cast<RankedTensorType>(result.getType()).getShape());
  return true;
}

} // namespace finngl::to_onnx
