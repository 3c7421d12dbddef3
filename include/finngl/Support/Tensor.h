//===- Tensor.h - Host tensors ----------------------------------*- C++ -*-===//
//
// Plain data of the levels: float32 values of files and ports, integer codes
// of the integer network.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_SUPPORT_TENSOR_H
#define FINNGL_SUPPORT_TENSOR_H

#include <cstdint>
#include <string>
#include <vector>

namespace finngl {

/// Row-major data of one tensor; an empty shape is a scalar.
template <typename T> struct HostTensor {
  std::vector<int64_t> shape;
  std::vector<T> data;

  int64_t elements() const {
    int64_t count = 1;
    for (int64_t extent : shape)
      count *= extent;
    return count;
  }
};

using FloatTensor = HostTensor<float>;
using CodeTensor = HostTensor<int64_t>;

} // namespace finngl

#endif // FINNGL_SUPPORT_TENSOR_H
