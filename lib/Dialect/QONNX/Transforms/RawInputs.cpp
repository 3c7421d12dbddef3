//===- RawInputs.cpp - Graph inputs that come as raw integers -------------===//

#include "finngl/Dialect/QONNX/Transforms/RawInputs.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::qonnx;

static std::string nameOf(func::FuncOp main, unsigned i) {
  auto name = main.getArgAttrOfType<StringAttr>(i, kNameAttr);
  return name ? name.getValue().str() : std::string();
}

static LogicalResult refuseName(func::FuncOp main, const RawInput &input) {
  std::string known;
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    known += (i ? ", " : "") + nameOf(main, i);
  InFlightDiagnostic error = emitError(main.getLoc())
                             << "--input " << input.name
                             << ": no such graph input";
  error.attachNote() << "the graph inputs are " << known;
  return failure();
}

/// A constant of one element, or of one for each innermost element.
static Value constant(OpBuilder &builder, Location loc,
                      ArrayRef<float> values) {
  SmallVector<int64_t> shape;
  if (values.size() > 1)
    shape.push_back(int64_t(values.size()));
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return builder.create<qonnx::ConstantOp>(
      loc, DenseElementsAttr::get(type, values));
}

static LogicalResult takeRawInput(func::FuncOp main, const RawInput &input) {
  unsigned index = 0;
  while (index < main.getNumArguments() && nameOf(main, index) != input.name)
    ++index;
  if (index == main.getNumArguments())
    return refuseName(main, input);
  BlockArgument argument = main.getArgument(index);
  auto type = cast<RankedTensorType>(argument.getType());
  int64_t channels = type.getRank() ? type.getShape().back() : 1;
  for (auto [what, list] :
       {std::pair("scales", &input.scale), std::pair("offsets", &input.offset)})
    if (list->size() != 1 && int64_t(list->size()) != channels)
      return emitError(main.getLoc())
             << "--input " << input.name << ": expects 1 or " << channels << " "
             << what << ", one for each element of the innermost "
             << "dimension, got " << list->size();
  OpBuilder builder(main.getBody());
  Location loc = argument.getLoc();
  Quantiser grid{.scale = {1.0f}, .lo = input.lo(), .hi = input.hi()};
  Operation *first = builder.create<QuantOp>(
      loc, type, argument, fromQuantiser(main.getContext(), grid));
  Value scaled = builder.create<MulOp>(loc, type, first->getResult(0),
                                       constant(builder, loc, input.scale));
  Value moved = builder.create<AddOp>(loc, type, scaled,
                                      constant(builder, loc, input.offset));
  argument.replaceAllUsesExcept(moved, first);
  main.setArgAttr(index, kRawAttr, builder.getUnitAttr());
  return success();
}

LogicalResult qonnx::takeRawInputs(func::FuncOp main,
                                   ArrayRef<RawInput> inputs) {
  for (const RawInput &input : inputs)
    if (failed(takeRawInput(main, input)))
      return failure();
  return success();
}
