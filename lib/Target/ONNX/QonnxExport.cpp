//===- QonnxExport.cpp - Stage qonnx as an ONNX file ----------------------===//
//
// One node per op, but for quantisers that QONNX' Quant cannot say directly:
//
//   zero point added after rounding   Quant with zero point 0 and shifted
//                                     bounds: the same values, at ties too
//   bounds that are no bit width      Max and Min with the bounds' values
//   before
//                                     a Quant of the enclosing width: to clamp,
//                                     then round is to round, then clamp
//   DequantizeLinear of constants     Quant of the values; each is its own code
//
//===----------------------------------------------------------------------===//

#include "ClassNodes.h"
#include "WindowNodes.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Support/IntElements.h"
#include "finngl/Target/ONNX/Export.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace finngl::to_onnx {
namespace {

/// A quantiser as Quant says it, channels apart.
struct QuantForm {
  std::vector<float> scale, zeroPoint;
  std::vector<int64_t> lo, hi; ///< code bounds, 1 or C entries
  Rounding rounding;
  int64_t axis;
};

struct BitWidth {
  unsigned bits;
  bool isSigned, narrow;
  friend bool operator==(const BitWidth &, const BitWidth &) = default;
};

class QonnxExporter {
public:
  explicit QonnxExporter(func::FuncOp main) : main(main) {}
  std::optional<std::string> run();

private:
  bool writeOps(GraphWriter &out, Block &block);
  bool write(GraphWriter &out, Operation *op);
  bool writeConstant(GraphWriter &out, qonnx::ConstantOp op);
  bool writeQuant(GraphWriter &out, qonnx::QuantOp op);
  bool writeDequantize(GraphWriter &out, qonnx::DequantizeLinearOp op);
  bool writeLinear(GraphWriter &out, Operation *op, StringRef type,
                   ArrayRef<float> scale, ArrayRef<int64_t> zeroPoint,
                   int64_t axis, Type code);
  bool writeClip(GraphWriter &out, qonnx::ClipOp op);
  bool writeScan(GraphWriter &out, qonnx::ScanOp op);
  void writeForm(GraphWriter &out, Value result, std::string input,
                 const QuantForm &form);

  func::FuncOp main;
  NameTable names;
};

} // namespace

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static bool refuse(Operation *op, const llvm::Twine &reason) {
  op->emitRemark() << "stages/qonnx.onnx is not written: " << reason;
  return false;
}

/// Opset 17 holds codes of 8 bits, and of 32 before DequantizeLinear.
static bool isExportable(Type element) {
  auto integer = dyn_cast<IntegerType>(element);
  return !integer || integer.getWidth() == 8 || integer.getWidth() == 32;
}

/// The bit width whose code bounds are [lo, hi], if there is one.
static std::optional<BitWidth> exactWidth(int64_t lo, int64_t hi) {
  for (unsigned bits = 1; bits < 63; ++bits) {
    int64_t half = int64_t(1) << (bits - 1);
    if (lo == 0 && hi > 0 && (hi == 2 * half - 1 || hi == 2 * half - 2))
      return BitWidth{bits, false, hi == 2 * half - 2};
    // One signed bit means -1 and +1 to QONNX.
    if (bits > 1 && hi == half - 1 && (lo == -half || lo == 1 - half))
      return BitWidth{bits, true, lo == 1 - half};
  }
  return std::nullopt;
}

static BitWidth enclosingWidth(int64_t lo, int64_t hi) {
  if (lo >= 0)
    return {bitWidthFor(0, toInteger(hi), false), false, false};
  return {std::max(2u, bitWidthFor(toInteger(lo), toInteger(hi), true)), true,
          false};
}

/// `[C, 1, ...]`, which broadcasts along `axis` of a tensor of that rank.
static std::vector<int64_t> channelShape(size_t count, int64_t axis,
                                         int64_t rank) {
  if (count == 1)
    return {};
  std::vector<int64_t> shape(size_t(rank - axis), 1);
  shape[0] = int64_t(count);
  return shape;
}

