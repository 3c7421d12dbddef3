//===- FinnExport.cpp - Stage finn as an ONNX file ------------------------===//
//
//   matmul           MatMul with the weight [K, N] second
//   lincomb          Mul by each coefficient, Add, Add of the offset
//   mul              Mul
//   requant, table,  MultiThreshold; where the function also falls, the
//   multi_threshold  difference (Sub) of two, see Staircase.h
//   scan             Scan over [T, 1, n]
//
//===----------------------------------------------------------------------===//

#include "GraphWriter.h"
#include "Staircase.h"
#include "finngl/Core/Requant.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/QONNX/IR/QONNX.h"
#include "finngl/Support/Diagnostics.h"
#include "finngl/Support/IntElements.h"
#include "finngl/Target/ONNX/Export.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace finngl::to_onnx {

/// float32 holds every integer up to here.
static constexpr int64_t kExact = int64_t(1) << 24;

namespace {

class FinnExporter {
public:
  explicit FinnExporter(func::FuncOp main) : main(main) {}
  std::optional<std::string> run();

private:
  bool writeOps(GraphWriter &out, Block &block);
  bool write(GraphWriter &out, Operation *op);
  bool writeMatMul(GraphWriter &out, finn::MatMulOp op);
  bool writeLincomb(GraphWriter &out, finn::LincombOp op);
  bool writeStaircase(GraphWriter &out, Operation *op,
                      const std::vector<StepFunction> &channels);
  bool writeScan(GraphWriter &out, finn::ScanOp op);
  std::string threshold(GraphWriter &out, Operation *op, std::string result,
                        const std::string &input,
                        const std::vector<std::vector<int64_t>> &rows,
                        int64_t bias, IntegerType type,
                        llvm::ArrayRef<int64_t> shape);
  void annotate(GraphWriter &out, const std::string &name, Value value);
  bool checkRange(Operation *op, llvm::StringRef tensor, int64_t lo,
                  int64_t hi);
  bool writeInputs(GraphWriter &out);
  void writeOutputs(GraphWriter &out, ArrayRef<std::string> names);

  func::FuncOp main;
  NameTable names;
};

} // namespace

static IntegerType elementOf(Value value) {
  return cast<IntegerType>(getElementTypeOrSelf(value.getType()));
}

/// A step is a row, a sequence has one row a step.
static llvm::SmallVector<int64_t> rowShape(Value value) {
  llvm::SmallVector<int64_t> shape(
      cast<RankedTensorType>(value.getType()).getShape());
  shape.insert(shape.end() - 1, 1);
  return shape;
}

static std::string dataType(IntegerType type) {
  unsigned width = type.getWidth();
  if (type.isUnsigned())
    return width == 1 ? "BINARY" : "UINT" + std::to_string(width);
  // QONNX uses one signed bit for -1 and +1.
  return "INT" + std::to_string(std::max(width, 2u));
}

static std::vector<float> toFloats(ArrayRef<int64_t> values) {
  return {values.begin(), values.end()};
}

void FinnExporter::annotate(GraphWriter &out, const std::string &name,
                            Value value) {
  out.annotate(name, dataType(elementOf(value)), rowShape(value));
}

