//===- KernelsTest.cpp - Every kernel against a naive model ---------------===//
//
// Random shapes, containers and values with the extremes mixed in; both kernel
// sets must give what exact arithmetic gives.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Kernels.h"
#include "finngl/Core/Number.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace finngl;
using namespace finngl::kernels;

namespace {

using Ints = std::vector<int64_t>;

/// Values of a container with extremes one time in four.
struct Random {
  std::mt19937_64 engine{20240607};

  int64_t in(int64_t lo, int64_t hi) {
    if (engine() % 4 == 0)
      return engine() % 2 ? lo : hi;
    return std::uniform_int_distribution<int64_t>(lo, hi)(engine);
  }
  Ints many(size_t count, int64_t lo, int64_t hi) {
    Ints values(count);
    for (int64_t &value : values)
      value = in(lo, hi);
    return values;
  }
};

int64_t top(unsigned bits) { return INT64_MAX >> (64 - bits); }
int64_t bottom(unsigned bits) { return -top(bits) - 1; }
constexpr unsigned kBits[] = {8, 16, 32, 64};

std::vector<std::byte> bytes(const Ints &values, Container container) {
  std::vector<std::byte> raw(values.size() * bytesOf(container) + 64);
  store(container, values, raw.data());
  return raw;
}

/// Runs a kernel and returns its `count` results.
Ints apply(Kernel kernel, const void *constants, size_t rows, size_t count,
           Container out, const std::vector<std::byte> &first,
           const std::vector<std::byte> &second = {}) {
  std::vector<std::byte> raw(count * bytesOf(out) + 64);
  const std::byte *in[2] = {first.data(), second.data()};
  kernel(constants, rows, raw.data(), in);
  Ints values(count);
  load(out, raw.data(), values);
  for (size_t i = count * bytesOf(out); i < raw.size(); ++i)
    EXPECT_EQ(raw[i], std::byte(0)) << "written beyond the result";
  return values;
}

class KernelsTest : public testing::TestWithParam<const KernelSet *> {
protected:
  const KernelSet &set() { return *GetParam(); }
  Random random;
};

/// Results of at most 31 bits for operands of `a` and `w` bits.
TEST_P(KernelsTest, MatmulPairs) {
  for (int round = 0; round < 300; ++round) {
    size_t rows = random.in(1, 3), mw = random.in(1, 70), mh = random.in(1, 90);
    unsigned w = random.in(1, 16), a = random.in(1, 16);
    Container in = a <= 8 ? Container::I8 : Container::I16;
    Ints weights = random.many(mh * mw, bottom(w), top(w));
    Ints x = random.many(rows * mw, bottom(a), top(a));
    Ints expected;
    for (size_t r = 0; r < rows; ++r)
      for (size_t i = 0; i < mh; ++i) {
        int64_t sum = 0;
        for (size_t j = 0; j < mw; ++j)
          sum += weights[i * mw + j] * x[r * mw + j];
        expected.push_back(sum);
      }
    auto [lo, hi] = std::minmax_element(expected.begin(), expected.end());
    Container out = containerFor(*lo, *hi);
    if (out == Container::I64)
      continue; // such a result's type takes the plain kernel
    Matrix matrix = makeMatrix(weights, mh, mw, Layout::Pairs);
    EXPECT_EQ(matrix.bytes,
              std::all_of(weights.begin(), weights.end(),
                          [](int64_t v) { return v >= -128 && v <= 127; }));
    Channels channels{mw};
    std::vector<std::byte> packed(rows * matrix.columnPairs() * 4 + 64);
    auto raw = bytes(x, in);
    const std::byte *operand[2] = {raw.data(), nullptr};
    set().packPairs[int(in)](&channels, rows, packed.data(), operand);
    EXPECT_EQ(apply(set().matmulPairs[int(out)], &matrix, rows, rows * mh, out,
                    packed),
              expected);
  }
}

TEST_P(KernelsTest, MatmulPairsOfExtremes) {
  // The sum of the two products wraps in 32 bits and the next pair undoes it.
  Matrix matrix =
      makeMatrix(Ints{-32768, -32768, 32767, 32767}, 1, 4, Layout::Pairs);
  std::vector<std::byte> x =
      bytes({-32768, -32768, -32768, -32768}, Container::I16);
  EXPECT_EQ(apply(set().matmulPairs[2], &matrix, 1, 1, Container::I32, x),
            Ints{65536});
}

TEST_P(KernelsTest, MatmulQuads) {
  for (int round = 0; round < 300; ++round) {
    size_t rows = random.in(1, 9), mw = random.in(1, 70), mh = random.in(1, 90);
    Ints weights = random.many(mh * mw, -128, 127);
    Ints x = random.many(rows * mw, -128, 127), expected(rows * mh, 0);
    if (round == 0) { // every product at its extreme
      std::fill(weights.begin(), weights.end(), -128);
      std::fill(x.begin(), x.end(), -128);
    }
    for (size_t i = 0; i < expected.size(); ++i)
      for (size_t j = 0; j < mw; ++j)
        expected[i] += weights[i % mh * mw + j] * x[i / mh * mw + j];
    Matrix matrix = makeMatrix(weights, mh, mw, Layout::Quads);
    EXPECT_EQ(apply(set().matmulQuads[2], &matrix, rows, rows * mh,
                    Container::I32, bytes(x, Container::I8)),
              expected);
  }
}

TEST_P(KernelsTest, MatmulPlain) {
  for (int round = 0; round < 100; ++round) {
    size_t rows = random.in(1, 2), mw = random.in(1, 20), mh = random.in(1, 9);
    unsigned in = random.in(0, 3);
    unsigned a = std::min(kBits[in], 40u), w = std::min(58 - a, 20u);
    Ints weights = random.many(mh * mw, bottom(w), top(w));
    Ints x = random.many(rows * mw, bottom(a), top(a));
    Ints expected(rows * mh, 0);
    for (size_t i = 0; i < expected.size(); ++i)
      for (size_t j = 0; j < mw; ++j)
        expected[i] += weights[i % mh * mw + j] * x[i / mh * mw + j];
    Matrix matrix = makeMatrix(weights, mh, mw, Layout::Plain);
    EXPECT_EQ(apply(set().matmulPlain[in][3], &matrix, rows, rows * mh,
                    Container::I64, bytes(x, Container(in))),
              expected);
  }
}

int64_t naiveRequant(const RequantConstants &q, int64_t a, size_t ch) {
  Integer c = toInteger(q.hasSplit && a >= q.split[ch] ? q.cHigh[ch] : q.c[ch]);
  Integer v = toInteger(q.p) * toInteger(a) + c, unit = Integer(1) << q.k;
  Integer y, rest;
  mpz_fdiv_qr(y.get_mpz_t(), rest.get_mpz_t(), v.get_mpz_t(), unit.get_mpz_t());
  if (rest < toInteger(q.w[ch]) && mpz_odd_p(y.get_mpz_t()))
    y -= 1;
  if (y < toInteger(q.lo))
    return q.lo;
  return y > toInteger(q.hi) ? q.hi : toInt64(y);
}

TEST_P(KernelsTest, Requant) {
  int fast = 0;
  for (int round = 0; round < 1200; ++round) {
    size_t rows = random.in(1, 2), n = random.in(1, 40);
    unsigned in = random.in(0, 3), out = random.in(0, 2);
    unsigned a = std::min(kBits[in], 40u),
             p = random.in(1, std::min(60 - a, 31u));
    RequantConstants q = {};
    q.channels = n;
    q.p = random.in(bottom(p), top(p));
    q.k = random.in(0, 40);
    q.lo = random.in(bottom(kBits[out]), 0);
    q.hi = random.in(0, top(kBits[out]));
    q.ties = random.in(0, 1);
    q.hasSplit = random.in(0, 2) == 2;
    unsigned c = round % 2 ? 51 : 60;
    q.c = random.many(n, bottom(c) + 1, top(c));
    q.w = random.many(n, 0, q.ties ? int64_t(1) << q.k : 0);
    q.split = random.many(n, bottom(a), top(a));
    q.cHigh = random.many(n, bottom(60), top(60));
    Ints x = random.many(rows * n, bottom(a), top(a)), expected;
    for (size_t i = 0; i < x.size(); ++i)
      expected.push_back(naiveRequant(q, x[i], i % n));
    auto raw = bytes(x, Container(in));
    EXPECT_EQ(
        apply(set().requant[in][out], &q, rows, rows * n, Container(out), raw),
        expected);
    if (q.hasSplit || in == 3)
      continue;
    auto narrow = [](int64_t c) { return std::abs(c) < int64_t(1) << 50; };
    if (a + p > 51 || !std::all_of(q.c.begin(), q.c.end(), narrow))
      continue;
    ++fast;
    EXPECT_EQ(apply(set().requantFast[in][out], &q, rows, rows * n,
                    Container(out), raw),
              expected);
  }
  EXPECT_GT(fast, 100);
}

TEST_P(KernelsTest, RequantByLine) {
  int lines = 0;
  for (int round = 0; round < 300; ++round) {
    size_t n = random.in(1, 80);
    unsigned in = random.in(0, 2), out = random.in(0, 2);
    int64_t reach = random.in(1, in == 0 ? 127 : 6000);
    RequantConstants q = {};
    q.channels = n;
    q.k = random.in(8, 30);
    q.p = random.in(1, (int64_t(1) << q.k) / 20 + 1);
    q.lo = random.in(-128, 0);
    q.hi = random.in(0, 127);
    int64_t least = random.in(-(int64_t(100) << q.k), int64_t(100) << q.k);
    q.c = random.many(n, least, least + (round % 2 ? 1000 : 0));
    q.w = Ints(n, 0);
    q.line = makeLine(q, -reach, reach);
    if (!q.line)
      continue;
    ++lines;
    Ints x, expected; // all inputs, at every channel in turn
    while (int64_t(x.size()) <= 2 * reach || x.size() % n)
      x.push_back(int64_t(x.size()) % (2 * reach + 1) - reach);
    for (size_t i = 0; i < x.size(); ++i)
      expected.push_back(naiveRequant(q, x[i], i % n));
    EXPECT_EQ(apply(set().requantFast[in][out], &q, x.size() / n, x.size(),
                    Container(out), bytes(x, Container(in))),
              expected);
  }
  EXPECT_GT(lines, 150);
}

TEST(RequantLine, NoneWhereFloatsCannotTell) {
  RequantConstants q = {};
  q.channels = 1;
  q.k = 30;
  q.p = 1;
  q.lo = 0;
  q.hi = 1;
  q.c = {(int64_t(1) << 30) - (int64_t(1) << 23) - 1}; // reached at 2^23 + 1
  q.w = {0};
  EXPECT_TRUE(makeLine(q, 0, int64_t(1) << 10));
  EXPECT_FALSE(makeLine(q, 0, int64_t(1) << 24));
  EXPECT_FALSE(makeLine(q, 0, (int64_t(1) << 24) + 1)); // beyond exact floats
  q.ties = true;
  EXPECT_FALSE(makeLine(q, 0, 100));
}

TEST_P(KernelsTest, Table) {
  for (unsigned in = 0; in < 2; ++in)
    for (unsigned out = 0; out < 4; ++out) {
      size_t n = random.in(1, 50);
      int64_t lo = random.in(bottom(kBits[in]), 0);
      int64_t hi = random.in(lo, top(kBits[in]));
      Ints values =
          random.many(hi - lo + 1, bottom(kBits[out]), top(kBits[out]));
      TableConstants table{n, lo, bytes(values, Container(out))};
      if (in == 0 && out == 0 && lo == -128 && hi == 127)
        table.steps = makeTableSteps(std::span(table.values).first(256));
      Ints x = random.many(2 * n, lo, hi), expected;
      for (int64_t code : x)
        expected.push_back(values[code - lo]);
      EXPECT_EQ(apply(set().table[in][out], &table, 2, 2 * n, Container(out),
                      bytes(x, Container(in))),
                expected);
    }
}

/// Every code at every place of the vectors and behind them.
TEST_P(KernelsTest, TableOfBytes) {
  for (size_t n : {1u, 31u, 32u, 33u, 127u, 300u}) {
    Ints values = random.many(256, -128, 127), x, expected;
    TableConstants table{n, -128, bytes(values, Container::I8)};
    table.steps = makeTableSteps(std::span(table.values).first(256));
    for (size_t i = 0; i < 256 * n; ++i) {
      x.push_back(int64_t(i + i / 256) % 256 - 128);
      expected.push_back(values[x.back() + 128]);
    }
    EXPECT_EQ(apply(set().table[0][0], &table, 256, 256 * n, Container::I8,
                    bytes(x, Container::I8)),
              expected);
  }
}

/// Codes of 8 bits without a sign lie in I16.
TEST_P(KernelsTest, TableOfUnsignedBytes) {
  for (size_t n : {1u, 31u, 32u, 33u, 300u}) {
    Ints values = random.many(256, 0, 255), x, expected;
    TableConstants table{n, -128, bytes(values, Container::I16)};
    std::vector<std::byte> low;
    for (int64_t value : values)
      low.push_back(std::byte(value));
    table.steps = makeTableSteps(low);
    for (size_t i = 0; i < 256 * n; ++i) {
      x.push_back(int64_t(i + i / 256) % 256 - 128);
      expected.push_back(values[x.back() + 128]);
    }
    EXPECT_EQ(apply(set().table[0][1], &table, 256, 256 * n, Container::I16,
                    bytes(x, Container::I8)),
              expected);
  }
}

TEST_P(KernelsTest, MultiThreshold) {
  for (int round = 0; round < 300; ++round) {
    size_t n = random.in(1, 20), count = random.in(1, 70);
    unsigned in = random.in(0, 3);
    bool perChannel = random.in(0, 1);
    Ints thresholds;
    for (size_t row = 0; row < (perChannel ? n : 1); ++row) {
      Ints steps = random.many(count, bottom(kBits[in]), top(kBits[in]));
      std::sort(steps.begin(), steps.end());
      thresholds.insert(thresholds.end(), steps.begin(), steps.end());
    }
    ThresholdConstants t{n, count, perChannel, random.in(-64, 50), thresholds};
    Ints x = random.many(2 * n, bottom(kBits[in]), top(kBits[in])), expected;
    for (size_t i = 0; i < x.size(); ++i) {
      size_t row = perChannel ? i % n : 0;
      auto first = thresholds.begin() + row * count;
      expected.push_back(
          t.bias + std::count_if(first, first + count,
                                 [&](int64_t step) { return x[i] >= step; }));
    }
    EXPECT_EQ(apply(set().multiThreshold[in][0], &t, 2, 2 * n, Container::I8,
                    bytes(x, Container(in))),
              expected);
  }
}

/// Thresholds that are evenly spaced but for a little noise, as a quantiser has
/// them: inputs at, below and far from each.
TEST_P(KernelsTest, MultiThresholdBetweenLines) {
  int bracketed = 0, inFloats = 0;
  for (int round = 0; round < 300; ++round) {
    size_t n = random.in(1, 80), count = random.in(2, 255);
    unsigned in = random.in(1, 3), bits = std::min(kBits[in], 62u);
    unsigned noise = random.in(3, 16);
    int64_t lo = bottom(bits), hi = top(bits);
    int64_t distance = std::max<int64_t>(hi / int64_t(count), 1);
    Ints thresholds;
    for (size_t ch = 0; ch < n; ++ch) {
      // Now and then some lie out of reach.
      int64_t first = random.in(lo - distance / 4, lo / 8);
      for (size_t j = 0; j < count; ++j)
        thresholds.push_back(first + int64_t(j) * distance +
                             random.in(0, distance >> noise));
      std::sort(thresholds.end() - std::ptrdiff_t(count), thresholds.end());
    }
    ThresholdConstants t{n, count, true, -128, thresholds};
    auto bracket = makeBracket(t, lo, hi, {-double(lo), 0});
    if (!bracket)
      continue;
    ++bracketed;
    inFloats += bracket->inFloats;
    t.bracket = *bracket;
    Ints x;
    for (int row = 0; row < 8; ++row)
      for (size_t ch = 0; ch < n; ++ch)
        x.push_back(std::clamp(
            row < 4 ? thresholds[ch * count + random.in(0, count - 1)] - row / 2
                    : random.in(lo, hi),
            lo, hi));
    auto raw = bytes(x, Container(in));
    EXPECT_EQ(
        apply(set().multiThresholdFast[in][0], &t, 8, 8 * n, Container::I8,
              raw),
        apply(set().multiThreshold[in][0], &t, 8, 8 * n, Container::I8, raw));
  }
  EXPECT_GT(inFloats, 50);
  EXPECT_GT(bracketed, inFloats + 50);
}

/// A sum of two inputs at, just below and far from thresholds.
TEST_P(KernelsTest, ThresholdSumBetweenLines) {
  int bracketed = 0, inFloats = 0;
  for (int round = 0; round < 300; ++round) {
    size_t n = random.in(1, 80), count = random.in(2, 255);
    unsigned in = random.in(0, 2), bits = std::min(kBits[in], 20u);
    unsigned noise = random.in(3, 16);
    int64_t a = random.in(-1500000, 1500000), b = random.in(-300000, 300000);
    int64_t reach = (std::abs(a) + std::abs(b)) << (bits - 1);
    int64_t distance = reach / int64_t(count) + 1;
    Ints offset = random.many(n, -reach / 4, reach / 4), thresholds;
    for (size_t ch = 0; ch < n; ++ch) {
      for (size_t j = 0; j < count; ++j)
        thresholds.push_back(-reach + int64_t(2 * j) * distance +
                             random.in(0, distance >> noise));
      std::sort(thresholds.end() - std::ptrdiff_t(count), thresholds.end());
    }
    ThresholdConstants t{n, count, true, -128, thresholds, {a, b}, offset};
    int64_t hi = reach + reach / 4;
    double magnitude = std::ldexp(1.0, int(bits) - 1);
    auto bracket = makeBracket(t, -hi, hi, {magnitude, magnitude});
    if (!bracket)
      continue;
    ++bracketed;
    inFloats += bracket->inFloats;
    t.bracket = *bracket;
    Ints x, y, sums;
    for (size_t i = 0; i < 4 * n; ++i) {
      x.push_back(random.in(bottom(bits), top(bits)));
      y.push_back(random.in(bottom(bits), top(bits)));
      sums.push_back(a * x[i] + b * y[i] + offset[i % n]);
    }
    EXPECT_EQ(apply(set().thresholdSum[in][0], &t, 4, 4 * n, Container::I8,
                    bytes(x, Container(in)), bytes(y, Container(in))),
              apply(set().multiThreshold[3][0], &t, 4, 4 * n, Container::I8,
                    bytes(sums, Container::I64)));
  }
  EXPECT_GT(inFloats, 50);
  EXPECT_GT(bracketed, inFloats + 50);
}

/// Two terms whose partial sums may leave the result's container, either with
/// one coefficient or one a channel.
TEST_P(KernelsTest, Lincomb) {
  for (int round = 0; round < 300; ++round) {
    size_t n = random.in(1, 40);
    unsigned first = random.in(0, 3), second = random.in(0, 3);
    unsigned a = std::min(kBits[first], 30u), b = std::min(kBits[second], 30u);
    Ints x = random.many(2 * n, bottom(a), top(a));
    Ints y = random.many(2 * n, bottom(b), top(b));
    auto coefficients = [&] {
      return random.many(random.in(0, 1) ? n : 1, -70000, 70000);
    };
    TermConstants one{n, coefficients(), random.many(n, bottom(40), top(40))};
    TermConstants two{n, coefficients(), {}};
    auto at = [](const Ints &list, size_t ch) {
      return list[ch % list.size()];
    };
    Ints expected;
    for (size_t i = 0; i < x.size(); ++i)
      expected.push_back(at(one.coefficient, i % n) * x[i] +
                         at(two.coefficient, i % n) * y[i] + one.offset[i % n]);
    // Every container must hold its part of the sum modulo its width.
    for (unsigned out = 0; out < 4; ++out) {
      std::vector<std::byte> raw(2 * n * bytesOf(Container(out)));
      auto rawX = bytes(x, Container(first)),
           rawY = bytes(y, Container(second));
      const std::byte *inX[2] = {rawX.data()}, *inY[2] = {rawY.data()};
      set().firstTerm[first][out](&one, 2, raw.data(), inX);
      set().nextTerm[second][out](&two, 2, raw.data(), inY);
      EXPECT_EQ(raw, [&] {
        auto wanted = bytes(expected, Container(out));
        wanted.resize(raw.size());
        return wanted;
      }());
    }
  }
}

TEST_P(KernelsTest, Mul) {
  for (unsigned lhs = 0; lhs < 4; ++lhs)
    for (unsigned rhs = 0; rhs < 4; ++rhs)
      for (int round = 0; round < 20; ++round) {
        size_t n = random.in(1, 40);
        unsigned a = std::min(kBits[lhs], 31u), b = std::min(kBits[rhs], 31u);
        Ints x = random.many(n, bottom(a), top(a));
        Ints y = random.many(n, bottom(b), top(b)), expected;
        for (size_t i = 0; i < n; ++i)
          expected.push_back(x[i] * y[i]);
        auto [lo, hi] = std::minmax_element(expected.begin(), expected.end());
        Container out = containerFor(*lo, *hi);
        Channels channels{n};
        EXPECT_EQ(apply(set().mul[lhs][rhs][int(out)], &channels, 1, n, out,
                        bytes(x, Container(lhs)), bytes(y, Container(rhs))),
                  expected);
      }
}

INSTANTIATE_TEST_SUITE_P(Sets, KernelsTest, testing::ValuesIn(kernelSets()),
                         [](const auto &info) {
                           return std::string(info.param->name);
                         });

TEST(ContainerTest, SmallestThatHolds) {
  EXPECT_EQ(containerFor(-128, 127), Container::I8);
  EXPECT_EQ(containerFor(0, 128), Container::I16);
  EXPECT_EQ(containerFor(-32769, 0), Container::I32);
  EXPECT_EQ(containerFor(0, 4294967295), Container::I64);
}

} // namespace
