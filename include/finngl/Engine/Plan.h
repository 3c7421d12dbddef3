//===- Plan.h - A finn function as a flat list of kernels -------*- C++ -*-===//
//
// Level `int`: the integer network on the CPU. A plan is a list of calls of
// Core's kernels on offsets of one arena; a scan is a section of the list that
// runs once a step. Nothing is allocated or decided while it runs.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_ENGINE_PLAN_H
#define FINNGL_ENGINE_PLAN_H

#include "finngl/Core/Kernels.h"
#include "finngl/Core/Quantiser.h"
#include "finngl/Support/Tensor.h"
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace finngl {

/// One argument or result of the network.
struct PlanPort {
  std::string name;               ///< of the ONNX graph
  std::vector<int64_t> onnxShape; ///< of the float tensor
  std::vector<int64_t> shape;     ///< of the codes: [n] or [T, n]
  /// Dimensions of `onnxShape` from the outermost to the innermost of the
  /// codes' order; empty where that is ONNX' own. Arguments only.
  std::vector<int64_t> order;
  unsigned width = 0;
  bool isSigned = false;
  int64_t lo = 0, hi = 0; ///< codes that occur

  /// Arguments: how a float becomes a code; with `exactGrid` a float that is
  /// not the value of its code is an error.
  std::optional<Quantiser> quantiser;
  bool exactGrid = false;

  /// Results: value = code * scale + offset, 1 or C entries over the last
  /// dimension of `shape`.
  std::vector<Rational> scale, offset;

  int64_t elements() const;
};

/// A value of the network by name, for --dump-values.
struct PlanValue {
  std::string label;           ///< ONNX node and finn op
  size_t section;              ///< of the plan
  int64_t arenaOffset, stride; ///< in bytes; the stride a step
  kernels::Container container;
  size_t elements;
};

/// Called after each trip through a section for each of its values.
using PlanTrace = std::function<void(const PlanValue &, int64_t step,
                                     std::span<const int64_t> codes)>;

class Plan {
public:
  using Arena = CacheAligned<std::byte>;

  /// Emits a diagnostic and returns nothing where the function holds an op that
  /// is no finn op or ports without their attributes. The plan keeps nothing of
  /// the IR. A plan that `keepsAll` has a place for each value, to be traced;
  /// else sums that only thresholds read are never stored.
  static std::optional<Plan>
  build(mlir::func::FuncOp function,
        const kernels::KernelSet &set = kernels::bestKernels(),
        bool keepsAll = false);

  const std::vector<PlanPort> &inputs() const { return inputPorts; }
  const std::vector<PlanPort> &outputs() const { return outputPorts; }

  /// One call after the other: codes in, codes out. Nothing and `error` if a
  /// tensor has the wrong size or a code is out of its type's range.
  std::optional<std::vector<CodeTensor>>
  run(std::span<const CodeTensor> inputs, std::string &error,
      const PlanTrace *trace = nullptr) const;

  /// The outputs after the first `steps` steps of the scans: what last states
  /// were then. Of outputs that are sequences only these steps mean anything.
  std::optional<std::vector<CodeTensor>>
  runPrefix(std::span<const CodeTensor> inputs, int64_t steps,
            std::string &error) const;

  /// The parts of `run`, for callers that keep an arena over many runs.
  Arena makeArena() const { return arenaImage; }
  bool setInput(Arena &arena, size_t argument, const CodeTensor &codes,
                std::string &error) const;
  /// `steps` bounds the trips through each scan.
  void execute(Arena &arena, const PlanTrace *trace = nullptr,
               int64_t steps = std::numeric_limits<int64_t>::max()) const;
  /// Runs once, then calls `visit` after each of the first `steps` steps of the
  /// scans, when last states and what is behind them are as after runPrefix of
  /// as many; sequences are whole. False where a scan depends on another one's
  /// last state.
  bool executeSteps(Arena &arena, int64_t steps,
                    const std::function<void(int64_t step)> &visit) const;
  CodeTensor output(const Arena &arena, size_t result) const;
  /// Floats into and out of the arena, in the element order of the ONNX shape:
  /// `encode` with `setInput`, and `output` with `decode`, without a copy.
  bool setFloats(Arena &arena, size_t argument, std::span<const float> values,
                 std::string &error) const;
  void floats(const Arena &arena, size_t result, std::span<float> values) const;

  /// Codes of a float tensor by exact comparison.
  std::optional<CodeTensor> encode(const FloatTensor &tensor, size_t argument,
                                   std::string &error) const;
  /// Exact values of a result's codes, in the ONNX shape's element order.
  std::vector<Rational> values(const CodeTensor &codes, size_t result) const;
  /// The same, each rounded once to float32, in the ONNX shape.
  FloatTensor decode(const CodeTensor &codes, size_t result) const;

  /// Number of kernel calls a step of the longest section makes.
  size_t calls() const { return callList.size(); }

private:
  friend class PlanBuilder;

  /// Address in the arena: offset + step * stride, the step counted from the
  /// start of its tile if `inTile`.
  struct Slot {
    int64_t offset = 0, stride = 0;
    bool inTile = false;
  };
  struct Call {
    kernels::Kernel kernel;
    const void *constants;
    size_t rows;
    Slot out, in[2];
  };
  /// Calls [body, last), `trips` times. Calls [first, body) run once for each
  /// `tile` of trips, before the first one, on all of their rows.
  struct Section {
    size_t first, body, last;
    int64_t trips, tile;
    bool isScan;
  };
  struct PortSlot {
    int64_t offset;
    kernels::Container container;
    std::optional<kernels::EncodeConstants> encoder = {}; ///< fast, inputs
    std::vector<int64_t> elements = {}; ///< of ONNX by code; empty: the same
    std::optional<kernels::DecodeConstants> decoder = {}; ///< fast, outputs
  };

  /// Finds the fast ways in and out; without one, rationals decide.
  void preparePorts();
  bool encodeTo(size_t argument, std::span<const float> values,
                kernels::Container container, std::byte *to,
                std::string &error) const;
  void decodeFrom(size_t result, kernels::Container container,
                  const std::byte *from, std::span<float> values) const;

  static void run(const Call &call, std::byte *base, int64_t step,
                  int64_t tileStart, int64_t rows);
  bool setInputs(Arena &arena, std::span<const CodeTensor> inputs,
                 std::string &error) const;
  std::vector<CodeTensor> outputs(const Arena &arena) const;
  void traceSection(const Arena &arena, size_t section, int64_t step,
                    const PlanTrace &trace) const;

  const kernels::KernelSet *set = nullptr;
  std::vector<PlanPort> inputPorts, outputPorts;
  std::vector<PortSlot> inputSlots, outputSlots;
  std::vector<Call> callList;
  std::vector<Section> sections;
  /// Calls that give scans their initial states, and those behind last states.
  std::vector<size_t> starts, ends;
  bool isStepwise = true; ///< no scan depends on another one's last state
  std::vector<PlanValue> namedValues;
  Arena arenaImage; ///< with the constants in place
  std::vector<std::shared_ptr<const void>> constants;
};

} // namespace finngl

#endif // FINNGL_ENGINE_PLAN_H
