//===- SystemVerilog.h - Prints a scheduled network -------------*- C++ -*-===//

#ifndef FINNGL_TARGET_SYSTEMVERILOG_SYSTEMVERILOG_H
#define FINNGL_TARGET_SYSTEMVERILOG_SYSTEMVERILOG_H

#include "mlir/IR/BuiltinOps.h"
#include <map>
#include <string>
#include <vector>

namespace finngl {

/// One AXI4-Stream port of the top level (docs/Protocol.md).
struct StreamPort {
  std::string port; ///< s_axis_0, m_axis_1, s_axis_state
  std::string onnxName;
  bool input = true;
  int64_t index = 0; ///< graph input or output
  int64_t elementsPerBeat = 1, elementBits = 1, beatsPerStep = 1;
  bool isSigned = true;
  int64_t steps = 1; ///< steps of a packet of the compiled length
  /// s_axis_state or m_axis_state, behind the inputs or outputs of the graph.
  bool isState() const { return port.ends_with("_state"); }
  unsigned dataBits() const {
    return unsigned((elementsPerBeat * elementBits + 7) / 8 * 8);
  }
};

struct PrintedNetwork {
  /// File name -> text: printed modules and memory images. The hand-written
  /// modules of rtl/ come beside them.
  std::map<std::string, std::string> files;
  std::vector<StreamPort> streams; ///< inputs, then outputs
  unsigned destBits = 1;           ///< width of TDEST
  std::string top = "finngl_top";
};

struct PrintOptions {
  unsigned userBits = 0;
  uint64_t modelHash = 0;
  uint32_t version = 1;
};

/// Requires a dataflow module whose regions have folding and period. Same
/// input, same bytes.
PrintedNetwork printSystemVerilog(mlir::ModuleOp module,
                                  const PrintOptions &options);

} // namespace finngl

#endif // FINNGL_TARGET_SYSTEMVERILOG_SYSTEMVERILOG_H