bool FinnExporter::checkRange(Operation *op, StringRef tensor, int64_t lo,
                              int64_t hi) {
  if (lo >= -kExact && hi <= kExact)
    return true;
  op->emitRemark() << "stages/finn.onnx is not written: tensor '" << tensor
                   << "' reaches [" << lo << ", " << hi
                   << "], float32 is exact to 2^24 only";
  return false;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

bool FinnExporter::writeMatMul(GraphWriter &out, finn::MatMulOp op) {
  auto type = op.getWeights().getShapedType();
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  std::vector<int64_t> weights = intElements(op.getWeights());
  auto [inLo, inHi] = finn::rangeOf(elementOf(op.getInput()));
  std::vector<float> transposed(weights.size());
  std::string name = out.define(op.getResult());
  for (int64_t r = 0; r < rows; ++r) {
    int64_t lo = 0, hi = 0; // of every partial sum: zero is an input
    for (int64_t c = 0; c < columns; ++c) {
      int64_t w = weights[size_t(r * columns + c)];
      transposed[size_t(c * rows + r)] = float(w);
      lo += std::min(w * inLo, w * inHi);
      hi += std::max(w * inLo, w * inHi);
    }
    if (!checkRange(op, name, lo, hi))
      return false;
  }
  std::string weight =
      out.floats(name + "_weight", {columns, rows}, transposed);
  out.annotate(weight, dataType(cast<IntegerType>(type.getElementType())),
               {columns, rows});
  out.node("MatMul", name, {out.nameOf(op.getInput()), weight}, {name});
  annotate(out, name, op.getResult());
  return true;
}

bool FinnExporter::writeLincomb(GraphWriter &out, finn::LincombOp op) {
  auto shape = rowShape(op.getResult());
  std::string result = out.define(op.getResult()), sum;
  bool offset = llvm::any_of(op.getOffset(), [](int64_t o) { return o != 0; });
  int64_t sumLo = 0, sumHi = 0, count = int64_t(op.getInputs().size());
  auto finish = [&](const std::string &name, int64_t lo, int64_t hi) {
    if (!checkRange(op, name, lo, hi))
      return false;
    out.annotate(name, dataType(finn::typeForRange(op.getContext(), lo, hi)),
                 shape);
    return true;
  };
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    bool last = int64_t(i) + 1 == count && !offset;
    ArrayRef<int64_t> coefficients = op.coefficientsOf(i);
    auto [least, most] =
        std::minmax_element(coefficients.begin(), coefficients.end());
    auto [inLo, inHi] = finn::rangeOf(elementOf(input));
    auto [lo, hi] =
        std::minmax({*least * inLo, *least * inHi, *most * inLo, *most * inHi});
    std::string term = out.nameOf(input);
    bool isCopy = *least == 1 && *most == 1;
    if (!isCopy || (count == 1 && last)) {
      std::string scaled =
          count == 1 && last ? result : out.fresh(result + "_scaled");
      SmallVector<int64_t, 2> factorShape; // a scalar where all are alike
      if (coefficients.size() > 1)
        factorShape = {1, int64_t(coefficients.size())};
      std::string factor =
          out.floats(result + "_factor", factorShape, toFloats(coefficients));
      out.node("Mul", scaled, {term, factor}, {scaled});
      if (!checkRange(op, factor, *least, *most) || !finish(scaled, lo, hi))
        return false;
      term = scaled;
    }
    sumLo += lo, sumHi += hi;
    if (i == 0) {
      sum = term;
      continue;
    }
    std::string next = last ? result : out.fresh(result + "_sum");
    out.node("Add", next, {sum, term}, {next});
    if (!finish(next, sumLo, sumHi))
      return false;
    sum = next;
  }
  if (!offset)
    return true;
  auto offsets = op.getOffset();
  std::string constant = out.floats(
      result + "_offset", {1, int64_t(offsets.size())}, toFloats(offsets));
  int64_t lo = *llvm::min_element(offsets), hi = *llvm::max_element(offsets);
  out.node("Add", result, {sum, constant}, {result});
  return finish(constant, lo, hi) && finish(result, sumLo + lo, sumHi + hi);
}

