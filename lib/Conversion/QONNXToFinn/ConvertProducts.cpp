//===- ConvertProducts.cpp - Matrix products with constant weights --------===//

#include "Converter.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

Result<WeightMatrix> finngl::quantisedWeights(const ConstantTensor &constant,
                                              int64_t rowAxis) {
  if (!constant.isQuantised())
    return Failure{"a product with weights that are not quantised",
                   "put a quantiser on the weights"};
  WeightMatrix weights;
  weights.rows = constant.shape[rowAxis];
  weights.columns = int64_t(constant.size()) / weights.rows;
  weights.codes = constant.levels;
  Rationals scale;
  for (float s : constant.scale)
    scale.push_back(toRational(s));
  bool onRows = scale.size() == 1 || constant.axis == rowAxis;
  weights.rowScale = onRows ? scale : Rationals{Rational(1)};
  weights.columnScale = onRows ? Rationals{Rational(1)} : scale;
  return weights;
}

/// The constant operand as [MH, MW]: rhs [K, N] is transposed, lhs [N, K] is
/// taken as it is.
static Result<WeightMatrix> weightMatrix(const ConstantTensor &constant,
                                         bool isRight) {
  size_t rank = constant.shape.size();
  if (rank != 2)
    return Failure{"weights of rank " + std::to_string(rank),
                   "weights must be a matrix"};
  auto weights = quantisedWeights(constant, isRight ? 1 : 0);
  if (!weights || !isRight)
    return weights;
  int64_t rows = weights->rows, columns = weights->columns;
  for (int64_t c = 0; c < columns; ++c)
    for (int64_t r = 0; r < rows; ++r)
      (*weights).codes[r * columns + c] = constant.levels[c * rows + r];
  return weights;
}

Result<LinearForm> finngl::reshaped(FinnEmitter &emitter,
                                    const LinearForm &form, int64_t rows,
                                    int64_t channels) {
  int64_t before = form.channels();
  std::optional<Failure> refusal;
  // Channels of a new row are those of the old rows one after the other.
  auto along = [&](const Rationals &values) {
    if (values.size() == 1)
      return values;
    if (auto same = uniform(values))
      return Rationals{*same};
    if (channels % before != 0)
      refusal = Failure{"rows of " + std::to_string(channels) +
                            " elements of a value with a scale for each of " +
                            std::to_string(before) + " channels",
                        "quantise the value per tensor"};
    Rationals result;
    for (int64_t c = 0; c < channels; ++c)
      result.push_back(values[c % before]);
    return result;
  };
  LinearForm result;
  for (const Term &term : form.terms) {
    auto value = emitter.reshape(term.value, rows, channels);
    if (!value)
      return value.failure();
    result.terms.push_back({*value, along(term.scale)});
  }
  result.offset = along(form.offset);
  return refusal ? Result<LinearForm>(*refusal) : result;
}

namespace {
/// Rows of the value are vectors of the ONNX tensor: which one (none: in
/// order), and in which order its elements are.
struct Rows {
  Indices row, column;
};
} // namespace

static std::optional<Rows> rowsOf(const Layout &layout, int64_t rows,
                                  int64_t channels) {
  Rows result;
  if (layout.isPlain()) { // rows as they come, whatever their number
    result.column.resize(channels);
    std::iota(result.column.begin(), result.column.end(), 0);
    return result;
  }
  for (int64_t r = 0; r < rows; ++r) {
    result.row.push_back(layout[r * channels] / channels);
    for (int64_t c = 0; c < channels; ++c) {
      int64_t column = layout[r * channels + c] - result.row[r] * channels;
      if (r == 0)
        result.column.push_back(column);
      if (column < 0 || column >= channels || result.column[c] != column)
        return std::nullopt;
    }
  }
  return result;
}

/// Columns in the order of the value's elements.
static WeightMatrix permuted(const WeightMatrix &weights,
                             const Indices &column) {
  WeightMatrix result = weights;
  for (int64_t c = 0; c < weights.columns; ++c) {
    for (int64_t r = 0; r < weights.rows; ++r)
      result.codes[r * weights.columns + c] =
          weights.codes[r * weights.columns + column[c]];
    if (weights.columnScale.size() > 1)
      result.columnScale[c] = weights.columnScale[column[c]];
  }
  return result;
}

Result<Converted> Converter::convertOp(qonnx::MatMulOp op) {
  const Converted &lhs = lookup(op.getLhs()), &rhs = lookup(op.getRhs());
  bool isRight = rhs.kind == Kind::Constant;
  if (!isRight && lhs.kind != Kind::Constant)
    return Failure{"a matrix product of two values that are not constant",
                   "one operand must be constant weights"};
  const Converted &input = isRight ? lhs : rhs;
  if (auto refusal = notLinear(input))
    return *refusal;
  ArrayRef<int64_t> shape = shapeOf(isRight ? op.getLhs() : op.getRhs());
  if (!isRight && shape.size() > 1 && shape.back() != 1)
    return Failure{"weights times a matrix of " + std::to_string(shape.back()) +
                       " columns",
                   "each step must be one column vector"};
  auto weights = weightMatrix(*(isRight ? rhs : lhs).constant, isRight);
  if (!weights)
    return weights.failure();
  int64_t inner = weights->columns, rows = ShapedType::getNumElements(shape);
  rows /= inner;
  // The images of a sequence may be flattened into one vector.
  LinearForm form = input.form;
  if (form.channels() != inner && form.shape().size() == 2) {
    auto vectors = reshaped(emitter, form, rows, inner);
    if (!vectors)
      return vectors.failure();
    form = std::move(*vectors);
  }
  auto order = form.channels() == inner ? rowsOf(input.layout, rows, inner)
                                        : std::nullopt;
  if (!order)
    return Failure{"a matrix product over " + std::to_string(inner) + " of " +
                       std::to_string(input.form.channels()) + " channels",
                   "reshape the value so that its channels are contracted"};
  Indices names;
  for (int64_t row : order->row)
    for (int64_t r = 0; r < weights->rows; ++r)
      names.push_back(row * weights->rows + r);
  return asForm(product(emitter, permuted(*weights, order->column), form),
                Layout(std::move(names)));
}
