//===- ConvertInputs.cpp - The network's ports ----------------------------===//
//
// A float input becomes the code tensor of the one quantiser that all its uses
// meet first; a result carries the exact scale and offset of its integers.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"

using namespace mlir;
using namespace finngl;
using Kind = Converted::Kind;

/// Equal but for the axis, which depends on where the quantiser stands.
static bool sameQuantiser(qonnx::QuantiserAttr a, qonnx::QuantiserAttr b) {
  auto withoutAxis = [](qonnx::QuantiserAttr q) {
    Quantiser record = qonnx::toQuantiser(q);
    record.axis = record.scale.size() + record.zeroPoint.size() > 2 ? 0 : -1;
    return qonnx::fromQuantiser(q.getContext(), record);
  };
  return withoutAxis(a) == withoutAxis(b);
}

/// Steps of a scan that reads the value, perhaps behind elementwise operators
/// and reshapes; 0 if none does.
static int64_t scannedSteps(Value value, SmallPtrSetImpl<Operation *> &seen) {
  for (OpOperand &operand : value.getUses()) {
    Operation *op = operand.getOwner();
    if (auto scan = dyn_cast<qonnx::ScanOp>(op)) {
      if (operand.getOperandNumber() >= scan.getStates().size())
        return scan.getSteps();
      continue;
    }
    if (op->getNumResults() != 1 || !seen.insert(op).second)
      continue;
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (type && type.getNumElements() ==
                    cast<RankedTensorType>(value.getType()).getNumElements())
      if (int64_t steps = scannedSteps(op->getResult(0), seen))
        return steps;
  }
  return 0;
}

static void followUses(Value value, PortUse &use) {
  for (OpOperand &operand : value.getUses()) {
    Operation *op = operand.getOwner();
    if (auto quant = dyn_cast<qonnx::QuantOp>(op)) {
      if (use.quantiser && !sameQuantiser(use.quantiser, quant.getQuantiser()))
        use.unlike = op;
      else if (!use.quantiser)
        use.quantiser = quant.getQuantiser();
      SmallPtrSet<Operation *, 8> seen;
      if (use.steps == 0)
        use.steps = scannedSteps(quant.getResult(), seen);
    } else if (isa<qonnx::ReshapeOp, qonnx::TransposeOp>(op)) {
      followUses(op->getResult(0), use);
    } else if (auto scan = dyn_cast<qonnx::ScanOp>(op)) {
      unsigned index = operand.getOperandNumber();
      unsigned states = scan.getStates().size();
      if (index < states) {
        use.stateOf = scan;
        use.state = index;
        continue;
      }
      if (index < states + scan.getInputs().size())
        use.steps = scan.getSteps();
      followUses(scan.getBody().front().getArgument(index), use);
    } else {
      use.refused = op;
    }
  }
}

PortUse finngl::portUse(BlockArgument argument) {
  PortUse use;
  followUses(argument, use);
  return use;
}

/// `[T, n]` for a scanned port, else the dimensions that are not 1.
static std::optional<SmallVector<int64_t, 2>> flatShape(ArrayRef<int64_t> shape,
                                                        int64_t steps) {
  int64_t count = ShapedType::getNumElements(shape);
  if (steps > 0)
    return SmallVector<int64_t, 2>{steps, count / steps};
  SmallVector<int64_t, 2> result;
  llvm::copy_if(shape, std::back_inserter(result),
                [](int64_t extent) { return extent != 1; });
  if (result.size() > 2)
    return std::nullopt;
  if (result.empty())
    result.push_back(1);
  return result;
}

namespace {
/// The order in which the first window or scan behind a port wants elements,
/// and how many rows it makes of them.
struct PortOrder {
  Layout layout;
  int64_t rows = 0;
};
} // namespace

/// Operators that leave elements in their places.
static bool isElementwise(Operation *op) {
  return op->hasTrait<OpTrait::SameOperandsAndResultType>() ||
         (isa<qonnx::AddOp, qonnx::SubOp, qonnx::MulOp>(op) &&
          llvm::is_contained(op->getOperandTypes(),
                             op->getResult(0).getType()));
}

/// `names[i]`: element of the port that is element i of `value`.
static std::optional<PortOrder>
wantedOrder(Value value, const Layout &names,
            SmallPtrSetImpl<Operation *> &seen) {
  auto shape = cast<RankedTensorType>(value.getType()).getShape();
  for (OpOperand &operand : value.getUses()) {
    Operation *op = operand.getOwner();
    if (!seen.insert(op).second)
      continue;
    if (isa<qonnx::ConvOp, qonnx::MaxPoolOp, qonnx::AveragePoolOp>(op)) {
      return PortOrder{names.read(Layout::channelsLast(shape), shape),
                       shape[2]};
    }
    std::optional<PortOrder> found;
    if (auto scan = dyn_cast<qonnx::ScanOp>(op)) {
      if (operand.getOperandNumber() >= scan.getStates().size())
        return PortOrder{names, 0};
    } else if (auto transpose = dyn_cast<qonnx::TransposeOp>(op)) {
      Layout moved =
          names.read(Layout::inOrder(shape, transpose.getPerm()), shape);
      found = wantedOrder(op->getResult(0), moved, seen);
    } else if (isa<qonnx::ReshapeOp>(op) ||
               (op->getNumResults() == 1 && isElementwise(op))) {
      found = wantedOrder(op->getResult(0), names, seen);
    }
    if (found)
      return found;
  }
  return std::nullopt;
}

