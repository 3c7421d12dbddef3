//===- ValueRange.h - Proved ranges of finn values --------------*- C++ -*-===//
//
// Interval analysis per channel with the actual weights. Conversion and
// finn-minimize-bit-width derive every width from it.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_ANALYSIS_VALUERANGE_H
#define FINNGL_ANALYSIS_VALUERANGE_H

#include "finngl/Dialect/Finn/IR/Finn.h"
#include "llvm/ADT/DenseMap.h"
#include <optional>
#include <span>
#include <vector>

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace finngl {

/// Inclusive.
using Interval = std::pair<int64_t, int64_t>;
/// One interval for all channels (last dimension), or one per channel.
using Ranges = std::vector<Interval>;

/// Smallest interval around all channels.
Interval hull(const Ranges &ranges);
/// Channel by channel; one entry if both have one.
Ranges joinRanges(const Ranges &a, const Ranges &b);
/// Every channel of `inner` lies in the same channel of `outer`.
bool contains(const Ranges &outer, const Ranges &inner);

/// Ranges of `weights` (rows x columns, row-major) times a vector. Nothing if
/// a bound leaves 63 bits; so the others.
std::optional<Ranges> matmulRange(std::span<const int64_t> weights, size_t rows,
                                  const Ranges &input);
/// `coefficients`: [terms, 1 or C], row-major; `offset`: 1 or C.
std::optional<Ranges> lincombRange(std::span<const int64_t> coefficients,
                                   std::span<const int64_t> offset,
                                   std::span<const Ranges *const> inputs);
std::optional<Ranges> mulRange(const Ranges &lhs, const Ranges &rhs);

using RangeMap = llvm::DenseMap<mlir::Value, Ranges>;

/// Ranges of the result of any finn op but a scan from its operands' in `map`.
/// Nothing if a value would not fit 63 bits or leaves a table.
std::optional<Ranges> inferRange(mlir::Operation *op, const RangeMap &map);

/// Infers every op of a block without scans into `map`, which holds the
/// block's arguments. False as inferRange.
bool inferBlock(mlir::Block &block, RangeMap &map);

/// Ranges of scan states; inductive if one more step adds nothing, so that they
/// hold for any number of steps.
struct StateRanges {
  std::vector<Interval> states;
  bool inductive;
};

/// Where states that start in `initial` can be after at most `steps` steps of
/// the body; ranges of the scan inputs are in `map`. Nothing if they leave
/// `bound`. Stops as soon as the ranges no longer grow.
std::optional<StateRanges> reachedStates(mlir::Block &body,
                                         const std::vector<Interval> &initial,
                                         const std::vector<Interval> &bound,
                                         int64_t steps, RangeMap map);

/// Every value of a function with its scans: arguments take the range of their
/// quantiser, states an inductive invariant (else the stated `state_ranges`, if
/// the number of steps proves them). Reports what does not fit 63 bits.
mlir::LogicalResult inferFunction(mlir::func::FuncOp function, RangeMap &map);

/// Gives the first `states` yielded values the types of the states, whose range
/// has been proved; a copy where a value cannot change its type.
void matchStateTypes(mlir::Block &body, unsigned states);

} // namespace finngl

#endif // FINNGL_ANALYSIS_VALUERANGE_H
