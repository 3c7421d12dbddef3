//===- StreamWindows.cpp - A window network whose image never ends --------===//
//
// Row j of a windowed layer is there with the sample that its last tap needs.
// It is what the window's network computes, since nothing but padding lies
// before the first sample; rows that read the padding at a window's end are
// never made. Where paths meet, the shorter one waits for the sample of the
// longer one, so that a restart finds as many rows on both.
//
//===----------------------------------------------------------------------===//

#include "StreamWindows.h"
#include "SampleInputs.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace finngl;
using df::stepsOf;

namespace {
struct Stream {
  SampleRows rows;      ///< samples that make a row
  int64_t count = 1;    ///< rows that the window's network has
  int64_t perRow = 1;   ///< steps of a row: positions of an image
  bool scanned = false; ///< behind a scan
  bool last = false;    ///< a last state and what is computed of it
};

class WindowStreamer {
public:
  explicit WindowStreamer(func::FuncOp main) : main(main) {}
  LogicalResult run();

private:
  func::FuncOp main;
  DenseMap<Value, Stream> streams;

  LogicalResult addArguments();
  LogicalResult convert(Operation &op);
  LogicalResult convertWindows(df::SwgOp op);
  LogicalResult convertReshape(df::ReshapeOp op);
  LogicalResult convertRegion(df::RegionOp op);
  LogicalResult checkScan(df::RegionOp op);
  LogicalResult checkAnswers(func::ReturnOp op);
  LogicalResult checkAlike(df::RegionOp op);
  /// Inputs whose rows come earlier than others' wait.
  LogicalResult align(df::RegionOp op);
  void keep(Value result, Stream stream);
  Value gather(Operation *op, Value input, StreamWindow::Axis rows,
               StreamWindow::Axis columns, int64_t padValue, int64_t wait,
               Type element);
  LogicalResult refuse(Operation *op, const Twine &what) {
    return op->emitError() << what << ", not supported in --mode stream";
  }
};
} // namespace

static RankedTensorType typeOf(Value v) {
  return cast<RankedTensorType>(v.getType());
}

/// The type becomes that of one row; vectors are one.
void WindowStreamer::keep(Value result, Stream stream) {
  if (typeOf(result).getRank() == 2)
    result.setType(
        RankedTensorType::get({stream.perRow, df::vectorSize(result)},
                              typeOf(result).getElementType()));
  streams[result] = stream;
}

LogicalResult WindowStreamer::addArguments() {
  FailureOr<int64_t> samples = samplesOfWindow(main, "stream");
  if (failed(samples))
    return failure();
  for (BlockArgument argument : main.getArguments())
    keep(argument, {.rows = {}, .count = *samples});
  main->setAttr(df::kStreamAttr, UnitAttr::get(main.getContext()));
  return success();
}

Value WindowStreamer::gather(Operation *op, Value input,
                             StreamWindow::Axis rows,
                             StreamWindow::Axis columns, int64_t padValue,
                             int64_t wait, Type element) {
  Stream stream = streams[input];
  auto type = RankedTensorType::get(
      {columns.count(), rows.kernel * columns.kernel * df::vectorSize(input)},
      element);
  OpBuilder builder(op);
  auto made = builder.create<df::SwgStreamOp>(
      op->getLoc(), type, input, columns.extent,
      ArrayRef<int64_t>{rows.kernel, columns.kernel},
      ArrayRef<int64_t>{rows.stride, columns.stride},
      ArrayRef<int64_t>{rows.dilation, columns.dilation},
      ArrayRef<int64_t>{rows.padBegin, columns.padBegin, columns.padEnd},
      padValue, wait);
  stream.rows = made.geometry(1).behind(stream.rows);
  stream.count = rows.extent ? rows.count() : stream.count;
  stream.perRow = columns.count();
  keep(made, stream);
  return made;
}

LogicalResult WindowStreamer::convertWindows(df::SwgOp op) {
  const Stream &in = streams[op.getInput()];
  StreamWindow::Axis rows = op.axis(0), columns = op.axis(1);
  if (in.scanned)
    return refuse(op, "gathers windows of steps behind a scan");
  if (rows.extent != in.count || columns.extent != in.perRow)
    return refuse(op, "slides over an image whose rows are not the steps of "
                      "time");
  if (rows.extent > 1 && rows.count() == 1)
    return refuse(op, "reads all " + Twine(rows.extent) +
                          " steps of a window at once, which a stream does "
                          "not end");
  if (rows.padBegin >= rows.span())
    return refuse(op, "has a row of padding alone before the first sample");
  Value made =
      gather(op, op.getInput(), rows, columns, int64_t(op.getPadValue()),
             /*wait=*/0, typeOf(op.getResult()).getElementType());
  op.replaceAllUsesWith(made);
  op.erase();
  return success();
}

