//===- OnnxTensor.cpp - Decoded ONNX tensors ------------------------------===//

#include "finngl/Support/OnnxTensor.h"
#include "onnx/onnx_pb.h"
#include <bit>
#include <cmath>
#include <cstring>

namespace finngl {

std::optional<OnnxType> onnxType(int number) {
  switch (number) {
  case 1:
  case 2:
  case 3:
  case 4:
  case 5:
  case 6:
  case 7:
  case 9:
  case 10:
  case 11:
  case 12:
  case 16:
  case 21:
  case 22:
    return OnnxType(number);
  default:
    return std::nullopt;
  }
}

std::string onnxTypeName(int number) {
  static const char *const names[] = {
      "undefined", "float32", "uint8",     "int8",       "uint16",  "int16",
      "int32",     "int64",   "string",    "bool",       "float16", "float64",
      "uint32",    "uint64",  "complex64", "complex128", "bfloat16"};
  if (number >= 0 && number < int(std::size(names)))
    return names[number];
  if (number == 21 || number == 22)
    return number == 21 ? "uint4" : "int4";
  return "element type " + std::to_string(number);
}

bool isFloat(OnnxType type) {
  return type == OnnxType::Float32 || type == OnnxType::Float16 ||
         type == OnnxType::BFloat16 || type == OnnxType::Float64;
}

namespace {
struct Width {
  unsigned bits;
  bool isSigned;
};
} // namespace

static Width widthOf(OnnxType type) {
  switch (type) {
  case OnnxType::UInt4:
    return {4, false};
  case OnnxType::Int4:
    return {4, true};
  case OnnxType::UInt8:
    return {8, false};
  case OnnxType::Int8:
    return {8, true};
  case OnnxType::UInt16:
    return {16, false};
  case OnnxType::Int16:
    return {16, true};
  case OnnxType::UInt32:
    return {32, false};
  case OnnxType::Int32:
    return {32, true};
  case OnnxType::Bool:
    return {8, false};
  default:
    return {64, true};
  }
}

int64_t lowestOf(OnnxType type) {
  Width w = widthOf(type);
  return w.isSigned ? -int64_t(uint64_t(1) << (w.bits - 2)) * 2 : 0;
}

int64_t highestOf(OnnxType type) {
  if (type == OnnxType::Bool)
    return 1;
  Width w = widthOf(type);
  return int64_t((uint64_t(1) << (w.bits - (w.isSigned ? 1 : 0))) - 1);
}

int64_t OnnxTensor::elements() const {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

std::optional<int64_t> countElements(const std::vector<int64_t> &shape,
                                     int64_t limit) {
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0 || (extent > 0 && count > limit / extent))
      return std::nullopt;
    count *= extent;
  }
  return count;
}

float halfToFloat(uint16_t bits) {
  int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  float value;
  if (exponent == 31)
    value = mantissa ? NAN : INFINITY;
  else if (exponent == 0)
    value = std::ldexp(float(mantissa), -24);
  else
    value = std::ldexp(float(mantissa + 1024), exponent - 25);
  return bits >> 15 ? -value : value;
}

/// Reads `count` little-endian values of `T` (the host is little-endian: x86,
/// Arm).
template <typename T, typename Store>
static void readRaw(std::string_view bytes, int64_t count, Store store) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    store(value);
  }
}

/// Two 4-bit values a byte, the low nibble first.
static void readNibbles(std::string_view bytes, int64_t count, bool isSigned,
                        std::vector<int64_t> &out) {
  for (int64_t i = 0; i < count; ++i) {
    int value = (uint8_t(bytes[i / 2]) >> (i % 2 * 4)) & 15;
    out.push_back(isSigned && value > 7 ? value - 16 : value);
  }
}

