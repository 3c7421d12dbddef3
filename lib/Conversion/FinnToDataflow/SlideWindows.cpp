//===- SlideWindows.cpp - A window network over an endless stream ---------===//
//
// In front of the scan each row of a window is made once, whichever windows it
// belongs to. Two rows are the same row of the stream if their taps read the
// same rows at the same distance: a window's rows beside its borders, whose
// taps fall into the padding, are rows of their own. A sample makes one row of
// each kind; dataflow.slide gives them to the windows that are under way.
//
//===----------------------------------------------------------------------===//

#include "SlideWindows.h"
#include "SampleInputs.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"
#include "mlir/IR/Builders.h"
#include <map>

using namespace mlir;
using namespace finngl;
using df::stepsOf;

namespace {
/// A window's rows of a stream: row j is row `source` of what the sample makes
/// at which the window has the age `age`.
struct Row {
  int64_t source, age;
};

/// A stream in front of the scan.
struct Front {
  std::vector<Row> rows;
  int64_t kinds = 1;  ///< rows that a sample makes
  int64_t perRow = 1; ///< steps of a row: positions of an image
};

/// What a row of the stream is made of: for each tap or input how many samples
/// back, and which row of that sample; -1: padding.
using Kind = std::vector<std::pair<int64_t, int64_t>>;

/// The kinds of rows that a sample makes, in order of their first row.
class Kinds {
public:
  int64_t indexOf(const Kind &kind) {
    auto [found, isNew] = known.try_emplace(kind, int64_t(list.size()));
    if (isNew)
      list.push_back(kind);
    return found->second;
  }
  std::vector<Kind> list;

private:
  std::map<Kind, int64_t> known;
};

/// The rows that the taps of one output row read; nothing: padding.
using Taps = SmallVector<std::optional<int64_t>>;

class WindowSlider {
public:
  explicit WindowSlider(func::FuncOp main) : main(main) {}
  LogicalResult run();

private:
  func::FuncOp main;
  DenseMap<Value, Front> fronts; ///< of streams in front of the scan
  DenseMap<Value, Value> slid;   ///< through dataflow.slide
  df::SlideOp table;             ///< the first of them

  LogicalResult addArguments();
  LogicalResult convert(Operation &op);
  LogicalResult convertWindows(df::SwgOp op);
  LogicalResult convertReshape(df::ReshapeOp op);
  LogicalResult convertRegion(df::RegionOp op);
  LogicalResult convertScan(df::RegionOp op);
  LogicalResult convertReturn(func::ReturnOp op);
  /// An op behind the scan, between steps of windows.
  LogicalResult checkBehind(Operation &op);
  void keep(Value result, Front front);
  Value gather(Operation *op, Value input, df::SwgOp windows,
               ArrayRef<Taps> taps, Front &result);
  void align(df::RegionOp op);
  FailureOr<Value> slide(Operation *user, Value stream);
};
} // namespace

static RankedTensorType typeOf(Value v) {
  return cast<RankedTensorType>(v.getType());
}

/// The type becomes that of one sample.
void WindowSlider::keep(Value result, Front front) {
  result.setType(RankedTensorType::get(
      {front.kinds * front.perRow, df::vectorSize(result)},
      typeOf(result).getElementType()));
  fronts[result] = std::move(front);
}

LogicalResult WindowSlider::addArguments() {
  FailureOr<int64_t> samples = samplesOfWindow(main, "sliding");
  if (failed(samples))
    return failure();
  Front front;
  for (int64_t j = 0; j < *samples; ++j)
    front.rows.push_back({0, j});
  for (BlockArgument argument : main.getArguments())
    keep(argument, front);
  main->setAttr(df::kWindowAttr,
                Builder(main.getContext()).getI64IntegerAttr(*samples));
  return success();
}

/// How dataflow.line_buffer counts a row.
static int64_t rowsBack(const Front &in, int64_t distance, int64_t source,
                        int64_t lag) {
  return distance < 0 ? (lag + 1) * in.kinds
                      : distance * in.kinds + in.kinds - 1 - source;
}

