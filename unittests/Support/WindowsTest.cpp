//===- WindowsTest.cpp - Sliding windows against ONNX' formulas -----------===//

#include "finngl/Support/Windows.h"
#include <gtest/gtest.h>
#include <numeric>
#include <random>

using namespace finngl;

namespace {

struct Case {
  Window window;
  Indices input; // [N, C, H, W]
  int64_t groups, outputs;
};

/// Small geometry of every kind: strides, dilations, unequal pads, groups.
std::optional<Case> randomCase(std::mt19937 &random) {
  auto pick = [&](int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random);
  };
  Case c;
  c.groups = pick(1, 3);
  c.outputs = c.groups * pick(1, 3);
  c.input = {pick(1, 2), c.groups * pick(1, 3), pick(1, 7), pick(1, 7)};
  for (size_t d = 0; d < 2; ++d) {
    c.window.kernel.push_back(pick(1, 4));
    c.window.strides.push_back(pick(1, 3));
    c.window.dilations.push_back(pick(1, 3));
    c.window.padsBegin.push_back(pick(0, 3));
    c.window.padsEnd.push_back(pick(0, 3));
    if (windowCount(c.window, d, c.input[2 + d]) < 1)
      return std::nullopt;
  }
  return c;
}

/// The convolution by ONNX' formula, each loop written out.
Indices naiveConv(const Case &c, const Indices &x, const Indices &w) {
  const Window &window = c.window;
  int64_t height = c.input[2], width = c.input[3], inner = c.input[1];
  int64_t perGroup = inner / c.groups;
  Indices result;
  for (int64_t n = 0; n < c.input[0]; ++n)
    for (int64_t m = 0; m < c.outputs; ++m)
      for (int64_t p = 0; p < windowCount(window, 0, height); ++p)
        for (int64_t q = 0; q < windowCount(window, 1, width); ++q) {
          int64_t sum = 0;
          for (int64_t i = 0; i < perGroup; ++i)
            for (int64_t a = 0; a < window.kernel[0]; ++a)
              for (int64_t b = 0; b < window.kernel[1]; ++b) {
                int64_t row = p * window.strides[0] - window.padsBegin[0] +
                              a * window.dilations[0];
                int64_t column = q * window.strides[1] - window.padsBegin[1] +
                                 b * window.dilations[1];
                if (row < 0 || row >= height || column < 0 || column >= width)
                  continue;
                int64_t channel = m / (c.outputs / c.groups) * perGroup + i;
                int64_t weight = ((m * perGroup + i) * window.kernel[0] + a) *
                                     window.kernel[1] +
                                 b;
                sum +=
                    w[weight] *
                    x[((n * inner + channel) * height + row) * width + column];
              }
          result.push_back(sum);
        }
  return result;
}

Indices productOf(const ConvPlan &plan, const Indices &x, const Indices &w) {
  const MatMulPlan &product = plan.product;
  Indices result;
  for (size_t batch = 0; batch < product.lhsOffsets.size(); ++batch)
    for (int64_t r = 0; r < product.rows; ++r)
      for (int64_t c = 0; c < product.columns; ++c) {
        int64_t sum = 0;
        for (int64_t k = 0; k < product.inner; ++k) {
          int64_t from =
              plan.patches[product.rhsOffsets[batch] + k * product.columns + c];
          sum += from < 0
                     ? 0
                     : w[product.lhsOffsets[batch] + r * product.inner + k] *
                           x[from];
        }
        result.push_back(sum);
      }
  return result;
}

TEST(Windows, ConvIsAProductOfPatches) {
  std::mt19937 random(1);
  int cases = 0;
  while (cases < 300) {
    auto c = randomCase(random);
    if (!c)
      continue;
    ++cases;
    Indices weights = {c->outputs, c->input[1] / c->groups, c->window.kernel[0],
                       c->window.kernel[1]};
    Indices x(elementCount(c->input)), w(elementCount(weights));
    std::iota(x.begin(), x.end(), 1);
    for (int64_t &weight : w)
      weight = int64_t(random() % 17) - 8;
    ConvPlan plan = planConv(c->input, weights, c->window, c->groups);
    EXPECT_EQ(productOf(plan, x, w), naiveConv(*c, x, w)) << cases;
  }
}

TEST(Windows, PoolsSeeWhatADepthwiseSumSees) {
  std::mt19937 random(2);
  int cases = 0;
  while (cases < 300) {
    auto c = randomCase(random);
    if (!c)
      continue;
    ++cases;
    c->groups = c->outputs = c->input[1];
    Indices x(elementCount(c->input)), sums;
    std::iota(x.begin(), x.end(), 1);
    Indices ones(c->input[1] * elementCount(c->window.kernel), 1);
    forEachWindow(c->input, c->window, [&](const Indices &elements) {
      int64_t sum = 0;
      for (int64_t element : elements)
        sum += x[element];
      sums.push_back(sum);
    });
    EXPECT_EQ(sums, naiveConv(*c, x, ones)) << cases;
  }
}

TEST(Windows, CountsWindows) {
  Window window{{3}, {2}, {2}, {1}, {0}};
  EXPECT_EQ(windowCount(window, 0, 4), 1);
  EXPECT_EQ(windowCount(window, 0, 5), 1);
  EXPECT_EQ(windowCount(window, 0, 6), 2);
  EXPECT_EQ(windowCount(window, 0, 3), 0);
}

} // namespace
