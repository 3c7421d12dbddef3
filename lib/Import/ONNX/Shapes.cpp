//===- Shapes.cpp - Sizes of graph inputs ---------------------------------===//
//
// A dimension that the file leaves open (the number of steps, in many files)
// gets its size from, in this order: `dims`, the data that the caller has, and
// the caller's default. By its place, `input[axis]`, `dims` replaces a size of
// the file, too.
//
//===----------------------------------------------------------------------===//

#include "Graph.h"

using namespace mlir;

namespace finngl::import {

/// Reports a size that is missing or not above zero.
static void refuse(InFlightDiagnostic message, const onnx::ValueInfoProto &info,
                   int axis, std::optional<int64_t> size) {
  const auto &dim = info.type().tensor_type().shape().dim(axis);
  message << "expects a fixed size above zero for dimension " << axis
          << " of graph input '" << info.name() << "', got ";
  if (size)
    message << *size;
  else
    message << "'" << dim.dim_param() << "'";
  message.attachNote() << "give its size: --dim "
                       << (dim.dim_param().empty()
                               ? info.name() + "[" + std::to_string(axis) + "]"
                               : dim.dim_param())
                       << "=N";
}

/// The size of one dimension; nothing if nobody gives it.
std::optional<int64_t> GraphImporter::extent(const onnx::ValueInfoProto &info,
                                             int axis) {
  const auto &shape = info.type().tensor_type().shape();
  const auto &dim = shape.dim(axis);
  std::string key = info.name() + "[" + std::to_string(axis) + "]";
  if (auto bound = options.dims.find(key); bound != options.dims.end()) {
    replacesSizes |= dim.has_dim_value() && dim.dim_value() != bound->second;
    return bound->second;
  }
  if (dim.has_dim_value())
    return dim.dim_value();
  if (auto bound = options.dims.find(dim.dim_param());
      bound != options.dims.end())
    return bound->second;
  std::optional<int64_t> size;
  if (options.inputShape) {
    auto data = options.inputShape(unsigned(argumentNames.size()), info.name());
    if (data && int(data->size()) == shape.dim_size())
      size = (*data)[size_t(axis)];
  }
  if (!size && options.openDim > 0) {
    size = options.openDim;
    emitWarning(fileLocation())
        << "dimension " << axis << " of graph input '" << info.name()
        << "' is open and taken as " << *size << "; --dim " << key
        << "=N gives another size";
  }
  if (size)
    chosenDims.set(key, IntegerAttr::get(IntegerType::get(context, 64), *size));
  return size;
}

std::optional<llvm::SmallVector<int64_t>>
GraphImporter::staticShape(const onnx::ValueInfoProto &info) {
  llvm::SmallVector<int64_t> shape;
  const onnx::TypeProto::Tensor &tensor = info.type().tensor_type();
  if (!tensor.has_shape()) {
    error(fileLocation()) << "expects graph input '" << info.name()
                          << "' to have a shape, got none";
    return std::nullopt;
  }
  bool good = true;
  for (int axis = 0; axis < tensor.shape().dim_size(); ++axis) {
    std::optional<int64_t> size = extent(info, axis);
    if (!size || *size <= 0) {
      refuse(error(fileLocation()), info, axis, size);
      good = false;
    }
    shape.push_back(size.value_or(0));
  }
  if (!good)
    return std::nullopt;
  return shape;
}

} // namespace finngl::import