/// The rows whose taps are given, each kind of them once; `windows` slides
/// along the rows too, or null.
Value WindowSlider::gather(Operation *op, Value input, df::SwgOp windows,
                           ArrayRef<Taps> taps, Front &result) {
  const Front &in = fronts[input];
  Kinds kinds;
  int64_t lag = 0, age = 0;
  for (const Taps &row : taps) {
    for (std::optional<int64_t> tap : row)
      if (tap)
        age = std::max(age, in.rows[*tap].age);
    Kind kind;
    for (std::optional<int64_t> tap : row) {
      kind.push_back(
          tap ? std::pair(age - in.rows[*tap].age, in.rows[*tap].source)
              : std::pair<int64_t, int64_t>(-1, -1));
      lag = std::max(lag, kind.back().first);
    }
    result.rows.push_back({kinds.indexOf(kind), age});
  }
  result.kinds = kinds.list.size();
  SmallVector<int64_t> table;
  for (const Kind &kind : kinds.list)
    for (auto [distance, source] : kind)
      table.push_back(rowsBack(in, distance, source, lag));
  OpBuilder builder(op);
  StreamWindow::Axis columns;
  if (windows)
    columns = windows.axis(1);
  else
    columns.extent = in.perRow;
  int64_t height = taps.front().size();
  result.perRow = columns.count();
  auto type = RankedTensorType::get(
      {result.kinds * result.perRow,
       height * columns.kernel * df::vectorSize(input)},
      windows ? typeOf(windows.getResult()).getElementType()
              : typeOf(input).getElementType());
  auto made = builder.create<df::LineBufferOp>(
      op->getLoc(), type, input, in.kinds, result.kinds, columns.extent,
      ArrayRef<int64_t>{height, columns.kernel}, columns.stride,
      columns.dilation, ArrayRef<int64_t>{columns.padBegin, columns.padEnd},
      windows ? int64_t(windows.getPadValue()) : 0, lag, table);
  return made.getResult();
}

LogicalResult WindowSlider::convertWindows(df::SwgOp op) {
  const Front &in = fronts[op.getInput()];
  StreamWindow::Axis rows = op.axis(0), columns = op.axis(1);
  if (rows.extent != int64_t(in.rows.size()) || columns.extent != in.perRow)
    return op.emitError() << "slides over an image whose rows are not the "
                             "steps of time, not supported in --mode sliding";
  std::vector<Taps> taps;
  for (int64_t o = 0; o < rows.count(); ++o) {
    Taps &row = taps.emplace_back();
    for (int64_t k = 0; k < rows.kernel; ++k) {
      int64_t at = o * rows.stride - rows.padBegin + k * rows.dilation;
      row.push_back(rows.contains(at) ? std::optional(at) : std::nullopt);
    }
  }
  Front result;
  Value made = gather(op, op.getInput(), op, taps, result);
  keep(made, std::move(result));
  op.replaceAllUsesWith(made);
  op.erase();
  return success();
}

/// Within a row nothing moves; rows that become one are windows side by side.
LogicalResult WindowSlider::convertReshape(df::ReshapeOp op) {
  Front front = fronts[op.getInput()];
  int64_t width = df::vectorSize(op.getInput()) * front.perRow,
          size = df::vectorSize(op.getResult());
  if (width % size == 0) {
    front.perRow = width / size;
    keep(op.getResult(), std::move(front));
    return success();
  }
  int64_t merged = size / width, rows = front.rows.size();
  if (size % width || rows % merged)
    return op.emitError() << "cuts a window into steps that are no whole "
                             "number of samples, not supported in --mode "
                             "sliding";
  OpBuilder builder(op);
  Value input = op.getInput();
  if (front.perRow > 1) { // a row as one position
    Front whole = front;
    whole.perRow = 1;
    auto type = RankedTensorType::get({whole.kinds, width},
                                      typeOf(input).getElementType());
    input = builder.create<df::ReshapeOp>(op.getLoc(), type, input);
    keep(input, std::move(whole));
  }
  std::vector<Taps> taps;
  for (int64_t o = 0; o < rows / merged; ++o) {
    Taps &row = taps.emplace_back();
    for (int64_t k = 0; k < merged; ++k)
      row.push_back(o * merged + k);
  }
  Front result;
  Value made = gather(op, input, {}, taps, result);
  keep(made, std::move(result));
  op.replaceAllUsesWith(made);
  op.erase();
  return success();
}

