//===- ChooseFoldingTest.cpp - The search against every legal folding -----===//

#include "finngl/Conversion/FinnToDataflow/FinnToDataflow.h"
#include "finngl/Core/NetworkTimes.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include <functional>
#include <gtest/gtest.h>

using namespace mlir;
using namespace finngl;

namespace {

constexpr const char *kDense = R"(
func.func @main(%x: tensor<6x7xsi4>) -> tensor<6x5xsi4> {
  %0 = finn.matmul %x, dense<[[1, -2, 0, 1, 1, 1, 3], [3, 0, 1, 1, 0, 1, -3], [1, 1, 2, -1, 0, 0, 1], [0, 2, 1, 0, 1, 1, 2], [1, 1, 1, 1, 3, -2, 1]]> : tensor<5x7xsi3>, tensor<6x7xsi4> -> tensor<6x5xsi8>
  %1 = finn.requant %0 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<6x5xsi8> -> tensor<6x5xsi4>
  return %1 : tensor<6x5xsi4>
})";

constexpr const char *kScan = R"(
func.func @main(%x: tensor<9x2xsi4>) -> tensor<9x4xsi4> {
  %h0 = finn.constant dense<0> : tensor<4xsi4>
  %0:2 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<4xsi4>, tensor<9x2xsi4>) -> (tensor<4xsi4>, tensor<9x4xsi4>) {
  ^bb0(%h: tensor<4xsi4>, %xt: tensor<2xsi4>):
    %1 = finn.matmul %xt, dense<[[1, -2], [3, 0], [1, 1], [0, 2]]> : tensor<4x2xsi3>, tensor<2xsi4> -> tensor<4xsi7>
    %2 = finn.matmul %h, dense<[[1, -2, 0, 1], [3, 0, 1, 1], [1, 1, 2, -1], [0, 2, 1, 0]]> : tensor<4x4xsi3>, tensor<4xsi4> -> tensor<4xsi7>
    %3 = finn.lincomb %1, %2 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi7>, tensor<4xsi7>) -> tensor<4xsi8>
    %4 = finn.requant %3 {p = 5 : i64, k = 5 : i64, c = array<i64: 16, 17, 18, 3>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4xsi8> -> tensor<4xsi4>
    finn.yield %4, %4 : tensor<4xsi4>, tensor<4xsi4>
  }
  return %0#1 : tensor<9x4xsi4>
})";

