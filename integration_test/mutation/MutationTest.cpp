//===- MutationTest.cpp - Does verify see a change of one unit? -----------===//
//
// Seeded random changes of thresholds, coefficients, tables and weights of the
// finn function, and of digits of the memory images. A change that alters its
// kernel anywhere in the proved input range must be found without any data.
//
//===----------------------------------------------------------------------===//

#include "../rtl/DecayCell.h"
#include "Mutants.h"
#include "finngl/Check/ImageCheck.h"
#include "finngl/Check/KernelCheck.h"
#include "finngl/Conversion/FinnToDataflow/FinnToDataflow.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "finngl/Driver/Model.h"
#include "finngl/Target/SystemVerilog/SystemVerilog.h"
#include "mlir/IR/IRMapping.h"
#include <cstdio>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>

using namespace mlir;
using namespace finngl;

/// A fixture; the cell of coefficients per channel is written when asked for.
static std::string modelFile(const std::string &name) {
  if (name != "decay_cell")
    return FINNGL_SOURCE_DIR "/test/fixtures/models/" + name + "/model.onnx";
  std::string file = "mutation_" + name + ".onnx";
  EXPECT_TRUE(test::decayCell().write(file));
  return file;
}

namespace {
struct Counts {
  int killed = 0, equivalent = 0, survived = 0;
};
} // namespace

/// `wanted` mutants of one model's finn function.
static void mutateModel(const char *name, int wanted, Counts &total) {
  driver::Model model;
  ASSERT_TRUE(model.open(modelFile(name)) && model.toQonnx() && model.toFinn());
  RangeMap ranges;
  ASSERT_TRUE(succeeded(inferFunction(model.finnMain(), ranges)));
  check::KernelComparison clean =
      check::checkKernels(model.qonnxMain(), model.finnMain());
  EXPECT_EQ(clean.mismatches, 0)
      << (clean.findings.empty() ? "" : clean.findings[0]);
  for (const check::Unchecked &note : clean.notes)
    ADD_FAILURE() << note.where << ": " << note.reason;
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
        "b12_unclamped_w8a8", "decay_cell"})
    mutateModel(name, 40, total);
  std::printf("%-32s killed %d, equivalent %d, survived %d\n", "total",
              total.killed, total.equivalent, total.survived);
  EXPECT_GE(total.killed + total.equivalent, 200);
}

/// The printed hardware of a fixture, every file.
static std::map<std::string, std::string> printModel(const char *name,
                                                     ThresholdStyle style) {
  driver::Model model;
  EXPECT_TRUE(model.open(modelFile(name)) && model.toQonnx() && model.toFinn());
  MappingOptions mapping;
  mapping.style = style;
  OwningOpRef<ModuleOp> stage =
      convertFinnToDataflow(model.finnModule(), mapping);
  df::Goal goal;
  goal.budget = {.lut = 20000, .ff = 50000, .dsp = 60, .bram18 = 100};
  df::Choice choice = df::chooseFolding(*stage, goal);
  size_t index = 0;
  for (df::RegionOp region :
       stage->lookupSymbol<func::FuncOp>("main").getOps<df::RegionOp>())
    df::apply(region, choice.regions[index++]);
  return printSystemVerilog(*stage, {}).files;
}

/// Images by the module and parameter that read them.
static std::map<std::string, std::set<std::string>>
imageKinds(const std::map<std::string, std::string> &files) {
  std::map<std::string, std::set<std::string>> kinds;
  static const std::regex instance("^ *(finngl_[a-z_0-9]+) #\\("),
      parameter("\\.([A-Za-z]+)[0-9]*\\(\"([^\"]+\\.mem)\"\\)");
  for (const auto &[name, text] : files) {
    std::istringstream lines(text);
    std::string module;
    for (std::string line; std::getline(lines, line);) {
      std::smatch found;
      if (std::regex_search(line, found, instance))
        module = found[1];
      else if (std::regex_search(line, found, parameter))
        kinds[module + " " + found[1].str()].insert(found[2]);
    }
  }
  return kinds;
}

/// Another digit somewhere, of the same number of bits.
static void changeDigit(std::string &image, std::mt19937 &random) {
  size_t at;
  do
    at = random() % image.size();
  while (image[at] == '\n');
  int digit = std::stoi(image.substr(at, 1), nullptr, 16);
  image[at] = "0123456789abcdef"[digit ^ (1 << random() % 4)];
}

TEST(Mutation, MemoryImages) {
  std::mt19937 random(1);
  std::map<std::string, int> changed;
  for (auto [name, style] :
       {std::pair{"a04_lstm_w4a4", ThresholdStyle::SegmentTable},
        {"b03_qcdq_row_mixed", ThresholdStyle::Requant},
        {"a14_lstm_floor_power_of_two", ThresholdStyle::Requant},
        {"a11_lstm_bidirectional", ThresholdStyle::SegmentTable},
        {"decay_cell", ThresholdStyle::SegmentTable}}) {
    std::map<std::string, std::string> printed = printModel(name, style);
    for (const auto &[kind, images] : imageKinds(printed))
      for (int i = 0; i < 10; ++i) {
        auto files = printed;
        auto image = std::next(images.begin(), random() % images.size());
        changeDigit(files.at(*image), random);
        auto read = [&](const std::string &wanted) {
          return std::optional(files.at(wanted));
        };
        EXPECT_EQ(check::checkImages(printed, read).mismatches, 1)
            << name << ": " << kind << ", " << *image;
        ++changed[kind];
      }
  }
  for (const auto &[kind, count] : changed)
    std::printf("%-32s %d changed digits found\n", kind.c_str(), count);
  for (const char *kind :
       {"finngl_mvu File", "finngl_segment_table File",
        "finngl_segment_table StartFile", "finngl_requant CFile",
        "finngl_table File", "finngl_lincomb PFile"})
    EXPECT_GT(changed[kind], 0) << kind;
}
