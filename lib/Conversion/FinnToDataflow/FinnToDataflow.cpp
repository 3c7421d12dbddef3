//===- FinnToDataflow.cpp - Integer network to regions of cores -----------===//
//
// Each finn.scan becomes a recurrent region; ops outside of scans are grouped
// into feed-forward regions of at most one matrix-vector unit each. Windows,
// pools and reshapes are elastic modules between regions.
//
//===----------------------------------------------------------------------===//

#include "finngl/Conversion/FinnToDataflow/FinnToDataflow.h"
#include "Builder.h"
#include "JoinPaths.h"
#include "SlideWindows.h"
#include "StatePorts.h"
#include "StreamWindows.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Support/Diagnostics.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace finngl;

namespace {
/// An argument of the scan's body as the region's body has it: for all readers
/// (units 0), or once more for the products of one length.
struct Reading {
  BlockArgument argument;
  int64_t units = 0;
};

class Converter {
public:
  Converter(func::FuncOp source, func::FuncOp target,
            const MappingOptions &options)
      : source(source), builder(target.getBody()), options(options) {
    for (auto [from, to] :
         llvm::zip(source.getArguments(), target.getArguments()))
      values.map(from, to);
  }
  LogicalResult run();

private:
  func::FuncOp source;
  OpBuilder builder;
  const MappingOptions &options;
  IRMapping values;
  SmallVector<Operation *> group;
  unsigned regions = 0;

  LogicalResult convertScan(finn::ScanOp scan);
  df::RegionOp createRegion(finn::ScanOp scan, ArrayRef<Reading> states,
                            ArrayRef<Reading> inputs);
  void mapResults(finn::ScanOp scan, df::RegionOp region);
  Value reversed(Value sequence);
  /// Constants have no stream: refused where one would be needed.
  LogicalResult checkStreams(Operation *user, ValueRange operands);
  /// Windows, pools and reshapes stand between regions.
  LogicalResult convertStream(Operation *op);
  /// The open group is other products of the same vector, of the same length.
  bool joinsMvu(finn::MatMulOp product);
  /// Adds the op to the open group, or closes that and opens another.
  LogicalResult addToGroup(Operation *op);
  LogicalResult closeGroup();
  std::string nextName(StringRef kind) {
    return (kind + "_" + Twine(regions++)).str();
  }
};
} // namespace

LogicalResult Converter::checkStreams(Operation *user, ValueRange operands) {
  for (Value v : operands)
    if (v.getDefiningOp<finn::ConstantOp>())
      return user->emitError("a constant sequence, operand or output has no "
                             "stream in hardware; supported are constant "
                             "weights and constant initial states");
  return success();
}

/// MVUs of different lengths read an argument at their own pace; each but the
/// first gets a copy, behind the arguments themselves.
static SmallVector<Reading> readingsOf(ArrayRef<BlockArgument> arguments) {
  SmallVector<Reading> readings;
  for (BlockArgument argument : arguments)
    readings.push_back({argument});
  for (BlockArgument argument : arguments) {
    llvm::SetVector<int64_t> lengths;
    for (auto product : argument.getOwner()->getOps<finn::MatMulOp>())
      if (product.getInput() == argument)
        lengths.insert(df::vectorSize(product.getResult()));
    for (int64_t units : llvm::drop_begin(lengths, lengths.empty() ? 0 : 1))
      readings.push_back({argument, units});
  }
  return readings;
}

Value Converter::reversed(Value sequence) {
  // Two scans often run backwards over one input.
  for (Operation *user : sequence.getUsers())
    if (isa<df::ReverseOp>(user))
      return user->getResult(0);
  int64_t steps = cast<RankedTensorType>(sequence.getType()).getDimSize(0);
  return builder.create<df::ReverseOp>(
      sequence.getLoc(), sequence.getType(), sequence,
      builder.getI64IntegerAttr(std::max(steps, options.maxSteps)));
}

