//===- KernelCheck.h - Each kernel alone against Exact/ ---------*- C++ -*-===//
//
// A proof by parts that level int is level exact, data or no data: for each
// quantiser of the qonnx graph, the integer ops between the nearest codes and
// its own code are compared with the exact graph between the same codes, over
// the whole proved range. What is linear is compared by coefficients, what is
// not at both sides of each of the kernel's steps (or at every integer).
// States, scan inputs and outputs, initial values and graph outputs close the
// induction.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CHECK_KERNELCHECK_H
#define FINNGL_CHECK_KERNELCHECK_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>
#include <vector>

namespace finngl::check {

/// What could not be checked alone, and why: an ONNX node and what of it, then
/// a reason that several nodes can share.
struct Unchecked {
  std::string where, reason;

  bool operator==(const Unchecked &) const = default;
};

struct KernelComparison {
  /// Points and coefficients compared.
  int64_t elements = 0;
  int64_t mismatches = 0;
  /// One line for each of the first mismatches: ONNX node, code, both values.
  std::vector<std::string> findings;
  std::vector<Unchecked> notes;

  void mismatch(std::string finding);
};

/// `finn` was made from `qonnx` by convert-qonnx-to-finn, whose code tags it
/// carries (Support/CodeTag.h). A finn function whose ranges cannot be proved
/// is a mismatch.
KernelComparison checkKernels(mlir::func::FuncOp qonnx,
                              mlir::func::FuncOp finn);

} // namespace finngl::check

#endif // FINNGL_CHECK_KERNELCHECK_H
