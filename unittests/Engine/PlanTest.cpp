//===- PlanTest.cpp - Plans against a naive reading of the IR -------------===//

#include "finngl/Engine/Plan.h"
#include "NaiveFinn.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace finngl;

namespace {

std::string floatText(float value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.9e", double(value));
  return text;
}

class PlanTest : public testing::Test {
protected:
  PlanTest() {
    context.loadDialect<func::FuncDialect, qonnx::QONNXDialect,
                        finn::FinnDialect>();
  }

  func::FuncOp load(const std::string &file) {
    module = parseSourceFile<ModuleOp>(
        std::string(FINNGL_SOURCE_DIR) + "/test/Engine/" + file, &context);
    EXPECT_TRUE(module) << file;
    return module->lookupSymbol<func::FuncOp>("main");
  }

  std::vector<CodeTensor> randomInputs(const Plan &plan) {
    std::vector<CodeTensor> inputs;
    for (const PlanPort &port : plan.inputs()) {
      CodeTensor codes;
      for (int64_t i = 0; i < port.elements(); ++i)
        codes.data.push_back(random() % 4 == 0
                                 ? (random() % 2 ? port.lo : port.hi)
                                 : std::uniform_int_distribution<int64_t>(
                                       port.lo, port.hi)(random));
      inputs.push_back(std::move(codes));
    }
    return inputs;
  }

