//===- WindowNodes.cpp - Convolutions, pools, normalisation ---------------===//

#include "WindowNodes.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace finngl::to_onnx {

StringRef windowNode(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<qonnx::ConvOp>([](auto) { return "Conv"; })
      .Case<qonnx::MaxPoolOp>([](auto) { return "MaxPool"; })
      // AveragePool has dilations from opset 19 on.
      .Case([](qonnx::AveragePoolOp pool) {
        bool dilated =
            llvm::any_of(pool.getDilations(), [](int64_t d) { return d != 1; });
        return dilated ? "" : "AveragePool";
      })
      .Case<qonnx::BatchNormOp>([](auto) { return "BatchNormalization"; })
      .Default([](auto) { return ""; });
}

std::vector<std::string> windowConstants(GraphWriter &out, Operation *op,
                                         const std::string &name) {
  auto norm = dyn_cast<qonnx::BatchNormOp>(op);
  if (!norm)
    return {};
  auto channels = [&](const char *role, ArrayRef<float> values) {
    return out.floats(name + role, {int64_t(values.size())}, values);
  };
  return {channels("_scale", norm.getScale()),
          channels("_bias", norm.getBias()), channels("_mean", norm.getMean()),
          channels("_variance", norm.getVariance())};
}

template <typename Window>
static void setGeometry(onnx::NodeProto *node, Window op) {
  setAttribute(node, "strides", op.getStrides());
  setAttribute(node, "pads", op.getPads());
}

void setWindowAttributes(onnx::NodeProto *node, Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](qonnx::ConvOp conv) {
        setGeometry(node, conv);
        setAttribute(node, "dilations", conv.getDilations());
        setAttribute(node, "group", int64_t(conv.getGroup()));
      })
      .Case([&](qonnx::MaxPoolOp pool) {
        setGeometry(node, pool);
        setAttribute(node, "dilations", pool.getDilations());
        setAttribute(node, "kernel_shape", pool.getKernel());
      })
      .Case([&](qonnx::AveragePoolOp pool) {
        setGeometry(node, pool);
        setAttribute(node, "kernel_shape", pool.getKernel());
        setAttribute(node, "count_include_pad",
                     int64_t(pool.getCountIncludePad()));
      })
      .Case([&](qonnx::BatchNormOp norm) {
        setAttribute(node, "epsilon", norm.getEpsilon().convertToFloat());
      });
}

} // namespace finngl::to_onnx
