//===- SingleSequence.cpp - A model of a batch, one sequence at a time ----===//

#include "finngl/Driver/SingleSequence.h"
#include "finngl/Driver/Model.h"
#include "finngl/PostTraining/Sites.h"

using namespace finngl;
using namespace finngl::driver;

using Dims = std::map<std::string, int64_t>;
using Extents = std::vector<int64_t>;

namespace {
/// What an import made of the graph inputs.
struct Imported {
  int64_t sequences; ///< at once
  std::vector<std::string> names;
  std::vector<Extents> shapes;
  Dims dims;
};
} // namespace

/// Nothing if the model is refused, silently; with `guessOpen` sizes that
/// nobody gives are 1.
static std::optional<Imported> importQuietly(const std::string &path,
                                             const Dims &dims,
                                             const std::vector<Extents> &data,
                                             bool guessOpen) {
  Model model;
  mlir::ScopedDiagnosticHandler quiet(
      model.context(), [](mlir::Diagnostic &) { return mlir::success(); });
  if (!model.open(path, dims))
    return std::nullopt;
  if (guessOpen)
    model.takeDefaultShapes();
  model.takeShapesFrom([&](unsigned index, const std::string &) {
    return index < data.size() ? std::optional(data[index]) : std::nullopt;
  });
  if (!model.toQonnx())
    return std::nullopt;
  mlir::func::FuncOp main = model.qonnxMain();
  Imported result{.sequences = ptq::sequencesAtOnce(main),
                  .names = {},
                  .shapes = {},
                  .dims = model.dims()};
  for (auto [i, type] : llvm::enumerate(main.getArgumentTypes())) {
    auto name = main.getArgAttrOfType<mlir::StringAttr>(i, qonnx::kNameAttr);
    result.names.push_back(name.getValue().str());
    result.shapes.push_back(
        mlir::cast<mlir::RankedTensorType>(type).getShape().vec());
  }
  return result;
}

/// Where an input has the batch if the first one has it, of this extent, at
/// `axis`: there, too, else at its first dimension of that extent.
static std::optional<size_t> batchAxis(const Extents &shape, size_t axis,
                                       int64_t extent) {
  if (axis < shape.size() && shape[axis] == extent)
    return axis;
  auto found = std::find(shape.begin(), shape.end(), extent);
  return found == shape.end() ? std::nullopt
                              : std::optional(size_t(found - shape.begin()));
}

/// The shape of data with 1 at `axis`, which it may leave out.
static Extents withOne(Extents data, size_t rank, size_t axis) {
  if (data.size() + 1 == rank)
    data.insert(data.begin() + std::ptrdiff_t(axis), 1);
  else if (data.size() == rank)
    data[axis] = 1;
  return data;
}

Dims finngl::driver::singleSequenceDims(const std::string &model,
                                        const Dims &dims,
                                        const std::vector<Extents> &data) {
  auto plain = importQuietly(model, dims, data, /*guessOpen=*/false);
  if (plain && plain->sequences == 1)
    return dims;
  auto declared =
      plain ? plain : importQuietly(model, dims, data, /*guessOpen=*/true);
  if (!declared || declared->shapes.size() != data.size() || data.empty())
    return dims;
  for (size_t axis = 0; axis < declared->shapes[0].size(); ++axis) {
    Dims sizes = dims;
    std::vector<Extents> shapes = data;
    for (auto [i, shape] : llvm::enumerate(declared->shapes))
      if (auto own = batchAxis(shape, axis, declared->shapes[0][axis])) {
        sizes.emplace(declared->names[i] + "[" + std::to_string(*own) + "]", 1);
        shapes[i] = withOne(data[i], shape.size(), *own);
      }
    auto single = importQuietly(model, sizes, shapes, /*guessOpen=*/false);
    if (single && single->sequences == 1)
      return single->dims;
  }
  return dims;
}