std::string FinnExporter::threshold(
    GraphWriter &out, Operation *op, std::string result,
    const std::string &input, const std::vector<std::vector<int64_t>> &rows,
    int64_t bias, IntegerType type, ArrayRef<int64_t> shape) {
  std::vector<float> values;
  int64_t lo = rows.front().front(), hi = lo;
  for (const auto &row : rows)
    for (int64_t value : row) {
      values.push_back(float(value));
      lo = std::min(lo, value);
      hi = std::max(hi, value);
    }
  std::string thresholds =
      out.floats(result + "_thresholds",
                 {int64_t(rows.size()), int64_t(rows.front().size())}, values);
  out.annotate(thresholds,
               dataType(finn::typeForRange(op->getContext(), lo, hi)),
               {int64_t(rows.size()), int64_t(rows.front().size())});
  auto *node =
      out.node("MultiThreshold", result, {input, thresholds}, {result});
  setAttribute(node, "out_dtype", StringRef(dataType(type)));
  setAttribute(node, "out_scale", 1.0f);
  setAttribute(node, "out_bias", float(bias));
  setAttribute(node, "data_layout", StringRef("NCHW"));
  out.annotate(result, dataType(type), shape);
  return result;
}

/// MultiThreshold sees rows only: QONNX takes the channel of three dimensions
/// differently in its versions.
bool FinnExporter::writeStaircase(GraphWriter &out, Operation *op,
                                  const std::vector<StepFunction> &channels) {
  Value value = op->getResult(0);
  auto shape = rowShape(value);
  std::string result = out.define(value), input = out.nameOf(op->getOperand(0));
  auto [inLo, inHi] = finn::rangeOf(elementOf(op->getOperand(0)));
  if (!checkRange(op, input, inLo, inHi))
    return false;
  bool sequence = shape.size() == 3;
  llvm::SmallVector<int64_t> flat = {shape.front(), shape.back()};
  std::string counted = result;
  if (sequence) {
    std::string rows = out.fresh(result + "_rows");
    out.node("Reshape", rows, {input, out.ints(rows + "_shape", flat)}, {rows});
    out.annotate(rows, dataType(elementOf(op->getOperand(0))), flat);
    input = rows;
    counted = out.fresh(result + "_codes");
  }
  Staircase stairs(channels);
  if (stairs.downs() == 0) {
    threshold(out, op, counted, input, stairs.up, stairs.bias, elementOf(value),
              flat);
  } else {
    int64_t lo = stairs.bias, ups = int64_t(stairs.ups()),
            downs = int64_t(stairs.downs());
    MLIRContext *context = op->getContext();
    std::string rise = threshold(
        out, op, out.fresh(counted + "_up"), input, stairs.up, lo,
        finn::typeForRange(context, std::min<int64_t>(lo, 0), lo + ups), flat);
    std::string fall =
        threshold(out, op, out.fresh(counted + "_down"), input, stairs.down, 0,
                  finn::typeForRange(context, 0, downs), flat);
    out.node("Sub", counted, {rise, fall}, {counted});
    out.annotate(counted, dataType(elementOf(value)), flat);
  }
  if (sequence) {
    out.node("Reshape", result, {counted, out.ints(result + "_shape", shape)},
             {result});
    annotate(out, result, value);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Functions of one code
//===----------------------------------------------------------------------===//

static std::vector<int64_t> vectorOf(ArrayRef<int64_t> values) {
  return {values.begin(), values.end()};
}

static std::vector<StepFunction> functionsOf(finn::RequantOp op) {
  Requant requant;
  requant.p = op.getP();
  requant.k = unsigned(op.getK());
  requant.c = vectorOf(op.getC());
  requant.w = vectorOf(op.getW());
  requant.lo = op.getLo();
  requant.hi = op.getHi();
  // The op's `c` holds below the split, `c_high` from it on.
  if (op.getSplit()) {
    requant.split = {vectorOf(*op.getSplit()), requant.c};
    requant.c = vectorOf(*op.getCHigh());
  }
  auto [lo, hi] = finn::rangeOf(elementOf(op.getInput()));
  size_t channels = std::max(requant.c.size(), requant.w.size());
  if (requant.split)
    channels = std::max(
        {channels, requant.split->at.size(), requant.split->cBelow.size()});
  std::vector<StepFunction> out;
  for (size_t c = 0; c < channels; ++c)
    out.push_back(stepFunction(requant, c, lo, hi));
  return out;
}

static std::vector<StepFunction> functionsOf(finn::TableOp op) {
  ArrayRef<int64_t> values = op.getValues();
  int64_t first = op.getFirst();
  StepFunction function{
      first, first + int64_t(values.size()) - 1, values[0], {}};
  for (auto [i, value] : llvm::enumerate(values.drop_front()))
    function.append(first + int64_t(i) + 1, value);
  return {function};
}

static std::vector<StepFunction> functionsOf(finn::MultiThresholdOp op) {
  auto [lo, hi] = finn::rangeOf(elementOf(op.getInput()));
  std::vector<int64_t> values = intElements(op.getThresholds());
  auto type = op.getThresholds().getShapedType();
  std::vector<StepFunction> out;
  for (int64_t c = 0, n = type.getDimSize(1); c < type.getDimSize(0); ++c) {
    StepFunction &function = out.emplace_back();
    function = {lo, hi, int64_t(op.getBias()), {}};
    for (int64_t t = 0; t < n; ++t) {
      int64_t at = values[size_t(c * n + t)];
      if (at <= lo)
        ++function.first;
      else if (at <= hi)
        function.append(at, function.last() + 1);
    }
  }
  return out;
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

bool FinnExporter::writeScan(GraphWriter &out, finn::ScanOp op) {
  Block &block = op.getBody().front();
  std::vector<std::string> inputs, outputs;
  for (Value operand : op->getOperands())
    inputs.push_back(out.nameOf(operand));
  for (Value result : op.getResults()) {
    outputs.push_back(out.define(result));
    annotate(out, outputs.back(), result);
  }
  std::string name = wantedName(op.getResult(0));
  onnx::NodeProto *node = out.node("Scan", name, inputs, outputs);
  setAttribute(node, "num_scan_inputs", int64_t(op.getInputs().size()));
  setAttribute(node, "scan_input_directions", op.getReverseInputs());
  if (!op.getReverseOutputs().empty())
    setAttribute(node, "scan_output_directions", op.getReverseOutputs());
  GraphWriter body(op.getContext(), addGraph(node, "body", name + "_body"),
                   names);
  size_t states = op.getStates().size();
  for (auto [i, argument] : llvm::enumerate(block.getArguments())) {
    std::string inner =
        names.fresh(i < states ? name + "_state_" + std::to_string(i)
                               : name + "_step_" + std::to_string(i - states));
    body.bind(argument, inner);
    body.input(inner, {}, rowShape(argument));
    annotate(body, inner, argument);
  }
  ValueRange yielded = block.getTerminator()->getOperands();
  std::vector<std::string> results(yielded.size());
  body.reserveOutputs(yielded, results);
  if (!writeOps(body, block))
    return false;
  for (auto [value, result] : llvm::zip(yielded, results)) {
    bool copy = body.nameOf(value) != result;
    body.writeOutput(value, result);
    body.output(result, {}, rowShape(value));
    if (copy)
      annotate(body, result, value);
  }
  return true;
}

bool FinnExporter::write(GraphWriter &out, Operation *op) {
  if (auto matmul = dyn_cast<finn::MatMulOp>(op))
    return writeMatMul(out, matmul);
  if (auto lincomb = dyn_cast<finn::LincombOp>(op))
    return writeLincomb(out, lincomb);
  if (auto scan = dyn_cast<finn::ScanOp>(op))
    return writeScan(out, scan);
  if (auto requant = dyn_cast<finn::RequantOp>(op))
    return writeStaircase(out, op, functionsOf(requant));
  if (auto table = dyn_cast<finn::TableOp>(op))
    return writeStaircase(out, op, functionsOf(table));
  if (auto thresholds = dyn_cast<finn::MultiThresholdOp>(op))
    return writeStaircase(out, op, functionsOf(thresholds));
  Value result = op->getResult(0);
  auto [lo, hi] = finn::rangeOf(elementOf(result));
  std::string name;
  if (auto constant = dyn_cast<finn::ConstantOp>(op)) {
    name = out.floats(wantedName(result), rowShape(result),
                      toFloats(intElements(constant.getValue())));
    out.bind(result, name);
  } else if (isa<finn::MulOp>(op)) {
    name = out.define(result);
    out.node("Mul", name,
             {out.nameOf(op->getOperand(0)), out.nameOf(op->getOperand(1))},
             {name});
  } else {
    op->emitRemark() << "stages/finn.onnx is not written: no counterpart of "
                     << op->getName().getStringRef();
    return false;
  }
  annotate(out, name, result);
  return checkRange(op, name, lo, hi);
}

bool FinnExporter::writeOps(GraphWriter &out, Block &block) {
  for (Operation &op : block.without_terminator())
    if (!write(out, &op))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Graph inputs and outputs
//===----------------------------------------------------------------------===//

/// ` scale [...]` and the like, for doc_string.
static std::string listText(Attribute attribute) {
  std::string text;
  llvm::raw_string_ostream os(text);
  attribute.print(os, /*elideType=*/true);
  return text;
}

bool FinnExporter::writeInputs(GraphWriter &out) {
  for (BlockArgument argument : main.getArguments()) {
    unsigned i = argument.getArgNumber();
    auto given = main.getArgAttrOfType<StringAttr>(i, finn::kNameAttr);
    std::string name = out.fresh(given ? given.getValue() : "input");
    std::string doc = "integer codes in float32";
    if (Attribute quantiser = main.getArgAttr(i, finn::kQuantiserAttr))
      doc += ", quantised by " + listText(quantiser);
    if (Attribute shape = main.getArgAttr(i, finn::kShapeAttr))
      doc += "; shape in the model: " + listText(shape);
    out.bind(argument, name);
    out.input(name, {}, rowShape(argument), doc);
    annotate(out, name, argument);
    auto [lo, hi] = finn::rangeOf(elementOf(argument));
    if (!checkRange(main, name, lo, hi))
      return false;
  }
  return true;
}

void FinnExporter::writeOutputs(GraphWriter &out, ArrayRef<std::string> names) {
  ValueRange results = main.getBody().front().getTerminator()->getOperands();
  for (auto [i, value] : llvm::enumerate(results)) {
    std::string doc = "integer codes in float32";
    if (Attribute scale = main.getResultAttr(unsigned(i), finn::kScaleAttr))
      doc += ", value = code * scale + offset, scale " + listText(scale);
    if (Attribute offset = main.getResultAttr(unsigned(i), finn::kOffsetAttr))
      doc += ", offset " + listText(offset);
    if (Attribute shape = main.getResultAttr(unsigned(i), finn::kShapeAttr))
      doc += "; shape in the model: " + listText(shape);
    bool copy = out.nameOf(value) != names[i];
    out.writeOutput(value, names[i]);
    out.output(names[i], {}, rowShape(value), doc);
    if (copy)
      annotate(out, names[i], value);
  }
}

std::optional<std::string> FinnExporter::run() {
  onnx::ModelProto model = makeModel(
      "finn", "stage finn of finn-gl: integers in float32; graph inputs and "
              "outputs are integer codes, see their doc_string");
  GraphWriter out(main.getContext(), *model.mutable_graph(), names);
  if (!writeInputs(out))
    return std::nullopt;
  Block &block = main.getBody().front();
  std::vector<std::string> outputs;
  for (unsigned i = 0; i < main.getNumResults(); ++i) {
    auto name = main.getResultAttrOfType<StringAttr>(i, finn::kNameAttr);
    outputs.push_back(out.fresh(name ? name.getValue() : "output"));
  }
  out.reserveOutputs(block.getTerminator()->getOperands(), outputs);
  if (!writeOps(out, block))
    return std::nullopt;
  writeOutputs(out, outputs);
  std::string bytes;
  if (!model.SerializeToString(&bytes))
    return std::nullopt;
  return bytes;
}

} // namespace finngl::to_onnx

std::optional<std::string> finngl::exportFinn(func::FuncOp main) {
  return to_onnx::FinnExporter(main).run();
}
