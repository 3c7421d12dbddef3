//===- Row.cpp - A case of docs/Exactness.md at two levels ----------------===//

#include "Row.h"
#include "finngl/Conversion/Passes.h"
#include "finngl/Engine/Plan.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/Pass/PassManager.h"

using namespace finngl;
using namespace finngl::test;

Box::Box(std::vector<std::pair<int64_t, int64_t>> ranges) : points(1) {
  for (auto [lo, hi] : ranges) {
    std::vector<std::vector<int64_t>> longer;
    for (const std::vector<int64_t> &point : points)
      for (int64_t code = lo; code <= hi; ++code) {
        longer.push_back(point);
        longer.back().push_back(code);
      }
    points = std::move(longer);
  }
}

std::vector<float> Box::values(size_t column, float scale,
                               float zeroPoint) const {
  std::vector<float> result;
  for (const std::vector<int64_t> &point : points)
    result.push_back((float(point[column]) - zeroPoint) * scale);
  return result;
}

FloatTensor Box::tensor(size_t first, size_t count, float scale) const {
  if (count == 1)
    return {{int64_t(points.size())}, values(first, scale)};
  FloatTensor result{{int64_t(points.size()), int64_t(count)}, {}};
  for (const std::vector<int64_t> &point : points)
    for (size_t i = first; i < first + count; ++i)
      result.data.push_back(float(point[i]) * scale);
  return result;
}

FloatTensor Box::column(size_t index, float scale) const {
  return {{int64_t(points.size()), 1}, values(index, scale)};
}

Row::Row(llvm::StringRef name)
    : file("Conversion/rows.mlir"), function(file.function(name)) {}

mlir::LogicalResult Row::convert() {
  converted = mlir::ModuleOp::create(function.getLoc());
  converted->push_back(function.clone());
  mlir::PassManager passes(function.getContext());
  passes.addNestedPass<mlir::func::FuncOp>(createConvertQONNXToFinn());
  return passes.run(*converted);
}

std::string Row::refusal() {
  std::string text;
  mlir::ScopedDiagnosticHandler handler(
      function.getContext(), [&](mlir::Diagnostic &diagnostic) {
        text += describe(diagnostic.getLocation()) + ": " + diagnostic.str();
        for (mlir::Diagnostic &note : diagnostic.getNotes())
          text += "\n" + note.str();
        text += "\n";
      });
  EXPECT_TRUE(mlir::failed(convert()));
  return text;
}

std::vector<exact::Output> Row::run(const std::vector<FloatTensor> &inputs) {
  auto outputs = exact::evaluate(function, inputs);
  EXPECT_TRUE(mlir::succeeded(outputs)) << file.messages;
  if (mlir::failed(outputs))
    return {};
  expectLevelInt(inputs, *outputs);
  return std::move(*outputs);
}

void Row::expectLevelInt(const std::vector<FloatTensor> &inputs,
                         const std::vector<exact::Output> &exact) {
  ASSERT_TRUE(mlir::succeeded(convert())) << file.messages;
  auto plan = Plan::build(*converted->getOps<mlir::func::FuncOp>().begin());
  ASSERT_TRUE(plan) << file.messages;
  std::string error;
  std::vector<CodeTensor> codes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    auto encoded = plan->encode(inputs[i], i, error);
    ASSERT_TRUE(encoded) << error;
    codes.push_back(std::move(*encoded));
  }
  auto outputs = plan->run(codes, error);
  ASSERT_TRUE(outputs) << error;
  ASSERT_EQ(outputs->size(), exact.size());
  for (size_t i = 0; i < exact.size(); ++i)
    EXPECT_EQ(plan->values((*outputs)[i], i), exact[i].values)
        << "result " << i;
}

std::vector<int64_t> Row::codes(const std::vector<FloatTensor> &inputs) {
  std::vector<int64_t> all;
  for (const exact::Output &output : run(inputs))
    all.insert(all.end(), output.codes.begin(), output.codes.end());
  return all;
}

std::vector<Rational> Row::values(const std::vector<FloatTensor> &inputs) {
  std::vector<Rational> all;
  for (const exact::Output &output : run(inputs))
    all.insert(all.end(), output.values.begin(), output.values.end());
  return all;
}