static bool fromRaw(std::string_view bytes, int64_t count, OnnxTensor &out,
                    std::string &error) {
  unsigned bits = out.type == OnnxType::Float32    ? 32
                  : out.type == OnnxType::Float16  ? 16
                  : out.type == OnnxType::BFloat16 ? 16
                                                   : widthOf(out.type).bits;
  uint64_t expected = (uint64_t(count) * bits + 7) / 8;
  if (bytes.size() != expected) {
    error = "expects " + std::to_string(expected) + " bytes of data, got " +
            std::to_string(bytes.size());
    return false;
  }
  auto store = [&](auto value) { out.ints.push_back(int64_t(value)); };
  switch (out.type) {
  case OnnxType::Float32:
    readRaw<float>(bytes, count, [&](float v) { out.floats.push_back(v); });
    break;
  case OnnxType::Float16:
    readRaw<uint16_t>(bytes, count, [&](uint16_t v) {
      out.floats.push_back(halfToFloat(v));
    });
    break;
  case OnnxType::BFloat16:
    readRaw<uint16_t>(bytes, count, [&](uint16_t v) {
      out.floats.push_back(std::bit_cast<float>(uint32_t(v) << 16));
    });
    break;
  case OnnxType::Float64:
    readRaw<double>(bytes, count, [&](double v) { out.doubles.push_back(v); });
    break;
  case OnnxType::Bool:
  case OnnxType::UInt8:
    readRaw<uint8_t>(bytes, count, store);
    break;
  case OnnxType::Int8:
    readRaw<int8_t>(bytes, count, store);
    break;
  case OnnxType::UInt16:
    readRaw<uint16_t>(bytes, count, store);
    break;
  case OnnxType::Int16:
    readRaw<int16_t>(bytes, count, store);
    break;
  case OnnxType::UInt32:
    readRaw<uint32_t>(bytes, count, store);
    break;
  case OnnxType::Int32:
    readRaw<int32_t>(bytes, count, store);
    break;
  case OnnxType::Int64:
    readRaw<int64_t>(bytes, count, store);
    break;
  case OnnxType::UInt4:
  case OnnxType::Int4:
    readNibbles(bytes, count, out.type == OnnxType::Int4, out.ints);
    break;
  }
  return true;
}

/// Data in the typed fields: narrow types live in int32_data.
static bool fromFields(const onnx::TensorProto &proto, int64_t count,
                       OnnxTensor &out, std::string &error) {
  auto check = [&](int64_t have) {
    if (have != count)
      error = "expects " + std::to_string(count) + " values, got " +
              std::to_string(have);
    return have == count;
  };
  switch (out.type) {
  case OnnxType::Float32:
    out.floats.assign(proto.float_data().begin(), proto.float_data().end());
    return check(proto.float_data_size());
  case OnnxType::Float64:
    out.doubles.assign(proto.double_data().begin(), proto.double_data().end());
    return check(proto.double_data_size());
  case OnnxType::Int64:
    out.ints.assign(proto.int64_data().begin(), proto.int64_data().end());
    return check(proto.int64_data_size());
  case OnnxType::UInt32:
    out.ints.assign(proto.uint64_data().begin(), proto.uint64_data().end());
    return check(proto.uint64_data_size());
  case OnnxType::Float16:
  case OnnxType::BFloat16:
    for (int32_t bits : proto.int32_data())
      out.floats.push_back(out.type == OnnxType::Float16
                               ? halfToFloat(uint16_t(bits))
                               : std::bit_cast<float>(uint32_t(bits) << 16));
    return check(proto.int32_data_size());
  case OnnxType::Int4:
  case OnnxType::UInt4: {
    if (proto.int32_data_size() != (count + 1) / 2)
      return check(int64_t(proto.int32_data_size()) * 2);
    std::string bytes(proto.int32_data().begin(), proto.int32_data().end());
    readNibbles(bytes, count, out.type == OnnxType::Int4, out.ints);
    return true;
  }
  default:
    out.ints.assign(proto.int32_data().begin(), proto.int32_data().end());
    return check(proto.int32_data_size());
  }
}

std::optional<OnnxTensor> decodeTensor(const onnx::TensorProto &proto,
                                       std::optional<std::string_view> external,
                                       std::string &error) {
  std::optional<OnnxType> type = onnxType(proto.data_type());
  if (!type) {
    error = "expects a numeric tensor, got " + onnxTypeName(proto.data_type());
    return std::nullopt;
  }
  OnnxTensor out;
  out.type = *type;
  out.shape.assign(proto.dims().begin(), proto.dims().end());
  std::optional<int64_t> count = countElements(out.shape, int64_t(1) << 31);
  if (!count) {
    error = "expects at most 2^31 elements and no negative dimension";
    return std::nullopt;
  }
  bool good;
  if (external)
    good = fromRaw(*external, *count, out, error);
  else if (proto.data_location() == onnx::TensorProto::EXTERNAL)
    return error = "its data is in another file", std::nullopt;
  else if (proto.has_raw_data())
    good = fromRaw(proto.raw_data(), *count, out, error);
  else
    good = fromFields(proto, *count, out, error);
  if (!good)
    return std::nullopt;
  // Fields are wider than the types they hold.
  if (!isFloat(out.type))
    for (int64_t value : out.ints)
      if (value < lowestOf(out.type) || value > highestOf(out.type)) {
        error = "value " + std::to_string(value) + " does not fit " +
                onnxTypeName(proto.data_type());
        return std::nullopt;
      }
  return out;
}

} // namespace finngl