/// Within a row nothing moves; rows that become one are windows side by side.
LogicalResult WindowStreamer::convertReshape(df::ReshapeOp op) {
  Stream stream = streams[op.getInput()];
  int64_t width = df::vectorSize(op.getInput()) * stream.perRow,
          size = df::vectorSize(op.getResult());
  if (width % size == 0) {
    stream.perRow = width / size;
    keep(op.getResult(), stream);
    return success();
  }
  int64_t merged = size / width;
  if (stream.scanned)
    return refuse(op, "joins steps behind a scan");
  if (size % width || stream.count % merged)
    return refuse(op, "cuts time into steps that are no whole number of "
                      "samples");
  if (merged == stream.count)
    return refuse(op, "joins all " + Twine(merged) +
                          " steps of a window, which a stream does not end");
  Value input = op.getInput();
  Type element = typeOf(input).getElementType();
  if (stream.perRow > 1) { // a row as one position
    OpBuilder builder(op);
    stream.perRow = 1;
    input = builder.create<df::ReshapeOp>(
        op.getLoc(), RankedTensorType::get({1, width}, element), input);
    keep(input, stream);
  }
  StreamWindow::Axis rows{stream.count, merged, merged};
  Value made = gather(op, input, rows, {}, 0, /*wait=*/0, element);
  op.replaceAllUsesWith(made);
  op.erase();
  return success();
}

LogicalResult WindowStreamer::checkAlike(df::RegionOp op) {
  const Stream &one = streams[op.getInputs().front()];
  for (Value input : op.getInputs()) {
    const Stream &other = streams[input];
    if (one.last != other.last)
      return refuse(op, "joins each step with a last state");
    if (one.count != other.count || one.perRow != other.perRow ||
        one.rows.stride != other.rows.stride)
      return refuse(op, "joins streams of different steps");
  }
  return success();
}

LogicalResult WindowStreamer::align(df::RegionOp op) {
  int64_t latest = 0;
  for (Value input : op.getInputs())
    latest = std::max(latest, streams[input].rows.first);
  for (OpOperand &use : op.getInputsMutable()) {
    const Stream &stream = streams[use.get()];
    int64_t early = latest - stream.rows.first;
    if (early == 0)
      continue;
    if (early % stream.rows.stride)
      return refuse(op, "joins rows that come " + Twine(early) +
                            " samples apart, of one row in " +
                            Twine(stream.rows.stride) + " samples");
    StreamWindow::Axis columns;
    columns.extent = stream.perRow;
    use.set(gather(op, use.get(), {.extent = 0}, columns, 0,
                   early / stream.rows.stride,
                   typeOf(use.get()).getElementType()));
  }
  return success();
}

LogicalResult WindowStreamer::checkScan(df::RegionOp op) {
  for (size_t s = 0; s < op.getStates().size(); ++s)
    if (op.isStreamed(s))
      return refuse(op, "starts from a state that comes in on a stream");
  for (Value input : op.getInputs())
    if (streams[input].perRow != 1 || streams[input].last)
      return refuse(op, "scans over other steps than time");
  return success();
}

LogicalResult WindowStreamer::convertRegion(df::RegionOp op) {
  size_t states = op.getStates().size();
  if ((states && failed(checkScan(op))) || failed(checkAlike(op)) ||
      failed(align(op)))
    return failure();
  Stream stream = streams[op.getInputs().front()];
  for (OpResult result : op.getResults()) {
    Stream made = stream;
    made.scanned |= states > 0;
    made.last |= result.getResultNumber() < states;
    keep(result, made);
  }
  return success();
}

LogicalResult WindowStreamer::checkAnswers(func::ReturnOp op) {
  const SampleRows &one = streams[op.getOperand(0)].rows;
  for (OpOperand &use : op->getOpOperands()) {
    const SampleRows &other = streams[use.get()].rows;
    if (one.first == other.first && one.stride == other.stride)
      continue;
    auto name = main.getResultAttrOfType<StringAttr>(use.getOperandNumber(),
                                                     finn::kNameAttr);
    return refuse(op, "graph output '" + Twine(name ? name.getValue() : "") +
                          "' answers other samples than the first one");
  }
  return success();
}

LogicalResult WindowStreamer::convert(Operation &op) {
  if (auto returned = dyn_cast<func::ReturnOp>(op))
    return checkAnswers(returned);
  if (isa<finn::ConstantOp>(op))
    return success();
  if (isa<df::ReverseOp>(op))
    return refuse(&op, "reads a sequence from its end, which a stream does not "
                       "have (reversed and bidirectional scans)");
  if (auto region = dyn_cast<df::RegionOp>(op))
    return convertRegion(region);
  if (auto windows = dyn_cast<df::SwgOp>(op))
    return convertWindows(windows);
  if (auto reshape = dyn_cast<df::ReshapeOp>(op))
    return convertReshape(reshape);
  keep(op.getResult(0), streams[op.getOperand(0)]); // pools, ArgMax
  return success();
}

LogicalResult WindowStreamer::run() {
  if (failed(addArguments()))
    return failure();
  Block &body = main.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(body))
    if (failed(convert(op)))
      return failure();
  main.setType(FunctionType::get(main.getContext(), body.getArgumentTypes(),
                                 body.getTerminator()->getOperandTypes()));
  return success();
}

bool finngl::hasWindows(func::FuncOp main) {
  return llvm::any_of(main.getBody().front(), [](Operation &op) {
    return isa<df::SwgOp>(op) ||
           (isa<df::ReshapeOp>(op) &&
            stepsOf(op.getOperand(0)) != stepsOf(op.getResult(0)));
  });
}

LogicalResult finngl::streamWindows(func::FuncOp main) {
  return WindowStreamer(main).run();
}
