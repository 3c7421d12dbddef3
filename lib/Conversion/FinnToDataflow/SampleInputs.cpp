//===- SampleInputs.cpp - Graph inputs of one step a sample ---------------===//

#include "SampleInputs.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"

using namespace mlir;
using namespace finngl;

FailureOr<int64_t> finngl::samplesOfWindow(func::FuncOp main, StringRef mode) {
  int64_t samples = 0;
  for (BlockArgument argument : main.getArguments()) {
    bool sequence = cast<RankedTensorType>(argument.getType()).getRank() == 2;
    int64_t steps = sequence ? df::stepsOf(argument) : 0;
    if (steps && (!samples || steps == samples)) {
      samples = steps;
      continue;
    }
    auto name = main.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                  finn::kNameAttr);
    return main.emitError()
           << "graph input '" << (name ? name.getValue() : "") << "' has "
           << (steps ? std::to_string(steps) : "no")
           << " steps of time; --mode " << mode
           << " expects inputs with one step for each sample, and constant "
              "initial states";
  }
  return samples;
}