/// ONNX' own order where nobody wants another one.
static PortOrder portOrder(BlockArgument argument) {
  SmallPtrSet<Operation *, 16> seen;
  return wantedOrder(argument, Layout(), seen).value_or(PortOrder{});
}

void Converter::setShapes(DictionaryAttr named, Type type,
                          NamedAttrList &attributes) {
  if (named) {
    if (Attribute name = named.get(qonnx::kNameAttr))
      attributes.set(finn::kNameAttr, name);
    if (named.get(qonnx::kRawAttr)) // no float stands for a neighbour
      attributes.set(finn::kExactGridAttr, builder.getUnitAttr());
  }
  attributes.set(
      finn::kShapeAttr,
      builder.getDenseI64ArrayAttr(cast<RankedTensorType>(type).getShape()));
}

static LogicalResult refusePort(func::FuncOp function, BlockArgument argument,
                                const PortUse &use) {
  std::string name = "graph input " + std::to_string(argument.getArgNumber());
  std::string remedy = "put a quantiser on the graph input";
  if (auto named = function.getArgAttrOfType<StringAttr>(
          argument.getArgNumber(), qonnx::kNameAttr)) {
    name = "graph input '" + named.getValue().str() + "'";
    remedy += ", or let it bring integers: --input '" + named.getValue().str() +
              ":siBITS:SCALE'";
  }
  if (use.unlike) {
    InFlightDiagnostic error =
        emitError(use.unlike->getLoc())
        << name << " meets two different quantisers, "
        << cast<qonnx::QuantOp>(use.unlike).getQuantiser() << " and "
        << use.quantiser;
    error.attachNote(use.unlike->getLoc())
        << "quantise the graph input once, then use its codes";
  } else if (use.refused) {
    InFlightDiagnostic error = emitError(use.refused->getLoc())
                               << name << " is used before it is quantised, by "
                               << use.refused->getName();
    error.attachNote(use.refused->getLoc()) << remedy;
  } else {
    InFlightDiagnostic error = emitError(function.getLoc())
                               << name << " meets no quantiser";
    error.attachNote(function.getLoc()) << remedy;
  }
  return failure();
}

static LogicalResult refuseOrder(func::FuncOp function,
                                 BlockArgument argument) {
  InFlightDiagnostic error = emitError(function.getLoc())
                             << "graph input " << argument.getArgNumber()
                             << " is transposed, and its quantiser or its "
                                "shape does not allow that";
  error.attachNote(function.getLoc())
      << "quantise the input per tensor, and reshape no transposed dimension";
  return failure();
}

LogicalResult Converter::convertPort(BlockArgument argument, Block &target) {
  PortUse use = portUse(argument);
  NamedAttrList &attributes = argumentAttributes[argument.getArgNumber()];
  setShapes(function.getArgAttrDict(argument.getArgNumber()),
            argument.getType(), attributes);
  auto shape = cast<RankedTensorType>(argument.getType()).getShape();
  PortOrder order = portOrder(argument);
  auto flat = flatShape(shape, order.rows > 0 ? order.rows : use.steps);
  Converted port{.kind = Kind::Port};
  Location location = argument.getLoc();
  if (use.stateOf && !use.refused) {
    // Its grid and range are those of the state: convertScan sets the type.
    target.addArgument(
        RankedTensorType::get(*flat, builder.getIntegerType(8, true)),
        location);
    set(argument, std::move(port));
    return success();
  }
  if (argument.use_empty()) { // kept, so that ports stay in graph order
    target.addArgument(RankedTensorType::get(flat ? *flat : shape,
                                             builder.getIntegerType(1, false)),
                       location);
    set(argument, std::move(port));
    return success();
  }
  if (!use.quantiser || use.refused || use.unlike || !flat)
    return refusePort(function, argument, use);
  Quantiser quantiser = qonnx::toQuantiser(use.quantiser);
  if (!order.layout.isPlain()) {
    auto dimensions = order.layout.dimensions(shape);
    if (!dimensions || quantiser.scale.size() + quantiser.zeroPoint.size() > 2)
      return refuseOrder(function, argument);
    attributes.set(finn::kOrderAttr, builder.getDenseI64ArrayAttr(*dimensions));
    port.layout = order.layout;
  }
  Ranges range = {{quantiser.lo, quantiser.hi}};
  if (quantiser.bipolar)
    range = {{-1, 1}};
  // Where the channels of the whole input are, not those of one step.
  if (quantiser.scale.size() + quantiser.zeroPoint.size() > 2)
    quantiser.axis = channelAxis(shape);
  attributes.set(finn::kQuantiserAttr,
                 qonnx::fromQuantiser(function.getContext(), quantiser));
  RankedTensorType type = emitter.typeFor(*flat, range);
  Grid grid = portGridOf(quantiser);
  port.portQuantiser = use.quantiser;
  port.form.terms.push_back(
      {{target.addArgument(type, location), range}, grid.scale});
  port.form.offset = grid.offset;
  set(argument, std::move(port));
  return success();
}

