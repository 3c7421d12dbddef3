//===- BoundsHold.h - Error bounds of level onnx against reals --*- C++ -*-===//

#ifndef FINNGL_UNITTESTS_ENGINE_BOUNDSHOLD_H
#define FINNGL_UNITTESTS_ENGINE_BOUNDSHOLD_H

#include "../LoadModule.h"
#include "finngl/Engine/FloatEvaluator.h"
#include "finngl/Exact/Evaluator.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace finngl::test {

/// Runs `bounds` of the module on random inputs at both levels: the distance
/// between them stays within the bound, and the bound is not wildly larger than
/// what occurs. Outputs from `quantised` on are those of the last quantisers,
/// of scale 2^-40, in order, whose bounds are in levels.
inline void expectBoundsHold(const char *file,
                             const std::vector<std::vector<int64_t>> &shapes,
                             size_t quantised) {
  LoadedModule module(file);
  engine::FloatEvaluator onnx(module.function("bounds"));
  exact::Evaluator exactly(module.function("bounds"));
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<double> worst;
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<FloatTensor> inputs;
    for (const std::vector<int64_t> &shape : shapes) {
      FloatTensor &input = inputs.emplace_back(FloatTensor{shape, {}});
      for (int64_t i = input.elements(); i > 0; --i)
        input.data.push_back(normal(random));
    }
    std::vector<std::vector<double>> levelBounds;
    engine::FloatOptions options;
    options.onQuantiser = [&](const engine::FloatTrace &trace) {
      levelBounds.push_back(trace.bounds.vec());
    };
    auto floats = onnx.run(inputs, options);
    auto reals = exactly.run(inputs);
    ASSERT_TRUE(mlir::succeeded(floats) && mlir::succeeded(reals))
        << module.messages;
    worst.resize(floats->size(), 0);
    for (size_t output = 0; output < floats->size(); ++output)
      for (size_t i = 0; i < (*floats)[output].tensor.data.size(); ++i) {
        const engine::FloatOutput &at = (*floats)[output];
        double distance = std::fabs(
            Rational(toRational(at.tensor.data[i]) - (*reals)[output].values[i])
                .get_d());
        double bound = output < quantised
                           ? at.bounds[i]
                           : (levelBounds[levelBounds.size() - floats->size() +
                                          output][i] +
                              1) *
                                 0x1p-40;
        EXPECT_LE(distance, bound) << output << " " << i;
        if (bound > 0)
          worst[output] = std::max(worst[output], distance / bound);
      }
  }
  EXPECT_GT(worst.size(), quantised);
  for (double share : worst)
    EXPECT_GT(share, 0.05);
}

} // namespace finngl::test

#endif // FINNGL_UNITTESTS_ENGINE_BOUNDSHOLD_H
