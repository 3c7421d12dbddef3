//===- PostTrainingTest.cpp - Where quantisers stand, and their scales ----===//

#include "../LoadModule.h"
#include "finngl/PostTraining/Network.h"
#include "finngl/PostTraining/Scales.h"
#include <cmath>

using namespace finngl;
using namespace finngl::ptq;

namespace {

class PostTraining : public testing::Test {
protected:
  Sites find(const char *function) {
    auto sites = findSites(networks.function(function));
    EXPECT_TRUE(succeeded(sites)) << networks.messages;
    return succeeded(sites) ? *sites : Sites();
  }

  LoadedModule networks{"PostTraining/networks.mlir"};
};

/// Recordings of the only input, `[-1, 1]`-valued and the same each time.
std::vector<Recording> recordings(std::vector<int64_t> shape, unsigned count) {
  std::vector<Recording> result;
  for (unsigned i = 0; i < count; ++i) {
    FloatTensor tensor{shape, {}};
    for (int64_t k = 0; k < tensor.elements(); ++k)
      tensor.data.push_back(std::sin(float(7 * i + 3 * k + 1)));
    result.push_back({tensor});
  }
  return result;
}

std::vector<std::string> namesOf(const Sites &sites) {
  std::vector<std::string> names;
  for (const Site &site : sites.sites)
    names.push_back(site.name);
  return names;
}

const Site &named(const Sites &sites, const std::string &name) {
  auto found =
      llvm::find_if(sites.sites, [&](const Site &s) { return s.name == name; });
  EXPECT_NE(found, sites.sites.end()) << name;
  return *found;
}

void ignore(size_t, size_t) {}

} // namespace

TEST_F(PostTraining, DenseLayers) {
  Sites sites = find("dense");
  EXPECT_EQ(namesOf(sites),
            (std::vector<std::string>{"x", "matmul/weight", "relu",
                                      "matmul/weight_2"}));
  EXPECT_EQ(sites.sites[0].role, Role::Input);
  EXPECT_FALSE(sites.groups[sites.sites[2].group].isSigned);
  // The logits stay real.
  EXPECT_EQ(sites.realOutputs.size(), 1u);
}

TEST_F(PostTraining, ActivationsReadAndGiveCodes) {
  EXPECT_EQ(namesOf(find("bent")),
            (std::vector<std::string>{"x", "mul", "leaky_relu", "elu"}));
}

TEST_F(PostTraining, SumsOfProductsAndTheStateHaveRelatedScales) {
  Sites sites = find("cell");
  auto tieOf = [&](const std::string &name) {
    return sites.groups[named(sites, name).group].tie;
  };
  EXPECT_EQ(tieOf("mul"), tieOf("mul_2"));
  EXPECT_EQ(tieOf("mul"), tieOf("add_2")); // the next state
  EXPECT_NE(tieOf("mul"), tieOf("add"));   // the gate sums matrix products
  EXPECT_NE(tieOf("mul"), tieOf("sigmoid"));
  // The constant start has the state's own quantiser.
  EXPECT_EQ(named(sites, "scan/initial_state_0").group,
            named(sites, "add_2").group);
  EXPECT_EQ(sites.groups[named(sites, "add").group].response,
            Response::Sigmoid);
  EXPECT_TRUE(named(sites, "add").sumsProducts);
  EXPECT_FALSE(named(sites, "add_2").sumsProducts);
  // 1 - sigmoid cannot be negative.
  EXPECT_FALSE(sites.groups[named(sites, "sub").group].isSigned);
}

TEST_F(PostTraining, PartialSumsAreQuantisedBeforeAThirdTerm) {
  Sites sites = find("three_products");
  std::vector<std::string> names = namesOf(sites);
  EXPECT_TRUE(llvm::is_contained(names, "add"));
  EXPECT_TRUE(llvm::is_contained(names, "add_2"));
}

TEST_F(PostTraining, WeightsBesideAQuantisedValueKeepOneScale) {
  Sites sites = find("product_and_value");
  EXPECT_EQ(named(sites, "matmul/weight").axis, -1);
  // Alone in its sum.
  EXPECT_EQ(named(sites, "matmul/weight_2").axis, 1);
}