// Two layers over windows of samples.
constexpr const char *kWindows = R"(
func.func @main(%x: tensor<6x2xsi4>) -> tensor<1x2xsi9> {
  %0 = finn.im2col %x {image = array<i64: 6>, kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<6x2xsi4> -> tensor<4x6xsi4>
  %1 = finn.matmul %0, dense<[[1, -2, 0, 1, 1, 1], [3, 0, 1, 1, 0, 1], [1, 1, 1, -1, 1, 1]]> : tensor<3x6xsi3>, tensor<4x6xsi4> -> tensor<4x3xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4x3xsi8> -> tensor<4x3xsi4>
  %3 = finn.im2col %2 {image = array<i64: 4>, kernel = array<i64: 4>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<4x3xsi4> -> tensor<1x12xsi4>
  %4 = finn.matmul %3, dense<1> : tensor<2x12xsi2>, tensor<1x12xsi4> -> tensor<1x2xsi9>
  return %4 : tensor<1x2xsi9>
})";

// The same with a second window that moves, as a stream has it.
constexpr const char *kStream = R"(
func.func @main(%x: tensor<6x2xsi4>) -> tensor<3x2xsi8> {
  %0 = finn.im2col %x {image = array<i64: 6>, kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<6x2xsi4> -> tensor<4x6xsi4>
  %1 = finn.matmul %0, dense<[[1, -2, 0, 1, 1, 1], [3, 0, 1, 1, 0, 1], [1, 1, 1, -1, 1, 1]]> : tensor<3x6xsi3>, tensor<4x6xsi4> -> tensor<4x3xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4x3xsi8> -> tensor<4x3xsi4>
  %3 = finn.im2col %2 {image = array<i64: 4>, kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<4x3xsi4> -> tensor<3x6xsi4>
  %4 = finn.matmul %3, dense<1> : tensor<2x6xsi2>, tensor<3x6xsi4> -> tensor<3x2xsi8>
  return %4 : tensor<3x2xsi8>
})";

/// A way to build the whole network, as the schedule and the cost model see it.
struct Point {
  Merit merit;
  Resources resources;
};

class Network {
public:
  explicit Network(const char *text, MappingOptions options = {}) {
    context.loadDialect<finn::FinnDialect, func::FuncDialect>();
    auto finn = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(finn);
    module = convertFinnToDataflow(*finn, options);
    EXPECT_TRUE(module);
    for (df::RegionOp region :
         module->lookupSymbol<func::FuncOp>("main").getOps<df::RegionOp>())
      regions.push_back(region);
  }

  df::Choice choose(const df::Goal &goal) {
    return df::chooseFolding(*module, goal);
  }
  Point measure(const std::vector<df::Candidate> &candidates) {
    Resources sum;
    for (auto [region, candidate] : llvm::zip(regions, candidates)) {
      df::fold(region, candidate);
      sum += df::estimate(region, df::planPasses(region),
                          df::scheduleTail(region), candidate);
    }
    return {meritOf(df::networkShape(*module), 1),
            sum + df::shellCost(*module)};
  }
  /// Every combination of the regions' legal foldings.
  std::vector<Point> all() {
    std::vector<std::vector<df::Candidate>> legal;
    for (df::RegionOp region : regions)
      legal.push_back(legalFoldings(region));
    std::vector<Point> points;
    std::vector<df::Candidate> candidates;
    std::function<void()> combine = [&] {
      if (candidates.size() == regions.size()) {
        points.push_back(measure(candidates));
        return;
      }
      for (const df::Candidate &candidate : legal[candidates.size()]) {
        candidates.push_back(candidate);
        combine();
        candidates.pop_back();
      }
    };
    combine();
    return points;
  }

  mlir::MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::vector<df::RegionOp> regions;

private:
  std::vector<df::Candidate> legalFoldings(df::RegionOp region) {
    std::vector<df::Candidate> legal;
    RegionShape shape = df::scheduleTail(region);
    for (int64_t pe = 1; pe <= shape.passes[0].rows(); ++pe)
      for (int64_t simd = 1; simd <= shape.columns(0); ++simd)
        for (int64_t lanes = 1; lanes <= shape.passes[0].units; ++lanes)
          for (const char *impl : {"lut", "dsp", "dsp_packed"}) {
            df::Candidate candidate;
            candidate.folding = {{{pe, simd}}, lanes};
            candidate.mvuImpl = {impl};
            candidate.mulImpl = "lut";
            if (!df::refuse(region, candidate))
              legal.push_back(candidate);
          }
    return legal;
  }
};

/// The tenth of logic that the search keeps free.
bool fits(Resources r, const Resources &budget) {
  r.lut += r.lut / 10;
  r.ff += r.ff / 10;
  return r.fits(budget);
}

constexpr Resources kPlenty = {
    .lut = 1 << 20, .ff = 1 << 20, .dsp = 1 << 12, .bram18 = 1 << 12};

/// How far from the best of all foldings the search may stay. What pads is only
/// looked at where it is better by a sixteenth, in cycles or resources; of a
/// converter or a ring estimates miss a cycle or two.
struct Slack {
  double area = 1 + 1.0 / 16;
  int64_t cycles = 2;
  /// Of a figure, a square of cycles or a product of three.
  double figure(const Merit &merit) const {
    double each = 1 + 1.0 / 16 + double(cycles) / double(merit.cycles);
    return each * each;
  }
};
/// Of samples, whose regions wait for one another beat by beat, estimates say
/// less, and the search changes one region at a time.
constexpr Slack kOfSamples{1 + 1.0 / 3, 3};

/// Within the budget nothing is much faster (figures are squares of cycles, or
/// products of three), and of all that is no slower nothing is cheaper.
void expectBest(Network &network, const std::vector<Point> &all,
                const Resources &budget, const Slack &slack) {
  df::Choice choice = network.choose({budget, std::nullopt});
  ASSERT_TRUE(choice.feasible);
  Point chosen = network.measure(choice.regions);
  EXPECT_EQ(chosen.merit.cycles, choice.cycles);
  EXPECT_TRUE(fits(chosen.resources, budget));
  for (const Point &point : all) {
    if (!fits(point.resources, budget))
      continue;
    EXPECT_LE(chosen.merit.figure,
              slack.figure(point.merit) * point.merit.figure);
    if (point.merit.figure <= chosen.merit.figure) {
      EXPECT_LE(df::area(chosen.resources),
                slack.area * double(df::area(point.resources)))
          << point.merit.cycles << " of " << choice.cycles << " cycles";
    }
  }
}

/// In time, and nothing that is in time is cheaper.
void expectCheapest(Network &network, const std::vector<Point> &all,
                    int64_t target, const Slack &slack) {
  df::Choice choice = network.choose({kPlenty, target});
  ASSERT_TRUE(choice.feasible) << target;
  EXPECT_LE(choice.cycles, target);
  for (const Point &point : all)
    if (point.merit.cycles <= target) {
      EXPECT_LE(df::area(choice.resources),
                slack.area * double(df::area(point.resources)))
          << point.merit.cycles << " of " << target << " cycles";
    }
}

/// Budgets and targets from the fastest folding to the smallest one.
void expectOptimal(Network &network, const Slack &slack = {}) {
  std::vector<Point> all = network.all();
  ASSERT_GT(all.size(), 50u);
  auto [fast, slow] = std::minmax_element(
      all.begin(), all.end(), [](const Point &a, const Point &b) {
        return a.merit.cycles < b.merit.cycles;
      });
  auto [small, large] = std::minmax_element(
      all.begin(), all.end(), [](const Point &a, const Point &b) {
        return a.resources.lut < b.resources.lut;
      });
  for (int64_t part = 1; part <= 8; ++part) {
    int64_t lut = small->resources.lut +
                  (large->resources.lut - small->resources.lut) * part / 8;
    for (int64_t dsp : {0, 3, 1 << 12})
      expectBest(network, all,
                 {.lut = lut + lut / 8, .ff = 1 << 20, .dsp = dsp}, slack);
    expectCheapest(network, all,
                   fast->merit.cycles +
                       (slow->merit.cycles - fast->merit.cycles) * part / 8,
                   slack);
  }
  EXPECT_FALSE(
      network.choose({{.lut = small->resources.lut / 2}, {}}).feasible);
  EXPECT_FALSE(network.choose({kPlenty, fast->merit.cycles - 1}).feasible);
}

TEST(ChooseFolding, DenseLayer) {
  Network network(kDense);
  expectOptimal(network);
}

TEST(ChooseFolding, Recurrence) {
  Network network(kScan);
  expectOptimal(network);
}

TEST(ChooseFolding, TwoLayersOfWindows) {
  Network network(kWindows);
  expectOptimal(network);
}

TEST(ChooseFolding, TwoLayersOfAStream) {
  MappingOptions options;
  options.stream = true;
  Network network(kStream, options);
  expectOptimal(network, kOfSamples);
}

TEST(ChooseFolding, TwoLayersThatSlide) {
  MappingOptions options;
  options.sliding = true;
  Network network(kWindows, options);
  expectOptimal(network, kOfSamples);
}

/// So many layers that their combinations are too many to look at.
std::string chainOf(int layers) {
  std::string text =
      "func.func @main(%x0: tensor<6x24xsi4>) -> tensor<6x24xsi4> {\n";
  for (int i = 0; i < layers; ++i) {
    std::string n = std::to_string(i);
    text += "  %y" + n + " = finn.matmul %x" + n +
            ", dense<3> : tensor<24x24xsi3>, tensor<6x24xsi4> -> "
            "tensor<6x24xsi11>\n  %x" +
            std::to_string(i + 1) + " = finn.requant %y" + n +
            " {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, "
            "lo = -8 : i64, hi = 7 : i64} : tensor<6x24xsi11> -> "
            "tensor<6x24xsi4>\n";
  }
  return text + "  return %x" + std::to_string(layers) +
         " : tensor<6x24xsi4>\n}";
}

/// Fast paces do not fit the budget, slow ones do not meet the target.
TEST(ChooseFolding, TargetBetweenPacesOfALargeNetwork) {
  Network network(chainOf(8).c_str());
  Resources budget = {.lut = 40000, .ff = 1 << 20, .dsp = 60};
  df::Choice fastest = network.choose({budget, std::nullopt});
  ASSERT_TRUE(fastest.feasible);
  int64_t before = df::area(fastest.resources);
  for (int64_t percent : {102, 110, 130, 170, 250}) {
    df::Choice choice =
        network.choose({budget, fastest.cycles * percent / 100});
    ASSERT_TRUE(choice.feasible) << percent;
    EXPECT_LE(choice.cycles, fastest.cycles * percent / 100);
    // No later target costs more, but for what the search leaves.
    EXPECT_LE(df::area(choice.resources), before * 17 / 16) << percent;
    before = std::min(before, df::area(choice.resources));
  }
}

/// As `finngl check` searches.
TEST(ChooseFolding, AQuickSearchSimulatesLittleAndFindsMuchTheSame) {
  Network network(chainOf(8).c_str());
  auto search = [&](const df::Effort &effort, size_t &simulated) {
    df::Goal goal{{.lut = 40000, .ff = 1 << 20, .dsp = 60}, std::nullopt};
    goal.effort = effort;
    goal.onProgress = [&](size_t done, size_t) { simulated = done; };
    return network.choose(goal);
  };
  size_t few = 0, many = 0, fewest = 0;
  df::Choice quick = search(df::Effort::quick(), few);
  df::Choice whole = search({}, many);
  df::Effort least = df::Effort::quick();
  least.simulated = 0;
  df::Choice rough = search(least, fewest);
  EXPECT_LE(few, many);
  EXPECT_LE(fewest, least.fewest);
  EXPECT_LT(fewest, few);
  for (const df::Choice &choice : {quick, rough}) {
    ASSERT_TRUE(choice.feasible);
    EXPECT_LE(choice.cycles, whole.cycles * 5 / 4);
    EXPECT_GE(choice.cycles, whole.cycles * 15 / 16);
  }
}

TEST(NetworkTimes, AStreamThatSlidesMayBeSimulatedFromTheMiddle) {
  MappingOptions options;
  options.sliding = true;
  Network network(kWindows, options);
  NetworkShape shape = df::networkShape(*network.module);
  ASSERT_TRUE(shape.answers && shape.slide);
  Traffic late = Traffic::samples(shape.answers->first + 3);
  late.lastNotBefore = 100000;
  NetworkCycles whole = simulate(shape, late);
  NetworkTimes times = timesOf(shape, 1);
  EXPECT_EQ(times.tick, whole.lastAnswer - whole.lastInput);
  EXPECT_EQ(meritOf(shape, 1).cycles, times.tick + times.interval);
}

} // namespace
