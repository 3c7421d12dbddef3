//===- PlanPorts.cpp - Floats in, floats out ------------------------------===//

#include "finngl/Core/Float32.h"
#include "finngl/Engine/Plan.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace finngl;

static std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

/// Elements between neighbours along the quantiser's channel dimension.
static size_t channelPitch(const PlanPort &port) {
  int64_t axis = port.quantiser->axis;
  if (port.quantiser->scale.size() == 1 || axis < 0 ||
      axis >= int64_t(port.onnxShape.size()))
    return 1;
  return std::accumulate(port.onnxShape.begin() + axis + 1,
                         port.onnxShape.end(), size_t(1),
                         std::multiplies<size_t>());
}

/// The code where doubles are certain of it, else nothing. |quotient| < 2^30
/// makes the error of one division and one sum less than 2^-21; only quotients
/// farther than that from every boundary of the rounding are decided here.
static std::optional<int64_t> certainCode(const Quantiser &quantiser,
                                          float value, size_t channel) {
  constexpr double margin = 0x1p-20;
  double zero = quantiser.zeroPointAt(channel);
  double quotient = double(value) / double(quantiser.scaleAt(channel));
  if (!quantiser.zeroPointAfterRounding)
    quotient += zero;
  if (quantiser.bipolar || !(std::fabs(quotient) < 0x1p30) ||
      !(std::fabs(zero) < 0x1p29))
    return std::nullopt;
  double below = std::floor(quotient), part = quotient - below;
  bool up = false;
  switch (quantiser.rounding) {
  case Rounding::HalfEven:
  case Rounding::HalfUp:
  case Rounding::HalfDown:
    if (std::fabs(part - 0.5) < margin)
      return std::nullopt;
    up = part > 0.5;
    break;
  case Rounding::Ceil:
  case Rounding::Floor:
  case Rounding::Up:
  case Rounding::Down:
    if (part < margin || part > 1.0 - margin)
      return std::nullopt;
    up = quantiser.rounding == Rounding::Ceil ||
         (quantiser.rounding == Rounding::Up && below >= 0) ||
         (quantiser.rounding == Rounding::Down && below < 0);
    break;
  }
  int64_t rounded = int64_t(below) + (up ? 1 : 0);
  if (quantiser.zeroPointAfterRounding)
    rounded += int64_t(std::floor(zero));
  return std::clamp(rounded, quantiser.lo, quantiser.hi);
}

std::optional<CodeTensor> Plan::encode(const FloatTensor &tensor,
                                       size_t argument,
                                       std::string &error) const {
  const PlanPort &port = inputPorts[argument];
  if (int64_t(tensor.data.size()) != port.elements() ||
      (!port.onnxShape.empty() && tensor.shape != port.onnxShape)) {
    error = "input '" + port.name + "' has shape " + shapeText(tensor.shape) +
            ", the model expects " + shapeText(port.onnxShape);
    return std::nullopt;
  }
  if (!port.quantiser) {
    error = "input '" + port.name + "' meets no quantiser";
    return std::nullopt;
  }
  const Quantiser &quantiser = *port.quantiser;
  size_t channels =
      std::max(quantiser.scale.size(), quantiser.zeroPoint.size());
  size_t pitch = channelPitch(port);
  CodeTensor codes;
  codes.shape = port.shape;
  codes.data.reserve(tensor.data.size());
  for (size_t i = 0; i < tensor.data.size(); ++i) {
    float value = tensor.data[i];
    size_t channel = channels == 1 ? 0 : i / pitch % channels;
    if (!std::isfinite(value)) {
      error = "input '" + port.name + "': element " + std::to_string(i) +
              " is " + std::to_string(value);
      return std::nullopt;
    }
    if (!port.exactGrid)
      if (auto code = certainCode(quantiser, value, channel)) {
        codes.data.push_back(*code);
        continue;
      }
    Rational exact = toRational(value);
    codes.data.push_back(quantiser.code(exact, channel));
    if (port.exactGrid &&
        quantiser.value(codes.data.back(), channel) != exact) {
      error = "input '" + port.name + "': element " + std::to_string(i) +
              " = " + std::to_string(value) +
              " is no multiple of the state's scale within its range";
      return std::nullopt;
    }
  }
  return codes;
}

std::vector<Rational> Plan::values(const CodeTensor &codes,
                                   size_t result) const {
  const PlanPort &port = outputPorts[result];
  size_t channels = port.shape.empty() ? 1 : size_t(port.shape.back());
  std::vector<Rational> exact;
  exact.reserve(codes.data.size());
  for (size_t i = 0; i < codes.data.size(); ++i) {
    size_t channel = i % channels;
    const Rational &scale = port.scale[port.scale.size() == 1 ? 0 : channel];
    const Rational &offset = port.offset[port.offset.size() == 1 ? 0 : channel];
    exact.push_back(toInteger(codes.data[i]) * scale + offset);
  }
  return exact;
}

/// True if code * scale is exact in double for |code| < 2^29: 24 bits times 29.
static bool isFloat32(const Rational &scale) {
  float nearest = nearestFloat32(scale);
  return std::isfinite(nearest) && toRational(nearest) == scale;
}

FloatTensor Plan::decode(const CodeTensor &codes, size_t result) const {
  const PlanPort &port = outputPorts[result];
  FloatTensor tensor;
  tensor.shape = port.onnxShape.empty() ? codes.shape : port.onnxShape;
  bool inDouble = port.scale.size() == 1 && port.offset.size() == 1 &&
                  port.offset[0] == 0 && port.width <= 29 &&
                  isFloat32(port.scale[0]);
  tensor.data.reserve(codes.data.size());
  if (inDouble) {
    double scale = port.scale[0].get_d();
    for (int64_t code : codes.data)
      tensor.data.push_back(float(double(code) * scale));
    return tensor;
  }
  for (const Rational &value : values(codes, result))
    tensor.data.push_back(nearestFloat32(value));
  return tensor;
}