TEST_F(PostTraining, QuantisedModelsAreRefused) {
  EXPECT_TRUE(failed(findSites(networks.function("quantised"))));
  EXPECT_NE(networks.messages.find("takes models of float32 only"),
            std::string::npos)
      << networks.messages;
}

TEST_F(PostTraining, ConvolutionsAndPools) {
  Sites sites = find("conv");
  // The pool's operand is the input; the normalised sum is quantised behind
  // Relu, the mean once more.
  EXPECT_EQ(namesOf(sites),
            (std::vector<std::string>{"x", "conv/weight", "relu",
                                      "average_pool", "matmul/weight"}));
  EXPECT_EQ(named(sites, "conv/weight").axis, 0);
  EXPECT_FALSE(named(sites, "relu").sumsProducts);
  for (const char *name : {"relu", "average_pool"})
    EXPECT_FALSE(sites.groups[named(sites, name).group].isSigned) << name;
}

TEST_F(PostTraining, BatchesAreRefused) {
  EXPECT_TRUE(failed(findSites(networks.function("batch"))));
  EXPECT_NE(networks.messages.find("takes a batch of 2 sequences: expects 1"),
            std::string::npos)
      << networks.messages;
}

TEST_F(PostTraining, BitsByName) {
  Sites sites = find("cell");
  BitWidths widths;
  widths.weights = 4;
  widths.activations = 6;
  widths.named["mul"] = 10;
  auto bits = bitsOfGroups(sites, widths);
  ASSERT_TRUE(bool(bits));
  auto bitsOf = [&](const char *name) {
    return (*bits)[named(sites, name).group];
  };
  EXPECT_EQ(bitsOf("x"), 8u);
  EXPECT_EQ(bitsOf("matmul/weight"), 4u);
  EXPECT_EQ(bitsOf("add"), 6u);
  EXPECT_EQ(bitsOf("mul"), 10u);

  widths.named["no_such"] = 5;
  auto unknown = bitsOfGroups(sites, widths);
  ASSERT_FALSE(bool(unknown));
  EXPECT_EQ(unknown.failure().message, "no quantiser is named 'no_such'");

  widths.named = {{"add_2", 7}, {"scan/initial_state_0", 8}};
  auto both = bitsOfGroups(sites, widths);
  ASSERT_FALSE(bool(both));
  EXPECT_EQ(both.failure().message,
            "'add_2' and 'scan/initial_state_0' are one quantiser, got 7 and 8 "
            "bits");
}

TEST_F(PostTraining, RelatedScalesDifferByPowersOfTwo) {
  Sites sites = find("cell");
  auto samples = sampleSites(networks.function("cell"), sites,
                             recordings({4, 1, 2}, 20), ignore);
  ASSERT_TRUE(succeeded(samples)) << networks.messages;
  BitWidths widths;
  for (auto method : {CalibrationMethod::MinMax, CalibrationMethod::Percentile,
                      CalibrationMethod::Mse}) {
    ScaleChoice choice;
    choice.method = method;
    auto quantisers =
        chooseQuantisers(sites, *samples, *bitsOfGroups(sites, widths), choice,
                         WeightScales::Tensor);
    auto scaleOf = [&](const char *name) {
      return quantisers[size_t(&named(sites, name) - sites.sites.data())]
          .scale[0];
    };
    for (const char *name : {"mul", "mul_2", "scan/initial_state_0"}) {
      int exponent;
      EXPECT_EQ(std::frexp(scaleOf(name) / scaleOf("add_2"), &exponent), 0.5f)
          << name;
    }
  }
}

