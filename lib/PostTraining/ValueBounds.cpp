//===- ValueBounds.cpp - What a value can be, whatever the data -----------===//

#include "ValueBounds.h"
#include "finngl/PostTraining/Sites.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

static constexpr Bounds kAny = {-INFINITY, INFINITY};

static Bounds sum(Bounds a, Bounds b) {
  return {a.least + b.least, a.most + b.most};
}

static Bounds product(Bounds a, Bounds b) {
  auto times = [](double x, double y) {
    return x == 0 || y == 0 ? 0.0 : x * y; // 0 times infinity as well
  };
  auto [least, most] =
      std::minmax({times(a.least, b.least), times(a.least, b.most),
                   times(a.most, b.least), times(a.most, b.most)});
  return {least, most};
}

static Bounds clamped(Bounds a, double least, double most) {
  return {std::clamp(a.least, least, most), std::clamp(a.most, least, most)};
}

static Bounds constantBounds(Value value) {
  auto data = constantData(value);
  if (failed(data) || data->empty())
    return kAny;
  auto [least, most] = std::minmax_element(data->begin(), data->end());
  return {*least, *most};
}

static Bounds boundsAt(Value value, unsigned depth) {
  constexpr unsigned kDeepest = 16;
  if (depth > kDeepest)
    return kAny;
  if (isConstant(value))
    return constantBounds(value);
  Operation *op = value.getDefiningOp();
  if (!op)
    return kAny;
  auto operand = [&](unsigned i) {
    return boundsAt(op->getOperand(i), depth + 1);
  };
  return llvm::TypeSwitch<Operation *, Bounds>(op)
      .Case([](qonnx::SigmoidOp) { return Bounds{0, 1}; })
      .Case([](qonnx::TanhOp) { return Bounds{-1, 1}; })
      .Case([&](qonnx::ReluOp) { return clamped(operand(0), 0, INFINITY); })
      .Case([&](qonnx::ClipOp clip) {
        return clamped(operand(0), clip.getMin().convertToDouble(),
                       clip.getMax().convertToDouble());
      })
      .Case<qonnx::ReshapeOp, qonnx::TransposeOp, qonnx::GatherOp,
            qonnx::MaxPoolOp, qonnx::TopKOp>([&](auto) { return operand(0); })
      .Case([](qonnx::ArgMaxOp) { return Bounds{0, INFINITY}; })
      .Case([&](qonnx::AveragePoolOp) { // of the padding's zeros as well
        Bounds a = operand(0);
        return Bounds{std::min(a.least, 0.0), std::max(a.most, 0.0)};
      })
      .Case([&](qonnx::NegOp) { return product(operand(0), {-1, -1}); })
      .Case([&](qonnx::AddOp) { return sum(operand(0), operand(1)); })
      .Case([&](qonnx::SubOp) {
        return sum(operand(0), product(operand(1), {-1, -1}));
      })
      .Case([&](qonnx::MulOp) { return product(operand(0), operand(1)); })
      .Default([](Operation *) { return kAny; });
}

Bounds ptq::boundsOf(Value value) { return boundsAt(value, 0); }
