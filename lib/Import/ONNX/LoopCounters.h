//===- LoopCounters.h - What a Loop counts with -----------------*- C++ -*-===//
//
// A Loop's counter and condition depend on no tensor where it only counts: they
// are run at import, once for each step.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_LIB_IMPORT_ONNX_LOOPCOUNTERS_H
#define FINNGL_LIB_IMPORT_ONNX_LOOPCOUNTERS_H

#include "Binder.h"
#include "llvm/ADT/StringSet.h"

namespace finngl::import {

/// The body of a Loop node. State i is operand i + 2, body input i + 2, body
/// output i + 1 and result i.
class LoopBody {
public:
  explicit LoopBody(NodeBinder &b) : b(b) {}

  mlir::LogicalResult read();

  unsigned states() const { return b.inputCount() - 2; }
  /// Names of state `slot` before and behind a step.
  const std::string &in(unsigned slot) const {
    return graph->input(int(slot) + 2).name();
  }
  const std::string &out(unsigned slot) const {
    return graph->output(int(slot) + 1).name();
  }
  /// True for a state that each step leaves as it is.
  bool isInvariant(unsigned slot) const { return invariant[slot]; }
  /// The name outside of the body of what `name` means in each step; empty if
  /// the body makes it.
  llvm::StringRef outerName(llvm::StringRef name) const;

  NodeBinder &b;
  const onnx::GraphProto *graph = nullptr;
  std::vector<unsigned> order; ///< of the body's nodes

private:
  void findInvariants();

  llvm::StringSet<> made; ///< by a node of the body
  llvm::StringMap<unsigned> slots;
  llvm::SmallVector<bool> invariant;
};

/// A number that a loop counts with, of shape [] or [1].
struct Number {
  double value = 0;
  int rank = 0;
  bool varies = false; ///< from step to step: made by the loop's counters
};

/// A number that varies, in each step.
struct History {
  std::vector<double> values;
  int rank = 0;
};

class LoopCounters {
public:
  explicit LoopCounters(const LoopBody &body) : b(body.b), body(body) {}

  /// Counts to the end. Errors: a condition that depends on data, no step, too
  /// many steps.
  mlir::LogicalResult run();

  int64_t steps() const { return stepCount; }
  /// True for a state that only counts.
  bool isCounter(unsigned slot) const { return counters[slot]; }
  /// A counter behind the last step.
  int64_t end(unsigned slot) const {
    return int64_t(last.lookup(body.in(slot)).value);
  }
  /// What `name` was in each step if counters make it, else null.
  const History *history(llvm::StringRef name) const {
    auto found = runs.find(name);
    return found == runs.end() ? nullptr : &found->second;
  }

private:
  using Numbers = llvm::StringMap<Number>;

  std::optional<Number> readConstant(llvm::StringRef name);
  std::optional<Number> constant(llvm::StringRef name);
  std::optional<Number> evaluate(const onnx::NodeProto &node,
                                 const Numbers &numbers);
  bool dropOthers();
  void findCounters();
  mlir::LogicalResult readLimits();
  Numbers startNumbers();
  mlir::LogicalResult runStep(Numbers &numbers, int64_t step);
  std::optional<bool> goesOn(const Numbers &numbers);
  Numbers nextNumbers(const Numbers &numbers);

  NodeBinder &b;
  const LoopBody &body;
  int64_t stepCount = 0;
  llvm::SmallVector<bool> counters;
  /// The body's nodes that count, in order.
  llvm::SmallVector<const onnx::NodeProto *> counting;
  llvm::StringMap<std::optional<Number>> constants;
  llvm::StringMap<History> runs;
  Numbers last;
};

} // namespace finngl::import

#endif // FINNGL_LIB_IMPORT_ONNX_LOOPCOUNTERS_H
