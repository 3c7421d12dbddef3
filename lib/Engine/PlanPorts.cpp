//===- PlanPorts.cpp - Floats in, floats out ------------------------------===//

#include "finngl/Core/Float32.h"
#include "finngl/Engine/Plan.h"
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

FloatTensor Plan::decode(const CodeTensor &codes, size_t result) const {
  FloatTensor tensor;
  tensor.shape = outputPorts[result].onnxShape.empty()
                     ? codes.shape
                     : outputPorts[result].onnxShape;
  for (const Rational &value : values(codes, result))
    tensor.data.push_back(nearestFloat32(value));
  return tensor;
}