  void compareWithNaive(const std::string &file) {
    func::FuncOp function = load(file);
    for (const kernels::KernelSet *set : kernels::kernelSets()) {
      std::optional<Plan> plan = Plan::build(function, *set);
      std::optional<Plan> all = Plan::build(function, *set, /*keepsAll=*/true);
      ASSERT_TRUE(plan && all);
      for (int round = 0; round < 50; ++round) {
        std::vector<CodeTensor> inputs = randomInputs(*plan);
        std::vector<std::vector<int64_t>> flat;
        for (const CodeTensor &input : inputs)
          flat.push_back(input.data);
        std::string error;
        auto outputs = (round % 2 ? *all : *plan).run(inputs, error);
        ASSERT_TRUE(outputs) << error;
        auto expected = evaluateNaively(function, flat);
        for (size_t i = 0; i < expected.size(); ++i)
          EXPECT_EQ((*outputs)[i].data, expected[i]) << file << " result " << i;
      }
    }
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::mt19937_64 random{7};
};

TEST_F(PlanTest, LstmEqualsNaive) { compareWithNaive("lstm.mlir"); }
TEST_F(PlanTest, DirectionsEqualNaive) { compareWithNaive("directions.mlir"); }
TEST_F(PlanTest, HeadEqualsNaive) { compareWithNaive("head.mlir"); }
TEST_F(PlanTest, ArgMaxEqualsNaive) { compareWithNaive("arg-max.mlir"); }
TEST_F(PlanTest, WindowsEqualNaive) { compareWithNaive("windows.mlir"); }
TEST_F(PlanTest, TilesEqualNaive) { compareWithNaive("tiles.mlir"); }

/// Of a tile, too, of which only some steps are wanted.
TEST_F(PlanTest, PrefixEndsInTheStateOfItsLastStep) {
  auto plan = Plan::build(load("tiles.mlir"));
  ASSERT_TRUE(plan);
  std::vector<CodeTensor> inputs = randomInputs(*plan);
  std::string error;
  auto whole = plan->run(inputs, error);
  ASSERT_TRUE(whole) << error;
  for (int64_t steps : {1, 16, 21, 37}) {
    auto prefix = plan->runPrefix(inputs, steps, error);
    ASSERT_TRUE(prefix) << error;
    auto last = (*whole)[1].data.begin() + 3 * (steps - 1);
    EXPECT_EQ((*prefix)[0].data, std::vector<int64_t>(last, last + 3));
  }
}

/// One run gives what a run for each number of steps gives.
TEST_F(PlanTest, StepsAreThoseOfPrefixes) {
  auto plan = Plan::build(load("tiles.mlir"));
  ASSERT_TRUE(plan);
  std::vector<CodeTensor> inputs = randomInputs(*plan);
  std::string error;
  auto whole = plan->run(inputs, error);
  ASSERT_TRUE(whole) << error;
  Plan::Arena arena = plan->makeArena();
  for (size_t i = 0; i < inputs.size(); ++i)
    ASSERT_TRUE(plan->setInput(arena, i, inputs[i], error)) << error;
  int64_t visited = 0;
  EXPECT_TRUE(plan->executeSteps(arena, 37, [&](int64_t step) {
    EXPECT_EQ(step, visited++);
    auto prefix = plan->runPrefix(inputs, step + 1, error);
    ASSERT_TRUE(prefix) << error;
    EXPECT_EQ(plan->output(arena, 0).data, (*prefix)[0].data);
    EXPECT_EQ(plan->output(arena, 1).data, (*whole)[1].data);
  }));
  EXPECT_EQ(visited, 37);
}

TEST_F(PlanTest, FloatsOfAPortInItsOrder) {
  // Codes are [2, 3], ONNX' tensor is [1, 3, 2]: element (t, c) is (c, t).
  auto plan = Plan::build(load("ordered-port.mlir"));
  ASSERT_TRUE(plan);
  std::string error;
  auto codes = plan->encode({{1, 3, 2}, {1, 2, 3, 4, 5, 6}}, 0, error);
  ASSERT_TRUE(codes) << error;
  EXPECT_EQ(codes->data, (std::vector<int64_t>{1, 3, 5, 2, 4, 6}));
  // Of several scales, so without the fast encoder.
  codes = plan->encode({{1, 3, 2}, {1, 2, 6, 8, 5, 6}}, 1, error);
  ASSERT_TRUE(codes) << error;
  EXPECT_EQ(codes->data, (std::vector<int64_t>{1, 3, 5, 2, 4, 6}));
}

TEST_F(PlanTest, EncodesTiesToEvenAndClamps) {
  auto plan = Plan::build(load("lstm.mlir"));
  ASSERT_TRUE(plan);
  std::string error;
  FloatTensor x{{5, 1, 2},
                {0.25f, 0.75f, -0.25f, 100.0f, -100.0f, 0.5f, 3.4f, 0.0f,
                 0.24999999f, 0.25000003f}};
  auto codes = plan->encode(x, 0, error);
  ASSERT_TRUE(codes) << error;
  EXPECT_EQ(codes->data, (std::vector<int64_t>{0, 2, 0, 7, -8, 1, 7, 0, 0, 1}));
  EXPECT_EQ(codes->shape, (std::vector<int64_t>{5, 2}));
}

/// What doubles decide early is what exact numbers decide, right at and beside
/// every boundary and far away, in each rounding mode.
TEST_F(PlanTest, EncodesAsTheQuantiserSays) {
  std::string error;
  for (const char *mode :
       {"half_even", "ceil", "floor", "up", "down", "half_up", "half_down"})
    for (bool after : {false, true})
      for (float scale : {0.5f, 0.1f, 0.007402322f, 3.0f, 1e-30f}) {
        std::string text =
            "func.func @main(%x: tensor<64xsi8> {finn.name = \"x\", "
            "finn.shape = array<i64: 64>, finn.quantiser = #qonnx.quantiser<"
            "scale = [" +
            floatText(scale) +
            "], zero_point = [3.0], lo = -100, hi = 120, rounding = " + mode +
            ", zp_after_rounding = " + (after ? "true" : "false") +
            ", bipolar = false, axis = -1>}) -> tensor<64xsi8> { return %x : "
            "tensor<64xsi8> }";
        module = parseSourceString<ModuleOp>(text, &context);
        ASSERT_TRUE(module) << text;
        auto plan = Plan::build(module->lookupSymbol<func::FuncOp>("main"));
        ASSERT_TRUE(plan);
        FloatTensor x{{64}, {}};
        for (int i = 0; i < 64; ++i) {
          float grid = scale * float(int(random() % 600) - 300) / 2.0f;
          x.data.push_back(i % 3 == 0   ? grid
                           : i % 3 == 1 ? std::nextafter(grid, 1e30f)
                                        : grid * float(random() % 1000));
        }
        auto codes = plan->encode(x, 0, error);
        ASSERT_TRUE(codes) << error;
        for (int i = 0; i < 64; ++i)
          EXPECT_EQ(codes->data[i],
                    plan->inputs()[0].quantiser->code(toRational(x.data[i])))
              << mode << " " << x.data[i];
      }
}

TEST_F(PlanTest, RefusesInput) {
  auto plan = Plan::build(load("lstm.mlir"));
  ASSERT_TRUE(plan);
  std::string error;
  EXPECT_FALSE(plan->encode({{1, 3}, {0.125f, 0.1f, 0.0f}}, 1, error));
  EXPECT_NE(error.find("'h0': element 1"), std::string::npos) << error;
  EXPECT_FALSE(plan->encode({{1, 3}, {NAN, 0.0f, 0.0f}}, 1, error));
  EXPECT_NE(error.find("nan"), std::string::npos) << error;
  EXPECT_FALSE(plan->encode({{3}, {0.0f, 0.0f, 0.0f}}, 1, error));
  EXPECT_NE(error.find("has shape [3], the model expects [1, 3]"),
            std::string::npos)
      << error;
  std::vector<CodeTensor> codes = {{{5, 2}, std::vector<int64_t>(10, 0)},
                                   {{3}, {0, 32, 0}}};
  EXPECT_FALSE(plan->run(codes, error));
  EXPECT_NE(error.find("code 32 of element 1"), std::string::npos) << error;
}

TEST_F(PlanTest, DecodesByExactScales) {
  auto plan = Plan::build(load("lstm.mlir"));
  ASSERT_TRUE(plan);
  FloatTensor c = plan->decode({{3}, {1, 1, -2}}, 2);
  EXPECT_EQ(c.shape, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(c.data,
            (std::vector<float>{float(5.0 / 6), float(9.0 / 14), -1.5f}));
}

TEST_F(PlanTest, TracesEveryValueOfEveryStep) {
  auto plan = Plan::build(load("lstm.mlir"), kernels::bestKernels(),
                          /*keepsAll=*/true);
  ASSERT_TRUE(plan);
  std::vector<CodeTensor> inputs = randomInputs(*plan);
  std::vector<int64_t> hidden;
  size_t calls = 0;
  PlanTrace trace = [&](const PlanValue &value, int64_t step,
                        std::span<const int64_t> codes) {
    ++calls;
    EXPECT_LT(step, 5);
    if (value.elements == 3 && calls % 10 == 0)
      hidden.insert(hidden.end(), codes.begin(), codes.end());
  };
  std::string error;
  auto outputs = plan->run(inputs, error, &trace);
  ASSERT_TRUE(outputs) << error;
  EXPECT_EQ(calls, 50u) << "10 ops in each of 5 steps";
  EXPECT_EQ(hidden, (*outputs)[0].data);
}

} // namespace