LogicalResult Converter::convertScan(finn::ScanOp scan) {
  if (failed(checkStreams(scan, scan.getInputs())))
    return failure();
  Block &from = scan.getBody().front();
  size_t stateCount = scan.getStates().size();
  ArrayRef<BlockArgument> arguments = from.getArguments();
  SmallVector<Reading> states = readingsOf(arguments.take_front(stateCount)),
                       inputs = readingsOf(arguments.drop_front(stateCount));
  df::RegionOp region = createRegion(scan, states, inputs);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&region.getBody());
  RegionBuilder inner(builder, options);
  for (auto *list : {&states, &inputs})
    for (auto [argument, units] : *list) {
      Value added = body->addArgument(argument.getType(), argument.getLoc());
      if (units)
        inner.copies[{argument, units}] = added;
      else
        inner.map.map(argument, added);
    }
  SmallVector<Value> readable(arguments.begin(), arguments.end());
  SmallVector<Operation *> ops;
  for (Operation &op : from.without_terminator())
    ops.push_back(&op);
  if (failed(inner.convert(ops, ArrayRef(readable).drop_front(stateCount),
                           ArrayRef(readable).take_front(stateCount))))
    return failure();
  ValueRange yielded = from.getTerminator()->getOperands();
  SmallVector<Value> emitted;
  for (const Reading &state : states)
    emitted.push_back(
        inner.materialise(yielded[state.argument.getArgNumber()]));
  for (Value v : yielded.drop_front(stateCount))
    emitted.push_back(inner.materialise(v));
  builder.create<df::EmitOp>(scan.getLoc(), emitted);
  builder.setInsertionPointAfter(region);
  mapResults(scan, region);
  return success();
}

df::RegionOp Converter::createRegion(finn::ScanOp scan,
                                     ArrayRef<Reading> states,
                                     ArrayRef<Reading> inputs) {
  size_t stateCount = scan.getStates().size();
  SmallVector<Value> stateOperands, inputOperands;
  SmallVector<Type> types;
  for (const Reading &state : states) {
    unsigned i = state.argument.getArgNumber();
    stateOperands.push_back(values.lookup(scan.getStates()[i]));
    types.push_back(scan.getResult(i).getType());
  }
  for (const Reading &input : inputs) {
    unsigned i = input.argument.getArgNumber() - stateCount;
    Value sequence = values.lookup(scan.getInputs()[i]);
    inputOperands.push_back(scan.getReverseInputs()[i] ? reversed(sequence)
                                                       : sequence);
  }
  for (Value output : scan.getResults().drop_front(stateCount))
    types.push_back(output.getType());
  return builder.create<df::RegionOp>(
      scan.getLoc(), types, builder.getStringAttr(nextName("scan")),
      stateOperands, inputOperands, ValueRange(), DenseI64ArrayAttr(),
      DenseI64ArrayAttr(), IntegerAttr(), IntegerAttr());
}

/// Final states of copies are no results of the scan.
void Converter::mapResults(finn::ScanOp scan, df::RegionOp region) {
  size_t stateCount = scan.getStates().size();
  size_t copies = region.getStates().size() - stateCount;
  for (auto [i, result] : llvm::enumerate(scan.getResults())) {
    bool output = i >= stateCount;
    Value made = region.getResult(output ? i + copies : i);
    if (output && scan.getReverseOutputs()[i - stateCount])
      made = reversed(made);
    values.map(result, made);
  }
}

static bool isStream(Operation *op) {
  return isa<finn::ReshapeOp, finn::Im2ColOp, finn::MaxPoolOp, finn::ArgMaxOp,
             finn::TopKOp>(op);
}

/// Each of the K largest has a register and a comparator.
static LogicalResult checkRanks(Operation *op) {
  constexpr int64_t kMaxRanks = 16;
  int64_t ranks = df::vectorSize(op->getResult(0));
  if (!isa<finn::ArgMaxOp, finn::TopKOp>(op) || ranks <= kMaxRanks)
    return success();
  InFlightDiagnostic error =
      op->emitError() << "takes the " << ranks
                      << " largest elements; supported in hardware are "
                      << kMaxRanks << ", each a register and a comparator";
  error.attachNote() << "lower K, or give the elements to the host";
  return error;
}

LogicalResult Converter::convertStream(Operation *op) {
  if (failed(checkStreams(op, op->getOperands())) || failed(checkRanks(op)))
    return failure();
  Value result = op->getResult(0), input = values.lookup(op->getOperand(0));
  Operation *made;
  if (auto windows = dyn_cast<finn::Im2ColOp>(op)) {
    ArrayRef<int64_t> pad = windows.getPadValue();
    if (llvm::any_of(pad, [&](int64_t v) { return v != pad[0]; }))
      return op->emitError("pads channels with zero points of their own; "
                           "supported in hardware is one zero point for all "
                           "channels");
    made = builder.create<df::SwgOp>(op->getLoc(), result.getType(), input,
                                     windows.getImage(), windows.getKernel(),
                                     windows.getStrides(), windows.getPads(),
                                     windows.getDilations(), pad[0]);
  } else if (isa<finn::MaxPoolOp>(op)) {
    made = builder.create<df::MaxPoolOp>(op->getLoc(), result.getType(), input);
  } else if (auto argMax = dyn_cast<finn::ArgMaxOp>(op)) {
    made = builder.create<df::ArgMaxOp>(op->getLoc(), result.getType(), input,
                                        argMax.getSelectLast());
  } else if (isa<finn::TopKOp>(op)) {
    made = builder.create<df::TopKOp>(op->getLoc(), result.getType(), input);
  } else {
    made = builder.create<df::ReshapeOp>(op->getLoc(), result.getType(), input);
  }
  values.map(result, made->getResult(0));
  return success();
}

