//===- LongerStream.cpp - A window's network for more samples -------------===//
//
// A row of a value stands for `stride` samples: so many samples more make one
// row more. Nothing else of a network depends on the length.
//
//===----------------------------------------------------------------------===//

#include "finngl/Driver/LongerStream.h"
#include "finngl/Dialect/Finn/IR/Finn.h"
#include "mlir/IR/Builders.h"
#include <numeric>

using namespace mlir;
using namespace finngl;
using namespace finngl::driver;

namespace {
struct Time {
  int64_t rows, stride;
};

class Lengthener {
public:
  explicit Lengthener(func::FuncOp main) : main(main) {}
  LongerStream run(int64_t samples);

private:
  func::FuncOp main;
  DenseMap<Value, Time> times; ///< of values with steps of time
  int64_t period = 1;

  void follow(Operation &op);
  void keep(Value value, Time time);
  Time through(Operation &op, Time time);
  void extend(Value value, int64_t samples);
  void setPorts();
};
} // namespace

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

void Lengthener::keep(Value value, Time time) {
  times[value] = time;
  period = std::lcm(period, time.stride);
}

Time Lengthener::through(Operation &op, Time time) {
  if (auto windows = dyn_cast<finn::Im2ColOp>(op)) {
    time.stride *= windows.getStrides()[0];
    int64_t columns = 1;
    if (windows.getImage().size() > 1) {
      int64_t reach = (windows.getKernel()[1] - 1) * windows.getDilations()[1];
      columns = (windows.getImage()[1] + windows.getPads()[1] +
                 windows.getPads()[3] - reach - 1) /
                    windows.getStrides()[1] +
                1;
    }
    time.rows = typeOf(windows.getResult()).getDimSize(0) / columns;
  } else if (isa<finn::ReshapeOp>(op)) {
    int64_t steps = typeOf(op.getResult(0)).getDimSize(0);
    if (steps % time.rows) {
      time.stride *= time.rows / steps;
      time.rows = steps;
    }
  }
  return time;
}

void Lengthener::follow(Operation &op) {
  auto scan = dyn_cast<finn::ScanOp>(op);
  ValueRange operands =
      scan ? ValueRange(scan.getInputs()) : ValueRange(op.getOperands());
  for (Value operand : operands) {
    auto found = times.find(operand);
    if (found == times.end())
      continue;
    Time time = through(op, found->second);
    size_t states = scan ? scan.getStates().size() : 0;
    for (Value result : op.getResults().drop_front(states))
      keep(result, time);
    return;
  }
}

void Lengthener::extend(Value value, int64_t samples) {
  auto found = times.find(value);
  if (found == times.end())
    return;
  auto [rows, stride] = found->second;
  RankedTensorType type = typeOf(value);
  int64_t steps = type.getDimSize(0) / rows * (rows + samples / stride);
  value.setType(RankedTensorType::get({steps, type.getDimSize(1)},
                                      type.getElementType()));
}

void Lengthener::setPorts() {
  Block &body = main.getBody().front();
  ValueRange results = body.getTerminator()->getOperands();
  main.setType(FunctionType::get(main.getContext(), body.getArgumentTypes(),
                                 TypeRange(results)));
  auto shape = [&](Value port) {
    return DenseI64ArrayAttr::get(main.getContext(), typeOf(port).getShape());
  };
  for (BlockArgument argument : body.getArguments()) {
    unsigned i = argument.getArgNumber();
    main.setArgAttr(i, finn::kShapeAttr, shape(argument));
    main.removeArgAttr(i, finn::kOrderAttr);
  }
  for (auto [i, result] : llvm::enumerate(results))
    main.setResultAttr(i, finn::kShapeAttr, shape(result));
}

LongerStream Lengthener::run(int64_t samples) {
  Block &body = main.getBody().front();
  int64_t window = typeOf(body.getArgument(0)).getDimSize(0);
  for (BlockArgument argument : body.getArguments())
    keep(argument, {window, 1});
  for (Operation &op : body.without_terminator())
    follow(op);
  LongerStream longer;
  for (Value result : body.getTerminator()->getOperands()) {
    auto found = times.find(result);
    int64_t rows = found == times.end() ? 1 : found->second.rows;
    longer.rowElements.push_back(typeOf(result).getNumElements() / rows);
  }
  int64_t extra = std::max<int64_t>(samples - window, 0);
  extra = (extra + period - 1) / period * period;
  longer.samples = window + extra;
  for (Operation &op : body)
    if (auto windows = dyn_cast<finn::Im2ColOp>(op)) {
      auto found = times.find(windows.getInput());
      if (found == times.end())
        continue;
      SmallVector<int64_t> image(windows.getImage());
      image[0] += extra / found->second.stride;
      windows.setImage(image);
    }
  for (BlockArgument argument : body.getArguments())
    extend(argument, extra);
  for (Operation &op : body)
    for (Value result : op.getResults())
      extend(result, extra);
  setPorts();
  return longer;
}

LongerStream driver::lengthen(func::FuncOp main, int64_t samples) {
  return Lengthener(main).run(samples);
}