TEST_F(PostTraining, AddedProductsHaveOneScale) {
  Sites sites = find("cell");
  // The gate's two, and not the candidate's, whose sum is another one.
  for (const auto &sum : sites.productSums)
    EXPECT_EQ(sum.size(), 2u);
  ASSERT_FALSE(sites.productSums.empty());
  auto samples = sampleSites(networks.function("cell"), sites,
                             recordings({4, 1, 2}, 20), ignore);
  ASSERT_TRUE(succeeded(samples)) << networks.messages;
  BitWidths widths;
  for (auto method : {CalibrationMethod::MinMax, CalibrationMethod::Percentile,
                      CalibrationMethod::Mse})
    for (auto weights : {WeightScales::Tensor, WeightScales::Channel}) {
      ScaleChoice choice;
      choice.method = method;
      auto quantisers = chooseQuantisers(
          sites, *samples, *bitsOfGroups(sites, widths), choice, weights);
      for (const auto &sum : sites.productSums) {
        // Of 24 and 8 bits: the products are exact in double.
        auto scalesOf = [&](const Product &product) {
          std::vector<double> scales;
          for (float scale : quantisers[product.weight].scale)
            scales.push_back(double(scale) *
                             quantisers[product.operand].scale[0]);
          return scales;
        };
        EXPECT_EQ(scalesOf(sum[0]), scalesOf(sum[1]));
        size_t channels = weights == WeightScales::Channel ? 2 : 1;
        EXPECT_EQ(scalesOf(sum[0]).size(), channels);
      }
      // Nothing recorded is clamped by minmax.
      for (size_t i = 0; i < sites.sites.size(); ++i)
        for (float value : (*samples)[i].values()) {
          const Quantiser &q = quantisers[i];
          if (method == CalibrationMethod::MinMax && q.axis < 0) {
            EXPECT_LE(std::nearbyint(value / q.scale[0]), q.hi) << i;
            EXPECT_GE(std::nearbyint(value / q.scale[0]), q.lo) << i;
          }
        }
    }
}

TEST_F(PostTraining, ScalesOfChannelsHaveLessError) {
  Sites sites = find("dense");
  auto samples = sampleSites(networks.function("dense"), sites,
                             recordings({1, 3}, 20), ignore);
  ASSERT_TRUE(succeeded(samples));
  BitWidths widths;
  widths.weights = 3;
  auto errorWith = [&](WeightScales scales) {
    auto quantisers = chooseQuantisers(
        sites, *samples, *bitsOfGroups(sites, widths), {}, scales);
    size_t channels = scales == WeightScales::Channel ? 2 : 1;
    EXPECT_EQ(quantisers[1].scale.size(), channels); // of [3, 2] weights
    EXPECT_EQ(quantisers[1].axis, channels == 2 ? 1 : -1);
    EXPECT_EQ(quantisers[0].scale.size(), 1u); // the graph input
    return ownError(sites, 1, quantisers[1], (*samples)[1]);
  };
  EXPECT_LT(errorWith(WeightScales::Channel), errorWith(WeightScales::Tensor));
}

TEST_F(PostTraining, BiasCorrectionRemovesTheMeanError) {
  Sites sites = find("dense");
  auto main = networks.function("dense");
  main.setName("main"); // the twin looks for it
  std::vector<Recording> data = recordings({1, 3}, 50);
  auto samples = sampleSites(main, sites, data, ignore);
  ASSERT_TRUE(succeeded(samples));
  BitWidths widths;
  widths.weights = 3;
  auto quantisers = chooseQuantisers(
      sites, *samples, *bitsOfGroups(sites, widths), {}, WeightScales::Tensor);
  auto module = main->getParentOfType<mlir::ModuleOp>();
  Twin twin = quantisedTwin(module, sites, quantisers);
  auto meanOf = [&] {
    auto comparison = compare(main, twin, sites, data, States::Forced, ignore);
    EXPECT_TRUE(succeeded(comparison));
    return comparison->sumBias.back().front(); // the logits
  };
  double before = std::fabs(meanOf());
  // The first layer moves what the second one sees.
  for (int i = 0; i < 2; ++i)
    correctBiases(twin,
                  *compare(main, twin, sites, data, States::Forced, ignore));
  EXPECT_GT(before, 1e-3);
  EXPECT_LT(std::fabs(meanOf()), 1e-6);
}
