//===- Reference.h - Level int of what the hardware streams -----*- C++ -*-===//

#ifndef FINNGL_DRIVER_REFERENCE_H
#define FINNGL_DRIVER_REFERENCE_H

#include "finngl/Driver/Model.h"

namespace finngl::driver {

/// What hardware must answer. With state ports the outputs are those of the
/// graph, then one of all final states in the order of m_axis_state.
class Reference {
public:
  /// After toFinn. Nothing after an error, which it has reported.
  static std::optional<Reference> build(Model &model, bool statePorts);

  bool hasStatePorts() const { return !initial.empty(); }
  /// Inputs and outputs of the graph.
  std::span<const PlanPort> inputs() const {
    return std::span(plan.inputs())
        .first(plan.inputs().size() - initial.size());
  }
  std::span<const PlanPort> outputs() const {
    return std::span(plan.outputs())
        .first(plan.outputs().size() - initial.size());
  }

  /// Codes of a whole sequence from the initial states on. Nothing and `error`
  /// as Plan::run.
  std::optional<std::vector<CodeTensor>> run(std::span<const CodeTensor> inputs,
                                             std::string &error) const;
  /// The same after its first `steps` steps, as Plan::runPrefix.
  std::optional<std::vector<CodeTensor>>
  runPrefix(std::span<const CodeTensor> inputs, int64_t steps,
            std::string &error) const;

private:
  Plan plan; ///< its last ports are the states
  std::vector<CodeTensor> initial;

  explicit Reference(Plan plan) : plan(std::move(plan)) {}
  std::vector<CodeTensor> withStates(std::span<const CodeTensor> inputs) const;
  std::optional<std::vector<CodeTensor>>
  joined(std::optional<std::vector<CodeTensor>> outputs) const;
};

} // namespace finngl::driver

#endif // FINNGL_DRIVER_REFERENCE_H
