//===- RegionPrinter.h - One region as a module -----------------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_SYSTEMVERILOG_REGIONPRINTER_H
#define FINNGL_LIB_TARGET_SYSTEMVERILOG_REGIONPRINTER_H

#include "Writer.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"

namespace finngl {

/// Prints a region as module `finngl_region_<name>`. Its ports are streams:
///   in<i>_{data,user,last,err,valid,ready}    each input
///   init<s>_{...}                             each state set by a stream, by
///                                             every packet or by loads
///   out<r>_{...}                              each used result
/// `user` is {load, user bits, context, restart}, the context where there are
/// several, load with state ports; launch_o and frame_error_o are pulses.
class RegionPrinter {
public:
  /// `sideBits`: load, user and context bits of a step.
  RegionPrinter(df::RegionOp region, unsigned sideBits, FileSet &files);
  void print();
  std::string moduleName() { return "finngl_region_" + region.getName().str(); }

private:
  df::RegionOp region;
  df::PassPlan plan;
  RegionSchedule schedule;
  unsigned sideBits;
  int64_t contexts;
  bool statePorts;
  FileSet &files;
  ModuleWriter out;
  unsigned lanes;
  size_t states;

  /// Step meta: {bank, user, context, restart, err, last, first, init}; the
  /// bank where there are several contexts.
  unsigned metaWidth() const { return sideBits + 5 + (contexts > 1); }
  enum MetaBit { Init, First, Last, Err, Restart };

  /// A value as the tail of one pass has it.
  using TailValue = std::pair<mlir::Value, int64_t>;
  /// Signals that hold it, by how many cycles late.
  llvm::DenseMap<TailValue, std::map<int64_t, std::string>> signals;
  /// Cycle relative to the pass' beat in which it is there.
  llvm::DenseMap<TailValue, int64_t> readyAt;
  /// Of each pass: meta by cycle after the beat.
  std::vector<std::map<int64_t, std::string>> metaAt;
  std::vector<std::string> starts;      ///< pulse that starts each pass
  std::vector<std::string> stateWrites; ///< next value of each state
  /// How a state gets another value than its own last or its constant.
  enum class Initial { None, EveryPacket, Load };
  Initial initialOf(size_t state);
  bool mvuReads(const RegionShape::Operand &o) const { return o.column >= 0; }

  void printInputs();
  void printLaunch();
  void printStart(int64_t pass);
  void printMvu(int64_t pass);
  void printColumns(int64_t pass);
  void printBlocks(int64_t pass);
  void printBeats(int64_t pass);
  void printTailTiming(int64_t pass);
  void printVectors(int64_t pass);
  void printStates();
  void printCores();
  void printOutputs();
  void bufferFor(const std::string &prefix, mlir::Value argument,
                 mlir::Type portType, const RegionShape::Operand &operand,
                 Initial initial);
  /// Name of a pass' own signal; the first pass' names are plain.
  std::string named(int64_t pass, const std::string &name) const {
    return pass ? "pass" + std::to_string(pass) + "_" + name : name;
  }
  /// Pulses `cycle` cycles after each beat of a pass.
  std::string tap(int64_t pass, int64_t cycle) const;
  std::string meta(int64_t pass, int64_t cycle);
  std::string bit(const std::string &metaName, MetaBit which) const;
  /// The step starts a packet that loads its states.
  std::string loadBit(const std::string &metaName) const;
  /// The step's condition to read a stream of initial values.
  std::string initialBit(Initial initial, const std::string &metaName) const;
  /// The same of the step to be launched.
  std::string initialBit(Initial initial) const {
    return initial == Initial::Load ? "load" : "in0_meta[1]";
  }
  /// Meta of the step whose columns a pass' MVU reads.
  std::string mvuMeta(int64_t pass) const {
    return schedule.startAt(pass) ? named(pass, "meta_mvu") : "meta_mvu";
  }
  void printMvuMeta(int64_t pass);
  /// The context in a sideband, from bit `low` on.
  std::string contextOf(const std::string &side, unsigned low) const;
  /// The slot of a state's memory that a step reads or writes.
  std::string stateSlot(const RegionShape::Operand &state,
                        const std::string &metaName, bool writes) const;
  /// The value's signal `cycle` cycles after the beat of a pass.
  std::string at(mlir::Value value, int64_t pass, int64_t cycle);
  void printHandover(mlir::Value value, int64_t pass);
  /// Address of an operand's column group, from its place among the columns.
  std::string columnAddress(int64_t pass, mlir::Value operand);
  std::string resized(const std::string &name, const std::string &expression,
                      unsigned count, mlir::IntegerType from,
                      mlir::IntegerType to);
  int64_t lastTap(int64_t pass);
};

} // namespace finngl

#endif // FINNGL_LIB_TARGET_SYSTEMVERILOG_REGIONPRINTER_H