/// Rows that are there at different times wait for the latest. Where streams
/// meet each waits in a memory of its own, so that none blocks another one's
/// source.
void WindowSlider::align(df::RegionOp op) {
  size_t rows = fronts[op.getInputs().front()].rows.size();
  // Rows that differ in any input are kinds of their own for all of them.
  Kinds kinds;
  Front common;
  for (size_t j = 0; j < rows; ++j) {
    int64_t age = 0;
    for (Value input : op.getInputs())
      age = std::max(age, fronts[input].rows[j].age);
    Kind kind;
    for (Value input : op.getInputs())
      kind.push_back(
          {age - fronts[input].rows[j].age, fronts[input].rows[j].source});
    common.rows.push_back({kinds.indexOf(kind), age});
  }
  common.kinds = kinds.list.size();
  bool alone = llvm::all_equal(op.getInputs());
  OpBuilder builder(op);
  for (auto [i, use] : llvm::enumerate(op.getInputsMutable())) {
    Value input = use.get();
    const Front &in = fronts[input];
    int64_t lag = 0;
    bool same = alone && in.kinds == common.kinds;
    for (auto [k, kind] : llvm::enumerate(kinds.list)) {
      lag = std::max(lag, kind[i].first);
      same &= kind[i] == std::pair<int64_t, int64_t>(0, k);
    }
    if (same)
      continue;
    SmallVector<int64_t> table;
    for (const Kind &kind : kinds.list)
      table.push_back(rowsBack(in, kind[i].first, kind[i].second, lag));
    Front result = common;
    result.perRow = in.perRow;
    auto type =
        RankedTensorType::get({common.kinds * in.perRow, df::vectorSize(input)},
                              typeOf(input).getElementType());
    Value made = builder.create<df::LineBufferOp>(
        op.getLoc(), type, input, in.kinds, common.kinds, in.perRow,
        ArrayRef<int64_t>{1, 1}, 1, 1, ArrayRef<int64_t>{0, 0}, 0, lag, table);
    keep(made, std::move(result));
    use.set(made);
  }
}

/// The stream to all windows under way.
FailureOr<Value> WindowSlider::slide(Operation *user, Value stream) {
  if (Value made = slid.lookup(stream))
    return made;
  const Front &front = fronts[stream];
  int64_t steps = front.rows.size();
  std::vector<int64_t> order;
  for (int64_t j = 0; j < steps; ++j)
    order.push_back(j);
  llvm::stable_sort(order, [&](int64_t a, int64_t b) {
    return front.rows[a].age > front.rows[b].age;
  });
  SmallVector<int64_t> ages, sources, first, last;
  for (int64_t j : order) {
    ages.push_back(front.rows[j].age);
    sources.push_back(front.rows[j].source);
    first.push_back(j == 0);
    last.push_back(j + 1 == steps);
  }
  OpBuilder builder(user);
  auto type = RankedTensorType::get({steps, df::vectorSize(stream)},
                                    typeOf(stream).getElementType());
  auto made = builder.create<df::SlideOp>(user->getLoc(), type, stream, ages,
                                          sources, first, last);
  if (!table)
    table = made;
  if (made.getAgesAttr() != table.getAgesAttr())
    return user->emitError() << "joins or answers windows beside others whose "
                                "rows come at other times, not supported in "
                                "--mode sliding";
  return slid[stream] = made.getResult();
}

LogicalResult WindowSlider::convertScan(df::RegionOp op) {
  for (size_t s = 0; s < op.getStates().size(); ++s)
    if (op.isStreamed(s))
      return op.emitError() << "starts from a state that comes in on a stream; "
                               "expects constant initial states in --mode "
                               "sliding";
  for (Value input : op.getInputs())
    if (fronts[input].perRow != 1)
      return op.emitError()
             << "scans over other steps than time, not supported "
                "in --mode sliding";
  align(op);
  for (OpOperand &use : op.getInputsMutable()) {
    FailureOr<Value> made = slide(op, use.get());
    if (failed(made))
      return failure();
    use.set(*made);
  }
  return success();
}

