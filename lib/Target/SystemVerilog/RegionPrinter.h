//===- RegionPrinter.h - One region as a module -----------------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_SYSTEMVERILOG_REGIONPRINTER_H
#define FINNGL_LIB_TARGET_SYSTEMVERILOG_REGIONPRINTER_H

#include "Writer.h"
#include "finngl/Dialect/Dataflow/Transforms/Folding.h"

namespace finngl {

/// Prints a region as module `finngl_region_<name>`. Its ports are streams:
///   in<i>_{data,user,last,err,valid,ready}    each input
///   init<s>_{...}                             each state set by a stream
///   out<r>_{...}                              each used result
/// `user` is {user bits, restart}; launch_o and frame_error_o are pulses.
class RegionPrinter {
public:
  RegionPrinter(df::RegionOp region, unsigned userBits, FileSet &files);
  void print();
  std::string moduleName() { return "finngl_region_" + region.getName().str(); }

private:
  df::RegionOp region;
  RegionSchedule schedule;
  unsigned userBits;
  FileSet &files;
  ModuleWriter out;
  unsigned lanes;
  size_t states;

  /// Step meta: {user, restart, err, last, first, init}.
  unsigned metaWidth() const { return userBits + 5; }
  enum MetaBit { Init, First, Last, Err, Restart };

  /// Signals that hold a value of the tail, by how many cycles late.
  llvm::DenseMap<mlir::Value, std::map<int64_t, std::string>> signals;
  /// Cycle relative to the beat in which a value is there.
  llvm::DenseMap<mlir::Value, int64_t> readyAt;
  std::map<int64_t, std::string> metaAt; ///< meta by cycle after the beat
  std::vector<std::string> stateWrites;  ///< next value of each state
  bool mvuReads(const RegionShape::Operand &o) const { return o.column >= 0; }

  void printInputs();
  void printLaunch();
  void printMvu();
  void printColumns(df::MvuOp mvu);
  void printBlocks(df::MvuOp mvu);
  void printBeats();
  void printTailTiming();
  void printStates();
  void printCores();
  void printOutputs();
  void bufferFor(const std::string &prefix, mlir::Value argument,
                 mlir::Type portType, const RegionShape::Operand &operand,
                 bool initial);
  std::string tap(int64_t cycle) const;
  std::string meta(int64_t cycle);
  std::string bit(const std::string &metaName, MetaBit which) const;
  /// The value's signal `cycle` cycles after its beat.
  std::string at(mlir::Value value, int64_t cycle);
  std::string resized(const std::string &name, const std::string &expression,
                      unsigned count, mlir::IntegerType from,
                      mlir::IntegerType to);
  int64_t lastTap();
};

} // namespace finngl

#endif // FINNGL_LIB_TARGET_SYSTEMVERILOG_REGIONPRINTER_H
