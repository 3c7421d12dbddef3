//===- ArithmeticOps.cpp - Sums, products, bounds, matrix products --------===//

#include "Binder.h"
#include "Fold.h"
#include <cfloat>
#include <cmath>

using namespace mlir;

namespace finngl::import {

/// True for a host constant of float32.
static bool isFloatConstant(NodeBinder &b, unsigned i) {
  return b.isConstant(i) && b.input(i).constant->type == OnnxType::Float32;
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

/// The same value under another name.
static LogicalResult importIdentity(NodeBinder &b) {
  b.result(0, b.input(0));
  return success();
}

/// Dropout does nothing in inference. Its mask has no reading: who uses it is
/// told that it is not there.
static LogicalResult importDropout(NodeBinder &b) {
  if (b.has(2)) {
    TensorPtr training;
    if (failed(b.constant(2, "training_mode", training)))
      return failure();
    if (training->ints.size() != 1 || training->ints[0] != 0) {
      InFlightDiagnostic message = b.error()
                                   << "expects training_mode false, got true";
      message.attachNote() << "export the model for inference";
      return failure();
    }
  }
  b.result(0, b.input(0));
  return success();
}

/// A constant of another type. Floats lose their fractions in integers; nothing
/// if an element does not fit.
static std::optional<OnnxTensor> castConstant(const OnnxTensor &in,
                                              OnnxType target) {
  OnnxTensor out;
  out.type = target;
  out.shape = in.shape;
  std::vector<double> values(in.floats.begin(), in.floats.end());
  values.insert(values.end(), in.doubles.begin(), in.doubles.end());
  if (target == OnnxType::Float32) {
    out.floats.assign(in.ints.begin(), in.ints.end());
    out.floats.insert(out.floats.end(), values.begin(), values.end());
    return out;
  }
  if (isFloat(target))
    return std::nullopt;
  out.ints = in.ints;
  for (double value : values) {
    if (!(std::fabs(value) < 0x1p62))
      return std::nullopt;
    out.ints.push_back(target == OnnxType::Bool ? value != 0 : int64_t(value));
  }
  for (int64_t &value : out.ints) {
    if (target == OnnxType::Bool)
      value = value != 0;
    else if (value < lowestOf(target) || value > highestOf(target))
      return std::nullopt;
  }
  return out;
}

static LogicalResult importCast(NodeBinder &b) {
  int64_t to = 0;
  if (failed(b.attribute("to", to)))
    return failure();
  auto target = onnxType(int(std::clamp<int64_t>(to, 0, 1000)));
  if (b.isConstant(0) && target == b.input(0).constant->type) {
    b.result(0, b.input(0));
    return success();
  }
  if (b.isConstant(0) && target && b.importer.mayFold(b.shape(0)))
    if (auto out = castConstant(*b.input(0).constant, *target)) {
      b.result(0, std::move(*out));
      return success();
    }
  Value x;
  if (target != OnnxType::Float32) {
    InFlightDiagnostic message =
        b.error() << "expects a cast to float32, or of a constant to integers "
                     "that hold it, got "
                  << onnxTypeName(int(to));
    message.attachNote() << "quantise with QuantizeLinear or Quant instead";
    return failure();
  }
  if (failed(b.floatValue(0, x)))
    return failure();
  b.result(0, x);
  return success();
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

/// Shape of both operands' broadcast, or nothing after an error.
static std::optional<llvm::SmallVector<int64_t>> broadcast(NodeBinder &b) {
  auto shape = broadcastShapes(b.shape(0), b.shape(1));
  if (!shape) {
    InFlightDiagnostic message = b.error()
                                 << "expects operands that broadcast, got "
                                 << printShape(b.shape(0)) << " and "
                                 << printShape(b.shape(1));
    message.attachNote() << "'" << b.inputName(0) << "' and '" << b.inputName(1)
                         << "' must agree in every dimension that is not 1";
  }
  return shape;
}

/// An operator on elements; the one on integers returns true if it overflows.
struct Elementwise {
  float (*floats)(float, float);
  bool (*integers)(int64_t, int64_t, int64_t &);
};

/// True for two constants of integers of one type: shapes, mostly.
static bool areIntegers(NodeBinder &b) {
  return b.isConstant(0) && b.isConstant(1) &&
         b.input(0).constant->type == b.input(1).constant->type &&
         !isFloat(b.input(0).constant->type);
}

/// Folds two constants; failure means that they cannot be folded (no message).
static LogicalResult tryFold(NodeBinder &b, ArrayRef<int64_t> shape,
                             const Elementwise &op) {
  bool integers = areIntegers(b);
  if ((!integers && (!isFloatConstant(b, 0) || !isFloatConstant(b, 1))) ||
      !b.importer.mayFold(shape))
    return failure();
  const OnnxTensor &lhs = *b.input(0).constant, &rhs = *b.input(1).constant;
  if (!integers) {
    b.result(0, foldBinary(lhs, rhs, shape, op.floats));
    return success();
  }
  auto out = foldIntegers(lhs, rhs, shape, op.integers);
  if (!out)
    return failure();
  b.result(0, std::move(*out));
  return success();
}

template <typename OpTy>
static LogicalResult importBinary(NodeBinder &b, const Elementwise &op) {
  auto shape = broadcast(b);
  if (!shape)
    return failure();
  if (succeeded(tryFold(b, *shape, op)))
    return success();
  Value lhs, rhs;
  RankedTensorType type = b.floatType(*shape);
  if (!type || failed(b.floatValue(0, lhs)) || failed(b.floatValue(1, rhs)))
    return failure();
  b.result(0, b.create<OpTy>(type, lhs, rhs));
  return success();
}

static LogicalResult importAdd(NodeBinder &b) {
  Elementwise op{[](float x, float y) { return x + y; },
                 [](int64_t x, int64_t y, int64_t &out) {
                   return __builtin_add_overflow(x, y, &out);
                 }};
  return importBinary<qonnx::AddOp>(b, op);
}
static LogicalResult importSub(NodeBinder &b) {
  Elementwise op{[](float x, float y) { return x - y; },
                 [](int64_t x, int64_t y, int64_t &out) {
                   return __builtin_sub_overflow(x, y, &out);
                 }};
  return importBinary<qonnx::SubOp>(b, op);
}
static LogicalResult importMul(NodeBinder &b) {
  Elementwise op{[](float x, float y) { return x * y; },
                 [](int64_t x, int64_t y, int64_t &out) {
                   return __builtin_mul_overflow(x, y, &out);
                 }};
  return importBinary<qonnx::MulOp>(b, op);
}

/// Max or Min of one value and constants, each of them one number: a clip.
static LogicalResult importBound(NodeBinder &b, bool isLower) {
  std::optional<unsigned> variable;
  double bound = isLower ? -INFINITY : INFINITY;
  for (unsigned i = 0; i < b.inputCount(); ++i) {
    if (!isFloatConstant(b, i)) {
      if (variable)
        return b.error() << "expects one operand that is computed, got '"
                         << b.inputName(*variable) << "' and '"
                         << b.inputName(i) << "'";
      variable = i;
      continue;
    }
    ArrayRef<float> values = b.input(i).constant->floats;
    if (values.empty() || !llvm::all_equal(values) || std::isnan(values[0])) {
      InFlightDiagnostic message =
          b.error() << "expects a bound that is one number, got the constant '"
                    << b.inputName(i) << "' of shape "
                    << printShape(b.shape(i));
      message.attachNote() << "use the same bound for all elements";
      return failure();
    }
    bound = isLower ? std::max(bound, double(values[0]))
                    : std::min(bound, double(values[0]));
  }
  if (!variable)
    return b.error() << "expects one operand that is computed, got constants";
  for (unsigned i = 0; i < b.inputCount(); ++i)
    if (auto shape = broadcastShapes(b.shape(i), b.shape(*variable));
        !shape || *shape != b.shape(*variable))
      return b.error() << "expects constants that broadcast to "
                       << printShape(b.shape(*variable)) << ", got "
                       << printShape(b.shape(i));
  Value x;
  if (failed(b.floatValue(*variable, x)))
    return failure();
  b.result(0, b.create<qonnx::ClipOp>(
                  x.getType(), x, APFloat(isLower ? bound : -INFINITY),
                  APFloat(isLower ? double(INFINITY) : bound)));
  return success();
}

static LogicalResult importMax(NodeBinder &b) { return importBound(b, true); }
static LogicalResult importMin(NodeBinder &b) { return importBound(b, false); }

/// `x / c` rounds once, `x * (1 / c)` twice; they agree where 1 / c is exact
/// and normal, so where c is a power of two.
static bool hasExactReciprocal(float c) {
  int exponent;
  float mantissa = std::frexp(std::fabs(c), &exponent);
  return mantissa == 0.5f && std::fabs(1.0f / c) >= FLT_MIN &&
         std::isfinite(1.0f / c);
}

static LogicalResult importDiv(NodeBinder &b) {
  auto shape = broadcast(b);
  TensorPtr divisor;
  if (!shape || failed(b.constant(1, "divisor", divisor)))
    return failure();
  Elementwise op{[](float x, float y) { return x / y; },
                 [](int64_t x, int64_t y, int64_t &out) {
                   bool bad = y == 0 || (x == INT64_MIN && y == -1);
                   out = bad ? 0 : x / y;
                   return bad;
                 }};
  if (succeeded(tryFold(b, *shape, op)))
    return success();
  if (divisor->type != OnnxType::Float32)
    return b.error() << "expects a float32 divisor, got "
                     << onnxTypeName(int(divisor->type));
  for (float c : divisor->floats)
    if (!hasExactReciprocal(c)) {
      InFlightDiagnostic message = b.error() << "expects a divisor that is a "
                                                "power of two, got "
                                             << std::to_string(c);
      message.attachNote() << "x / c and x * (1 / c) round differently; put "
                              "the factor into a quantiser's scale or multiply";
      return failure();
    }
  Value x;
  RankedTensorType type = b.floatType(*shape);
  if (!type || failed(b.floatValue(0, x)))
    return failure();
  Value factor =
      b.constantValue(foldUnary(*divisor, [](float c) { return 1.0f / c; }));
  if (!factor)
    return failure();
  b.result(0, b.create<qonnx::MulOp>(type, x, factor));
  return success();
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

/// Shape of numpy.matmul, or nothing if the operands do not fit.
static std::optional<llvm::SmallVector<int64_t>>
matmulShape(llvm::SmallVector<int64_t> a, llvm::SmallVector<int64_t> b) {
  if (a.empty() || b.empty())
    return std::nullopt;
  bool vectorA = a.size() == 1, vectorB = b.size() == 1;
  if (vectorA)
    a.insert(a.begin(), 1);
  if (vectorB)
    b.push_back(1);
  if (a.back() != b[b.size() - 2])
    return std::nullopt;
  auto out =
      broadcastShapes(ArrayRef(a).drop_back(2), ArrayRef(b).drop_back(2));
  if (!out)
    return std::nullopt;
  if (!vectorA)
    out->push_back(a[a.size() - 2]);
  if (!vectorB)
    out->push_back(b.back());
  return out;
}

static LogicalResult reportMatMul(NodeBinder &b, ArrayRef<int64_t> lhs,
                                  ArrayRef<int64_t> rhs) {
  InFlightDiagnostic message = b.error()
                               << "expects matrices with equal inner "
                                  "dimensions, got "
                               << printShape(lhs) << " and " << printShape(rhs);
  message.attachNote() << "operands: '" << b.inputName(0) << "' and '"
                       << b.inputName(1) << "'";
  return failure();
}

/// Two constant matrices that are small enough to multiply here.
static bool canFoldMatMul(NodeBinder &b, const OnnxTensor *lhs,
                          const OnnxTensor *rhs) {
  if (!lhs || !rhs || lhs->type != OnnxType::Float32 ||
      rhs->type != OnnxType::Float32 || lhs->shape.size() != 2 ||
      rhs->shape.size() != 2)
    return false;
  auto products = countElements({lhs->shape[0], lhs->shape[1], rhs->shape[1]},
                                b.importer.limits().maxFoldedProducts);
  return products &&
         b.importer.mayFold({lhs->shape[0], rhs->shape[1]}, *products);
}

static LogicalResult importMatMul(NodeBinder &b) {
  auto shape = matmulShape(b.shape(0), b.shape(1));
  if (!shape)
    return reportMatMul(b, b.shape(0), b.shape(1));
  if (canFoldMatMul(b, b.input(0).constant.get(), b.input(1).constant.get())) {
    b.result(0, foldMatMul(*b.input(0).constant, *b.input(1).constant));
    return success();
  }
  Value lhs, rhs;
  RankedTensorType type = b.floatType(*shape);
  if (!type || failed(b.floatValue(0, lhs)) || failed(b.floatValue(1, rhs)))
    return failure();
  b.result(0, b.create<qonnx::MatMulOp>(type, lhs, rhs));
  return success();
}

/// Operand `i` of Gemm as a matrix, transposed if asked; a host constant stays
/// one.
static LogicalResult gemmOperand(NodeBinder &b, unsigned i, bool transposed,
                                 Value &out) {
  if (b.shape(i).size() != 2)
    return b.error() << "expects a matrix, got shape " << printShape(b.shape(i))
                     << " for '" << b.inputName(i) << "'";
  if (transposed && isFloatConstant(b, i) && b.importer.mayFold(b.shape(i))) {
    out = b.constantValue(foldTranspose(*b.input(i).constant, {1, 0}));
    return success(bool(out));
  }
  if (failed(b.floatValue(i, out)))
    return failure();
  if (!transposed)
    return success();
  llvm::SmallVector<int64_t> shape = b.shape(i);
  RankedTensorType type = b.floatType({shape[1], shape[0]});
  out = b.create<qonnx::TransposeOp>(type, out, ArrayRef<int64_t>{1, 0});
  return success();
}

/// `factor * value`, elided for factor 1.
static Value scaled(NodeBinder &b, Value value, float factor) {
  if (factor == 1.0f)
    return value;
  Value constant = b.constantValue({OnnxType::Float32, {}, {factor}, {}, {}});
  if (!constant)
    return {};
  return b.create<qonnx::MulOp>(value.getType(), value, constant);
}

/// `beta * C`, folded where C is constant.
static LogicalResult gemmAddend(NodeBinder &b, float beta, Value &out) {
  if (beta != 1.0f && isFloatConstant(b, 2) && b.importer.mayFold(b.shape(2))) {
    OnnxTensor factor{OnnxType::Float32, {}, {beta}, {}, {}};
    const OnnxTensor &c = *b.input(2).constant;
    out = b.constantValue(
        foldBinary(c, factor, c.shape, [](float x, float y) { return x * y; }));
    return success(bool(out));
  }
  if (failed(b.floatValue(2, out)))
    return failure();
  out = scaled(b, out, beta);
  return success(bool(out));
}

/// `alpha * A' * B' + beta * C`.
static LogicalResult importGemm(NodeBinder &b) {
  float alpha = 1.0f, beta = 1.0f;
  int64_t transA = 0, transB = 0;
  Value lhs, rhs;
  if (failed(b.attribute("alpha", alpha)) ||
      failed(b.attribute("beta", beta)) ||
      failed(b.attribute("transA", transA)) ||
      failed(b.attribute("transB", transB)) ||
      failed(gemmOperand(b, 0, transA != 0, lhs)) ||
      failed(gemmOperand(b, 1, transB != 0, rhs)))
    return failure();
  auto left = cast<RankedTensorType>(lhs.getType()).getShape();
  auto right = cast<RankedTensorType>(rhs.getType()).getShape();
  if (left[1] != right[0])
    return reportMatMul(b, left, right);
  RankedTensorType type = b.floatType({left[0], right[1]});
  if (!type)
    return failure();
  Value out = scaled(b, b.create<qonnx::MatMulOp>(type, lhs, rhs), alpha);
  if (!out)
    return failure();
  if (b.has(2)) {
    Value addend;
    auto shape = broadcastShapes(type.getShape(), b.shape(2));
    if (!shape || ArrayRef<int64_t>(*shape) != type.getShape())
      return b.error() << "expects an addend that broadcasts to "
                       << printShape(type.getShape()) << ", got "
                       << printShape(b.shape(2));
    if (failed(gemmAddend(b, beta, addend)))
      return failure();
    out = b.create<qonnx::AddOp>(type, out, addend);
  }
  b.result(0, out);
  return success();
}

llvm::ArrayRef<HandlerEntry> arithmeticHandlers() {
  static const HandlerEntry table[] = {
      {"Identity", 1, 1, 1, importIdentity},
      {"Dropout", 7, 1, 3, importDropout},
      {"Cast", 6, 1, 1, importCast},
      {"Add", 7, 2, 2, importAdd},
      {"Sub", 7, 2, 2, importSub},
      {"Mul", 7, 2, 2, importMul},
      {"Div", 7, 2, 2, importDiv},
      {"Max", 8, 1, ~0u, importMax},
      {"Min", 8, 1, ~0u, importMin},
      {"MatMul", 1, 2, 2, importMatMul},
      {"Gemm", 7, 2, 3, importGemm},
  };
  return table;
}

} // namespace finngl::import
