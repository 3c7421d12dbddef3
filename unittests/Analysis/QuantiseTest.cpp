//===- QuantiseTest.cpp - Forms through quantisers, as they stand ---------===//
//
// Random linear forms are quantised into finn ops; the ops are read naively and
// compared with the quantiser's own definition on the exact value.
//
//===----------------------------------------------------------------------===//

#include "finngl/Analysis/Quantise.h"
#include "NaiveFinn.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace finngl;

namespace {

constexpr int64_t kChannels = 3;

struct RandomForms : testing::Test {
  MLIRContext context;
  std::mt19937 random{7};

  RandomForms() { context.loadDialect<finn::FinnDialect, func::FuncDialect>(); }

  int64_t pick(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random);
  }
  /// Dyadic half of the time, so that ties occur.
  float scale() {
    return pick(0, 1) ? 1.0f / float(1 << pick(0, 5))
                      : float(pick(1, 1 << 23)) / float(1 << 24);
  }
  Rationals rationals(bool perChannel, auto make) {
    Rationals values;
    for (int64_t c = 0; c < (perChannel ? kChannels : 1); ++c)
      values.push_back(make());
    return values;
  }
  Quantiser quantiser() {
    Quantiser q;
    q.scale = {scale()};
    q.zeroPoint = {float(pick(-3, 3))};
    q.lo = pick(-40, 0);
    q.hi = pick(1, 40);
    q.rounding = Rounding(pick(0, 6));
    q.bipolar = pick(0, 9) == 0;
    q.zeroPointAfterRounding = pick(0, 1);
    return q;
  }
  void check(size_t terms, const ActivationChain &chain);
};

} // namespace

void RandomForms::check(size_t terms, const ActivationChain &chain) {
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  int64_t lo = -pick(1, 60), hi = pick(1, 60);
  Type type =
      RankedTensorType::get({kChannels}, finn::typeForRange(&context, lo, hi));
  SmallVector<Type> inputs(terms, type);
  builder.setInsertionPointToEnd(module->getBody());
  auto function = builder.create<func::FuncOp>(
      builder.getUnknownLoc(), "main", builder.getFunctionType(inputs, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  FinnEmitter emitter(builder);
  bool perChannel = pick(0, 3) == 0;
  LinearForm form;
  for (Value argument : function.getArguments())
    form.terms.push_back({{argument, {{lo, hi}}}, rationals(perChannel, [&] {
                            return toRational(pick(0, 1) ? scale() : -scale());
                          })});
  form.offset = rationals(
      pick(0, 1), [&] { return Rational(Rational(pick(-99, 99), 16)); });
  for (Rational &offset : form.offset)
    offset.canonicalize();
  Quantiser q = quantiser();
  auto result = chain.empty() ? quantised(emitter, form, q)
                              : quantised(emitter, form, chain, q);
  if (!result) {
    // Below an activation, or of three terms, sums may get too wide.
    EXPECT_TRUE(terms > 2 || (terms > 1 && !chain.empty()))
        << result.failure().message;
    return;
  }
  builder.create<func::ReturnOp>(builder.getUnknownLoc(),
                                 result->terms[0].value.value);
  function.setType(
      builder.getFunctionType(inputs, result->terms[0].value.value.getType()));
  ASSERT_TRUE(succeeded(module->verify()));
  for (int run = 0; run < 60; ++run) {
    std::vector<std::vector<int64_t>> data(terms);
    for (auto &vector : data)
      for (int64_t c = 0; c < kChannels; ++c)
        vector.push_back(run == 0 ? lo : run == 1 ? hi : pick(lo, hi));
    std::vector<int64_t> codes = evaluateNaively(function, data)[0];
    for (int64_t c = 0; c < kChannels; ++c) {
      Rational x = at(form.offset, c);
      for (size_t t = 0; t < terms; ++t)
        x += at(form.terms[t].scale, c) * toInteger(data[t][c]);
      int64_t code = chain.empty() ? q.code(x) : *codeOf(chain, x, q, 0);
      Rational value = at(result->terms[0].scale, c) * toInteger(codes[c]) +
                       at(result->offset, c);
      ASSERT_EQ(value, q.value(code)) << "channel " << c << " of run " << run;
      Interval range = hull(result->terms[0].value.range);
      ASSERT_TRUE(codes[c] >= range.first && codes[c] <= range.second);
    }
  }
}

TEST_F(RandomForms, OneTerm) {
  for (int i = 0; i < 150; ++i)
    check(1, {});
}

TEST_F(RandomForms, TwoTerms) {
  for (int i = 0; i < 60; ++i)
    check(2, {});
}

TEST_F(RandomForms, ThreeTerms) {
  for (int i = 0; i < 30; ++i)
    check(3, {});
}

TEST_F(RandomForms, Activations) {
  using Kind = ActivationStep::Kind;
  for (int i = 0; i < 30; ++i) {
    check(1, {{.kind = Kind::Tanh}});
    check(1, {{.kind = Kind::Sigmoid},
              {.kind = Kind::Affine, .factor = {-1}, .offset = {1}}});
    check(2, {{.kind = Kind::Clip, .lower = Rational(0)}});
  }
}

TEST(LinearForm, CommonDivisor) {
  EXPECT_EQ(commonDivisor(Rational(1, 4), Rational(3, 4)), Rational(1, 4));
  EXPECT_EQ(commonDivisor(Rational(1, 6), Rational(1, 4)), Rational(1, 12));
  EXPECT_EQ(commonDivisor(Rational(-3, 2), Rational(9, 4)), Rational(3, 4));
}
