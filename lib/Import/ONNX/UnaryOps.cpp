//===- UnaryOps.cpp - Activations -----------------------------------------===//

#include "Binder.h"
#include "Fold.h"
#include <cmath>

using namespace mlir;

namespace finngl::import {

template <typename OpTy>
static LogicalResult importUnary(NodeBinder &b, float (*op)(float)) {
  if (b.isConstant(0) && b.input(0).constant->type == OnnxType::Float32 &&
      b.importer.mayFold(b.shape(0))) {
    b.result(0, foldUnary(*b.input(0).constant, op));
    return success();
  }
  Value x;
  if (failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<OpTy>(x.getType(), x));
  return success();
}

static LogicalResult importSigmoid(NodeBinder &b) {
  return importUnary<qonnx::SigmoidOp>(
      b, [](float x) { return 1.0f / (1.0f + std::exp(-x)); });
}
static LogicalResult importTanh(NodeBinder &b) {
  return importUnary<qonnx::TanhOp>(b, [](float x) { return std::tanh(x); });
}
static LogicalResult importSoftsign(NodeBinder &b) {
  return importUnary<qonnx::SoftsignOp>(
      b, [](float x) { return x / (1.0f + std::fabs(x)); });
}
static LogicalResult importRelu(NodeBinder &b) {
  return importUnary<qonnx::ReluOp>(b,
                                    [](float x) { return x > 0 ? x : 0.0f; });
}
static LogicalResult importNeg(NodeBinder &b) {
  return importUnary<qonnx::NegOp>(b, [](float x) { return -x; });
}

//===----------------------------------------------------------------------===//
// Functions with parameters
//===----------------------------------------------------------------------===//

/// A finite attribute.
static LogicalResult parameter(NodeBinder &b, llvm::StringRef name,
                               float &out) {
  if (failed(b.attribute(name, out)))
    return failure();
  if (std::isfinite(out))
    return success();
  return b.error() << "expects a finite " << name << ", got "
                   << std::to_string(out);
}

static LogicalResult leakyRelu(NodeBinder &b, ArrayRef<float> slope,
                               int64_t axis) {
  Value x;
  for (float s : slope)
    if (!std::isfinite(s))
      return b.error() << "expects finite slopes, got " << std::to_string(s);
  if (failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<qonnx::LeakyReluOp>(x.getType(), x, slope, axis));
  return success();
}

static LogicalResult importLeakyRelu(NodeBinder &b) {
  float alpha = 0.01f;
  if (failed(parameter(b, "alpha", alpha)))
    return failure();
  return leakyRelu(b, alpha, -1);
}

static LogicalResult importPRelu(NodeBinder &b) {
  ChannelData slope;
  if (failed(channelData(b, 1, "slope", b.shape(0), slope)))
    return failure();
  return leakyRelu(b, slope.values, slope.axis);
}

static LogicalResult importElu(NodeBinder &b) {
  float alpha = 1.0f;
  Value x;
  if (failed(parameter(b, "alpha", alpha)) || failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<qonnx::EluOp>(x.getType(), x, APFloat(alpha)));
  return success();
}

/// `min(max(alpha * x + beta, 0), 1)` as the operators that it is made of; null
/// after an error.
static Value hardSigmoid(NodeBinder &b, Value x, float alpha, float beta) {
  auto number = [&](float value) {
    return b.constantValue({OnnxType::Float32, {}, {value}, {}, {}});
  };
  Value factor = number(alpha), offset = number(beta);
  if (!factor || !offset)
    return {};
  Type type = x.getType();
  Value scaled = b.create<qonnx::MulOp>(type, x, factor);
  Value moved = b.create<qonnx::AddOp>(type, scaled, offset);
  return b.create<qonnx::ClipOp>(type, moved, APFloat(0.0), APFloat(1.0));
}

static LogicalResult importHardSigmoid(NodeBinder &b) {
  float alpha = 0.2f, beta = 0.5f;
  Value x;
  if (failed(parameter(b, "alpha", alpha)) ||
      failed(parameter(b, "beta", beta)) || failed(b.floatValue(0, x)))
    return failure();
  Value result = hardSigmoid(b, x, alpha, beta);
  if (result)
    b.result(0, result);
  return success(bool(result));
}

/// x times its hard sigmoid of 1 / 6 and 1 / 2, in float32 as ONNX has it.
static LogicalResult importHardSwish(NodeBinder &b) {
  Value x;
  if (failed(b.floatValue(0, x)))
    return failure();
  Value gate = hardSigmoid(b, x, 1.0f / 6.0f, 0.5f);
  if (!gate)
    return failure();
  b.result(0, b.create<qonnx::MulOp>(x.getType(), x, gate));
  return success();
}

llvm::ArrayRef<HandlerEntry> unaryHandlers() {
  static const HandlerEntry table[] = {
      {"Sigmoid", 6, 1, 1, importSigmoid},
      {"Tanh", 6, 1, 1, importTanh},
      {"Softsign", 1, 1, 1, importSoftsign},
      {"Relu", 6, 1, 1, importRelu},
      {"Neg", 6, 1, 1, importNeg},
      {"LeakyRelu", 6, 1, 1, importLeakyRelu},
      {"PRelu", 7, 2, 2, importPRelu},
      {"Elu", 6, 1, 1, importElu},
      {"HardSigmoid", 6, 1, 1, importHardSigmoid},
      {"HardSwish", 14, 1, 1, importHardSwish},
  };
  return table;
}

} // namespace finngl::import
