//===- ConvertWindows.cpp - Conv, pools and batch normalisation -----------===//
//
// An image is `[positions, C]`, channels innermost. A convolution is a sliding
// window over its positions and one matrix product for each window; a mean is
// a sum with a rational scale; a maximum is one of codes.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// The operand as `[positions, C]`.
static Result<LinearForm> imageOf(FinnEmitter &emitter, const Converted &input,
                                  ArrayRef<int64_t> shape) {
  if (auto refusal = notLinear(input))
    return *refusal;
  if (shape[0] != 1)
    return Failure{"a batch of " + std::to_string(shape[0]) + " images",
                   "export the model for one sample"};
  if (input.form.shape().size() != 2)
    return Failure{"a sliding window inside of a scan",
                   "put convolutions and pools before or behind the scan"};
  if (!(input.layout == Layout::channelsLast(shape)))
    return Failure{"an image whose channels do not come together at each "
                   "position",
                   "only graph inputs, convolutions, pools and sequences of "
                   "vectors over time can be read by windows"};
  int64_t positions = ShapedType::getNumElements(shape.drop_front(2));
  return reshaped(emitter, input.form, positions, shape[1]);
}

/// Integers that stand for a real zero; nothing if it lies on no integer.
static std::optional<std::vector<int64_t>> zeroOf(const LinearForm &form) {
  if (isZero(form.offset))
    return std::vector<int64_t>{0};
  std::vector<int64_t> zero;
  for (const Rational &level :
       negated(quotient(form.offset, form.terms[0].scale))) {
    if (level.get_den() != 1 || !fitsInt64(level.get_num()))
      return std::nullopt;
    zero.push_back(toInt64(level.get_num()));
  }
  return zero;
}

static bool hasPadding(const Window &window) {
  auto above = [](int64_t pad) { return pad > 0; };
  return llvm::any_of(window.padsBegin, above) ||
         llvm::any_of(window.padsEnd, above);
}

/// `values` for the channels of each of `taps` taps.
static Rationals repeated(const Rationals &values, int64_t taps) {
  Rationals result = values;
  if (values.size() > 1)
    for (int64_t tap = 1; tap < taps; ++tap)
      result.insert(result.end(), values.begin(), values.end());
  return result;
}

/// `[windows, taps * C]`, a real zero where a window hangs over.
static Result<LinearForm> windowsOf(FinnEmitter &emitter, LinearForm form,
                                    ArrayRef<int64_t> image,
                                    const Window &window) {
  std::vector<int64_t> zero = {0};
  if (hasPadding(window) && !isZero(form.offset)) {
    auto single = collapsed(emitter, form);
    if (!single)
      return single;
    form = std::move(*single);
    auto level = zeroOf(form);
    if (!level)
      return Failure{"a zero as padding of a value whose zero point is no "
                     "integer",
                     "use an integer zero point, or no padding"};
    zero = std::move(*level);
  }
  int64_t taps = elementCount(window.kernel);
  LinearForm result;
  for (const Term &term : form.terms) {
    auto value = emitter.im2col(term.value, image, window, zero);
    if (!value)
      return value.failure();
    result.terms.push_back({*value, repeated(term.scale, taps)});
  }
  result.offset = repeated(form.offset, taps);
  return result;
}

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

/// ONNX' `[M, C / groups, taps]` as `[M, taps * C]`; other groups weigh zero.
static WeightMatrix windowWeights(const WeightMatrix &weights, int64_t channels,
                                  int64_t groups) {
  int64_t perGroup = channels / groups, taps = weights.columns / perGroup;
  WeightMatrix result = weights;
  result.columns = taps * channels;
  result.codes.assign(weights.rows * result.columns, 0);
  for (int64_t m = 0; m < weights.rows; ++m) {
    int64_t first = m / (weights.rows / groups) * perGroup;
    for (int64_t c = 0; c < perGroup; ++c)
      for (int64_t tap = 0; tap < taps; ++tap)
        result.codes[m * result.columns + tap * channels + first + c] =
            weights.codes[m * weights.columns + c * taps + tap];
  }
  return result;
}

