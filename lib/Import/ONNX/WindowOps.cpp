//===- WindowOps.cpp - Convolutions, pools, batch normalisation -----------===//

#include "Binder.h"
#include "finngl/Support/Windows.h"

using namespace mlir;

namespace finngl::import {

/// No sensible window is larger, and products of such numbers fit 64 bits.
static constexpr int64_t kLargest = 1 << 20;

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

/// A list with one entry for each spatial dimension; `out` holds the default.
static LogicalResult readList(NodeBinder &b, llvm::StringRef name,
                              int64_t least, Indices &out) {
  llvm::SmallVector<int64_t> list(out.begin(), out.end());
  if (failed(b.attribute(name, list)))
    return failure();
  bool good = list.size() == out.size();
  for (int64_t entry : list)
    good &= entry >= least && entry <= kLargest;
  if (!good)
    return b.error() << "expects attribute '" << name << "' to hold "
                     << out.size() << " numbers of " << least << " to "
                     << kLargest << ", got " << printShape(list);
  out.assign(list.begin(), list.end());
  return success();
}

/// ceil(extent / stride) windows, the padding in halves; SAME_UPPER puts an odd
/// element at the end.
static void padSame(Window &window, ArrayRef<int64_t> spatial, bool upper) {
  for (size_t d = 0; d < spatial.size(); ++d) {
    int64_t stride = window.strides[d];
    int64_t reach = (window.kernel[d] - 1) * window.dilations[d] + 1;
    int64_t count = (spatial[d] + stride - 1) / stride;
    int64_t total =
        std::max<int64_t>((count - 1) * stride + reach - spatial[d], 0);
    window.padsBegin[d] = upper ? total / 2 : total - total / 2;
    window.padsEnd[d] = total - window.padsBegin[d];
  }
}

static LogicalResult readPads(NodeBinder &b, ArrayRef<int64_t> spatial,
                              Window &window) {
  size_t rank = spatial.size();
  std::string mode = "NOTSET";
  Indices pads(2 * rank, 0);
  if (failed(b.attribute("auto_pad", mode)) ||
      failed(readList(b, "pads", 0, pads)))
    return failure();
  window.padsBegin.assign(pads.begin(), pads.begin() + rank);
  window.padsEnd.assign(pads.begin() + rank, pads.end());
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER")
    padSame(window, spatial, mode == "SAME_UPPER");
  else if (mode == "VALID")
    window.padsBegin = window.padsEnd = Indices(rank, 0);
  else if (mode != "NOTSET")
    return b.error() << "expects auto_pad NOTSET, SAME_UPPER, SAME_LOWER or "
                        "VALID, got '"
                     << mode << "'";
  return success();
}

/// Spatial dimensions of operand 0.
static LogicalResult readSpatial(NodeBinder &b,
                                 llvm::SmallVector<int64_t> &spatial) {
  llvm::SmallVector<int64_t> shape = b.shape(0);
  if (shape.size() == 3 || shape.size() == 4) {
    spatial.assign(shape.begin() + 2, shape.end());
    return success();
  }
  InFlightDiagnostic message =
      b.error() << "expects an input [N, C, W] or [N, C, H, W], got "
                << printShape(shape);
  message.attachNote() << "one and two spatial dimensions are supported";
  return failure();
}

/// Everything but the kernel, which the caller has set, and the shape of the
/// result with `channels`.
static LogicalResult readWindow(NodeBinder &b, ArrayRef<int64_t> spatial,
                                int64_t channels, Window &window,
                                llvm::SmallVector<int64_t> &result) {
  size_t rank = spatial.size();
  window.strides = window.dilations = Indices(rank, 1);
  if (failed(readList(b, "strides", 1, window.strides)) ||
      failed(readList(b, "dilations", 1, window.dilations)) ||
      failed(readPads(b, spatial, window)))
    return failure();
  result = {b.shape(0)[0], channels};
  for (size_t d = 0; d < rank; ++d) {
    result.push_back(windowCount(window, d, spatial[d]));
    if (result.back() < 1)
      return b.error() << "expects a window that fits, got kernel "
                       << printShape(window.kernel) << " with dilations "
                       << printShape(window.dilations) << " on "
                       << printShape(b.shape(0)) << " with pads "
                       << printShape(window.padsBegin) << " and "
                       << printShape(window.padsEnd);
  }
  // What the levels hold at once: every window's elements.
  std::vector<int64_t> taps(result.begin(), result.end());
  taps[1] = b.shape(0)[1];
  taps.insert(taps.end(), window.kernel.begin(), window.kernel.end());
  if (!countElements(taps, b.importer.limits().maxElements))
    return b.error() << "expects windows of at most "
                     << b.importer.limits().maxElements
                     << " elements in all, got kernel "
                     << printShape(window.kernel) << " on "
                     << printShape(b.shape(0));
  return success();
}

static llvm::SmallVector<int64_t> padsOf(const Window &window) {
  llvm::SmallVector<int64_t> pads(window.padsBegin.begin(),
                                  window.padsBegin.end());
  llvm::append_range(pads, window.padsEnd);
  return pads;
}

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

/// The bias `[M]` as `[M, 1, ...]`, which broadcasts over the positions.
static LogicalResult convBias(NodeBinder &b, int64_t channels, size_t rank,
                              Value &bias) {
  llvm::SmallVector<int64_t> shape(rank + 1, 1);
  shape[0] = channels;
  if (b.shape(2) != llvm::SmallVector<int64_t>{channels})
    return b.error() << "expects a bias of shape [" << channels << "], got "
                     << printShape(b.shape(2));
  if (b.isConstant(2) && b.importer.mayFold(shape)) {
    OnnxTensor tensor = *b.input(2).constant;
    tensor.shape.assign(shape.begin(), shape.end());
    bias = b.constantValue(std::move(tensor));
    return success(bool(bias));
  }
  Value value;
  if (failed(b.floatValue(2, value)))
    return failure();
  bias = b.create<qonnx::ReshapeOp>(b.floatType(shape), value);
  return success();
}

static LogicalResult importConv(NodeBinder &b) {
  llvm::SmallVector<int64_t> spatial, weights = b.shape(1), shape, kernel;
  int64_t group = 1;
  if (failed(readSpatial(b, spatial)) || failed(b.attribute("group", group)))
    return failure();
  int64_t channels = b.shape(0)[1];
  if (weights.size() != spatial.size() + 2 || group < 1 ||
      channels % group != 0 || weights[1] != channels / group ||
      weights[0] % group != 0) {
    InFlightDiagnostic message =
        b.error() << "expects weights [M, C / group, kernel...] with M a "
                     "multiple of group, got "
                  << printShape(weights) << " for " << printShape(b.shape(0))
                  << " and group " << group;
    message.attachNote() << "weights: '" << b.inputName(1) << "'";
    return failure();
  }
  Window window;
  window.kernel.assign(weights.begin() + 2, weights.end());
  kernel.assign(weights.begin() + 2, weights.end());
  if (failed(b.attribute("kernel_shape", kernel)))
    return failure();
  if (Indices(kernel.begin(), kernel.end()) != window.kernel)
    return b.error() << "expects attribute 'kernel_shape' to be that of the "
                        "weights, "
                     << printShape(window.kernel) << ", got "
                     << printShape(kernel);
  Value x, w;
  if (failed(readWindow(b, spatial, weights[0], window, shape)) ||
      failed(b.floatValue(0, x)) || failed(b.floatValue(1, w)))
    return failure();
  RankedTensorType type = b.floatType(shape);
  if (!type)
    return failure();
  Value out = b.create<qonnx::ConvOp>(type, x, w, window.strides,
                                      padsOf(window), window.dilations, group);
  if (b.has(2)) {
    Value bias;
    if (failed(convBias(b, weights[0], spatial.size(), bias)))
      return failure();
    out = b.create<qonnx::AddOp>(type, out, bias);
  }
  b.result(0, out);
  return success();
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// ceil_mode only where it changes nothing: its last window would hang over the
/// padding.
static LogicalResult checkCeilMode(NodeBinder &b, ArrayRef<int64_t> spatial,
                                   const Window &window) {
  int64_t ceilMode = 0;
  if (failed(b.attribute("ceil_mode", ceilMode)))
    return failure();
  for (size_t d = 0; ceilMode && d < spatial.size(); ++d) {
    int64_t room = spatial[d] + window.padsBegin[d] + window.padsEnd[d] -
                   (window.kernel[d] - 1) * window.dilations[d] - 1;
    if (room % window.strides[d] != 0) {
      InFlightDiagnostic message =
          b.error() << "expects ceil_mode 0 where windows of stride "
                    << window.strides[d] << " do not end with dimension "
                    << d + 2 << " of " << printShape(b.shape(0));
      message.attachNote() << "give the missing elements as pads";
      return failure();
    }
  }
  return success();
}

static LogicalResult readPool(NodeBinder &b, Window &window,
                              llvm::SmallVector<int64_t> &shape) {
  llvm::SmallVector<int64_t> spatial;
  if (failed(readSpatial(b, spatial)))
    return failure();
  window.kernel = Indices(spatial.size(), 0);
  if (!b.find("kernel_shape"))
    return b.error() << "expects attribute 'kernel_shape', got none";
  if (failed(readList(b, "kernel_shape", 1, window.kernel)) ||
      failed(readWindow(b, spatial, b.shape(0)[1], window, shape)))
    return failure();
  for (size_t d = 0; d < spatial.size(); ++d) {
    int64_t reach = (window.kernel[d] - 1) * window.dilations[d] + 1;
    if (window.padsBegin[d] >= reach || window.padsEnd[d] >= reach)
      return b.error() << "expects pads below the kernel "
                       << printShape(window.kernel) << ", got "
                       << printShape(padsOf(window));
  }
  return checkCeilMode(b, spatial, window);
}

static LogicalResult importMaxPool(NodeBinder &b) {
  Window window;
  llvm::SmallVector<int64_t> shape;
  Value x;
  if (b.outputCount() > 1 && !b.node.output(1).empty())
    return b.error() << "expects no output of indices, got '"
                     << b.node.output(1) << "'";
  if (failed(readPool(b, window, shape)) || failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<qonnx::MaxPoolOp>(b.floatType(shape), x, window.kernel,
                                         window.strides, padsOf(window),
                                         window.dilations));
  return success();
}

static LogicalResult importAveragePool(NodeBinder &b) {
  Window window;
  llvm::SmallVector<int64_t> shape;
  int64_t includePad = 0;
  Value x;
  if (failed(b.attribute("count_include_pad", includePad)) ||
      failed(readPool(b, window, shape)) || failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<qonnx::AveragePoolOp>(
                  b.floatType(shape), x, window.kernel, window.strides,
                  padsOf(window), window.dilations, includePad != 0));
  return success();
}

/// One window over all spatial dimensions.
template <typename OpTy, typename... Args>
static LogicalResult importGlobalPool(NodeBinder &b, Args... args) {
  llvm::SmallVector<int64_t> spatial, shape = b.shape(0);
  Value x;
  if (failed(readSpatial(b, spatial)) || failed(b.floatValue(0, x)))
    return failure();
  llvm::SmallVector<int64_t> ones(spatial.size(), 1);
  llvm::SmallVector<int64_t> none(2 * spatial.size(), 0);
  for (size_t d = 2; d < shape.size(); ++d)
    shape[d] = 1;
  b.result(0, b.create<OpTy>(b.floatType(shape), x, spatial, ones, none, ones,
                             args...));
  return success();
}

static LogicalResult importGlobalMaxPool(NodeBinder &b) {
  return importGlobalPool<qonnx::MaxPoolOp>(b);
}
static LogicalResult importGlobalAveragePool(NodeBinder &b) {
  return importGlobalPool<qonnx::AveragePoolOp>(b, false);
}

//===----------------------------------------------------------------------===//
// Batch normalisation
//===----------------------------------------------------------------------===//

/// Operand `i` as one float32 for each channel.
static LogicalResult readParameter(NodeBinder &b, unsigned i,
                                   llvm::StringRef role, int64_t channels,
                                   ArrayRef<float> &out) {
  TensorPtr tensor;
  if (failed(b.constant(i, role, tensor)))
    return failure();
  if (tensor->type != OnnxType::Float32 ||
      tensor->shape != std::vector<int64_t>{channels})
    return b.error() << "expects a float32 " << role << " of shape ["
                     << channels << "], got " << onnxTypeName(int(tensor->type))
                     << " of shape " << printShape(tensor->shape);
  out = tensor->floats;
  return success();
}

static LogicalResult importBatchNorm(NodeBinder &b) {
  float epsilon = 1e-5f;
  int64_t training = 0;
  llvm::SmallVector<int64_t> shape = b.shape(0);
  if (failed(b.attribute("epsilon", epsilon)) ||
      failed(b.attribute("training_mode", training)))
    return failure();
  if (training != 0) {
    InFlightDiagnostic message = b.error()
                                 << "expects training_mode 0, got " << training;
    message.attachNote() << "export the model for inference";
    return failure();
  }
  if (shape.size() < 2)
    return b.error() << "expects an input [N, C, ...], got "
                     << printShape(shape);
  ArrayRef<float> scale, bias, mean, variance;
  if (failed(readParameter(b, 1, "scale", shape[1], scale)) ||
      failed(readParameter(b, 2, "bias", shape[1], bias)) ||
      failed(readParameter(b, 3, "mean", shape[1], mean)) ||
      failed(readParameter(b, 4, "variance", shape[1], variance)))
    return failure();
  for (ArrayRef<float> list : {scale, bias, mean, variance, ArrayRef(epsilon)})
    for (float entry : list)
      if (!std::isfinite(entry))
        return b.error() << "expects finite parameters, got " << entry;
  for (float entry : variance)
    if (!(double(entry) + epsilon > 0))
      return b.error() << "expects variance + epsilon above zero, got " << entry
                       << " + " << epsilon;
  Value x;
  if (failed(b.floatValue(0, x)))
    return failure();
  b.result(0, b.create<qonnx::BatchNormOp>(x.getType(), x, scale, bias, mean,
                                           variance, llvm::APFloat(epsilon)));
  return success();
}

llvm::ArrayRef<HandlerEntry> windowHandlers() {
  static const HandlerEntry table[] = {
      {"Conv", 1, 2, 3, importConv},
      {"MaxPool", 1, 1, 1, importMaxPool},
      {"AveragePool", 7, 1, 1, importAveragePool},
      {"GlobalMaxPool", 1, 1, 1, importGlobalMaxPool},
      {"GlobalAveragePool", 1, 1, 1, importGlobalAveragePool},
      {"BatchNormalization", 9, 5, 5, importBatchNorm},
  };
  return table;
}

} // namespace finngl::import
