//===- IntElements.cpp - Integer attributes of any width ------------------===//

#include "finngl/Support/IntElements.h"
#include "mlir/IR/BuiltinTypes.h"
#include <cstring>

using namespace mlir;

namespace finngl {

std::vector<int64_t> intElements(ElementsAttr attr) {
  auto type = cast<IntegerType>(attr.getElementType());
  bool isUnsigned = type.isUnsigned();
  std::vector<int64_t> values;
  values.reserve(attr.getNumElements());
  for (const APInt &value : attr.getValues<APInt>())
    values.push_back(isUnsigned ? int64_t(value.getZExtValue())
                                : value.getSExtValue());
  return values;
}

DenseElementsAttr denseInts(RankedTensorType type, ArrayRef<int64_t> values) {
  unsigned width = type.getElementTypeBitWidth();
  SmallVector<APInt> ints;
  ints.reserve(values.size());
  for (int64_t value : values)
    ints.push_back(APInt(64, uint64_t(value), /*isSigned=*/true)
                       .trunc(width));
  return DenseElementsAttr::get(type, ints);
}

} // namespace finngl
