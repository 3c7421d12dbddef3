//===- EngineBench.cpp - How fast is level int? ---------------------------===//
//
// EngineBench MODEL INPUT.npy... : loads once, then runs 20 times on one
// thread. Prints `plan_ms` (codes to codes) and `float_ms` (float32 in, float32
// out, encoding and decoding included), medians, and writes output 0 beside the
// first input, so that the caller can compare it.
//
//===----------------------------------------------------------------------===//

#include "finngl/Driver/Model.h"
#include "finngl/Support/TensorFile.h"
#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace finngl;

template <typename Work> static double medianMs(Work work) {
  std::vector<double> times;
  for (int i = 0; i < 23; ++i) {
    auto start = std::chrono::steady_clock::now();
    work();
    std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    if (i >= 3) // warm
      times.push_back(taken.count());
  }
  std::sort(times.begin(), times.end());
  return (times[9] + times[10]) / 2;
}

int main(int argc, char **argv) {
  driver::Model model;
  if (argc < 3 || !model.open(argv[1]) || !model.toFinn())
    return driver::fail(driver::BadUsage, "EngineBench MODEL INPUT.npy...");
  auto plan = Plan::build(model.finnMain());
  if (!plan)
    return driver::InternalError;
  std::string error;
  std::vector<FloatTensor> inputs;
  for (int i = 2; i < argc; ++i) {
    auto tensor = readTensorFile(argv[i], error);
    if (!tensor)
      return driver::fail(driver::BadUsage, argv[i] + (": " + error));
    inputs.push_back(std::move(*tensor));
  }
  Plan::Arena arena = plan->makeArena();
  std::vector<FloatTensor> outputs;
  bool good = true;
  auto floats = [&] {
    for (size_t i = 0; i < inputs.size() && good; ++i) {
      auto codes = plan->encode(inputs[i], i, error);
      good = codes && plan->setInput(arena, i, *codes, error);
    }
    plan->execute(arena);
    outputs.clear();
    for (size_t i = 0; i < plan->outputs().size(); ++i)
      outputs.push_back(plan->decode(plan->output(arena, i), i));
  };
  double floatMs = medianMs(floats);
  if (!good)
    return driver::fail(driver::BadUsage, error);
  double planMs = medianMs([&] { plan->execute(arena); });
  std::printf("plan_ms %.4f\nfloat_ms %.4f\n", planMs, floatMs);
  if (!writeNpy(std::string(argv[2]) + ".int.npy", outputs[0], error))
    return driver::fail(driver::BadUsage, error);
  return 0;
}
