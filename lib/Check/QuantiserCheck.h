//===- QuantiserCheck.h - One quantiser and its kernel ----------*- C++ -*-===//

#ifndef FINNGL_LIB_CHECK_QUANTISERCHECK_H
#define FINNGL_LIB_CHECK_QUANTISERCHECK_H

#include "DependentTerms.h"
#include "HalfPlane.h"
#include "IntegerGraph.h"
#include "KernelOperand.h"
#include "finngl/Analysis/ValueRange.h"
#include "finngl/Check/KernelCheck.h"
#include "finngl/Exact/Symbolic.h"
#include <map>
#include <set>

namespace finngl::check {

class QuantiserCheck {
public:
  /// `atomRanges[i]`: of atom i.
  QuantiserCheck(exact::Symbolic &symbolic, IntegerGraph &graph,
                 const std::vector<Interval> &atomRanges,
                 KernelComparison &result)
      : symbolic(symbolic), graph(graph), atomRanges(atomRanges),
        result(result) {}

  /// `code` holds the integers of `op`'s codes; `foot` is the proved range of
  /// the kernel's operand.
  void run(qonnx::QuantOp op, mlir::Value code,
           llvm::function_ref<std::optional<Ranges>(mlir::Value)> rangeOf);

private:
  struct Point {
    Rational x;
    int64_t z;
  };
  int64_t combinationsFor(size_t element);
  /// `combinations`: values of all groups but the largest that may be tried.
  void compareElement(size_t element, Operand operand, Interval range,
                      int64_t combinations);
  void addPoints(size_t element, const Group &group, const Rational &offset,
                 const Integer &constant);
  std::vector<Integer> unitsOf(size_t element, const Group &group,
                               const Integer &constant);
  /// The kernel's steps on [lo, hi]; nothing if there are too many.
  std::optional<std::vector<int64_t>> breaks(size_t element, int64_t lo,
                                             int64_t hi);
  /// Two groups, on the whole box of both.
  void compareLevels(size_t element, const Operand &operand,
                     const Levels &levels, Interval range);
  /// Where the groups depend on one another, at operands that exist.
  void compareSampled(size_t element, const Levels &levels);
  const Levels *levelsOf(size_t element);
  std::optional<Levels> makeLevels(qonnx::QuantOp first, size_t channel,
                                   llvm::ArrayRef<mlir::Operation *> rest);
  void comparePoints();
  int64_t kernel(int64_t z, size_t element) {
    return graph.apply(tail, z, element % channels);
  }
  void note(size_t element, const char *what);
  void report(size_t element, const std::string &code, int64_t exact,
              int64_t integer);

  exact::Symbolic &symbolic;
  IntegerGraph &graph;
  const std::vector<Interval> &atomRanges;
  KernelComparison &result;

  qonnx::QuantOp op;
  exact::Chain chain;
  Tail tail;
  Quantiser quantiser;
  size_t channels = 1;              ///< of the kernel
  std::vector<int64_t> ownChannels; ///< of the quantiser, by element
  std::vector<std::vector<Point>> points;
  std::map<int64_t, std::optional<Levels>> levelCache;
  const Polynomials *exactElements = nullptr, *integerElements = nullptr;
  std::vector<const Polynomials *> terms; ///< of the kernel's sum, or none
  size_t sampled = SIZE_MAX; ///< the last element that compareSampled saw
};

} // namespace finngl::check

#endif // FINNGL_LIB_CHECK_QUANTISERCHECK_H
