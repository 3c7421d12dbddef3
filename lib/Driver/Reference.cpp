//===- Reference.cpp - Level int of what the hardware streams -------------===//

#include "finngl/Driver/Reference.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Support/IntElements.h"

using namespace finngl;
using namespace finngl::driver;

std::optional<Reference> Reference::build(Model &model, bool statePorts) {
  if (!statePorts) {
    std::optional<Plan> plan = model.buildPlan();
    return plan ? std::optional(Reference(std::move(*plan))) : std::nullopt;
  }
  mlir::OwningOpRef<mlir::ModuleOp> exposed = model.finnModule().clone();
  auto main = exposed->lookupSymbol<mlir::func::FuncOp>("main");
  finn::exposeStates(main);
  std::optional<Plan> plan = Plan::build(main);
  if (!plan)
    return std::nullopt;
  Reference reference(std::move(*plan));
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    if (auto initial =
            main.getArgAttrOfType<mlir::ElementsAttr>(i, finn::kInitialAttr))
      reference.initial.push_back(
          {initial.getShapedType().getShape().vec(), intElements(initial)});
  return reference;
}

std::vector<CodeTensor>
Reference::withStates(std::span<const CodeTensor> inputs) const {
  std::vector<CodeTensor> all(inputs.begin(), inputs.end());
  all.insert(all.end(), initial.begin(), initial.end());
  return all;
}

/// The final states as one vector.
std::optional<std::vector<CodeTensor>>
Reference::joined(std::optional<std::vector<CodeTensor>> outputs) const {
  if (!outputs || initial.empty())
    return outputs;
  CodeTensor states;
  for (auto it = outputs->end() - int64_t(initial.size()); it != outputs->end();
       ++it)
    states.data.insert(states.data.end(), it->data.begin(), it->data.end());
  states.shape = {int64_t(states.data.size())};
  outputs->resize(outputs->size() - initial.size());
  outputs->push_back(std::move(states));
  return outputs;
}

std::optional<std::vector<CodeTensor>>
Reference::run(std::span<const CodeTensor> inputs, std::string &error) const {
  return joined(plan.run(withStates(inputs), error));
}

std::optional<std::vector<CodeTensor>>
Reference::runPrefix(std::span<const CodeTensor> inputs, int64_t steps,
                     std::string &error) const {
  return joined(plan.runPrefix(withStates(inputs), steps, error));
}
