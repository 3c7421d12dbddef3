//===- RandomWindowsTest.cpp - Random image networks, int = exact ---------===//
//
// Convolutions, pools and batch normalisations of random geometry, signs,
// scales, zero points and groups, one after the other, each with a quantiser.
// Level int must equal level exact on every element.
//
//===----------------------------------------------------------------------===//

#include "finngl/Driver/Model.h"
#include "finngl/Engine/Plan.h"
#include "finngl/Exact/Evaluator.h"
#include "finngl/Support/Windows.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace finngl;

namespace {

/// Writes one network as qonnx text.
class Network {
public:
  explicit Network(unsigned seed) : random(seed) {
    rank = pick(1, 2);
    shape = {1, pick(1, 4), pick(3, 8)};
    if (rank == 2)
      shape.push_back(pick(3, 6));
    input = shape;
    add("qonnx.quant %x by " + quantiser() + " : " + type(shape));
    for (int64_t layers = pick(1, 3); layers > 0; --layers)
      layer();
    // Channels innermost, as the integers come.
    std::string perm = rank == 2 ? "[0, 2, 3, 1]" : "[0, 2, 1]";
    Indices last = shape;
    std::rotate(last.begin() + 1, last.begin() + 2, last.end());
    std::string from = type(shape);
    add("qonnx.transpose " + value + " " + perm + " : " + from + " -> " +
        type(last));
    text = "func.func @main(%x: " + type(input) + ") -> " + type(last) +
           " {\n" + text + "  return " + value + " : " + type(last) + "\n}\n";
  }

  std::string text;
  Indices input;

private:
  int64_t pick(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random);
  }
  std::string number(double lo, double hi) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.6e",
                  std::uniform_real_distribution<double>(lo, hi)(random));
    return buffer;
  }
  std::string numbers(int64_t count, double lo, double hi) {
    std::string list = "[";
    for (int64_t i = 0; i < count; ++i)
      list += (i ? ", " : "") + number(lo, hi);
    return list + "]";
  }
  std::string type(const Indices &extents) {
    std::string name = "tensor<";
    for (int64_t extent : extents)
      name += std::to_string(extent) + "x";
    return name + "f32>";
  }
  std::string array(const Indices &list) {
    std::string name = "array<i64: ";
    for (size_t i = 0; i < list.size(); ++i)
      name += (i ? ", " : "") + std::to_string(list[i]);
    return name + ">";
  }
  /// Round scales make ties, others do not.
  std::string quantiser() {
    static const char *roundings[] = {"half_even", "half_even", "floor",
                                      "ceil",      "up",        "half_down"};
    int64_t lo = pick(-32, 0), hi = pick(1, 31);
    std::string scale = pick(0, 1) ? "0.25" : number(0.05, 0.5);
    return "<scale = [" + scale + "], zero_point = [" +
           std::to_string(pick(0, 2) ? 0 : pick(-3, 3)) +
           ".0], lo = " + std::to_string(lo) + ", hi = " + std::to_string(hi) +
           ", rounding = " + roundings[pick(0, 5)] +
           ", zp_after_rounding = false, bipolar = false, axis = -1>";
  }
  void add(const std::string &op) {
    value = "%" + std::to_string(next++);
    text += "  " + value + " = " + op + "\n";
  }
  void quantise() {
    add("qonnx.quant " + value + " by " + quantiser() + " : " + type(shape));
  }

  Window window(bool padded) {
    Window w;
    for (int64_t d = 0; d < rank; ++d) {
      int64_t extent = shape[2 + d];
      w.kernel.push_back(pick(1, std::min<int64_t>(3, extent)));
      w.dilations.push_back(w.kernel[d] * 2 - 1 <= extent ? pick(1, 2) : 1);
      w.strides.push_back(pick(1, 2));
      int64_t most = padded ? (w.kernel[d] - 1) * w.dilations[d] : 0;
      w.padsBegin.push_back(pick(0, most));
      w.padsEnd.push_back(pick(0, most));
    }
    return w;
  }
  std::string attributes(const Window &w) {
    Indices pads = w.padsBegin;
    pads.insert(pads.end(), w.padsEnd.begin(), w.padsEnd.end());
    return "strides = " + array(w.strides) + ", pads = " + array(pads) +
           ", dilations = " + array(w.dilations);
  }
  void slide(const Window &w, int64_t channels) {
    shape[1] = channels;
    for (int64_t d = 0; d < rank; ++d)
      shape[2 + d] = windowCount(w, d, shape[2 + d]);
  }

  void conv() {
    Window w = window(true);
    int64_t groups = pick(0, 1) ? shape[1] : 1;
    int64_t outputs = groups * pick(1, 3);
    Indices weights = {outputs, shape[1] / groups};
    weights.insert(weights.end(), w.kernel.begin(), w.kernel.end());
    std::string in = value, before = type(shape);
    add("qonnx.constant dense<" + dense(weights, 0) + "> : " + type(weights));
    add("qonnx.quant " + value +
        " by <scale = [0.125], zero_point = [0.0], lo = -7, hi = 7, rounding = "
        "half_even, zp_after_rounding = false, bipolar = false, axis = -1> : " +
        type(weights));
    std::string by = value;
    slide(w, outputs);
    add("qonnx.conv " + in + ", " + by + " {" + attributes(w) +
        ", group = " + std::to_string(groups) + " : i64} : (" + before + ", " +
        type(weights) + ") -> " + type(shape));
    if (pick(0, 1))
      bias();
    int64_t bends = pick(0, 3);
    if (bends == 1)
      leakyRelu();
    if (pick(0, 1))
      batchNorm();
    if (bends == 2)
      leakyRelu();
    if (bends == 3)
      add("qonnx.relu " + value + " : " + type(shape));
    quantise();
  }
  std::string dense(const Indices &extents, size_t d) {
    if (d == extents.size())
      return number(-1, 1);
    std::string list = "[";
    for (int64_t i = 0; i < extents[d]; ++i)
      list += (i ? ", " : "") + dense(extents, d + 1);
    return list + "]";
  }
  void bias() {
    std::string in = value;
    Indices perChannel(shape.size() - 1, 1);
    perChannel[0] = shape[1];
    add("qonnx.constant dense<" + dense(perChannel, 0) +
        "> : " + type(perChannel));
    add("qonnx.add " + in + ", " + value + " : (" + type(shape) + ", " +
        type(perChannel) + ") -> " + type(shape));
  }
  void batchNorm() {
    int64_t n = shape[1];
    add("qonnx.batch_norm " + value + " scale " + numbers(n, -1.5, 1.5) +
        " bias " + numbers(n, -1, 1) + " mean " + numbers(n, -1, 1) +
        " variance " + (pick(0, 3) ? numbers(n, 0.1, 3) : squares(n)) +
        " {epsilon = 0.0 : f32} : " + type(shape));
  }
  void leakyRelu() {
    bool perChannel = pick(0, 1);
    add("qonnx.leaky_relu " + value + " slope " +
        numbers(perChannel ? shape[1] : 1, 0, 1.5) +
        (perChannel ? " {axis = 1 : i64}" : " {axis = -1 : i64}") + " : " +
        type(shape));
  }
  /// Roots that are rational: batch normalisation with ties.
  std::string squares(int64_t count) {
    std::string list = "[";
    for (int64_t i = 0; i < count; ++i)
      list += std::string(i ? ", " : "") + (pick(0, 1) ? "4.0" : "0.25");
    return list + "]";
  }
  void pool(bool max) {
    bool include = pick(0, 1);
    Window w = window(max || include);
    std::string before = type(shape);
    slide(w, shape[1]);
    add(std::string(max ? "qonnx.max_pool " : "qonnx.average_pool ") + value +
        " {kernel = " + array(w.kernel) + ", " + attributes(w) +
        (max       ? ""
         : include ? ", count_include_pad = true"
                   : ", count_include_pad = false") +
        "} : " + before + " -> " + type(shape));
    if (!max)
      quantise();
  }
  void layer() {
    switch (pick(0, 3)) {
    case 0:
      return pool(true);
    case 1:
      return pool(false);
    default:
      return conv();
    }
  }

  std::mt19937 random;
  int64_t rank;
  Indices shape;
  std::string value;
  unsigned next = 0;
};

