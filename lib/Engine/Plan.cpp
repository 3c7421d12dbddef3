//===- Plan.cpp - Running a plan ------------------------------------------===//

#include "finngl/Engine/Plan.h"
#include <algorithm>

using namespace finngl;
using namespace finngl::kernels;

int64_t PlanPort::elements() const {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

void Plan::traceSection(const Arena &arena, size_t section, int64_t step,
                        const PlanTrace &trace) const {
  for (const PlanValue &value : namedValues) {
    if (value.section != section)
      continue;
    std::vector<int64_t> codes(value.elements);
    load(value.container,
         arena.data() + value.arenaOffset + step * value.stride, codes);
    trace(value, step, codes);
  }
}

/// `rows` steps from `step` on, whose first row in the arena is that of the
/// last step where a sequence runs backwards.
void Plan::run(const Call &call, std::byte *base, int64_t step,
               int64_t tileStart, int64_t rows) {
  auto at = [=](const Slot &slot) {
    int64_t first = slot.stride < 0 ? step + rows - 1 : step;
    return base + slot.offset +
           (slot.inTile ? first - tileStart : first) * slot.stride;
  };
  const std::byte *in[2] = {at(call.in[0]), at(call.in[1])};
  call.kernel(call.constants, call.rows * size_t(rows), at(call.out), in);
}

void Plan::execute(Arena &arena, const PlanTrace *trace, int64_t steps) const {
  std::byte *base = arena.data();
  for (size_t index = 0; index < sections.size(); ++index) {
    const Section &section = sections[index];
    const Call *first = callList.data() + section.first;
    const Call *body = callList.data() + section.body;
    const Call *last = callList.data() + section.last;
    int64_t trips = std::min(section.trips, steps);
    for (int64_t start = 0; start < trips; start += section.tile) {
      int64_t end = std::min(start + section.tile, trips);
      for (const Call *call = first; call != body; ++call)
        run(*call, base, start, start, end - start);
      for (int64_t step = start; step < end; ++step) {
        for (const Call *call = body; call != last; ++call)
          run(*call, base, step, start, 1);
        if (trace)
          traceSection(arena, index, step, *trace);
      }
    }
  }
}

bool Plan::executeSteps(Arena &arena, int64_t steps,
                        const std::function<void(int64_t step)> &visit) const {
  execute(arena); // no step changes what a sequence holds
  for (size_t call : starts)
    run(callList[call], arena.data(), 0, 0, 1);
  for (int64_t step = 0; step < steps; ++step) {
    for (const Section &section : sections)
      if (section.isScan && step < section.trips)
        for (size_t call = section.first; call < section.last; ++call)
          run(callList[call], arena.data(), step, step, 1);
    for (size_t call : ends)
      run(callList[call], arena.data(), 0, 0, 1);
    visit(step);
  }
  return isStepwise;
}

bool Plan::setInput(Arena &arena, size_t argument, const CodeTensor &codes,
                    std::string &error) const {
  const PlanPort &port = inputPorts[argument];
  if (int64_t(codes.data.size()) != port.elements()) {
    error = "input '" + port.name + "' has " +
            std::to_string(codes.data.size()) + " codes, expected " +
            std::to_string(port.elements());
    return false;
  }
  for (size_t i = 0; i < codes.data.size(); ++i)
    if (codes.data[i] < port.lo || codes.data[i] > port.hi) {
      error = "input '" + port.name + "': code " +
              std::to_string(codes.data[i]) + " of element " +
              std::to_string(i) + " is outside of [" + std::to_string(port.lo) +
              ", " + std::to_string(port.hi) + "]";
      return false;
    }
  store(inputSlots[argument].container, codes.data,
        arena.data() + inputSlots[argument].offset);
  return true;
}

CodeTensor Plan::output(const Arena &arena, size_t result) const {
  CodeTensor codes;
  codes.shape = outputPorts[result].shape;
  codes.data.resize(outputPorts[result].elements());
  load(outputSlots[result].container, arena.data() + outputSlots[result].offset,
       codes.data);
  return codes;
}

bool Plan::setInputs(Arena &arena, std::span<const CodeTensor> inputs,
                     std::string &error) const {
  if (inputs.size() != inputPorts.size()) {
    error = "the model has " + std::to_string(inputPorts.size()) +
            " inputs, got " + std::to_string(inputs.size());
    return false;
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!setInput(arena, i, inputs[i], error))
      return false;
  return true;
}

std::vector<CodeTensor> Plan::outputs(const Arena &arena) const {
  std::vector<CodeTensor> outputs;
  for (size_t i = 0; i < outputPorts.size(); ++i)
    outputs.push_back(output(arena, i));
  return outputs;
}

std::optional<std::vector<CodeTensor>>
Plan::run(std::span<const CodeTensor> inputs, std::string &error,
          const PlanTrace *trace) const {
  Arena arena = makeArena();
  if (!setInputs(arena, inputs, error))
    return std::nullopt;
  execute(arena, trace);
  return outputs(arena);
}

std::optional<std::vector<CodeTensor>>
Plan::runPrefix(std::span<const CodeTensor> inputs, int64_t steps,
                std::string &error) const {
  Arena arena = makeArena();
  if (!setInputs(arena, inputs, error))
    return std::nullopt;
  // A whole run first: later steps then hold codes that every kernel takes.
  execute(arena);
  if (!setInputs(arena, inputs, error))
    return std::nullopt;
  execute(arena, nullptr, steps);
  return outputs(arena);
}