/// Steps of windows in turns go through regions only.
LogicalResult WindowSlider::checkBehind(Operation &op) {
  if (llvm::any_of(op.getOperands(),
                   [&](Value v) { return fronts.count(v) != 0; }))
    return op.emitError() << "joins what windows have in common with what they "
                             "have not, not supported in --mode sliding";
  if (auto region = dyn_cast<df::RegionOp>(op)) {
    for (size_t s = 0; s < region.getStates().size(); ++s)
      if (region.isStreamed(s))
        return op.emitError() << "starts from another scan's last state, not "
                                 "supported in --mode sliding";
    bool sequence = region.isSequence();
    for (Value input : region.getInputs())
      if ((stepsOf(input) > 1) != (sequence && region.getSteps() > 1))
        return op.emitError() << "joins each step with a window's last state, "
                                 "not supported in --mode sliding";
    return success();
  }
  if (stepsOf(op.getOperand(0)) > 1 || stepsOf(op.getResult(0)) > 1)
    return op.emitError()
           << "mixes the steps of a window behind a scan, not "
              "supported in --mode sliding; supported are scans "
              "and elementwise operations on steps, and anything "
              "on last states";
  return success();
}

LogicalResult WindowSlider::convertRegion(df::RegionOp op) {
  if (!op.getStates().empty())
    return convertScan(op);
  for (Value input : op.getInputs())
    if (fronts[input].rows.size() !=
            fronts[op.getInputs().front()].rows.size() ||
        fronts[input].perRow != fronts[op.getInputs().front()].perRow)
      return op.emitError()
             << "joins streams of different steps, not supported "
                "in --mode sliding";
  align(op);
  Front front = fronts[op.getInputs().front()];
  for (Value result : op.getResults())
    keep(result, front);
  return success();
}

LogicalResult WindowSlider::convertReturn(func::ReturnOp op) {
  for (OpOperand &use : op->getOpOperands()) {
    Value value = use.get();
    auto front = fronts.find(value);
    bool one = front == fronts.end()
                   ? stepsOf(value) == 1
                   : front->second.rows.size() * front->second.perRow == 1;
    if (!one) {
      unsigned index = use.getOperandNumber();
      auto name = main.getResultAttrOfType<StringAttr>(index, finn::kNameAttr);
      return op.emitError() << "graph output '" << (name ? name.getValue() : "")
                            << "' is a sequence; --mode sliding expects one "
                               "answer for each window: last states and what "
                               "is computed of them";
    }
    if (front == fronts.end())
      continue;
    FailureOr<Value> made = slide(op, value);
    if (failed(made))
      return failure();
    use.set(*made);
  }
  return success();
}

LogicalResult WindowSlider::convert(Operation &op) {
  if (auto returned = dyn_cast<func::ReturnOp>(op))
    return convertReturn(returned);
  if (isa<finn::ConstantOp>(op))
    return success();
  if (isa<df::ReverseOp>(op))
    return op.emitError() << "reads a window from its end, which every sample "
                             "moves; reversed and bidirectional scans are not "
                             "supported in --mode sliding";
  auto region = dyn_cast<df::RegionOp>(op);
  ValueRange streams =
      region ? ValueRange(region.getInputs()) : op.getOperands();
  if (!llvm::all_of(streams, [&](Value v) { return fronts.count(v); }))
    return checkBehind(op);
  if (region)
    return convertRegion(region);
  if (auto windows = dyn_cast<df::SwgOp>(op))
    return convertWindows(windows);
  if (auto reshape = dyn_cast<df::ReshapeOp>(op))
    return convertReshape(reshape);
  keep(op.getResult(0), fronts[op.getOperand(0)]); // pools, the largest
  return success();
}

LogicalResult WindowSlider::run() {
  if (failed(addArguments()))
    return failure();
  Block &body = main.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(body))
    if (failed(convert(op)))
      return failure();
  main.setType(FunctionType::get(main.getContext(), body.getArgumentTypes(),
                                 body.getTerminator()->getOperandTypes()));
  // Each step behind the table says its window.
  Builder builder(main.getContext());
  for (df::RegionOp region : main.getOps<df::RegionOp>())
    if (region.isSequence() && !fronts.count(region.getResult(0))) {
      region->setAttr(df::kContextsAttr,
                      builder.getI64IntegerAttr(table.getContexts()));
      region->setAttr(df::kInterleaveAttr,
                      builder.getI64IntegerAttr(
                          std::min<int64_t>(table.getContexts(), 16)));
    }
  return success();
}

LogicalResult finngl::slideWindows(func::FuncOp main) {
  return WindowSlider(main).run();
}