bool toFinn(ModuleOp module) {
  FailureOr<OpPassManager> passes =
      parsePassPipeline(driver::kFinnPipeline, llvm::errs());
  if (failed(passes))
    return false;
  PassManager manager(module.getContext());
  static_cast<OpPassManager &>(manager) = *passes;
  return succeeded(manager.run(module));
}

TEST(RandomWindows, IntEqualsExact) {
  driver::Model model; // its context has the dialects, and the passes are known
  std::string messages;
  ScopedDiagnosticHandler handler(model.context(), [&](Diagnostic &diagnostic) {
    messages += diagnostic.str() + "\n";
    return success();
  });
  std::mt19937 random(11);
  size_t elements = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    Network network(seed);
    auto module = parseSourceString<ModuleOp>(network.text, model.context());
    ASSERT_TRUE(module) << seed << "\n" << network.text << messages;
    OwningOpRef<ModuleOp> integers = module->clone();
    ASSERT_TRUE(toFinn(*integers)) << seed << "\n" << network.text << messages;
    auto plan = Plan::build(integers->lookupSymbol<func::FuncOp>("main"));
    ASSERT_TRUE(plan) << messages;
    exact::Evaluator exactly(module->lookupSymbol<func::FuncOp>("main"));
    for (int round = 0; round < 4; ++round) {
      FloatTensor x{network.input, {}};
      std::normal_distribution<float> normal(0, 3);
      for (int64_t i = 0; i < x.elements(); ++i)
        x.data.push_back(round ? normal(random) : float(int(random() % 9) - 4));
      auto expected = exactly.run(x);
      ASSERT_TRUE(succeeded(expected)) << seed << messages;
      std::string error;
      auto codes = plan->encode(x, 0, error);
      ASSERT_TRUE(codes) << error;
      auto outputs = plan->run(std::span(&*codes, 1), error);
      ASSERT_TRUE(outputs) << error;
      EXPECT_EQ(plan->values((*outputs)[0], 0), (*expected)[0].values)
          << seed << "\n"
          << network.text;
      elements += (*expected)[0].values.size();
    }
  }
  EXPECT_GT(elements, 10000u);
}

} // namespace