LogicalResult Converter::convertInputs(Block &source, Block &target) {
  argumentAttributes.resize(source.getNumArguments());
  bool good = true;
  for (BlockArgument argument : source.getArguments())
    good &= succeeded(convertPort(argument, target));
  return success(good);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static ArrayAttr rationalStrings(Builder &builder, const Rationals &values) {
  SmallVector<Attribute> strings;
  for (const Rational &value : uniform(values) ? Rationals{values[0]} : values)
    strings.push_back(builder.getStringAttr(value.get_str()));
  return builder.getArrayAttr(strings);
}

LogicalResult Converter::convertResults(Block &source) {
  Operation *terminator = source.getTerminator();
  SmallVector<Value> results;
  SmallVector<DictionaryAttr> attributes;
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    const Converted &converted = lookup(value);
    std::string name = "graph output " + std::to_string(index);
    if (converted.kind == Kind::Poison)
      continue;
    emitter.setLocation(value.getLoc());
    Operation *origin = value.getDefiningOp();
    Result<LinearForm> form = converted.form;
    if (converted.kind == Kind::Constant)
      form = Failure{name + ", which is a constant",
                     "the file computes nothing there: export the model anew "
                     "(torch.onnx.export, Brevitas: dynamo=False)"};
    else if (converted.kind != Kind::Form)
      form = Failure{name + ", which is not behind a quantiser",
                     isa_and_nonnull<qonnx::SigmoidOp>(origin)
                         ? qonnx::kHeadRemedy
                         : "put a quantiser before the graph output"};
    else if (!converted.layout.isPlain())
      form = Failure{name + ", whose elements come in another order than ONNX'",
                     "transpose the value so that channels are innermost"};
    else
      form = collapsed(emitter, converted.form);
    if (!form) {
      refuse(origin ? origin : terminator, form.failure());
      continue;
    }
    NamedAttrList list;
    setShapes(function.getResultAttrDict(index), value.getType(), list);
    list.set(finn::kScaleAttr, rationalStrings(builder, form->terms[0].scale));
    list.set(finn::kOffsetAttr, rationalStrings(builder, form->offset));
    attributes.push_back(list.getDictionary(function.getContext()));
    results.push_back(form->terms[0].value.value);
  }
  if (failed)
    return failure();
  builder.create<func::ReturnOp>(terminator->getLoc(), results);
  SmallVector<Type> inputs;
  for (Value argument : builder.getBlock()->getArguments())
    inputs.push_back(argument.getType());
  function.setType(
      builder.getFunctionType(inputs, ValueRange(results).getTypes()));
  function.setAllResultAttrs(attributes);
  SmallVector<DictionaryAttr> arguments;
  for (NamedAttrList &list : argumentAttributes)
    arguments.push_back(list.getDictionary(function.getContext()));
  function.setAllArgAttrs(arguments);
  return success();
}

/// True if the body has no quantiser, but operators that cannot do without:
/// sums of what was quantised before the scan can.
static bool isFloat(qonnx::ScanOp scan) {
  bool quantised = false, needsIt = false;
  scan.getBody().walk([&](Operation *op) {
    quantised |=
        isa<qonnx::QuantOp, qonnx::QuantizeLinearOp, qonnx::DequantizeLinearOp>(
            op);
    needsIt |= isa<qonnx::SigmoidOp, qonnx::TanhOp>(op);
    if (auto product = dyn_cast<qonnx::MatMulOp>(op))
      for (Value operand : product.getOperands())
        needsIt |= isa_and_nonnull<qonnx::ConstantOp>(operand.getDefiningOp());
  });
  return needsIt && !quantised;
}

/// What a float recurrence lacks is said once, not of each of its operators.
bool Converter::refuseFloatScans() {
  function.walk([&](qonnx::ScanOp scan) {
    if (isFloat(scan))
      refuse(scan, {"a recurrence in float32, without any quantiser",
                    "quantise the model first: finngl quantize"});
  });
  return failed;
}

LogicalResult Converter::run() {
  Block &source = function.getBody().front();
  if (refuseFloatScans())
    return failure();
  function.walk([&](qonnx::QuantOp op) {
    quantNumbers.insert({op, unsigned(quantNumbers.size())});
  });
  Block *target = new Block();
  function.getBody().push_back(target);
  builder.setInsertionPointToEnd(target);
  bool good = succeeded(convertInputs(source, *target));
  if (good) {
    for (Operation &op : source.without_terminator())
      convert(op);
    good = succeeded(convertResults(source));
  }
  if (!good) { // the function stays as it was
    target->dropAllReferences();
    target->erase();
    return failure();
  }
  // What only served on the way: products that were turned, rows cut twice.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*target)))
    if (isOpTriviallyDead(&op))
      op.erase();
  source.dropAllDefinedValueUses();
  source.dropAllReferences();
  source.erase();
  return success();
}
