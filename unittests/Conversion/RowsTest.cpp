//===- RowsTest.cpp - The rows of docs/Exactness.md -----------------------===//
//
// Each case of the table at level exact and at level int, over all of its
// codes. Beside them a method that is nearly right, as other tools have it:
// it must fail somewhere, so that the conversion could not use it unseen.
//
//===----------------------------------------------------------------------===//

#include "Row.h"
#include <cmath>

using namespace finngl;
using namespace finngl::test;

namespace {

/// The naive code of element i.
using Naive = std::function<int64_t(size_t)>;

/// The naive method errs on the case, but on few of its elements.
void expectSharp(const std::vector<int64_t> &exact, const Naive &naive) {
  size_t wrong = 0;
  for (size_t i = 0; i < exact.size(); ++i)
    wrong += naive(i) != exact[i];
  EXPECT_GT(wrong, 0u) << "the case does not tell the method from a naive one";
  EXPECT_LT(wrong, exact.size() / 2 + 1) << "no method that anyone would take";
}

int64_t clamped(double level, int64_t lo, int64_t hi) {
  return std::clamp(int64_t(std::nearbyint(level)), lo, hi);
}

TEST(Rows, OneScale) {
  Box box({{-512, 511}});
  auto exact = Row("one_scale").codes({box.tensor(0, 1, 3.0f / 32)});
  // 3/14 in 16 bits, half of a step added.
  expectSharp(exact, [&](size_t i) {
    return std::clamp<int64_t>((box.at(i, 0) * 14043 + 32768) >> 16, -128, 127);
  });
  // Thresholds ceil((k - 1/2) / r): ties go up.
  expectSharp(exact, [&](size_t i) {
    return std::clamp(int64_t(std::floor(box.at(i, 0) * 3 / 14.0 + .5)),
                      int64_t(-128), int64_t(127));
  });
}

/// Integer parts of the gates' sums: weights in units of 0.11 and 0.23.
constexpr int64_t kW[2][2] = {{5, -3}, {7, 2}}, kU[2][2] = {{3, 5}, {-2, 7}};

std::pair<int64_t, int64_t> gateSums(const Box &box, size_t i) {
  size_t row = i / 2, k = i % 2;
  return {box.at(row, 0) * kW[0][k] + box.at(row, 1) * kW[1][k],
          box.at(row, 2) * kU[0][k] + box.at(row, 3) * kU[1][k]};
}

TEST(Rows, TwoScales) {
  Box box({{-4, 3}, {-4, 3}, {-4, 3}, {-4, 3}});
  auto exact = Row("two_scales")
                   .codes({box.tensor(0, 2, 0.3f), box.tensor(2, 2, 0.17f)});
  auto sums = [&](size_t i) { return gateSums(box, i); };
  constexpr double kX = 0.3 * 0.11, kH = 0.17 * 0.23;
  constexpr double kBias[2] = {0.0131, -0.0377};
  // The second sum on the grid of the first.
  expectSharp(exact, [&](size_t i) {
    auto [a, b] = sums(i);
    double sum = (double(a) + std::nearbyint(double(b) * kH / kX)) * kX;
    return clamped((sum + kBias[i % 2]) / 0.1, -32, 31);
  });
  // An early convergent of the ratio of the scales.
  expectSharp(exact, [&](size_t i) {
    auto [a, b] = sums(i);
    double sum = double(11 * a + 13 * b) / 11 * kX;
    return clamped((sum + kBias[i % 2]) / 0.1, -32, 31);
  });
  // The bias on the grid of the first sum.
  expectSharp(exact, [&](size_t i) {
    auto [a, b] = sums(i);
    double sum =
        (double(a) + std::nearbyint(kBias[i % 2] / kX)) * kX + double(b) * kH;
    return clamped(sum / 0.1, -32, 31);
  });
}

TEST(Rows, ContractionAxis) {
  Box box({{-4, 3}, {-4, 3}, {-4, 3}});
  auto exact = Row("contraction_axis").codes({box.tensor(0, 3, 0.3f)});
  // Columns of 0.1, 0.4 and 0.13; the last one's weights rounded to 0.1.
  constexpr int64_t kWeights[3][2] = {{5, -3}, {12, 8}, {-9, 7}};
  expectSharp(exact, [&](size_t i) {
    int64_t sum = 0;
    for (size_t j = 0; j < 3; ++j)
      sum += box.at(i / 2, j) * kWeights[j][i % 2];
    return clamped(double(sum) * 0.03 / 0.1, -32, 31);
  });
  EXPECT_EQ(Row("five_on_contraction_axis").refusal(),
            "loc(\"dense/MatMul\"): no exact integer form for 5 scales on the "
            "contraction axis whose ratios are no powers of two\n"
            "at most 4 are supported; give the operands of the product one "
            "scale, or scales whose ratios are powers of two\n");
}

TEST(Rows, ZeroPoints) {
  Box box({{-8, 7}});
  auto exact = Row("zero_point").codes({{{1, 1, 16}, box.values(0, 0.25f, 3)}});
  // Code 0 as padding, which is -0.75.
  expectSharp(exact, [&](size_t i) {
    double sum = 0;
    for (int tap = 0; tap < 3; ++tap) {
      int64_t at = int64_t(i) + tap - 1;
      sum += (at >= 0 && at < 16 ? double(box.at(at, 0) - 3) / 4 : -0.75) *
             (tap == 0 ? 3 : tap);
    }
    return clamped(sum, -128, 127);
  });
  // 1/2 as zero point: codes 1, 5, ... were ties of the integer next to it.
  exact =
      Row("fractional_zero_point").codes({{{16}, box.values(0, 0.25f, 0.5f)}});
  expectSharp(exact, [&](size_t i) {
    return clamped(double(box.at(i, 0)) / 4, -128, 127);
  });
  EXPECT_EQ(Row("padded_fraction").refusal(),
            "loc(\"stem/Conv\"): no exact integer form for a zero as padding "
            "of a value whose zero point is no integer\n"
            "use an integer zero point, or no padding\n");
}

TEST(Rows, FloatBias) {
  Box box({{-64, 63}});
  auto exact = Row("float_bias").codes({box.tensor(0, 1, 1.0f / 16)});
  // 0.02 rounded to the grid of the sum, 1/16.
  expectSharp(exact, [&](size_t i) {
    return clamped(double(box.at(i, 0)) / 4, -32, 31);
  });
}

TEST(Rows, Product) {
  Box box({{0, 15}, {-8, 7}});
  auto exact = Row("product").codes(
      {box.tensor(0, 1, 0.0667f), box.tensor(1, 1, 0.13f)});
  // One float32 as scale of the product.
  float scale = 0.0667f * 0.13f;
  expectSharp(exact, [&](size_t i) {
    float value = scale * float(box.at(i, 0) * box.at(i, 1));
    return clamped(double(value / 0.121393986f), -16, 15);
  });
}

TEST(Rows, SumOfProducts) {
  Box box({{0, 15}, {-8, 7}, {-8, 7}});
  auto exact = Row("sum_of_products")
                   .codes({box.tensor(0, 1, 0.0667f), box.tensor(1, 1, 0.11f),
                           box.tensor(2, 1, 0.13f)});
  auto parts = [&](size_t i) {
    double z = 0.0667 * double(box.at(i, 0));
    return std::pair((1 - z) * 0.11 * double(box.at(i, 1)) / 0.13,
                     z * double(box.at(i, 2)));
  };
  // Each product rounded to the sum's levels, or to a quarter of one.
  for (double part : {1, 4})
    expectSharp(exact, [&](size_t i) {
      auto [fromN, fromH] = parts(i);
      return clamped(
          (std::nearbyint(fromN * part) + std::nearbyint(fromH * part)) / part,
          -8, 7);
    });
  EXPECT_EQ(Row("wide_sum").refusal(),
            "loc(\"cell/Add\"): no exact integer form for a sum of 2 values of "
            "unrelated scales\n"
            "quantise the parts of the sum to one scale\n");
}

TEST(Rows, FedBack) {
  std::vector<float> x;
  std::vector<int64_t> sums;
  for (int64_t step = 0; step < 64; ++step)
    for (int64_t sign : {-1, 1}) {
      int64_t code = sign * (step < 32 && step % 2 ? -6 : 7);
      x.push_back(float(code) / 4);
      sums.push_back(code + (step ? sums[sums.size() - 2] : 0));
    }
  std::vector<int64_t> exact;
  for (const Rational &value : Row("fed_back").values({{{64, 2}, x}}))
    exact.push_back(toInt64(Rational(value * 4).get_num()));
  EXPECT_EQ(exact, sums);
  // A state of 8 bits, which wraps or stops there.
  expectSharp(exact, [&](size_t i) { return int64_t(int8_t(sums[i])); });
  EXPECT_EQ(Row("diverges").refusal(),
            "loc(\"rnn/Scan\"): no exact integer form for a range that grows "
            "without bound: state 0 of the scan by [-1024, +896] a step\n"
            "put a quantiser before the next value of the state\n");
}

TEST(Rows, InitialValue) {
  Box box({{-8, 7}});
  FloatTensor x{{1, 16}, box.values(0, 0.25f)};
  auto exact = Row("start_between").codes({x});
  // The start, 1/16, as the nearest multiple of 1/2.
  expectSharp(exact, [&](size_t i) {
    return clamped(double(box.at(i, 0)) / 2, -8, 7);
  });
  EXPECT_EQ(Row("start_far_off").refusal(),
            "loc(\"rnn/Scan\"): no exact integer form for the initial value "
            "13421773/134217728 of state 0 of the scan, which is off the grid "
            "of scale 1/2 and of those up to 256 times as fine\n"
            "start the state from a value that its quantiser gives: a multiple "
            "of that scale, less the zero point\n");
}

TEST(Rows, BatchNorm) {
  Box box({{-8, 7}});
  FloatTensor x{{16, 3}, {}};
  for (float value : box.values(0, 0.25f))
    x.data.insert(x.data.end(), 3, value);
  auto exact = Row("batch_norm").codes({x});
  // The root, and the factor, in float32.
  constexpr float kScale[] = {1.3f, -1.7f, 0.0f}, kMean[] = {0, 0, 0.1f};
  constexpr float kBias[] = {2.19223261f, -2.21661282f, 0.25f};
  constexpr float kVariance[] = {0.7f, 1.9f, 1.0f};
  expectSharp(exact, [&](size_t i) {
    size_t c = i % 3;
    float factor = kScale[c] / std::sqrt(kVariance[c] + 1e-5f);
    float scaled = factor * (x.data[i] - kMean[c]);
    return clamped(double(std::max(scaled + kBias[c], 0.0f)) * 2, -8, 7);
  });
  EXPECT_EQ(Row("batch_norm_then_add").refusal(),
            "loc(\"block/Add\"): no exact integer form for an activation that "
            "has not been quantised\n"
            "put a quantiser behind the activation\n");
}

TEST(Rows, MeansAndConcatenations) {
  Box box({{-4, 3}, {-4, 3}, {-4, 3}, {-4, 3}});
  auto exact =
      Row("concat").codes({box.tensor(0, 2, 0.3f), box.tensor(2, 2, 0.17f)});
  // Both in quarters of the first one's grid.
  expectSharp(exact, [&](size_t i) {
    auto onGrid = [](int64_t code) {
      return std::nearbyint(double(code) * 0.17 / 0.3 * 4) / 4;
    };
    size_t row = i / 2, k = i % 2;
    double sum = double(gateSums(box, i).first) +
                 onGrid(box.at(row, 2)) * double(kU[0][k]) +
                 onGrid(box.at(row, 3)) * double(kU[1][k]);
    return clamped(sum * 0.3 * 0.11 / 0.1, -32, 31);
  });
  std::vector<int64_t> codes;
  std::vector<float> image;
  for (int64_t i = 0; i < 48; ++i) {
    codes.push_back((i * i + i / 3) % 16 - 8);
    image.push_back(float(codes.back()) / 4);
  }
  exact = Row("average_pool").codes({{{1, 1, 48}, image}});
  // An integer division.
  expectSharp(exact, [&](size_t i) {
    return (codes[3 * i] + codes[3 * i + 1] + codes[3 * i + 2]) / 3;
  });
  EXPECT_EQ(Row("uneven_mean").refusal(),
            "loc(\"pool/AveragePool\"): no exact integer form for means of "
            "windows with unequal numbers of elements\n"
            "use count_include_pad, or no padding\n");
}

TEST(Rows, Activations) {
  Box box({{-64, 63}});
  auto exact = Row("sigmoid").codes({box.tensor(0, 1, 1)});
  // Double arithmetic: 1 from 37 on.
  expectSharp(exact, [&](size_t i) {
    return int64_t(std::floor(128 / (1 + std::exp(-double(box.at(i, 0))))));
  });
  // More codes than a table has: thresholds.
  Box wide({{-256, 255}});
  exact = Row("tanh").codes({wide.tensor(0, 1, 0.25f)});
  expectSharp(exact, [&](size_t i) {
    return int64_t(std::floor(128 * std::tanh(double(wide.at(i, 0)) / 4)));
  });
  EXPECT_EQ(Row("falls_and_rises").refusal(),
            "loc(\"act/Quant\"): no exact integer form for an activation that "
            "falls and rises, of more than 4096 codes or with channels of "
            "their own\n"
            "quantise its operand per tensor to at most 12 bits\n");
}

TEST(Rows, Roundings) {
  Box box({{-8, 7}});
  auto exact = Row("roundings").codes({box.tensor(0, 1, 0.25f)});
  ASSERT_EQ(exact.size(), 7u * 16);
  for (size_t mode = 0; mode < 7; ++mode) {
    auto begin = exact.begin() + ptrdiff_t(16 * mode);
    // Halves away from zero for all; that is half_up, so floor(x + 1/2) there.
    constexpr size_t kHalfUp = 5;
    expectSharp({begin, begin + 16}, [&](size_t i) {
      double level = double(box.at(i, 0)) / 4;
      return int64_t(mode == kHalfUp ? std::floor(level + 0.5)
                                     : std::round(level));
    });
  }
  Box pairs({{-32, 31}, {-32, 31}});
  exact = Row("floor_of_sum")
              .codes({pairs.tensor(0, 1, 0.1f), pairs.tensor(1, 1, 0.1f)});
  // The same in float32.
  expectSharp(exact, [&](size_t i) {
    float sum = float(pairs.at(i, 0)) * 0.1f + float(pairs.at(i, 1)) * 0.1f;
    return int64_t(std::floor(sum / 0.1f));
  });
}

TEST(Rows, ArgMax) {
  Box box({{-4, 3}, {-4, 3}});
  auto exact = Row("arg_max").codes({box.tensor(0, 2, 0.3f)});
  constexpr float kScale[] = {0.11f, 0.23f, 0.17f};
  constexpr float kBias[] = {0, 0.360000014f, 0.504000008f};
  constexpr int64_t kWeights[2][3] = {{5, 2, -2}, {-3, 3, 3}};
  auto largest = [&](auto logit) {
    return [=](size_t i) {
      int64_t best = 0;
      for (int64_t k = 1; k < 3; ++k)
        best = logit(i, k) > logit(i, best) ? k : best;
      return best;
    };
  };
  // Logits in float32.
  expectSharp(exact, largest([&](size_t i, int64_t k) {
                float x[2], w[2];
                for (size_t j = 0; j < 2; ++j) {
                  x[j] = float(box.at(i, j)) * 0.3f;
                  w[j] = float(kWeights[j][k]) * kScale[k];
                }
                return x[0] * w[0] + x[1] * w[1] + kBias[k];
              }));
  // Biases rounded to the grids of their sums.
  expectSharp(exact, largest([&](size_t i, int64_t k) {
                int64_t sum = box.at(i, 0) * kWeights[0][k] +
                              box.at(i, 1) * kWeights[1][k];
                double scale = 0.3 * kScale[k];
                return scale * (double(sum) + std::nearbyint(kBias[k] / scale));
              }));
  EXPECT_EQ(Row("wide_arg_max").refusal(),
            "loc(\"head/ArgMax\"): no exact integer form for channels whose "
            "scales have no common divisor within 63 bits\n"
            "give the weights of the last layer one scale\n");
}

} // namespace
