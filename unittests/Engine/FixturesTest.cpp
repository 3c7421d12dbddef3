//===- FixturesTest.cpp - Real models at levels onnx and exact ------------===//
//
// Every fixture's golden outputs, by Brevitas or ONNX Runtime, at both levels:
// in each of these cases exact arithmetic reproduces them code for code.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/QONNX/Transforms/Passes.h"
#include "finngl/Engine/Compare.h"
#include "finngl/Import/ONNX/Importer.h"
#include "finngl/Support/TensorFile.h"
#include "mlir/Pass/PassManager.h"
#include <filesystem>
#include <gtest/gtest.h>

using namespace finngl;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> foldersIn(const fs::path &folder,
                                const std::string &prefix) {
  std::vector<fs::path> result;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder))
    if (entry.is_directory() &&
        entry.path().filename().string().starts_with(prefix))
      result.push_back(entry.path());
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<FloatTensor> readTensors(const fs::path &folder,
                                     const std::string &stem) {
  std::vector<FloatTensor> tensors;
  for (int i = 0;; ++i) {
    fs::path file = folder / (stem + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(file))
      return tensors;
    std::string error;
    auto tensor = readTensorFile(file.string(), error);
    EXPECT_TRUE(tensor) << file << ": " << error;
    tensors.push_back(std::move(*tensor));
  }
}

void expectEqual(mlir::FailureOr<engine::Comparison> result, const char *pair) {
  ASSERT_TRUE(mlir::succeeded(result)) << pair;
  EXPECT_GT(result->elements, 0) << pair;
  EXPECT_EQ(result->mismatches, 0)
      << pair << ": "
      << (result->findings.empty() ? "ambiguous" : result->findings[0]);
}

class Fixture : public testing::TestWithParam<fs::path> {};

TEST_P(Fixture, EveryLevelIsGolden) {
  mlir::MLIRContext context;
  // An open number of steps is that of the data.
  ImportOptions options;
  options.inputShape = [&](unsigned index, const std::string &) {
    std::string error;
    auto tensor = readTensorFile((GetParam() / "test_data_set_0" /
                                  ("input_" + std::to_string(index) + ".pb"))
                                     .string(),
                                 error);
    return tensor ? std::optional(tensor->shape) : std::nullopt;
  };
  auto module =
      importOnnxFile(&context, (GetParam() / "model.onnx").string(), options);
  ASSERT_TRUE(module);
  // Level onnx also runs the file as it is.
  mlir::OwningOpRef<mlir::ModuleOp> imported(module->clone());
  mlir::PassManager passes(&context), expand(&context);
  expand.addNestedPass<mlir::func::FuncOp>(qonnx::createExpandRnn());
  passes.addNestedPass<mlir::func::FuncOp>(qonnx::createExpandRnn());
  passes.addNestedPass<mlir::func::FuncOp>(qonnx::createConvertQCDQToQuant());
  ASSERT_TRUE(mlir::succeeded(expand.run(*imported)));
  ASSERT_TRUE(mlir::succeeded(passes.run(*module)));
  auto mainOf = [](mlir::ModuleOp op) {
    return op.lookupSymbol<mlir::func::FuncOp>("main");
  };
  engine::Comparer comparer(mainOf(*module));
  engine::FloatEvaluator before(mainOf(*imported));

  auto sets = foldersIn(GetParam(), "test_data_set_");
  ASSERT_FALSE(sets.empty());
  for (const fs::path &set : sets) {
    SCOPED_TRACE(set.filename().string());
    auto inputs = readTensors(set, "input");
    auto golden = readTensors(set, "output");
    ASSERT_TRUE(mlir::succeeded(comparer.load(inputs)));
    expectEqual(comparer.goldenOnnx(golden), "golden-onnx");
    expectEqual(comparer.goldenExact(golden), "golden-exact");
    expectEqual(comparer.onnxExact(true), "onnx-exact, teacher-forced");
    expectEqual(comparer.onnxExact(false), "onnx-exact");
    auto unconverted = before.run(inputs);
    ASSERT_TRUE(mlir::succeeded(unconverted));
    for (size_t i = 0; i < golden.size(); ++i)
      EXPECT_EQ((*unconverted)[i].tensor.data,
                comparer.onnxOutputs()[i].tensor.data);
  }
}

/// Float models of one ONNX operator: level onnx is ONNX Runtime's.
class FloatFixture : public testing::TestWithParam<fs::path> {};

TEST_P(FloatFixture, LevelOnnxIsGolden) {
  mlir::MLIRContext context;
  auto module =
      importOnnxFile(&context, (GetParam() / "model.onnx").string(), {});
  ASSERT_TRUE(module);
  mlir::PassManager expand(&context);
  expand.addNestedPass<mlir::func::FuncOp>(qonnx::createExpandRnn());
  ASSERT_TRUE(mlir::succeeded(expand.run(*module)));
  engine::Comparer comparer(module->lookupSymbol<mlir::func::FuncOp>("main"));
  fs::path set = GetParam() / "test_data_set_0";
  auto golden = readTensors(set, "output");
  ASSERT_TRUE(mlir::succeeded(
      comparer.load(readTensors(set, "input"), /*exactly=*/false)));
  ASSERT_EQ(golden.size(), comparer.onnxOutputs().size());
  for (size_t i = 0; i < golden.size(); ++i)
    EXPECT_EQ(golden[i].shape, comparer.onnxOutputs()[i].tensor.shape);
  expectEqual(comparer.goldenOnnx(golden), "golden-onnx");
  // A small defect is seen.
  golden[0].data.back() += 1e-3f;
  auto wrong = comparer.goldenOnnx(golden);
  ASSERT_TRUE(mlir::succeeded(wrong));
  EXPECT_EQ(wrong->mismatches, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Models, FloatFixture,
    testing::ValuesIn(foldersIn(FINNGL_SOURCE_DIR "/test/fixtures/onnx", "")),
    [](const auto &info) { return info.param.filename().string(); });

INSTANTIATE_TEST_SUITE_P(
    Models, Fixture,
    testing::ValuesIn(foldersIn(FINNGL_SOURCE_DIR "/test/fixtures/models", "")),
    [](const auto &info) { return info.param.filename().string(); });

} // namespace