/// The operand clamped to the values of the code bounds: by Clip, or by Max and
/// Min where channels differ.
static std::string writeBounds(GraphWriter &out, const std::string &name,
                               std::string input, const QuantForm &form,
                               RankedTensorType type) {
  size_t count =
      std::max({form.lo.size(), form.scale.size(), form.zeroPoint.size()});
  auto bound = [&](const char *role, const std::vector<int64_t> &codes) {
    auto at = [](const auto &list, size_t i) {
      return list[list.size() == 1 ? 0 : i];
    };
    std::vector<float> values;
    for (size_t i = 0; i < count; ++i)
      values.push_back((float(at(codes, i)) - at(form.zeroPoint, i)) *
                       at(form.scale, i));
    return out.floats(name + role,
                      channelShape(count, form.axis, type.getRank()), values);
  };
  std::string lo = bound("_min", form.lo), hi = bound("_max", form.hi);
  std::string clipped = out.fresh(name + "_clipped");
  if (count == 1) {
    out.node("Clip", clipped, {input, lo, hi}, {clipped});
  } else {
    std::string raised = out.fresh(name + "_raised");
    out.node("Max", raised, {input, lo}, {raised});
    out.annotate(raised, "FLOAT32", type.getShape());
    out.node("Min", clipped, {raised, hi}, {clipped});
  }
  out.annotate(clipped, "FLOAT32", type.getShape());
  return clipped;
}

void QonnxExporter::writeForm(GraphWriter &out, Value result, std::string input,
                              const QuantForm &form) {
  int64_t rank = typeOf(result).getRank();
  std::string name = out.define(result);
  auto channels = [&](const char *role, ArrayRef<float> values) {
    return out.floats(name + "_" + role,
                      channelShape(values.size(), form.axis, rank), values);
  };
  int64_t lo = *llvm::min_element(form.lo), hi = *llvm::max_element(form.hi);
  std::optional<BitWidth> width;
  if (form.lo.size() == 1)
    width = exactWidth(lo, hi);
  if (!width) {
    width = enclosingWidth(lo, hi);
    input = writeBounds(out, name, std::move(input), form, typeOf(result));
  }
  onnx::NodeProto *node =
      out.node("Quant", name,
               {input, channels("scale", form.scale),
                channels("zero_point", form.zeroPoint),
                out.floats(name + "_bit_width", {}, {float(width->bits)})},
               {name});
  setAttribute(node, "signed", int64_t(width->isSigned));
  setAttribute(node, "narrow", int64_t(width->narrow));
  std::string mode = form.rounding == Rounding::HalfEven
                         ? "ROUND"
                         : StringRef(stringify(form.rounding)).upper();
  setAttribute(node, "rounding_mode", StringRef(mode));
  bool plain = llvm::all_of(form.scale, [](float s) { return s == 1.0f; }) &&
               llvm::all_of(form.zeroPoint, [](float z) { return z == 0.0f; });
  std::string bits = std::to_string(width->bits);
  out.annotate(name,
               plain ? (width->isSigned ? "INT" : "UINT") + bits
                     : "SCALEDINT<" + bits + ">",
               typeOf(result).getShape());
}

bool QonnxExporter::writeQuant(GraphWriter &out, qonnx::QuantOp op) {
  Quantiser q = qonnx::toQuantiser(op.getQuantiser());
  int64_t rank = typeOf(op.getResult()).getRank();
  if (q.bipolar) {
    std::string name = out.define(op.getResult());
    out.node("BipolarQuant", name,
             {out.nameOf(op.getInput()),
              out.floats(name + "_scale",
                         channelShape(q.scale.size(), q.axis, rank), q.scale)},
             {name});
    out.annotate(name,
                 q.scale == std::vector<float>{1.0f} ? "BIPOLAR" : "FLOAT32",
                 typeOf(op.getResult()).getShape());
    return true;
  }
  QuantForm form{q.scale, q.zeroPoint, {}, {}, q.rounding, q.axis};
  if (q.zeroPointAfterRounding) {
    for (float zero : q.zeroPoint) {
      form.lo.push_back(q.lo - int64_t(zero));
      form.hi.push_back(q.hi - int64_t(zero));
    }
    form.zeroPoint = {0.0f};
  } else {
    form.lo = {q.lo};
    form.hi = {q.hi};
  }
  writeForm(out, op.getResult(), out.nameOf(op.getInput()), form);
  return true;
}

