//===- ScanConversion.h - One scan on its way to finn -----------*- C++ -*-===//

#ifndef FINNGL_LIB_CONVERSION_SCANCONVERSION_H
#define FINNGL_LIB_CONVERSION_SCANCONVERSION_H

#include "Converter.h"
#include "llvm/ADT/MapVector.h"

namespace finngl {

struct State {
  Grid grid;
  std::optional<Interval> levels; // of the quantiser that yields it
  /// The same through clamps in between: what a graph input may start from.
  std::optional<Interval> startLevels;
  Interval initial, range;
  mlir::Value init; // null for a port until the end
};

/// One operand of the finn scan: a term of a scan input.
struct Slot {
  mlir::Value outer;
  Ranges range;
  bool reversed;
};

class ScanConversion {
public:
  ScanConversion(Converter &converter, qonnx::ScanOp op)
      : converter(converter), op(op), source(op.getBody().front()),
        yield(source.getTerminator()) {}

  /// False after everything has been reported.
  bool run();

private:
  bool mapInputs();
  bool prepareStates();
  bool prepareInit(unsigned index);
  void makeFiner(State &state, const Rationals &values);
  std::optional<Grid> gridOf(mlir::Value value, unsigned depth = 0);
  bool buildBody(bool draft);
  bool alignStates();
  bool proveRanges();
  bool extrapolate(const std::vector<Interval> &growth);
  Failure diverges(const std::vector<Interval> &growth) const;
  mlir::Operation *createYield(llvm::ArrayRef<mlir::Value> outputs);
  bool finishPorts();
  bool finishPort(unsigned index);
  bool collectOutputs();
  finn::ScanOp create();
  void setResults(finn::ScanOp scan);
  bool refuse(const Failure &failure) {
    converter.refuse(op, failure);
    return false;
  }
  std::string stateName(unsigned index) const {
    return "state " + std::to_string(index) + " of the scan";
  }
  void dropBody();

  Converter &converter;
  qonnx::ScanOp op;
  mlir::Block &source;
  mlir::Operation *yield;
  std::vector<State> states;
  std::vector<Slot> slots;
  /// Converted scan inputs whose terms name slots by index.
  std::vector<std::pair<Converted, std::vector<unsigned>>> inputs;
  bool dependsOnSteps = false; // ranges hold for the stated steps only
  mlir::Block *body = nullptr;
  std::vector<IntValue> next; // yielded states on their grids
  /// Result of the finn scan for each stacked value and direction.
  llvm::MapVector<std::pair<mlir::Value, unsigned>, unsigned> outputs;
  std::vector<std::vector<unsigned>> outputResults; // terms of each output
};

} // namespace finngl

#endif // FINNGL_LIB_CONVERSION_SCANCONVERSION_H
