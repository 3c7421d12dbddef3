//===- Twin.cpp - The copy with quantisers --------------------------------===//

#include "finngl/PostTraining/Network.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::ptq;

/// Named after the site, with the position of the operator if there is one.
static Location locationOf(const Site &site, Operation *op, StringRef name) {
  MLIRContext *context = site.value.getContext();
  if (op)
    if (Location part = partLocation(op->getLoc(), "quant");
        part != op->getLoc()) {
      auto node = cast<NameLoc>(part);
      auto file = cast<FileLineColLoc>(node.getChildLoc());
      return nodeLocation(context, file.getFilename(), file.getLine(), name,
                          "Quant");
    }
  return nodeLocation(context, "quantised model", 0, name, "Quant");
}

static qonnx::QuantOp insertQuant(const Site &site, const Quantiser &quantiser,
                                  const IRMapping &copied) {
  OpBuilder builder(site.value.getContext());
  Value value = copied.lookup(site.value);
  Operation *reader = site.reader ? copied.lookup(site.reader) : nullptr;
  Operation *maker = value.getDefiningOp();
  if (reader)
    builder.setInsertionPoint(reader);
  else
    builder.setInsertionPointAfterValue(value);
  bool isWeight = site.role == Role::Weight;
  auto quant = builder.create<qonnx::QuantOp>(
      locationOf(site, reader ? reader : maker,
                 isWeight ? site.name : site.name + "/quant"),
      value.getType(), value,
      qonnx::fromQuantiser(builder.getContext(), quantiser));
  if (reader)
    reader->setOperand(site.operand, quant.getResult());
  else
    value.replaceAllUsesExcept(quant.getResult(), quant);
  return quant;
}

Twin ptq::quantisedTwin(ModuleOp module, const Sites &sites,
                        llvm::ArrayRef<Quantiser> quantisers) {
  Twin twin;
  IRMapping copied;
  twin.module = cast<ModuleOp>(module->clone(copied));
  for (auto [site, quantiser] : llvm::zip(sites.sites, quantisers)) {
    qonnx::QuantOp quant = insertQuant(site, quantiser, copied);
    twin.quants.push_back(quant);
    if (site.sumsProducts)
      twin.sums.push_back({site.value, quant.getInput()});
  }
  for (Value output : sites.realOutputs)
    twin.sums.push_back({output, copied.lookup(output)});
  module.walk([&](qonnx::ScanOp scan) {
    twin.scans.push_back(
        {scan, cast<qonnx::ScanOp>(copied.lookup(scan.getOperation()))});
  });
  return twin;
}

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

/// The constant addition that `value` ends in, if nothing else reads the sums
/// between. Null if there is none.
static qonnx::AddOp biasOf(Value value, bool isLast) {
  auto add = value.getDefiningOp<qonnx::AddOp>();
  if (!add || (!isLast && !value.hasOneUse()))
    return {};
  if (isConstant(add.getRhs()) || isConstant(add.getLhs()))
    return add;
  if (auto bias = biasOf(add.getLhs(), false))
    return bias;
  return biasOf(add.getRhs(), false);
}

/// A float32 constant of the channels of `like`.
static Value channelConstant(OpBuilder &builder, Location location, Value like,
                             llvm::ArrayRef<float> data) {
  auto type = cast<RankedTensorType>(like.getType());
  llvm::SmallVector<int64_t> shape(type.getRank(), 1);
  if (!shape.empty())
    shape[channelAxis(like)] = int64_t(data.size());
  auto constant = RankedTensorType::get(shape, type.getElementType());
  return builder.create<qonnx::ConstantOp>(
      location, constant,
      cast<ElementsAttr>(DenseElementsAttr::get(constant, data)));
}

/// True if the elements of `bias` lie along the channels of `like`.
static bool isOfChannels(Value bias, Value like, size_t channels) {
  auto shape = cast<RankedTensorType>(bias.getType()).getShape();
  int64_t rank = cast<RankedTensorType>(like.getType()).getRank();
  int64_t axis = int64_t(channelAxis(like)) - (rank - int64_t(shape.size()));
  return axis >= 0 && shape[size_t(axis)] == int64_t(channels) &&
         ShapedType::getNumElements(shape) == int64_t(channels);
}

/// The elements of a bias of `like`, one for each channel; nothing if it has
/// another form.
static std::optional<std::vector<float>> biasData(Value bias, Value like,
                                                  size_t channels) {
  auto data = constantData(bias);
  if (failed(data))
    return std::nullopt;
  if (data->size() == 1)
    return std::vector<float>(channels, data->front());
  return isOfChannels(bias, like, channels) ? std::optional(*data)
                                            : std::nullopt;
}

/// Returns the sum with its bias moved.
static Value addToBias(Value sum, llvm::ArrayRef<double> shift) {
  OpBuilder builder(sum.getContext());
  qonnx::AddOp add = biasOf(sum, /*isLast=*/true);
  if (add && add.getType() == sum.getType()) {
    unsigned operand = isConstant(add.getRhs()) ? 1 : 0;
    if (auto data = biasData(add->getOperand(operand), add, shift.size())) {
      for (auto [value, delta] : llvm::zip(*data, shift))
        value = float(value + delta);
      builder.setInsertionPoint(add);
      Value old = add->getOperand(operand);
      add->setOperand(operand, channelConstant(builder, old.getLoc(),
                                               add.getResult(), *data));
      if (old.use_empty()) // the file would hold it
        old.getDefiningOp()->erase();
      return sum;
    }
  }
  builder.setInsertionPointAfterValue(sum);
  Location location = partLocation(sum.getLoc(), "bias_correction");
  Value correction = channelConstant(
      builder, location, sum, std::vector<float>(shift.begin(), shift.end()));
  auto moved =
      builder.create<qonnx::AddOp>(location, sum.getType(), sum, correction);
  sum.replaceAllUsesExcept(moved.getResult(), moved);
  return moved.getResult();
}

void ptq::correctBiases(Twin &twin, const Comparison &comparison) {
  for (auto [sum, shift] : llvm::zip(twin.sums, comparison.sumBias))
    sum.quantised = addToBias(sum.quantised, shift);
}
