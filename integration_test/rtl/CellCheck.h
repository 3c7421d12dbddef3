//===- CellCheck.h - A cell through all levels ------------------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_CELLCHECK_H
#define FINNGL_INTEGRATION_TEST_RTL_CELLCHECK_H

#include "Cell.h"
#include <functional>

namespace finngl::test {

struct Verdict {
  enum class Kind { Passed, Refused, Failed };
  Kind kind = Kind::Passed;
  /// What failed, or why it was refused, without numbers: equal for two cells
  /// that fail in the same way.
  std::string reason;
  std::string log; ///< what the steps printed
};

struct CellCheck {
  std::filesystem::path folder; ///< replaced; model.onnx, its data and logs
  bool rtl = false;     ///< level int against the simulated hardware as well
  bool hardware = true; ///< compile at all
};

/// Levels onnx, exact and int, then hardware with a random budget or folding
/// that depends on the cell's seed only; odd ones with
/// finn-hoist-input-products. Every step runs in a process of its own, so that
/// a crash is a verdict.
Verdict checkCell(const Cell &cell, const CellCheck &check);

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_CELLCHECK_H
