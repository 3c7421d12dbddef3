//===- RandomCellTest.cpp - Scan bodies that nobody named -----------------===//
//
// Random legal cells through all levels. Case i is the same in every run;
// FINNGL_RANDOM_CASES sets how many, FINNGL_RANDOM_FIRST the first one. A cell
// that fails is shrunk and kept in its folder.
//
//===----------------------------------------------------------------------===//

#include "RandomCell.h"
#include "CellCheck.h"
#include "ShrinkCell.h"
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>

using namespace finngl::test;
using Kind = Verdict::Kind;

static unsigned numberFrom(const char *variable, unsigned otherwise) {
  const char *text = std::getenv(variable);
  return text ? unsigned(std::atoi(text)) : otherwise;
}

/// Shrinks a cell that failed with `reason` and says where it is.
static void reportFailure(const Cell &cell, CellCheck check,
                          const Verdict &verdict) {
  std::string folder = check.folder.string() + "_shrunk";
  check.folder = folder + "_try";
  auto fails = [&](const Cell &smaller) {
    Verdict again = checkCell(smaller, check);
    return again.kind == Kind::Failed && again.reason == verdict.reason;
  };
  Cell small = shrinkCell(cell, fails, /*tries=*/check.rtl ? 60 : 500);
  std::filesystem::remove_all(check.folder);
  check.folder = folder;
  Verdict last = checkCell(small, check);
  auto path = std::filesystem::absolute(check.folder).string();
  ADD_FAILURE() << "cell " << cell.seed << ": " << verdict.reason
                << "\n  shrunk: " << small.describe() << "\n  "
                << last.log.substr(0, 2000) << "\n  file: " << path
                << "/model.onnx\n  reproduce: finngl verify " << path
                << (check.rtl ? "/out --levels int,rtl" : "/model.onnx")
                << "\n  or: FINNGL_RANDOM_FIRST=" << cell.seed
                << " FINNGL_RANDOM_CASES=1 NetworkTests --gtest_filter="
                << (check.rtl ? "RandomCell.Rtl" : "RandomCell.Levels");
}

/// At most a fifth may be refused: more is a gap of the compiler or of the
/// generator. How many passed.
static unsigned runCells(unsigned first, unsigned count, bool rtl) {
  unsigned passed = 0, refused = 0;
  std::map<std::string, std::vector<unsigned>> refusals;
  for (unsigned seed = first; seed < first + count; ++seed) {
    Cell cell = randomCell(seed);
    CellCheck check{.folder =
                        (rtl ? "cell_rtl_" : "cell_") + std::to_string(seed),
                    .rtl = rtl};
    Verdict verdict = checkCell(cell, check);
    if (verdict.kind == Kind::Failed) {
      reportFailure(cell, check, verdict);
      continue;
    }
    passed += verdict.kind == Kind::Passed;
    refused += verdict.kind == Kind::Refused;
    if (verdict.kind == Kind::Refused)
      refusals[verdict.reason].push_back(seed);
    if (count > 1) // one alone is there to be looked at
      std::filesystem::remove_all(check.folder);
  }
  std::printf("%u of %u cells passed, %u refused\n", passed, count, refused);
  for (const auto &[reason, cells] : refusals)
    std::printf("  %zu x %s, first cell %u\n", cells.size(), reason.c_str(),
                cells[0]);
  if (count >= 50) {
    EXPECT_LE(5 * refused, count);
  }
  return passed;
}

TEST(RandomCell, Levels) {
  runCells(numberFrom("FINNGL_RANDOM_FIRST", 0),
           numberFrom("FINNGL_RANDOM_CASES", 200), /*rtl=*/false);
}

TEST(RandomCell, Rtl) {
  runCells(numberFrom("FINNGL_RANDOM_FIRST", 0),
           numberFrom("FINNGL_RANDOM_CASES", 8), /*rtl=*/true);
}

/// Cells that failed once: weights (215) and inputs (226) wider than a DSP's
/// ports.
TEST(RandomCell, RtlOfWideProducts) {
  EXPECT_EQ(runCells(215, 1, /*rtl=*/true), 1u);
  EXPECT_EQ(runCells(226, 1, /*rtl=*/true), 1u);
}

/// A bug that hits every quantiser rounding up behind a product.
static bool hasPlantedBug(const Cell &cell) {
  for (const CellNode &node : cell.nodes)
    if (node.op == "Quant" && node.quant.rounding == "CEIL")
      if (const CellNode *maker = cell.node(node.inputs[0]))
        if (maker->op == "Mul" || maker->op == "MatMul")
          return true;
  return false;
}

TEST(RandomCell, ShrinksToTheCause) {
  unsigned found = 0;
  for (unsigned seed = 0; seed < 500 && found < 10; ++seed) {
    Cell cell = randomCell(seed);
    if (!hasPlantedBug(cell))
      continue;
    ++found;
    Cell small = shrinkCell(cell, hasPlantedBug, 2000);
    EXPECT_TRUE(hasPlantedBug(small));
    EXPECT_LE(small.nodes.size(), 2u) << small.describe();
    EXPECT_EQ(small.states.size(), 1u) << small.describe();
    EXPECT_EQ(small.steps, 1) << small.describe();
    EXPECT_EQ(small.states[0].size, 1) << small.describe();
  }
  EXPECT_EQ(found, 10u);
}