bool Converter::joinsMvu(finn::MatMulOp product) {
  return !group.empty() && llvm::all_of(group, [&](Operation *member) {
    auto other = dyn_cast<finn::MatMulOp>(member);
    return other && other.getInput() == product.getInput() &&
           df::vectorSize(other.getResult()) ==
               df::vectorSize(product.getResult());
  });
}

LogicalResult Converter::addToGroup(Operation *op) {
  // Products of a sum come with it, since they share its MVU.
  if (isa<finn::MatMulOp>(op) && op->hasOneUse()) {
    auto sum = dyn_cast<finn::LincombOp>(*op->user_begin());
    if (sum && isProductSum(sum))
      return success();
  }
  if (auto sum = dyn_cast<finn::LincombOp>(op); sum && isProductSum(sum)) {
    if (failed(closeGroup()))
      return failure();
    for (Value v : sum.getInputs())
      group.push_back(v.getDefiningOp());
    group.push_back(op);
    return success();
  }
  if (auto product = dyn_cast<finn::MatMulOp>(op);
      product && joinsMvu(product)) {
    group.push_back(op);
    return success();
  }
  bool connected = llvm::any_of(op->getOperands(), [&](Value v) {
    return llvm::is_contained(group, v.getDefiningOp());
  });
  bool secondMvu =
      isa<finn::MatMulOp>(op) && llvm::any_of(group, [](Operation *member) {
        return isa<finn::MatMulOp>(member);
      });
  if (!group.empty() && (!connected || secondMvu) && failed(closeGroup()))
    return failure();
  group.push_back(op);
  return success();
}

LogicalResult Converter::closeGroup() {
  if (group.empty())
    return success();
  llvm::SetVector<Value> inputs, outputs;
  for (Operation *op : group) {
    for (Value v : op->getOperands())
      if (!llvm::is_contained(group, v.getDefiningOp()))
        inputs.insert(v);
    for (Value v : op->getResults())
      for (Operation *user : v.getUsers())
        if (!llvm::is_contained(group, user))
          outputs.insert(v);
  }
  if (failed(checkStreams(group.front(), inputs.getArrayRef())))
    return failure();
  SmallVector<Value> operands;
  SmallVector<Type> types;
  for (Value v : inputs)
    operands.push_back(values.lookup(v));
  for (Value v : outputs)
    types.push_back(v.getType());
  Location loc = group.front()->getLoc();
  auto region = builder.create<df::RegionOp>(
      loc, types, builder.getStringAttr(nextName("dense")), ValueRange(),
      operands, ValueRange(), DenseI64ArrayAttr(), DenseI64ArrayAttr(),
      IntegerAttr(), IntegerAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&region.getBody());
  RegionBuilder inner(builder, options);
  for (Value v : inputs)
    inner.map.map(v, body->addArgument(stepType(v), v.getLoc()));
  if (failed(inner.convert(group, inputs.getArrayRef(), {})))
    return failure();
  SmallVector<Value> emitted;
  for (Value v : outputs)
    emitted.push_back(inner.materialise(v));
  builder.create<df::EmitOp>(loc, emitted);
  for (auto [from, to] : llvm::zip(outputs, region.getResults()))
    values.map(from, to);
  group.clear();
  return success();
}

LogicalResult Converter::run() {
  for (Operation &op : source.getBody().front().without_terminator()) {
    if (isa<finn::ConstantOp>(op)) {
      values.map(op.getResult(0), builder.clone(op)->getResult(0));
      continue;
    }
    LogicalResult done = success();
    if (auto scan = dyn_cast<finn::ScanOp>(op)) {
      done = closeGroup();
      if (succeeded(done))
        done = convertScan(scan);
    } else if (isStream(&op)) {
      done = closeGroup();
      if (succeeded(done))
        done = convertStream(&op);
    } else {
      done = addToGroup(&op);
    }
    if (failed(done))
      return failure();
  }
  if (failed(closeGroup()))
    return failure();
  Operation *terminator = source.getBody().front().getTerminator();
  if (failed(checkStreams(terminator, terminator->getOperands())))
    return failure();
  SmallVector<Value> results;
  for (Value v : terminator->getOperands())
    results.push_back(values.lookup(v));
  builder.create<func::ReturnOp>(terminator->getLoc(), results);
  return success();
}

