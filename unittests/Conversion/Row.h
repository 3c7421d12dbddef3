//===- Row.h - A case of docs/Exactness.md at two levels --------*- C++ -*-===//

#ifndef FINNGL_UNITTESTS_CONVERSION_ROW_H
#define FINNGL_UNITTESTS_CONVERSION_ROW_H

#include "../LoadModule.h"
#include "finngl/Exact/Evaluator.h"

namespace finngl::test {

/// Every combination of codes in the ranges of its columns.
class Box {
public:
  explicit Box(std::vector<std::pair<int64_t, int64_t>> ranges);

  int64_t at(size_t point, size_t column) const {
    return points[point][column];
  }
  /// `scale * (code - zeroPoint)` of one column at every point.
  std::vector<float> values(size_t column, float scale,
                            float zeroPoint = 0) const;
  /// Columns from `first` on, `[points, count]`; `[points]` of one column.
  FloatTensor tensor(size_t first, size_t count, float scale) const;
  /// One column, `[points, 1]`.
  FloatTensor column(size_t index, float scale) const;

private:
  std::vector<std::vector<int64_t>> points;
};

/// A function of rows.mlir.
class Row {
public:
  explicit Row(llvm::StringRef function);

  /// Codes of all results at level exact, one after the other; level int has
  /// the same values.
  std::vector<int64_t> codes(const std::vector<FloatTensor> &inputs);
  /// The same of results without a quantiser.
  std::vector<Rational> values(const std::vector<FloatTensor> &inputs);
  /// What the conversion reports: location and message, then the note.
  std::string refusal();

private:
  mlir::LogicalResult convert();
  /// Level exact, with which level int is compared.
  std::vector<exact::Output> run(const std::vector<FloatTensor> &inputs);
  void expectLevelInt(const std::vector<FloatTensor> &inputs,
                      const std::vector<exact::Output> &exact);

  LoadedModule file;
  mlir::func::FuncOp function; ///< as the file has it
  mlir::OwningOpRef<mlir::ModuleOp> converted;
};

} // namespace finngl::test

#endif // FINNGL_UNITTESTS_CONVERSION_ROW_H
