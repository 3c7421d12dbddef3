//===- TensorFile.h - Tensors in files --------------------------*- C++ -*-===//

#ifndef FINNGL_SUPPORT_TENSORFILE_H
#define FINNGL_SUPPORT_TENSORFILE_H

#include "finngl/Support/Tensor.h"
#include <optional>
#include <string>

namespace finngl {

/// Reads a `.npy` (format 1.0 to 3.0, C or Fortran order, bool, integers,
/// float16/32/64) or a serialised ONNX TensorProto `.pb` as float32. On failure
/// returns nothing and sets `error` to a message without the file's name.
/// Values that float32 cannot hold exactly (float64, large integers) are an
/// error.
std::optional<FloatTensor> readTensorFile(const std::string &path,
                                          std::string &error);

/// Writes `.npy`, format 1.0, little-endian float32. False on failure.
bool writeNpy(const std::string &path, const FloatTensor &tensor,
              std::string &error);

} // namespace finngl

#endif // FINNGL_SUPPORT_TENSORFILE_H