/// QuantizeLinear or DequantizeLinear as they are.
bool QonnxExporter::writeLinear(GraphWriter &out, Operation *op, StringRef type,
                                ArrayRef<float> scale,
                                ArrayRef<int64_t> zeroPoint, int64_t axis,
                                Type code) {
  if (!isExportable(code))
    return refuse(op, "opset 17 has no codes of this type");
  std::string name = out.define(op->getResult(0));
  std::vector<int64_t> shape;
  if (scale.size() > 1)
    shape = {int64_t(scale.size())};
  std::vector<int64_t> zeros(zeroPoint.begin(), zeroPoint.end());
  if (zeros.size() == 1)
    zeros.resize(scale.size(), zeros[0]);
  auto *node = out.node(type, name,
                        {out.nameOf(op->getOperand(0)),
                         out.floats(name + "_scale", shape, scale),
                         out.codes(name + "_zero_point", code, shape, zeros)},
                        {name});
  setAttribute(node, "axis", axis);
  auto result = typeOf(op->getResult(0));
  out.valueInfo(name, result.getElementType(), result.getShape());
  return true;
}

bool QonnxExporter::writeDequantize(GraphWriter &out,
                                    qonnx::DequantizeLinearOp op) {
  auto type = typeOf(op.getInput());
  auto constant = op.getInput().getDefiningOp<qonnx::ConstantOp>();
  if (!constant)
    return writeLinear(out, op, "DequantizeLinear", op.getScale(),
                       op.getZeroPoint(), op.getAxis(), type.getElementType());
  // Channel of element i: its index on the axis.
  int64_t axis =
      op.getScale().size() + op.getZeroPoint().size() > 2 ? op.getAxis() : 0;
  int64_t inner = 1, extent = type.getRank() ? type.getDimSize(axis) : 1;
  for (int64_t size : type.getShape().drop_front(type.getRank() ? axis + 1 : 0))
    inner *= size;
  QuantForm form{op.getScale().vec(), {0.0f}, {0}, {0},
                 Rounding::HalfEven,  axis};
  std::vector<float> values;
  for (auto [i, code] : llvm::enumerate(intElements(constant.getValue()))) {
    size_t channel = size_t(int64_t(i) / inner % extent);
    auto at = [&](auto list) { return list[list.size() == 1 ? 0 : channel]; };
    int64_t level = code - at(op.getZeroPoint());
    form.lo[0] = std::min(form.lo[0], level);
    form.hi[0] = std::max(form.hi[0], level);
    values.push_back(float(level) * at(op.getScale()));
  }
  // The file's type unless a zero point moves codes out of it.
  auto code = cast<IntegerType>(type.getElementType());
  int64_t top = int64_t(1) << (code.getWidth() - (code.isSigned() ? 1 : 0));
  if (code.isSigned() && form.lo[0] >= -top && form.hi[0] < top)
    form.lo[0] = -top, form.hi[0] = top - 1;
  else if (code.isUnsigned() && form.lo[0] == 0 && form.hi[0] < top)
    form.hi[0] = top - 1;
  else if (auto wide = enclosingWidth(form.lo[0], form.hi[0]); wide.isSigned)
    form.lo[0] = -(int64_t(1) << (wide.bits - 1)),
    form.hi[0] = (int64_t(1) << (wide.bits - 1)) - 1;
  writeForm(out, op.getResult(),
            out.floats(wantedName(op.getInput()), type.getShape(), values),
            form);
  return true;
}

bool QonnxExporter::writeConstant(GraphWriter &out, qonnx::ConstantOp op) {
  auto type = typeOf(op.getResult());
  if (!type.getElementType().isF32()) {
    // Written by the DequantizeLinear that reads it.
    for (Operation *user : op->getUsers())
      if (!isa<qonnx::DequantizeLinearOp>(user))
        return refuse(op, "an integer constant that is not dequantised");
    return true;
  }
  auto values = llvm::to_vector(
      cast<DenseElementsAttr>(op.getValue()).getValues<float>());
  std::string name =
      out.floats(wantedName(op.getResult()), type.getShape(), values);
  out.bind(op.getResult(), name);
  out.annotate(name, "FLOAT32", type.getShape());
  return true;
}

bool QonnxExporter::writeClip(GraphWriter &out, qonnx::ClipOp op) {
  Type element = typeOf(op.getInput()).getElementType();
  if (!isExportable(element))
    return refuse(op, "opset 17 has no codes of this type");
  std::string name = out.define(op.getResult());
  auto bound = [&](const char *role, const APFloat &value) {
    double number = value.convertToDouble();
    return element.isF32()
               ? out.floats(name + role, {}, {float(number)})
               : out.codes(name + role, element, {}, {int64_t(number)});
  };
  out.node("Clip", name,
           {out.nameOf(op.getInput()), bound("_min", op.getMin()),
            bound("_max", op.getMax())},
           {name});
  out.valueInfo(name, element, typeOf(op.getResult()).getShape());
  return true;
}