Result<Converted> Converter::convertOp(qonnx::ConvOp op) {
  const Converted &input = lookup(op.getInput());
  const Converted &constant = lookup(op.getWeights());
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  if (constant.kind != Kind::Constant)
    return Failure{"a convolution with weights that are not constant",
                   "weights must be an initialiser behind a quantiser"};
  if (constant.constant->scale.size() > 1 && constant.constant->axis != 0)
    return Failure{"weights of a convolution with scales along axis " +
                       std::to_string(constant.constant->axis),
                   "quantise weights per tensor or per output channel"};
  auto weights = quantisedWeights(*constant.constant, 0);
  if (!weights)
    return weights.failure();
  auto image = imageOf(emitter, input, shape);
  if (!image)
    return image.failure();
  auto windows = windowsOf(emitter, std::move(*image), shape.drop_front(2),
                           qonnx::windowOf(op));
  if (!windows)
    return windows.failure();
  auto matrix = windowWeights(*weights, shape[1], op.getGroup());
  return asForm(product(emitter, matrix, *windows),
                Layout::channelsLast(shapeOf(op)));
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

Result<Converted> Converter::convertOp(qonnx::MaxPoolOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  auto image = imageOf(emitter, lookup(op.getInput()), shape);
  if (!image)
    return image.failure();
  auto form = collapsed(emitter, *image);
  if (!form)
    return form.failure();
  const Term &term = form->terms[0];
  for (const Rational &scale : term.scale)
    if (scale < 0)
      return Failure{"a maximum of values with a negative scale",
                     "quantise the value before the pool"};
  // Padding never wins: no element is below the least one.
  int64_t least = hull(term.value.range).first;
  auto windows = emitter.im2col(term.value, shape.drop_front(2),
                                qonnx::windowOf(op), {least});
  if (!windows)
    return windows.failure();
  auto value = emitter.maxPool(*windows, shape[1]);
  if (!value)
    return value.failure();
  return asForm(LinearForm{{Term{*value, term.scale}}, form->offset},
                Layout::channelsLast(shapeOf(op)));
}

/// What each mean is divided by; nothing if that differs between windows.
static std::optional<int64_t> divisorOf(qonnx::AveragePoolOp op) {
  Window window = qonnx::windowOf(op);
  int64_t taps = elementCount(window.kernel);
  if (op.getCountIncludePad() || !hasPadding(window))
    return taps;
  std::optional<int64_t> divisor;
  bool same = true;
  forEachWindow(shapeOf(op.getInput()), window, [&](const Indices &elements) {
    int64_t count = int64_t(elements.size());
    same &= divisor.value_or(count) == count;
    divisor = count;
  });
  return same ? divisor : std::nullopt;
}

Result<Converted> Converter::convertOp(qonnx::AveragePoolOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  auto divisor = divisorOf(op);
  if (!divisor)
    return Failure{"means of windows with unequal numbers of elements",
                   "use count_include_pad, or no padding"};
  auto image = imageOf(emitter, lookup(op.getInput()), shape);
  if (!image)
    return image.failure();
  Window window = qonnx::windowOf(op);
  auto windows =
      windowsOf(emitter, std::move(*image), shape.drop_front(2), window);
  if (!windows)
    return windows.failure();
  int64_t channels = shape[1], taps = elementCount(window.kernel);
  WeightMatrix sums{channels,
                    taps * channels,
                    std::vector<int64_t>(channels * taps * channels, 0),
                    {Rational(1, *divisor)},
                    {Rational(1)}};
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t tap = 0; tap < taps; ++tap)
      sums.codes[(c * taps + tap) * channels + c] = 1;
  return asForm(product(emitter, sums, *windows),
                Layout::channelsLast(shapeOf(op)));
}

//===----------------------------------------------------------------------===//
// Batch normalisation
//===----------------------------------------------------------------------===//

/// `scale / sqrt(variance + epsilon) * (x - mean) + bias`, decided with its
/// real root once a quantiser comes.
Result<Converted> Converter::convertOp(qonnx::BatchNormOp op) {
  const Converted &input = lookup(op.getInput());
  if (input.kind == Kind::Port)
    return notLinear(input).value();
  auto channels = input.layout.perChannel(channelIndices(shapeOf(op), 1),
                                          input.form.channels());
  if (!channels)
    return Failure{"a batch normalisation along axis 1, which is not the axis "
                   "of the channels",
                   "normalise channels"};
  Rational epsilon = toRational(op.getEpsilon().convertToFloat());
  ActivationStep centre{.kind = ActivationStep::Kind::Affine}, scale = centre;
  centre.offset.clear();
  scale.factor.clear();
  scale.offset.clear();
  scale.radicand.clear();
  for (int64_t c : *channels) {
    centre.offset.push_back(-toRational(op.getMean()[c]));
    scale.factor.push_back(toRational(op.getScale()[c]));
    scale.offset.push_back(toRational(op.getBias()[c]));
    scale.radicand.push_back(toRational(op.getVariance()[c]) + epsilon);
  }
  Converted result = input;
  result.absorbed.clear();
  result.kind = Kind::Activation;
  result.chain.push_back(std::move(centre));
  result.chain.push_back(std::move(scale));
  return result;
}
