//===- QuantOps.cpp - Quantisers of QONNX, Brevitas and ONNX --------------===//

#include "Binder.h"
#include <cfloat>
#include <cmath>

using namespace mlir;

namespace finngl::import {

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

LogicalResult channelData(NodeBinder &b, unsigned input, llvm::StringRef role,
                          ArrayRef<int64_t> shape, ChannelData &out) {
  TensorPtr tensor;
  if (failed(b.constant(input, role, tensor)))
    return failure();
  if (tensor->type != OnnxType::Float32)
    return b.error() << "expects a float32 " << role << ", got "
                     << onnxTypeName(int(tensor->type));
  out.values = tensor->floats;
  if (tensor->elements() == 1 &&
      tensor->shape.size() <= std::max<size_t>(shape.size(), 1))
    return success();
  // Aligned at the last dimension, as NumPy broadcasts.
  size_t rank = tensor->shape.size(), wide = 0;
  bool fits = rank <= shape.size();
  for (size_t i = 0; fits && i < rank; ++i) {
    size_t axis = shape.size() - rank + i;
    if (tensor->shape[i] == 1)
      continue;
    fits = tensor->shape[i] == shape[axis] && ++wide == 1;
    out.axis = int64_t(axis);
  }
  if (fits && wide == 1)
    return success();
  InFlightDiagnostic message =
      b.error() << "expects one " << role << " or one for each index of one "
                << "dimension of " << printShape(shape) << ", got shape "
                << printShape(tensor->shape);
  message.attachNote() << "export the model with per-tensor or per-channel "
                          "quantisers";
  return failure();
}

LogicalResult checkScales(NodeBinder &b, llvm::StringRef name,
                          ArrayRef<float> scales) {
  for (float scale : scales) {
    if (std::isfinite(scale) && scale >= FLT_MIN)
      continue;
    char text[32];
    std::snprintf(text, sizeof text, "%g", double(scale));
    InFlightDiagnostic message =
        b.error() << "expects a scale of at least " << "1.17549e-38"
                  << " (the smallest normal float32) and finite, got " << text
                  << " in '" << name << "'";
    message.attachNote() << "calibrate or train the quantiser and export the "
                            "model again";
    return failure();
  }
  return success();
}

/// Scale and zero point must agree about the channel dimension.
static LogicalResult mergeAxes(NodeBinder &b, const ChannelData &scale,
                               const ChannelData &zeroPoint, int64_t &axis) {
  axis = std::max(scale.axis, zeroPoint.axis);
  if (scale.axis >= 0 && zeroPoint.axis >= 0 && scale.axis != zeroPoint.axis)
    return b.error() << "expects scale and zero point along one dimension, got "
                     << scale.axis << " and " << zeroPoint.axis;
  return success();
}

static LogicalResult readBits(NodeBinder &b, unsigned input, int64_t &bits) {
  TensorPtr tensor;
  if (failed(b.constant(input, "bit width", tensor)))
    return failure();
  if (tensor->elements() == 1) {
    double value = tensor->floats.empty()
                       ? (tensor->ints.empty() ? tensor->doubles[0]
                                               : double(tensor->ints[0]))
                       : double(tensor->floats[0]);
    bits = value >= 1 && value <= 32 ? int64_t(value) : 0;
    if (bits && double(bits) == value)
      return success();
    InFlightDiagnostic message = b.error()
                                 << "expects a whole bit width of 1 to 32, got "
                                 << std::to_string(value);
    message.attachNote() << "export the model with integer bit widths";
    return failure();
  }
  return b.error() << "expects one bit width for the tensor, got "
                   << tensor->elements();
}

/// Code bounds of QONNX Quant.
static void setBounds(Quantiser &q, int64_t bits,
                      const QuantAttributes &attributes) {
  if (attributes.isSigned && bits == 1) {
    q.bipolar = true;
    q.lo = -1;
    q.hi = 1;
  } else if (attributes.isSigned) {
    q.lo = -(int64_t(1) << (bits - 1)) + attributes.narrow;
    q.hi = (int64_t(1) << (bits - 1)) - 1;
  } else {
    q.lo = 0;
    q.hi = (int64_t(1) << bits) - 1 - attributes.narrow;
  }
}

LogicalResult readQuantiser(NodeBinder &b, unsigned first,
                            ArrayRef<int64_t> shape,
                            const QuantAttributes &attributes,
                            qonnx::QuantiserAttr &out) {
  ChannelData scale, zeroPoint;
  int64_t bits = 0, axis = -1;
  if (failed(channelData(b, first, "scale", shape, scale)) ||
      failed(checkScales(b, b.inputName(first), scale.values)) ||
      failed(channelData(b, first + 1, "zero point", shape, zeroPoint)) ||
      failed(mergeAxes(b, scale, zeroPoint, axis)) ||
      failed(readBits(b, first + 2, bits)))
    return failure();
  for (float z : zeroPoint.values)
    if (!std::isfinite(z) || std::fabs(z) > 0x1p40f)
      return b.error() << "expects finite zero points below 2^40, got "
                       << std::to_string(z);
  std::optional<Rounding> rounding = parseRounding(attributes.rounding);
  if (!rounding) {
    InFlightDiagnostic message =
        b.error() << "rounding mode '" << attributes.rounding << "' is unknown";
    message.attachNote() << "legal values: ROUND, HALF_EVEN, CEIL, FLOOR, UP, "
                            "DOWN, ROUND_TO_ZERO, HALF_UP, HALF_DOWN";
    return failure();
  }
  Quantiser q;
  q.scale = scale.values;
  q.zeroPoint = zeroPoint.values;
  q.rounding = *rounding;
  q.axis = axis;
  setBounds(q, bits, attributes);
  if (q.bipolar && llvm::any_of(q.zeroPoint, [](float z) { return z != 0; }))
    return b.error() << "expects zero point 0 for a signed quantiser of 1 bit";
  out = qonnx::fromQuantiser(b.builder.getContext(), q);
  return success();
}

//===----------------------------------------------------------------------===//
// QONNX
//===----------------------------------------------------------------------===//

static LogicalResult importQuant(NodeBinder &b) {
  QuantAttributes attributes;
  int64_t isSigned = 1, narrow = 0;
  Value x;
  qonnx::QuantiserAttr quantiser;
  if (failed(b.attribute("signed", isSigned)) ||
      failed(b.attribute("narrow", narrow)) ||
      failed(b.attribute("rounding_mode", attributes.rounding)) ||
      failed(b.floatValue(0, x)))
    return failure();
  attributes.isSigned = isSigned != 0;
  attributes.narrow = narrow != 0;
  if (failed(readQuantiser(b, 1, b.shape(0), attributes, quantiser)))
    return failure();
  b.result(0, b.create<qonnx::QuantOp>(x.getType(), x, quantiser));
  return success();
}

static LogicalResult importBipolarQuant(NodeBinder &b) {
  Value x;
  ChannelData scale;
  if (failed(b.floatValue(0, x)) ||
      failed(channelData(b, 1, "scale", b.shape(0), scale)) ||
      failed(checkScales(b, b.inputName(1), scale.values)))
    return failure();
  Quantiser q;
  q.scale = scale.values;
  q.axis = scale.axis;
  q.bipolar = true;
  q.lo = -1;
  q.hi = 1;
  b.result(
      0, b.create<qonnx::QuantOp>(
             x.getType(), x, qonnx::fromQuantiser(b.builder.getContext(), q)));
  return success();
}

//===----------------------------------------------------------------------===//
// ONNX
//===----------------------------------------------------------------------===//

namespace {
/// Parameters of QuantizeLinear and DequantizeLinear.
struct LinearParameters {
  llvm::SmallVector<float> scale;
  llvm::SmallVector<int64_t> zeroPoint;
  /// Type of the zero point; empty if there is none.
  std::optional<OnnxType> codeType;
  int64_t axis = -1;
};
} // namespace

/// Scale (input 1) and zero point (input 2): a scalar, or one entry for each
/// index of attribute `axis` (default 1).
static LogicalResult readLinear(NodeBinder &b, LinearParameters &out) {
  TensorPtr scale, zeroPoint;
  int64_t axis = 1, block = 0;
  if (failed(b.constant(1, "scale", scale)) ||
      (b.has(2) && failed(b.constant(2, "zero point", zeroPoint))) ||
      failed(b.attribute("axis", axis)) ||
      failed(b.attribute("block_size", block)))
    return failure();
  if (block != 0 || scale->shape.size() > 1)
    return b.error() << "expects one scale or one for each channel, got "
                     << "shape " << printShape(scale->shape)
                     << " and blocks of " << block;
  if (scale->type != OnnxType::Float32)
    return b.error() << "expects a float32 scale, got "
                     << onnxTypeName(int(scale->type));
  if (failed(checkScales(b, b.inputName(1), scale->floats)))
    return failure();
  out.scale.assign(scale->floats.begin(), scale->floats.end());
  out.zeroPoint.assign(1, 0);
  if (zeroPoint) {
    if (isFloat(zeroPoint->type) || zeroPoint->elements() != scale->elements())
      return b.error() << "expects one integer zero point for each of "
                       << scale->elements() << " scales, got "
                       << zeroPoint->elements() << " of "
                       << onnxTypeName(int(zeroPoint->type));
    out.codeType = zeroPoint->type;
    out.zeroPoint.assign(zeroPoint->ints.begin(), zeroPoint->ints.end());
  }
  if (out.scale.size() == 1)
    return success();
  llvm::SmallVector<int64_t> shape = b.shape(0);
  if (failed(b.normaliseAxis(axis, int64_t(shape.size()))))
    return failure();
  out.axis = axis;
  if (shape[size_t(axis)] == int64_t(out.scale.size()))
    return success();
  return b.error() << "expects one scale for each index of axis " << axis
                   << " of " << printShape(shape) << ", got "
                   << out.scale.size();
}

static LogicalResult importQuantizeLinear(NodeBinder &b) {
  Value x;
  LinearParameters p;
  int64_t dtype = 0;
  if (failed(b.floatValue(0, x)) || failed(readLinear(b, p)) ||
      failed(b.attribute("output_dtype", dtype)))
    return failure();
  OnnxType code = p.codeType.value_or(OnnxType::UInt8);
  if (dtype && !p.codeType)
    code = onnxType(int(dtype)).value_or(OnnxType::Float64);
  Type element =
      isFloat(code) ? Type() : elementType(b.builder.getContext(), code);
  if (!element)
    return b.error() << "expects integer codes of at most 32 bits, got "
                     << onnxTypeName(int(dtype ? dtype : int64_t(code)));
  RankedTensorType type = b.type(b.shape(0), element);
  if (!type)
    return failure();
  b.result(0, b.create<qonnx::QuantizeLinearOp>(type, x, p.scale, p.zeroPoint,
                                                p.axis));
  return success();
}

static LogicalResult importDequantizeLinear(NodeBinder &b) {
  Value x;
  LinearParameters p;
  if (failed(b.value(0, x)) || failed(readLinear(b, p)))
    return failure();
  Type element = cast<RankedTensorType>(x.getType()).getElementType();
  if (!element.isInteger())
    return b.error() << "expects integer codes, got " << x.getType();
  if (p.codeType && element != elementType(b.builder.getContext(), *p.codeType))
    return b.error() << "expects codes and zero point of one type, got "
                     << x.getType() << " and "
                     << onnxTypeName(int(*p.codeType));
  RankedTensorType type = b.floatType(b.shape(0));
  if (!type)
    return failure();
  b.result(0, b.create<qonnx::DequantizeLinearOp>(type, x, p.scale, p.zeroPoint,
                                                  p.axis));
  return success();
}

/// A bound of Clip: an input, an attribute (opset 9 and 10) or `missing`.
static LogicalResult readBound(NodeBinder &b, unsigned input,
                               llvm::StringRef name, double missing,
                               double &out) {
  out = missing;
  float attribute = float(missing);
  if (failed(b.attribute(name, attribute)))
    return failure();
  if (b.find(name))
    out = attribute;
  if (!b.has(input))
    return success();
  TensorPtr tensor;
  if (failed(b.constant(input, name, tensor)))
    return failure();
  if (tensor->elements() != 1 || !tensor->doubles.empty())
    return b.error() << "expects one " << name << " of the input's type, got "
                     << tensor->elements() << " of "
                     << onnxTypeName(int(tensor->type));
  out = tensor->ints.empty() ? double(tensor->floats[0])
                             : double(tensor->ints[0]);
  return success();
}

/// Clipped codes of a constant.
static void foldClip(NodeBinder &b, double lo, double hi) {
  OnnxTensor out = *b.input(0).constant;
  for (int64_t &code : out.ints)
    code = int64_t(std::clamp(double(code), lo, hi));
  b.result(0, std::move(out));
}

static LogicalResult importClip(NodeBinder &b) {
  Value x;
  double lo, hi;
  if (failed(b.value(0, x)))
    return failure();
  auto element = cast<RankedTensorType>(x.getType()).getElementType();
  double lowest = -double(FLT_MAX), highest = double(FLT_MAX);
  if (element.isInteger()) {
    unsigned width = element.getIntOrFloatBitWidth();
    bool isSigned = element.isSignedInteger();
    lowest = isSigned ? -std::ldexp(1.0, int(width) - 1) : 0.0;
    highest = std::ldexp(1.0, int(width) - isSigned) - 1;
  }
  if (failed(readBound(b, 1, "min", lowest, lo)) ||
      failed(readBound(b, 2, "max", highest, hi)))
    return failure();
  if (std::isnan(lo) || std::isnan(hi) || lo > hi)
    return b.error() << "expects min <= max, got " << std::to_string(lo)
                     << " and " << std::to_string(hi);
  if (element.isInteger() && b.isConstant(0) &&
      b.importer.mayFold(b.shape(0))) {
    foldClip(b, lo, hi);
    return success();
  }
  b.result(0, b.create<qonnx::ClipOp>(x.getType(), x,
                                      b.builder.getF64FloatAttr(lo),
                                      b.builder.getF64FloatAttr(hi)));
  return success();
}

llvm::ArrayRef<HandlerEntry> quantHandlers() {
  static const HandlerEntry table[] = {
      {"Quant", 1, 4, 4, importQuant, true},
      {"BipolarQuant", 1, 2, 2, importBipolarQuant, true},
      {"QuantizeLinear", 10, 2, 3, importQuantizeLinear},
      {"DequantizeLinear", 10, 2, 3, importDequantizeLinear},
      {"Clip", 6, 1, 3, importClip},
  };
  return table;
}

} // namespace finngl::import
