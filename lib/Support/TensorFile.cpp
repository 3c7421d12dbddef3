//===- TensorFile.cpp - Tensors in files ----------------------------------===//

#include "finngl/Support/TensorFile.h"
#include "finngl/Support/OnnxTensor.h"
#include "onnx/onnx_pb.h"
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace finngl {

//===----------------------------------------------------------------------===//
// .npy
//===----------------------------------------------------------------------===//

namespace {
/// The three entries of a .npy header.
struct NpyHeader {
  std::string descr;
  bool fortran = false;
  std::vector<int64_t> shape;
};
} // namespace

/// Text after `'key':` in the header's Python dictionary.
static std::string_view entry(std::string_view text, std::string_view key) {
  for (char quote : {'\'', '"'}) {
    std::string name = quote + std::string(key) + quote;
    size_t at = text.find(name);
    if (at == std::string_view::npos)
      continue;
    text.remove_prefix(at + name.size());
    size_t colon = text.find_first_not_of(" :");
    return colon == std::string_view::npos ? "" : text.substr(colon);
  }
  return "";
}

static bool parseShape(std::string_view text, std::vector<int64_t> &shape) {
  size_t close = text.find(')');
  if (text.empty() || text[0] != '(' || close == std::string_view::npos)
    return false;
  text = text.substr(1, close - 1);
  while (true) {
    size_t start = text.find_first_not_of(" ,");
    if (start == std::string_view::npos)
      return true;
    text.remove_prefix(start);
    int64_t extent = 0;
    auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), extent);
    if (code != std::errc() || extent < 0)
      return false;
    shape.push_back(extent);
    text.remove_prefix(end - text.data());
  }
}

static bool parseHeader(std::string_view text, NpyHeader &header) {
  std::string_view descr = entry(text, "descr");
  std::string_view order = entry(text, "fortran_order");
  if (descr.size() < 2 || (descr[0] != '\'' && descr[0] != '"'))
    return false;
  size_t close = descr.find(descr[0], 1);
  if (close == std::string_view::npos)
    return false;
  header.descr = descr.substr(1, close - 1);
  header.fortran = order.substr(0, 4) == "True";
  return (header.fortran || order.substr(0, 5) == "False") &&
         parseShape(entry(text, "shape"), header.shape);
}

/// `value` as float32, or false if it is not exactly one.
template <typename T> static bool toFloat(T value, float &out) {
  out = float(value);
  if constexpr (std::is_floating_point_v<T>)
    return std::isnan(value) || T(out) == value;
  // Compared as long double, which holds every 64-bit integer.
  return static_cast<long double>(out) == static_cast<long double>(value);
}

template <typename T>
static bool readValues(std::string_view bytes, FloatTensor &tensor,
                       std::string &error) {
  size_t count = size_t(tensor.elements());
  if (bytes.size() != count * sizeof(T)) {
    error = "expects " + std::to_string(count * sizeof(T)) +
            " bytes of data, got " + std::to_string(bytes.size());
    return false;
  }
  tensor.data.resize(count);
  for (size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    if (!toFloat(value, tensor.data[i])) {
      error = "element " + std::to_string(i) +
              " is not exactly a float32; convert the file to float32";
      return false;
    }
  }
  return true;
}

static bool readHalves(std::string_view bytes, FloatTensor &tensor,
                       std::string &error) {
  FloatTensor bits{tensor.shape, {}};
  if (!readValues<uint16_t>(bytes, bits, error))
    return false;
  for (float value : bits.data)
    tensor.data.push_back(halfToFloat(uint16_t(value)));
  return true;
}

static bool readTyped(const std::string &descr, std::string_view bytes,
                      FloatTensor &tensor, std::string &error) {
  std::string type = descr.substr(1);
  if (descr[0] == '>' && type != "i1" && type != "u1") {
    error = "expects little-endian data, got '" + descr + "'";
    return false;
  }
  if (type == "f4")
    return readValues<float>(bytes, tensor, error);
  if (type == "f8")
    return readValues<double>(bytes, tensor, error);
  if (type == "f2")
    return readHalves(bytes, tensor, error);
  if (type == "i1")
    return readValues<int8_t>(bytes, tensor, error);
  if (type == "u1" || type == "b1")
    return readValues<uint8_t>(bytes, tensor, error);
  if (type == "i2")
    return readValues<int16_t>(bytes, tensor, error);
  if (type == "u2")
    return readValues<uint16_t>(bytes, tensor, error);
  if (type == "i4")
    return readValues<int32_t>(bytes, tensor, error);
  if (type == "u4")
    return readValues<uint32_t>(bytes, tensor, error);
  if (type == "i8")
    return readValues<int64_t>(bytes, tensor, error);
  if (type == "u8")
    return readValues<uint64_t>(bytes, tensor, error);
  error =
      "expects bool, integers or floats of 16 to 64 bits, got '" + descr + "'";
  return false;
}

