//===- PlanPorts.cpp - Floats in, floats out ------------------------------===//

#include "finngl/Core/Float32.h"
#include "finngl/Core/FloatThresholds.h"
#include "finngl/Engine/Plan.h"
#include "finngl/Support/Indexing.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace finngl;
using namespace finngl::kernels;

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

/// True if code * scale is exact in double for |code| < 2^29: 24 bits times 29.
static bool isFloat32(const Rational &scale) {
  float nearest = nearestFloat32(scale);
  return std::isfinite(nearest) && toRational(nearest) == scale;
}

void Plan::preparePorts() {
  for (size_t i = 0; i < inputPorts.size(); ++i) {
    const PlanPort &port = inputPorts[i];
    if (port.quantiser && !port.exactGrid)
      inputSlots[i].encoder = floatThresholds(*port.quantiser);
    if (!port.order.empty())
      inputSlots[i].elements = transposeIndices(port.onnxShape, port.order);
  }
  for (size_t i = 0; i < outputPorts.size(); ++i) {
    const PlanPort &port = outputPorts[i];
    if (port.scale.size() == 1 && port.offset.size() == 1 &&
        port.offset[0] == 0 && port.width <= 29 && isFloat32(port.scale[0]))
      outputSlots[i].decoder = {nearestFloat32(port.scale[0])};
  }
}

/// Exactly, element by element, where no kernel does it: several scales, or
/// floats that must be the value of their code.
static bool encodeExactly(const PlanPort &port, std::span<const float> values,
                          std::vector<int64_t> &codes, std::string &error) {
  const Quantiser &quantiser = *port.quantiser;
  size_t channels =
      std::max(quantiser.scale.size(), quantiser.zeroPoint.size());
  size_t pitch = channelPitch(port);
  codes.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    size_t channel = channels == 1 ? 0 : i / pitch % channels;
    codes.push_back(quantiser.codeOfFloat(values[i], channel));
    if (port.exactGrid &&
        quantiser.value(codes.back(), channel) != toRational(values[i])) {
      error = "input '" + port.name + "': element " + std::to_string(i) +
              " = " + std::to_string(values[i]) +
              " is the value of no code: a multiple of " +
              std::to_string(quantiser.scaleAt(channel)) +
              " is expected, codes from " + std::to_string(quantiser.lo) +
              " to " + std::to_string(quantiser.hi);
      return false;
    }
  }
  return true;
}

bool Plan::encodeTo(size_t argument, std::span<const float> values,
                    Container container, std::byte *to,
                    std::string &error) const {
  const PlanPort &port = inputPorts[argument];
  if (!port.quantiser) {
    error = "input '" + port.name + "' meets no quantiser";
    return false;
  }
  if (!allFinite(values)) {
    auto bad = std::ranges::find_if_not(
        values, [](float value) { return std::isfinite(value); });
    error = "input '" + port.name + "': element " +
            std::to_string(bad - values.begin()) + " is " +
            std::to_string(*bad);
    return false;
  }
  const PortSlot &slot = inputSlots[argument];
  if (slot.encoder) {
    std::vector<float> ordered;
    for (int64_t element : slot.elements)
      ordered.push_back(values[element]);
    if (!ordered.empty())
      values = ordered;
    const std::byte *in[2] = {std::as_bytes(values).data(), nullptr};
    set->encode[int(container)](&*slot.encoder, values.size(), to, in);
    return true;
  }
  std::vector<int64_t> codes, ordered;
  if (!encodeExactly(port, values, codes, error))
    return false;
  for (int64_t element : slot.elements)
    ordered.push_back(codes[element]);
  store(container, ordered.empty() ? codes : ordered, to);
  return true;
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
  CodeTensor codes{port.shape, std::vector<int64_t>(tensor.data.size())};
  auto *to = reinterpret_cast<std::byte *>(codes.data.data());
  if (!encodeTo(argument, tensor.data, Container::I64, to, error))
    return std::nullopt;
  return codes;
}

bool Plan::setFloats(Arena &arena, size_t argument,
                     std::span<const float> values, std::string &error) const {
  const PlanPort &port = inputPorts[argument];
  if (int64_t(values.size()) != port.elements()) {
    error = "input '" + port.name + "' has " + std::to_string(values.size()) +
            " elements, expected " + std::to_string(port.elements());
    return false;
  }
  const PortSlot &slot = inputSlots[argument];
  return encodeTo(argument, values, slot.container, arena.data() + slot.offset,
                  error);
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

void Plan::decodeFrom(size_t result, Container container, const std::byte *from,
                      std::span<float> to) const {
  if (const auto &decoder = outputSlots[result].decoder) {
    const std::byte *in[2] = {from, nullptr};
    set->decode[int(container)](&*decoder, to.size(),
                                std::as_writable_bytes(to).data(), in);
    return;
  }
  CodeTensor codes{outputPorts[result].shape, std::vector<int64_t>(to.size())};
  load(container, from, codes.data);
  std::ranges::transform(values(codes, result), to.begin(), nearestFloat32);
}

FloatTensor Plan::decode(const CodeTensor &codes, size_t result) const {
  const PlanPort &port = outputPorts[result];
  FloatTensor tensor;
  tensor.shape = port.onnxShape.empty() ? codes.shape : port.onnxShape;
  tensor.data.resize(codes.data.size());
  decodeFrom(result, Container::I64,
             reinterpret_cast<const std::byte *>(codes.data.data()),
             tensor.data);
  return tensor;
}

void Plan::floats(const Arena &arena, size_t result,
                  std::span<float> values) const {
  const PortSlot &slot = outputSlots[result];
  decodeFrom(result, slot.container, arena.data() + slot.offset, values);
}