bool QonnxExporter::writeScan(GraphWriter &out, qonnx::ScanOp op) {
  Block &block = op.getBody().front();
  std::vector<std::string> inputs, outputs;
  // A body reads what it captures by its name in the graph around it.
  for (Value operand : op->getOperands().drop_back(op.getCaptures().size()))
    inputs.push_back(out.nameOf(operand));
  for (Value result : op.getResults()) {
    outputs.push_back(out.define(result));
    out.annotate(outputs.back(), "FLOAT32", typeOf(result).getShape());
  }
  std::string name = wantedName(op.getResult(0));
  onnx::NodeProto *node = out.node("Scan", name, inputs, outputs);
  setAttribute(node, "num_scan_inputs", int64_t(op.getInputs().size()));
  setAttribute(node, "scan_input_axes", op.getInputAxes());
  setAttribute(node, "scan_input_directions", op.getInputDirections());
  setAttribute(node, "scan_output_axes", op.getOutputAxes());
  setAttribute(node, "scan_output_directions", op.getOutputDirections());
  GraphWriter body(op.getContext(), addGraph(node, "body", name + "_body"),
                   names);
  for (auto [i, argument] : llvm::enumerate(block.getArguments())) {
    if (i >= inputs.size()) {
      body.bind(argument, out.nameOf(op.getCaptures()[i - inputs.size()]));
      continue;
    }
    std::string inner = names.fresh(
        i < op.getStates().size()
            ? name + "_state_" + std::to_string(i)
            : name + "_step_" + std::to_string(i - op.getStates().size()));
    body.bind(argument, inner);
    body.input(inner, typeOf(argument).getElementType(),
               typeOf(argument).getShape());
    body.annotate(inner, "FLOAT32", typeOf(argument).getShape());
  }
  ValueRange yielded = block.getTerminator()->getOperands();
  std::vector<std::string> results(yielded.size());
  body.reserveOutputs(yielded, results);
  if (!writeOps(body, block))
    return false;
  for (auto [value, result] : llvm::zip(yielded, results)) {
    body.writeOutput(value, result);
    body.output(result, typeOf(value).getElementType(),
                typeOf(value).getShape());
  }
  return true;
}

/// Operators that are one ONNX node.
static StringRef plainNode(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<qonnx::SigmoidOp>([](auto) { return "Sigmoid"; })
      .Case<qonnx::TanhOp>([](auto) { return "Tanh"; })
      .Case<qonnx::ReluOp>([](auto) { return "Relu"; })
      .Case<qonnx::SoftsignOp>([](auto) { return "Softsign"; })
      .Case<qonnx::LeakyReluOp>([](auto) { return "PRelu"; })
      .Case<qonnx::EluOp>([](auto) { return "Elu"; })
      .Case<qonnx::NegOp>([](auto) { return "Neg"; })
      .Case<qonnx::AddOp>([](auto) { return "Add"; })
      .Case<qonnx::SubOp>([](auto) { return "Sub"; })
      .Case<qonnx::MulOp>([](auto) { return "Mul"; })
      .Case<qonnx::MatMulOp>([](auto) { return "MatMul"; })
      .Case<qonnx::ReshapeOp>([](auto) { return "Reshape"; })
      .Case<qonnx::TransposeOp>([](auto) { return "Transpose"; })
      .Case<qonnx::ConcatOp>([](auto) { return "Concat"; })
      .Case<qonnx::GatherOp>([](auto) { return "Gather"; })
      .Default([](Operation *other) { return windowNode(other); });
}

