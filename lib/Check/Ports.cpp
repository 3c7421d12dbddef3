//===- Ports.cpp - What a finn function says of its ports -----------------===//

#include "Ports.h"
#include "finngl/Dialect/Finn/IR/Finn.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::check;

std::vector<Rational> check::rationals(DictionaryAttr attributes,
                                       StringRef name) {
  std::vector<Rational> values;
  if (auto array = attributes ? attributes.getAs<ArrayAttr>(name) : ArrayAttr())
    for (Attribute value : array)
      values.emplace_back(cast<StringAttr>(value).getValue().str());
  return values;
}

qonnx::QuantiserAttr check::recordOf(func::FuncOp finn, unsigned argument) {
  auto attr = finn.getArgAttrOfType<qonnx::QuantiserAttr>(argument,
                                                          finn::kQuantiserAttr);
  if (!attr || attr.getAxis() < 0)
    return attr;
  Quantiser record = qonnx::toQuantiser(attr);
  auto type = cast<RankedTensorType>(finn.getArgument(argument).getType());
  record.axis = type.getRank() - 1;
  return qonnx::fromQuantiser(attr.getContext(), record);
}

Indices check::orderOf(func::FuncOp finn, unsigned argument,
                       ArrayRef<int64_t> shape) {
  auto order =
      finn.getArgAttrOfType<DenseI64ArrayAttr>(argument, finn::kOrderAttr);
  return order ? transposeIndices(shape, order.asArrayRef()) : Indices();
}
