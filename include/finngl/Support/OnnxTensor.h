//===- OnnxTensor.h - Decoded ONNX tensors ----------------------*- C++ -*-===//

#ifndef FINNGL_SUPPORT_ONNXTENSOR_H
#define FINNGL_SUPPORT_ONNXTENSOR_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace finngl {

/// Element types of ONNX tensors that a quantised network may hold. Values are
/// those of TensorProto.DataType.
enum class OnnxType {
  Float32 = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  Bool = 9,
  Float16 = 10,
  Float64 = 11,
  UInt32 = 12,
  BFloat16 = 16,
  UInt4 = 21,
  Int4 = 22,
};

/// The type for a number of TensorProto.DataType; nothing for strings, complex
/// numbers and 8-bit floats.
std::optional<OnnxType> onnxType(int number);
/// `float32`, `int8`, ...; also for numbers onnxType refuses.
std::string onnxTypeName(int number);
bool isFloat(OnnxType type);
/// Lowest and highest value of an integer type.
int64_t lowestOf(OnnxType type);
int64_t highestOf(OnnxType type);

/// Row-major data. Float32, Float16 and BFloat16 are in `floats` (exactly),
/// Float64 in `doubles`, everything else in `ints`.
struct OnnxTensor {
  OnnxType type = OnnxType::Float32;
  std::vector<int64_t> shape;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<int64_t> ints;

  int64_t elements() const;
};

/// Number of elements, or nothing for negative extents or more than `limit`.
std::optional<int64_t> countElements(const std::vector<int64_t> &shape,
                                     int64_t limit);

/// Decodes a tensor; `external` replaces the bytes of raw_data where the tensor
/// says that its data is elsewhere. On failure returns nothing and sets
/// `error`.
std::optional<OnnxTensor> decodeTensor(const onnx::TensorProto &proto,
                                       std::optional<std::string_view> external,
                                       std::string &error);

/// Value of IEEE half precision bits.
float halfToFloat(uint16_t bits);

} // namespace finngl

#endif // FINNGL_SUPPORT_ONNXTENSOR_H