/// Column-major data to row-major.
static void fromFortran(FloatTensor &tensor) {
  size_t rank = tensor.shape.size();
  std::vector<int64_t> index(rank, 0);
  std::vector<float> out(tensor.data.size());
  for (float &value : out) {
    int64_t at = 0, stride = 1;
    for (size_t d = 0; d < rank; ++d) {
      at += index[d] * stride;
      stride *= tensor.shape[d];
    }
    value = tensor.data[size_t(at)];
    for (size_t d = rank; d-- > 0 && ++index[d] == tensor.shape[d];)
      index[d] = 0;
  }
  tensor.data = std::move(out);
}

static std::optional<FloatTensor> readNpy(std::string_view bytes,
                                          std::string &error) {
  // Magic, version, then a header length of 2 bytes (1.0) or 4 (2.0, 3.0).
  size_t start = bytes.size() > 6 && bytes[6] == 1 ? 10 : 12;
  if (bytes.size() < start || bytes[6] < 1 || bytes[6] > 3) {
    error = "expects .npy format 1.0 to 3.0";
    return std::nullopt;
  }
  size_t length = 0;
  for (size_t i = start; i-- > 8;)
    length = length << 8 | uint8_t(bytes[i]);
  NpyHeader header;
  if (length > bytes.size() - start ||
      !parseHeader(bytes.substr(start, length), header)) {
    error = "its .npy header is damaged";
    return std::nullopt;
  }
  if (!countElements(header.shape, int64_t(1) << 31)) {
    error = "expects at most 2^31 elements";
    return std::nullopt;
  }
  FloatTensor tensor{header.shape, {}};
  if (!readTyped(header.descr, bytes.substr(start + length), tensor, error))
    return std::nullopt;
  if (header.fortran)
    fromFortran(tensor);
  return tensor;
}

//===----------------------------------------------------------------------===//
// .pb
//===----------------------------------------------------------------------===//

static std::optional<FloatTensor> readProto(const std::string &bytes,
                                            std::string &error) {
  onnx::TensorProto proto;
  if (bytes.empty() || !proto.ParseFromString(bytes)) {
    error = "expects a .npy file or a serialised ONNX tensor";
    return std::nullopt;
  }
  std::optional<OnnxTensor> decoded = decodeTensor(proto, std::nullopt, error);
  if (!decoded)
    return std::nullopt;
  FloatTensor tensor{decoded->shape, std::move(decoded->floats)};
  bool exact = true;
  auto convert = [&](const auto &values) {
    for (auto value : values) {
      tensor.data.push_back(0);
      exact &= toFloat(value, tensor.data.back());
    }
  };
  convert(decoded->doubles);
  convert(decoded->ints);
  if (!exact) {
    error = "a value is not exactly a float32; convert the file to float32";
    return std::nullopt;
  }
  return tensor;
}

//===----------------------------------------------------------------------===//
// Interface
//===----------------------------------------------------------------------===//

std::optional<FloatTensor> readTensorFile(const std::string &path,
                                          std::string &error) {
  try {
    // A device or a pipe may have no end.
    std::error_code code;
    auto status = std::filesystem::status(path, code);
    if (std::filesystem::exists(status) &&
        !std::filesystem::is_regular_file(status)) {
      error = "is no ordinary file";
      return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    if (!file.good() && !file.eof()) {
      error = "cannot be read";
      return std::nullopt;
    }
    if (std::string_view(bytes).substr(0, 6) == "\x93NUMPY")
      return readNpy(bytes, error);
    return readProto(bytes, error);
  } catch (const std::exception &failure) { // protobuf, memory
    error = failure.what();
    return std::nullopt;
  }
}

bool writeNpy(const std::string &path, const FloatTensor &tensor,
              std::string &error) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int64_t extent : tensor.shape)
    header += std::to_string(extent) + ",";
  header += "), }";
  // Padded so that the data starts at a multiple of 64.
  header.append(63 - (header.size() + 10) % 64, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file.write("\x93NUMPY\x01\x00", 8);
  char length[2] = {char(header.size() & 255), char(header.size() >> 8)};
  file.write(length, 2);
  file << header;
  file.write(reinterpret_cast<const char *>(tensor.data.data()),
             std::streamsize(tensor.data.size() * sizeof(float)));
  file.close();
  if (!file)
    error = "cannot be written";
  return bool(file);
}

} // namespace finngl
