//===- FloatThresholdsTest.cpp - Codes of floats by comparing floats ------===//
//
// What the encode kernels give is what exact arithmetic gives, at every
// threshold, at the floats around it and far away.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/FloatThresholds.h"
#include "finngl/Core/Float32.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace finngl;
using namespace finngl::kernels;

namespace {

constexpr float kLargest = std::numeric_limits<float>::max();

class PortKernelsTest : public testing::TestWithParam<const KernelSet *> {
protected:
  std::mt19937 random{1};

  std::vector<float> probes(const Quantiser &quantiser,
                            const EncodeConstants &encode) {
    std::vector<float> x = {0.0f, -0.0f, kLargest, -kLargest, 1e-45f, -1e-45f};
    for (float t : encode.thresholds)
      x.insert(x.end(),
               {t, std::nextafter(t, -kLargest), std::nextafter(t, kLargest)});
    std::uniform_real_distribution<float> near(-150, 150);
    while (x.size() < 3000)
      x.push_back(
          std::clamp(near(random) * quantiser.scale[0], -kLargest, kLargest));
    return x;
  }

  void expectExact(const Quantiser &quantiser) {
    auto encode = floatThresholds(quantiser);
    ASSERT_TRUE(encode);
    std::vector<float> x = probes(quantiser, *encode);
    const std::byte *in[2] = {std::as_bytes(std::span(x)).data(), nullptr};
    std::vector<int64_t> wanted, codes(x.size());
    for (float value : x)
      wanted.push_back(quantiser.code(toRational(value)));
    for (auto out : {Container::I8, Container::I16, Container::I64}) {
      std::vector<std::byte> raw(x.size() * bytesOf(out));
      GetParam()->encode[int(out)](&*encode, x.size(), raw.data(), in);
      load(out, raw.data(), codes);
      EXPECT_EQ(codes, wanted)
          << stringify(quantiser.rounding) << " " << quantiser.scale[0];
    }
  }
};

TEST_P(PortKernelsTest, EncodesAsTheQuantiserSays) {
  for (Rounding rounding :
       {Rounding::HalfEven, Rounding::Ceil, Rounding::Floor, Rounding::Up,
        Rounding::Down, Rounding::HalfUp, Rounding::HalfDown})
    for (float scale : {0.5f, 0.0241f, 3.0f, 1e-30f, 1e-44f, 1e37f})
      for (float zero : {0.0f, 3.0f, -0.3f})
        for (bool after : {false, true})
          if (!after || zero == std::floor(zero))
            expectExact({{scale}, {zero}, -128, 127, rounding, after});
}

TEST_P(PortKernelsTest, DecodesByOneRounding) {
  for (float scale : {0.5f, 0.0241f, 3.3e38f, 1e-44f}) {
    DecodeConstants decode{scale};
    for (auto in : {Container::I8, Container::I16, Container::I32}) {
      std::vector<int64_t> codes;
      unsigned bits = in == Container::I32 ? 29 : 8 * bytesOf(in);
      int64_t top = (int64_t(1) << (bits - 1)) - 1;
      for (int i = 0; i < 100; ++i)
        codes.push_back(i == 0   ? -top - 1
                        : i == 1 ? top
                                 : int64_t(random()) % top - top / 2);
      std::vector<std::byte> raw(codes.size() * bytesOf(in));
      store(in, codes, raw.data());
      std::vector<float> floats(codes.size());
      const std::byte *from[2] = {raw.data(), nullptr};
      GetParam()->decode[int(in)](
          &decode, codes.size(),
          std::as_writable_bytes(std::span(floats)).data(), from);
      for (size_t i = 0; i < codes.size(); ++i)
        EXPECT_EQ(floats[i],
                  nearestFloat32(toInteger(codes[i]) * toRational(scale)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, PortKernelsTest, testing::ValuesIn(kernelSets()),
                         [](const auto &info) {
                           return std::string(info.param->name);
                         });

TEST(FloatThresholdsTest, LeavesWhatIsNoStepOfOne) {
  EXPECT_FALSE(floatThresholds({{0.5f, 1.0f}, {0.0f}, -8, 7}));
  EXPECT_FALSE(floatThresholds({{0.5f}, {0.0f}, -32768, 32767}));
  Quantiser bipolar{{1.0f}, {0.0f}, -1, 1};
  bipolar.bipolar = true;
  EXPECT_FALSE(floatThresholds(bipolar));
}

TEST(AllFiniteTest, FindsInfinityAndNaN) {
  std::vector<float> x(37, 1.0f);
  x[3] = kLargest;
  EXPECT_TRUE(allFinite(x));
  for (float bad : {INFINITY, -INFINITY, NAN}) {
    x[36] = bad;
    EXPECT_FALSE(allFinite(x));
  }
}

} // namespace
