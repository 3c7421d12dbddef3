//===- EngineBench.cpp - How fast is level int? ---------------------------===//
//
// EngineBench KERNELS MODEL INPUT.npy... : loads once, then runs once for each
// line on stdin, on one thread, so that the caller can take turns with others.
// Prints after each run the milliseconds from floats to floats (float32 in,
// float32 out), the same in CPU time, and from codes to codes. At the end
// output 0 is beside the first input. KERNELS: a set that this CPU can run
// (baseline, avx2, vnni), or best.
//
//===----------------------------------------------------------------------===//

#include "finngl/Driver/Model.h"
#include "finngl/Support/TensorFile.h"
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>

using namespace finngl;

template <typename Work> static double millisecondsOf(Work work) {
  auto start = std::chrono::steady_clock::now();
  work();
  std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - start;
  return taken.count();
}

static const kernels::KernelSet *kernelsNamed(const std::string &name) {
  if (name == "best")
    return &kernels::bestKernels();
  for (const kernels::KernelSet *set : kernels::kernelSets())
    if (name == set->name)
      return set;
  return nullptr;
}

int main(int argc, char **argv) {
  driver::Model model;
  const kernels::KernelSet *set = argc < 4 ? nullptr : kernelsNamed(argv[1]);
  if (!set || !model.open(argv[2]) || !model.toFinn())
    return driver::fail(driver::BadUsage,
                        "EngineBench KERNELS MODEL INPUT.npy...");
  auto plan = Plan::build(model.finnMain(), *set);
  if (!plan)
    return driver::InternalError;
  std::string error;
  std::vector<FloatTensor> inputs, outputs;
  for (int i = 3; i < argc; ++i) {
    auto tensor = readTensorFile(argv[i], error);
    if (!tensor)
      return driver::fail(driver::BadUsage, argv[i] + (": " + error));
    inputs.push_back(std::move(*tensor));
  }
  for (const PlanPort &port : plan->outputs())
    outputs.push_back({port.onnxShape, std::vector<float>(port.elements())});
  Plan::Arena arena = plan->makeArena();
  bool good = true;
  auto floatsToFloats = [&] {
    for (size_t i = 0; i < inputs.size(); ++i)
      good = good && plan->setFloats(arena, i, inputs[i].data, error);
    plan->execute(arena);
    for (size_t i = 0; i < outputs.size(); ++i)
      plan->floats(arena, i, outputs[i].data);
  };
  std::string line;
  while (std::getline(std::cin, line)) {
    std::clock_t before = std::clock();
    double floatMs = millisecondsOf(floatsToFloats);
    double cpuMs = 1000.0 * double(std::clock() - before) / CLOCKS_PER_SEC;
    if (!good)
      return driver::fail(driver::BadUsage, error);
    double codesMs = millisecondsOf([&] { plan->execute(arena); });
    std::printf("%.4f %.4f %.4f\n", floatMs, cpuMs, codesMs);
    std::fflush(stdout);
  }
  if (!writeNpy(std::string(argv[3]) + ".int.npy", outputs[0], error))
    return driver::fail(driver::BadUsage, error);
  return 0;
}