bool QonnxExporter::write(GraphWriter &out, Operation *op) {
  if (auto constant = dyn_cast<qonnx::ConstantOp>(op))
    return writeConstant(out, constant);
  if (auto quant = dyn_cast<qonnx::QuantOp>(op))
    return writeQuant(out, quant);
  if (auto linear = dyn_cast<qonnx::QuantizeLinearOp>(op))
    return writeLinear(out, op, "QuantizeLinear", linear.getScale(),
                       linear.getZeroPoint(), linear.getAxis(),
                       typeOf(linear.getResult()).getElementType());
  if (auto linear = dyn_cast<qonnx::DequantizeLinearOp>(op))
    return writeDequantize(out, linear);
  if (auto clip = dyn_cast<qonnx::ClipOp>(op))
    return writeClip(out, clip);
  if (auto scan = dyn_cast<qonnx::ScanOp>(op))
    return writeScan(out, scan);
  if (writeClassNode(out, op))
    return true;
  StringRef type = plainNode(op);
  if (type.empty())
    return refuse(op, "no counterpart of " + op->getName().getStringRef());
  std::vector<std::string> inputs;
  for (Value operand : op->getOperands())
    inputs.push_back(out.nameOf(operand));
  auto result = typeOf(op->getResult(0));
  std::string name = out.define(op->getResult(0));
  if (isa<qonnx::ReshapeOp>(op))
    inputs.push_back(out.ints(name + "_shape", result.getShape()));
  if (auto gather = dyn_cast<qonnx::GatherOp>(op))
    inputs.push_back(out.ints(name + "_indices", gather.getIndices()));
  if (auto leaky = dyn_cast<qonnx::LeakyReluOp>(op))
    inputs.push_back(out.floats(name + "_slope",
                                channelShape(leaky.getSlope().size(),
                                             leaky.getAxis(), result.getRank()),
                                leaky.getSlope()));
  llvm::append_range(inputs, windowConstants(out, op, name));
  onnx::NodeProto *node = out.node(type, name, inputs, {name});
  if (auto elu = dyn_cast<qonnx::EluOp>(op))
    setAttribute(node, "alpha", elu.getAlpha().convertToFloat());
  if (auto gather = dyn_cast<qonnx::GatherOp>(op))
    setAttribute(node, "axis", int64_t(gather.getAxis()));
  if (auto transpose = dyn_cast<qonnx::TransposeOp>(op))
    setAttribute(node, "perm", transpose.getPerm());
  if (auto concat = dyn_cast<qonnx::ConcatOp>(op))
    setAttribute(node, "axis", int64_t(concat.getAxis()));
  setWindowAttributes(node, op);
  out.annotate(name, "FLOAT32", result.getShape());
  return true;
}

bool QonnxExporter::writeOps(GraphWriter &out, Block &block) {
  for (Operation &op : block.without_terminator())
    if (!write(out, &op))
      return false;
  return true;
}

std::optional<std::string> QonnxExporter::run() {
  onnx::ModelProto model = makeModel(
      "qonnx", "stage qonnx of finn-gl: the imported model with every "
               "quantiser and recurrence explicit");
  GraphWriter out(main.getContext(), *model.mutable_graph(), names);
  Block &block = main.getBody().front();
  auto nameOf = [](StringAttr name) { return name ? name.str() : ""; };
  for (BlockArgument argument : block.getArguments()) {
    auto type = typeOf(argument);
    if (!isExportable(type.getElementType())) {
      refuse(main, "a graph input of a type that opset 17 does not quantise");
      return std::nullopt;
    }
    std::string name = out.fresh(nameOf(main.getArgAttrOfType<StringAttr>(
        argument.getArgNumber(), qonnx::kNameAttr)));
    out.bind(argument, name);
    out.input(name, type.getElementType(), type.getShape());
    if (type.getElementType().isF32())
      out.annotate(name, "FLOAT32", type.getShape());
  }
  ValueRange results = block.getTerminator()->getOperands();
  std::vector<std::string> outputs;
  for (unsigned i = 0; i < results.size(); ++i)
    outputs.push_back(out.fresh(
        nameOf(main.getResultAttrOfType<StringAttr>(i, qonnx::kNameAttr))));
  out.reserveOutputs(results, outputs);
  if (!writeOps(out, block))
    return std::nullopt;
  for (auto [value, name] : llvm::zip(results, outputs)) {
    out.writeOutput(value, name);
    out.output(name, typeOf(value).getElementType(), typeOf(value).getShape());
  }
  std::string bytes;
  if (!model.SerializeToString(&bytes))
    return std::nullopt;
  return bytes;
}

} // namespace finngl::to_onnx

std::optional<std::string> finngl::exportQonnx(func::FuncOp main) {
  return to_onnx::QonnxExporter(main).run();
}
