//===- Mutants.h - One-unit changes of a finn function ----------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_MUTATION_MUTANTS_H
#define FINNGL_INTEGRATION_TEST_MUTATION_MUTANTS_H

#include "finngl/Analysis/ValueRange.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <random>
#include <string>

namespace finngl::mutation {

struct Mutant {
  std::string what; ///< kind, op and entry
  bool equivalent;  ///< the kernel is unchanged on its proved input range
};

/// Changes one number of one op of `function` by one. `ranges` are those of the
/// function before. Nothing if the op would no longer be valid (try again).
/// Equivalence is decided here by naive evaluation at every operand of the
/// proved range, not by the check that is on trial.
std::optional<Mutant> mutate(mlir::func::FuncOp function,
                             const RangeMap &ranges, std::mt19937 &random);

} // namespace finngl::mutation

#endif // FINNGL_INTEGRATION_TEST_MUTATION_MUTANTS_H
