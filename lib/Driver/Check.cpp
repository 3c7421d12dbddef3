//===- Check.cpp - Is this model supported? -------------------------------===//

#include "finngl/Core/Number.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Driver/Hardware.h"
#include "finngl/Driver/Model.h"
#include "finngl/Driver/Tables.h"
#include "finngl/Support/Diagnostics.h"
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace mlir;
using namespace finngl;
using namespace finngl::driver;

static std::string shapeText(Type type) {
  std::string text = "[";
  for (int64_t extent : cast<RankedTensorType>(type).getShape())
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

static void printPorts(func::FuncOp function) {
  auto print = [](const char *kind, StringAttr name, Type type) {
    std::printf("%-9s %-32s %s\n", kind,
                name ? name.getValue().str().c_str() : "?",
                shapeText(type).c_str());
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    print("input", function.getArgAttrOfType<StringAttr>(i, qonnx::kNameAttr),
          function.getArgumentTypes()[i]);
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    print("output",
          function.getResultAttrOfType<StringAttr>(i, qonnx::kNameAttr),
          function.getResultTypes()[i]);
}

static std::string shortest(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

/// One line: what it is of, width, scale, zero point, rounding.
static void printQuantiser(qonnx::QuantOp op) {
  Quantiser quantiser = qonnx::toQuantiser(op.getQuantiser());
  std::string node = nodeName(op.getLoc());
  unsigned bits = bitWidthFor(toInteger(quantiser.lo), toInteger(quantiser.hi),
                              quantiser.lo < 0);
  bool constant =
      isa_and_nonnull<qonnx::ConstantOp>(op.getInput().getDefiningOp());
  std::string scale = quantiser.scale.size() == 1
                          ? shortest(quantiser.scale[0])
                          : std::to_string(quantiser.scale.size()) + " scales";
  std::printf("%-9s %-44s %2u bits [%lld, %lld] scale %s zero point %g %s\n",
              constant ? "constant" : "quantiser", node.c_str(), bits,
              static_cast<long long>(quantiser.lo),
              static_cast<long long>(quantiser.hi), scale.c_str(),
              double(quantiser.zeroPoint[0]),
              std::string(stringify(quantiser.rounding)).c_str());
}

static void printSizes(func::FuncOp function) {
  int64_t weights = 0, products = 0, steps = 1;
  function.walk([&](finn::MatMulOp op) {
    int64_t count = op.getWeights().getShapedType().getNumElements();
    weights += count;
    auto scan = op->getParentOfType<finn::ScanOp>();
    auto type = cast<RankedTensorType>(op.getType());
    int64_t vectors = type.getNumElements() / type.getShape().back();
    products += count * (scan ? scan.getSteps() : vectors);
    if (scan)
      steps = scan.getSteps();
  });
  std::printf("size      %lld weights, %lld multiplications in %lld steps\n",
              static_cast<long long>(weights), static_cast<long long>(products),
              static_cast<long long>(steps));
}

/// About what compile without flags builds.
static void printHardware(const nlohmann::ordered_json &report) {
  auto number = [](const nlohmann::ordered_json &value) {
    return static_cast<long long>(value.get<int64_t>());
  };
  const auto &cycles = report["cycles"], &resources = report["resources"];
  std::printf("cycles    %lld a step, %lld a sequence, %.1f us at %g MHz "
              "(schedule)\n",
              number(cycles["per_step"]), number(cycles["latency"]),
              report["latency_us"].get<double>(),
              report["clock_mhz"].get<double>());
  std::printf("hardware  %lld LUT, %lld FF, %lld DSP, %lld BRAM18 of %s (cost "
              "model); compile searches longer, for a --budget or a "
              "--target-latency-us\n",
              number(resources["lut"]), number(resources["ff"]),
              number(resources["dsp"]), number(resources["bram18"]),
              report["device"].get<std::string>().c_str());
}

int finngl::driver::check(const CheckOptions &options) {
  Model model;
  if (!model.open(options.model, options.dims))
    return BadUsage;
  if (model.kind() == ModelKind::FinnText)
    return fail(BadUsage, options.model + ": check takes an .onnx file");
  model.takeDefaultShapes();
  if (!model.toQonnx())
    return BadUsage; // every node at fault has been named
  printPorts(model.qonnxMain());
  model.qonnxMain().walk(printQuantiser);
  std::fflush(stdout);
  if (!model.toFinn())
    return fail(BadUsage, options.model + ": not supported",
                "the nodes above cannot be computed in integers exactly");
  printSizes(model.finnMain());
  std::fflush(stdout);
  nlohmann::ordered_json report;
  if (estimateHardware(model, report))
    return fail(BadUsage, options.model + ": no hardware, integers only",
                "finngl compile --stop-after convert and the levels onnx, "
                "exact and int work");
  printHardware(report);
  std::printf("supported: 0 float operations left\n");
  return Good;
}
