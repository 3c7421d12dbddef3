//===- TopPrinter.h - The top level of a network ----------------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_SYSTEMVERILOG_TOPPRINTER_H
#define FINNGL_LIB_TARGET_SYSTEMVERILOG_TOPPRINTER_H

#include "RegionPrinter.h"
#include "finngl/Target/SystemVerilog/SystemVerilog.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl {

/// Steps of a packet as whoever made the beats counts them, and their elements.
struct Steps {
  int64_t count, size;
};

/// Prints finngl_top. Inside, a ready/valid stream is known by its signals'
/// prefix.
class TopPrinter {
public:
  TopPrinter(mlir::func::FuncOp main, const PrintOptions &options,
             PrintedNetwork &network)
      : main(main), options(options), network(network),
        contexts(df::contextsOf(main)), contextBits(bitsOf(contexts)),
        innerBits(bitsOf(windowContexts(main))),
        statePorts(df::hasStatePorts(main)),
        out("finngl_top",
            "// Top level, printed by finn-gl. Ports: docs/Protocol.md.\n") {}
  void print();

private:
  mlir::func::FuncOp main;
  const PrintOptions &options;
  PrintedNetwork &network;
  int64_t contexts;
  unsigned contextBits; ///< of the ports' contexts
  unsigned innerBits;   ///< of windows, which no port names
  bool statePorts;
  /// Streams that finngl_join gets, by operand.
  std::map<unsigned, std::string> finalStates;
  ModuleWriter out;
  FileSet files;
  /// Region instance ports still to be connected, by region.
  llvm::DenseMap<mlir::Operation *, ModuleWriter::Connections> connections;
  std::vector<std::string> launches, frameErrors, badContexts, overruns,
      packetEnds;
  unsigned tuserIn() const { return options.userBits + 2; }
  static unsigned bitsOf(int64_t contexts) {
    return contexts > 1 ? llvm::Log2_64_Ceil(contexts) : 0;
  }
  static int64_t windowContexts(mlir::func::FuncOp main) {
    int64_t contexts = 1;
    for (df::SlideOp slide : main.getOps<df::SlideOp>())
      contexts = slide.getContexts();
    return contexts;
  }
  /// What travels with a step inside: {load, user bits, context, restart}.
  unsigned sideBits() const {
    return statePorts + options.userBits + innerBits + contextBits + 1;
  }
  /// TDEST has room for a context that does not exist.
  unsigned destBits() const { return llvm::Log2_64(contexts) + 1; }

  void declareStream(const std::string &prefix, unsigned dataBits);
  void connect(df::RegionOp region, const std::string &port,
               const std::string &prefix);
  void printGraphInput(mlir::BlockArgument argument);
  /// The ports of an input; returns its stream's name.
  std::string printInputPort(const StreamPort &port);
  void printSplit(df::SplitOp split, const std::string &from);
  void printJoin(df::JoinOp join);
  void printResult(df::RegionOp region, unsigned index);
  /// Gives a stream to every user of the value, whose beats may be steps of
  /// another shape.
  void distribute(const std::string &prefix, mlir::Value value, int64_t lanes,
                  Steps steps);
  void giveTo(mlir::OpOperand &use, const std::string &tap, int64_t lanes,
              Steps steps);
  void printModule(df::StreamOpInterface module, const std::string &from,
                   int64_t fromLanes);
  /// Signals of each consumer of a stream.
  std::vector<std::string> fork(const std::string &prefix, unsigned dataBits,
                                unsigned consumers);
  /// The stream with beats of `toLanes` elements.
  std::string converted(const std::string &from, int64_t fromLanes,
                        int64_t toLanes, unsigned width);
  /// The stream with a beat for each step of `elements`, without the padding
  /// behind them.
  std::string packed(const std::string &from, int64_t fromLanes,
                     int64_t elements, unsigned width);
  void printGraphOutput(const std::string &prefix, unsigned index,
                        mlir::Value value, int64_t lanes, Steps steps);
  void printControl();
};

} // namespace finngl

#endif // FINNGL_LIB_TARGET_SYSTEMVERILOG_TOPPRINTER_H
