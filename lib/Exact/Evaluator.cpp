//===- Evaluator.cpp - Level exact ----------------------------------------===//

#include "finngl/Exact/Evaluator.h"
#include "ExactDomain.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::exact;

struct Evaluator::Implementation {
  func::FuncOp function;
  ExactDomain domain;
  GraphWalk<ExactDomain> walk{domain};
};

Evaluator::Evaluator(func::FuncOp function)
    : implementation(std::make_unique<Implementation>()) {
  implementation->function = function;
}
Evaluator::~Evaluator() = default;

FailureOr<std::vector<Output>> Evaluator::run(ArrayRef<FloatTensor> inputs,
                                              const Options &options) {
  func::FuncOp function = implementation->function;
  if (failed(verifyInputs(function, inputs)))
    return failure();
  std::vector<ExactValue> arguments;
  for (const FloatTensor &input : inputs) {
    ExactValue &value = arguments.emplace_back();
    value.shape = input.shape;
    value.fixed = fromFloats(input.data);
  }
  implementation->domain.options = options;
  auto results = implementation->walk.run(function, std::move(arguments),
                                          options.forceStates);
  if (failed(results))
    return failure();
  std::vector<Output> outputs;
  for (auto [i, value] : llvm::enumerate(*results)) {
    if (value->term)
      return function.emitError()
             << "expects a quantiser between sigmoid, tanh or batch "
                "normalisation and output "
             << i;
    Output &output = outputs.emplace_back();
    output.shape = value->shape;
    output.codes = value->codes;
    for (size_t k = 0; k < value->fixed.numerators.size(); ++k)
      output.values.push_back(value->fixed.at(k));
  }
  return outputs;
}

FailureOr<std::vector<Output>> exact::evaluate(func::FuncOp function,
                                               ArrayRef<FloatTensor> inputs,
                                               const Options &options) {
  return Evaluator(function).run(inputs, options);
}
