//===- MutationTest.cpp - Does verify see a change of one unit? -----------===//
//
// Seeded random changes of thresholds, coefficients, tables and weights of the
// finn function, and of digits of the memory images. A change that alters its
// kernel anywhere in the proved input range must be found without any data.
//
//===----------------------------------------------------------------------===//

#include "Mutants.h"
#include "finngl/Check/ImageCheck.h"
#include "finngl/Check/KernelCheck.h"
#include "finngl/Driver/Model.h"
#include "mlir/IR/IRMapping.h"
#include <cstdio>
#include <gtest/gtest.h>

using namespace mlir;
using namespace finngl;

static std::string fixture(const char *name) {
  return std::string(FINNGL_SOURCE_DIR) + "/test/fixtures/models/" + name +
         "/model.onnx";
}

namespace {
struct Counts {
  int killed = 0, equivalent = 0, survived = 0;
};
} // namespace

/// `wanted` mutants of one model's finn function.
static void mutateModel(const char *name, int wanted, Counts &total) {
  driver::Model model;
  ASSERT_TRUE(model.open(fixture(name)) && model.toQonnx() && model.toFinn());
  RangeMap ranges;
  ASSERT_TRUE(succeeded(inferFunction(model.finnMain(), ranges)));
  check::KernelComparison clean =
      check::checkKernels(model.qonnxMain(), model.finnMain());
  EXPECT_EQ(clean.mismatches, 0)
      << (clean.findings.empty() ? "" : clean.findings[0]);
  for (const std::string &note : clean.notes)
    ADD_FAILURE() << note;
  ScopedDiagnosticHandler silent(model.context(),
                                 [](Diagnostic &) { return success(); });
  Counts counts;
  std::mt19937 random(1);
  for (int made = 0; made < wanted;) {
    IRMapping map;
    OwningOpRef<Operation *> copy = model.finnModule()->clone(map);
    RangeMap copied; // the ranges before the change, by the copy's values
    for (auto &[value, range] : ranges)
      copied[map.lookup(value)] = range;
    auto main = cast<ModuleOp>(*copy).lookupSymbol<func::FuncOp>("main");
    auto mutant = mutation::mutate(main, copied, random);
    if (!mutant)
      continue;
    ++made;
    if (check::checkKernels(model.qonnxMain(), main).mismatches) {
      ++counts.killed;
    } else if (mutant->equivalent) {
      ++counts.equivalent;
    } else {
      ++counts.survived;
      ADD_FAILURE() << name << ": survived " << mutant->what;
    }
  }
  std::printf("%-32s killed %d, equivalent %d, survived %d\n", name,
              counts.killed, counts.equivalent, counts.survived);
  std::fflush(stdout);
  total.killed += counts.killed;
  total.equivalent += counts.equivalent;
  total.survived += counts.survived;
}

TEST(Mutation, FinnFunction) {
  Counts total;
  for (const char *name :
       {"a01_lstm_w8a8", "a04_lstm_w4a4", "a13_lstm_power_of_two",
        "a14_lstm_floor_power_of_two", "b03_qcdq_row_mixed",
        "b12_unclamped_w8a8"})
    mutateModel(name, 40, total);
  std::printf("%-32s killed %d, equivalent %d, survived %d\n", "total",
              total.killed, total.equivalent, total.survived);
  EXPECT_GE(total.killed + total.equivalent, 200);
}

TEST(Mutation, MemoryImages) {
  std::mt19937 random(1);
  std::map<std::string, std::string> printed{
      {"a_weights.mem", "00ff\n12ab\n7fff\n"}, {"a_File0.mem", "0\n3\n"}};
  for (int i = 0; i < 50; ++i) {
    auto files = printed;
    auto file = std::next(files.begin(), random() % files.size());
    size_t at;
    do
      at = random() % file->second.size();
    while (file->second[at] == '\n');
    char digit = file->second[at];
    file->second[at] = digit == 'f'   ? '0'
                       : digit == '9' ? 'a'
                                      : char(digit + 1);
    auto read = [&](const std::string &name) {
      return std::optional(files.at(name));
    };
    EXPECT_EQ(check::checkImages(printed, read).mismatches, 1);
  }
}
