//===- DependentTermsTest.cpp - Kernels at operands that exist --------===//

#include "DependentTerms.h"
#include "KernelOperand.h"
#include "llvm/Support/MathExtras.h"
#include <gtest/gtest.h>
#include <set>

using namespace finngl;
using namespace finngl::check;
using exact::Polynomial;

namespace {

/// `z * n + (15 - z) * h`, as a GRU mixes its state: z 0 to 15, n and h -7 to
/// 7. One level for every eight units, ties up.
class Mixture : public ::testing::Test {
protected:
  Mixture() {
    for (int64_t level = -kLevels; level <= kLevels; ++level)
      if (level > -kLevels)
        levels.steps.push_back(
            {level, {level, Rational(stepTo(level)), /*reached=*/true}});
    levels.lowest = -kLevels;
    for (int64_t z = 0; z <= 15; ++z)
      for (int64_t n = -7; n <= 7; ++n)
        for (int64_t h = -7; h <= 7; ++h)
          operands.insert(z * n + (15 - z) * h);
  }

  static constexpr int64_t kLevels = 13;
  static int64_t stepTo(int64_t level) { return 8 * level - 4; }
  static int64_t levelOf(int64_t x) {
    return std::clamp(llvm::divideFloorSigned(x + 4, 8), -kLevels, kLevels);
  }

  std::optional<Difference> sample(llvm::function_ref<int64_t(int64_t)> kernel,
                                   int64_t &compared) {
    return sampleDependent({mixture, mixture, atoms, levels, kernel}, compared);
  }

  const Polynomial z = Polynomial::affine(1, 1, 0),
                   rest = Polynomial::affine(1, -1, 15),
                   n = Polynomial::affine(2, 1, 0),
                   h = Polynomial::affine(3, 1, 0),
                   fromN = *exact::product(z, n),
                   fromH = *exact::product(rest, h);
  const Polynomial mixture = exact::sum(
      std::vector<exact::WeightedPolynomial>{{1, &fromN}, {1, &fromH}});
  const std::vector<Interval> atoms{{1, 1}, {0, 15}, {-7, 7}, {-7, 7}};
  Levels levels;
  std::set<int64_t> operands; ///< that exist
};

TEST_F(Mixture, TheRightKernelPasses) {
  int64_t compared = 0;
  EXPECT_FALSE(sample(levelOf, compared));
  EXPECT_GT(compared, 500);
}

TEST_F(Mixture, OneStepMovedByOneIsFound) {
  for (int64_t level = -12; level <= 12; ++level)
    for (int64_t moved : {stepTo(level), stepTo(level) - 1}) {
      if (!operands.contains(moved))
        continue;
      int64_t compared = 0;
      auto found = sample(
          [&](int64_t x) {
            return x == moved ? 2 * level - 1 - levelOf(x) : levelOf(x);
          },
          compared);
      ASSERT_TRUE(found) << "operand " << moved;
      EXPECT_EQ(found->operand, moved);
      EXPECT_EQ(found->exact, levelOf(moved));
      EXPECT_NE(found->kernel, found->exact);
    }
}

/// The box of both products reaches to 210, the mixture to 105.
TEST_F(Mixture, WhereNoOperandIsAnythingGoes) {
  int64_t compared = 0;
  EXPECT_FALSE(
      sample([&](int64_t x) { return std::abs(x) > 105 ? 99 : levelOf(x); },
             compared));
}

TEST_F(Mixture, SummandsAreGroupsThatDependOnOneAnother) {
  Operand apart = makeOperand(mixture, mixture, {&fromN, &fromH}, atoms);
  ASSERT_EQ(apart.groups.size(), 2u);
  EXPECT_FALSE(apart.groups[0].tight || apart.groups[1].tight);
  // A sum that is no kernel's own is one group; its bounds are exact.
  EXPECT_EQ(makeOperand(mixture, mixture, {}, atoms).groups.size(), 1u);
  // Values of their own fill the box.
  const Polynomial sum =
      exact::sum(std::vector<exact::WeightedPolynomial>{{1, &n}, {1, &h}});
  Operand free = makeOperand(sum, sum, {&n, &h}, atoms);
  ASSERT_EQ(free.groups.size(), 2u);
  EXPECT_TRUE(free.groups[0].tight && free.groups[1].tight);
  EXPECT_EQ(free.groups[0].hi, 7);
}

TEST(KernelOperand, WhatOneSideAloneSeesMovesThatSideAlone) {
  std::vector<Interval> atoms{{1, 1}, {0, 3}};
  Polynomial nothing, n = Polynomial::affine(1, 2, 5);
  Operand kernel = makeOperand(nothing, n, {}, atoms);
  ASSERT_EQ(kernel.groups.size(), 1u);
  EXPECT_EQ(kernel.groups[0].slope, 0);
  EXPECT_EQ(kernel.groups[0].stride, 2);
  EXPECT_EQ(kernel.constant, 5);
  Operand exact = makeOperand(n, nothing, {}, atoms);
  ASSERT_EQ(exact.groups.size(), 1u);
  EXPECT_EQ(exact.groups[0].slope, 2);
  EXPECT_EQ(exact.groups[0].stride, 0);
}

TEST(KernelOperand, AtomsOfOneValueAreConstants) {
  std::vector<Interval> atoms{{1, 1}, {-47, -47}, {-2, 1}};
  Polynomial zero = Polynomial::affine(1, 1, 47),
             n = Polynomial::affine(2, 1, 0);
  Polynomial square = *exact::product(zero, zero),
             gated = *exact::product(zero, n);
  EXPECT_TRUE(makeOperand(square, gated, {&gated}, atoms).groups.empty());
  Polynomial scaled = *exact::product(Polynomial::affine(1, 1, 0), n);
  Operand operand = makeOperand(scaled, n, {&n}, atoms);
  ASSERT_EQ(operand.groups.size(), 1u);
  EXPECT_EQ(operand.groups[0].slope / operand.groups[0].stride, -47);
}

} // namespace
