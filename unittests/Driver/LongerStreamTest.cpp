//===- LongerStreamTest.cpp - Networks for more samples -------------------===//
//
// A network made longer is the one that was written for that length; after some
// steps of its scan, the one that was written for the samples so far.
//
//===----------------------------------------------------------------------===//

#include "finngl/Driver/LongerStream.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Engine/Plan.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>
#include <random>

using namespace finngl;
using namespace finngl::driver;

namespace {

class LongerStreams : public testing::Test {
protected:
  LongerStreams() {
    context.loadDialect<mlir::func::FuncDialect, finn::FinnDialect>();
    module = mlir::parseSourceFile<mlir::ModuleOp>(
        FINNGL_SOURCE_DIR "/unittests/Driver/streams.mlir", &context);
  }

  mlir::func::FuncOp function(const char *name) {
    return module->lookupSymbol<mlir::func::FuncOp>(name);
  }
  LongerStream lengthened(const char *name, int64_t samples) {
    LongerStream stream = lengthen(function(name), samples);
    longer = Plan::build(function(name));
    EXPECT_TRUE(longer);
    std::mt19937 random(3);
    inputs.resize(1);
    for (int64_t i = 0; i < longer->inputs()[0].elements(); ++i)
      inputs[0].data.push_back(int64_t(random() % 16) - 8);
    return stream;
  }
  /// Of another network, on the first samples of the same stream.
  std::vector<CodeTensor> expected(const char *name) {
    auto plan = Plan::build(function(name));
    CodeTensor part = inputs[0];
    part.data.resize(plan->inputs()[0].elements());
    return *plan->run({{part}}, error);
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::optional<Plan> longer;
  std::vector<CodeTensor> inputs;
  std::string error;
};

TEST_F(LongerStreams, IsTheNetworkOfThatLength) {
  LongerStream stream = lengthened("merged8", 13);
  EXPECT_EQ(stream.samples, 16); // whole strides of four samples
  EXPECT_EQ(stream.rowElements, (std::vector<int64_t>{6, 6, 2}));
  auto codes = longer->run(inputs, error);
  ASSERT_TRUE(codes) << error;
  std::vector<CodeTensor> want = expected("merged16");
  for (size_t o = 0; o < want.size(); ++o)
    EXPECT_EQ((*codes)[o].data, want[o].data) << "output " << o;
}

TEST_F(LongerStreams, FirstStepsAreThoseOfTheSamplesSoFar) {
  lengthened("merged8", 16);
  auto codes = longer->runPrefix(inputs, /*steps=*/3, error);
  ASSERT_TRUE(codes) << error;
  std::vector<CodeTensor> want = expected("merged12");
  for (size_t o : {0, 2})
    EXPECT_EQ((*codes)[o].data, want[o].data) << "output " << o;
  (*codes)[1].data.resize(want[1].data.size());
  EXPECT_EQ((*codes)[1].data, want[1].data);
}

TEST_F(LongerStreams, PaddingAtTheEndIsInRowsBehind) {
  LongerStream stream = lengthened("padded8", 11);
  EXPECT_EQ(stream.samples, 11);
  auto codes = longer->run(inputs, error);
  ASSERT_TRUE(codes) << error;
  std::vector<CodeTensor> want = expected("open11");
  EXPECT_EQ((*codes)[0].data.size(), want[0].data.size() + 1);
  (*codes)[0].data.pop_back();
  EXPECT_EQ((*codes)[0].data, want[0].data);
}

TEST_F(LongerStreams, LongEnoughStaysAsItIs) {
  EXPECT_EQ(lengthened("merged8", 5).samples, 8);
  EXPECT_EQ(longer->run(inputs, error)->front().data,
            expected("merged8").front().data);
}

} // namespace