/// What stands between regions holds one packet after the other, but for
/// the largest elements, which take steps as they come: refused where packets
/// come step by step, or are continued. Windows have a remedy of their own.
static LogicalResult refuseWholePackets(func::FuncOp main,
                                        const std::string &wanted,
                                        const char *remedy,
                                        const char *ofWindows) {
  for (Operation &op : main.getBody().front()) {
    if (!isa<df::StreamOpInterface>(op) || isa<df::ArgMaxOp, df::TopKOp>(op))
      continue;
    bool reversed = isa<df::ReverseOp>(op), path = isa<df::FifoOp>(op);
    InFlightDiagnostic error = op.emitError()
                               << (reversed ? "a reversed scan"
                                   : path   ? "a path beside a last state"
                                            : "a window over an image")
                               << " holds whole packets: expects " << wanted;
    error.attachNote() << (reversed || path ? remedy : ofWindows);
    return failure();
  }
  return success();
}

/// Rows are kept for one stream, and no port saves them.
static LogicalResult checkOneStream(func::FuncOp main,
                                    const MappingOptions &options) {
  if (options.contexts == 1 && !options.statePorts)
    return success();
  for (Operation &op : main.getBody().front())
    if (isa<df::SwgOp, df::ReshapeOp>(op)) {
      InFlightDiagnostic error = op.emitError()
                                 << "a window over a stream keeps rows of one "
                                    "stream: expects 1 context and no state "
                                    "ports in --mode stream";
      error.attachNote()
          << "compile it without --contexts and --state-ports, once for each "
             "stream; or the layers behind the windows as a model of their "
             "own, which may have both";
      return failure();
    }
  return success();
}

static LogicalResult setContexts(func::FuncOp main,
                                 const MappingOptions &options) {
  if (options.contexts == 1)
    return success();
  if (failed(refuseWholePackets(
          main, "1 context, got " + std::to_string(options.contexts),
          "compile it with --contexts 1",
          "compile it with --contexts 1: every window starts from the initial "
          "states, so windows of many sources follow one another, told apart "
          "by --user-bits")))
    return failure();
  Builder builder(main.getContext());
  main->setAttr(df::kContextsAttr, builder.getI64IntegerAttr(options.contexts));
  if (options.interleave > 1)
    main->setAttr(df::kInterleaveAttr,
                  builder.getI64IntegerAttr(options.interleave));
  return success();
}

static LogicalResult setStatePorts(func::FuncOp main,
                                   const MappingOptions &options) {
  if (!options.statePorts)
    return success();
  if (failed(refuseWholePackets(
          main, "no state ports", "compile it without --state-ports",
          "compile it without --state-ports: no window continues another one; "
          "--mode stream keeps rows and states from sample to sample")))
    return failure();
  return addStatePorts(main);
}

/// Products of rows that windows have in common are computed once a row: those
/// of scans that read no other scan.
static void hoistSharedProducts(func::FuncOp main) {
  llvm::SmallPtrSet<Operation *, 16> behind; // a scan
  for (Operation &op : main.getBody().front()) {
    auto scan = dyn_cast<finn::ScanOp>(op);
    bool reads = llvm::any_of(op.getOperands(), [&](Value v) {
      return behind.contains(v.getDefiningOp());
    });
    if (scan && !reads)
      finn::hoistInputProducts(scan);
    if (scan || reads)
      behind.insert(&op);
  }
}

OwningOpRef<ModuleOp>
finngl::convertFinnToDataflow(ModuleOp finn, const MappingOptions &options) {
  OwningOpRef<ModuleOp> changed;
  if (options.statePorts || options.hoistInputProducts) {
    changed = finn.clone();
    finn = *changed;
  }
  auto source = finn.lookupSymbol<func::FuncOp>("main");
  if (options.statePorts)
    finn::exposeStates(source);
  if (options.hoistInputProducts)
    options.sliding ? hoistSharedProducts(source)
                    : finn::hoistInputProducts(source);
  OpBuilder builder(finn.getContext());
  finn.getContext()->loadDialect<df::DataflowDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(finn.getLoc());
  module->getOperation()->setAttrs(finn->getAttrs());
  builder.setInsertionPointToEnd(module->getBody());
  auto target = builder.create<func::FuncOp>(source.getLoc(), "main",
                                             source.getFunctionType());
  target->setAttrs(source->getAttrs());
  target.addEntryBlock();
  if (failed(Converter(source, target, options).run()))
    return {};
  LogicalResult joined = success();
  if (options.sliding)
    joined = slideWindows(target);
  else if (options.stream && hasWindows(target))
    joined = success(succeeded(checkOneStream(target, options)) &&
                     succeeded(streamWindows(target)));
  else
    joinPaths(target, options.maxSteps);
  if (failed(joined))
    return {};
  if (failed(setContexts(target, options)) ||
      failed(setStatePorts(target, options)))
    return {};
  if (failed(mlir::verify(*module)))
    return {};
  return module;
}
