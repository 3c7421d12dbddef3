//===- StatePorts.cpp - One port for all states ---------------------------===//

#include "StatePorts.h"
#include "finngl/Dialect/Dataflow/IR/Dataflow.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

/// A vector of all states, of the smallest type that holds each one's codes.
static RankedTensorType typeOfAll(MLIRContext *context, TypeRange states) {
  int64_t elements = 0, lo = 0, hi = 0;
  for (Type state : states) {
    auto tensor = cast<RankedTensorType>(state);
    auto [least, most] =
        finn::rangeOf(cast<IntegerType>(tensor.getElementType()));
    lo = std::min(lo, least);
    hi = std::max(hi, most);
    elements += tensor.getNumElements();
  }
  return RankedTensorType::get({elements}, finn::typeForRange(context, lo, hi));
}

/// The region starts from the constant; a packet may load `part` instead.
static void addLoads(RegionOp region, const DenseMap<Value, Value> &constants,
                     const DenseMap<Value, Value> &parts) {
  SmallVector<Value> loads;
  for (OpOperand &state : region.getStatesMutable()) {
    Value argument = state.get();
    if (!constants.contains(argument))
      continue;
    state.set(constants.lookup(argument));
    loads.push_back(parts.lookup(argument));
  }
  region.getLoadsMutable().append(loads);
}

/// The load bit comes with a packet's first step; a recurrent region behind a
/// last state would get that of the last one.
static LogicalResult refuseLateScans(func::FuncOp main) {
  DenseSet<Value> late;
  for (Operation &op : main.getBody().front()) {
    auto region = dyn_cast<RegionOp>(op);
    bool isLate = llvm::any_of(op.getOperands(),
                               [&](Value v) { return late.contains(v); });
    if (isLate && region && !region.getStates().empty()) {
      InFlightDiagnostic error = op.emitError()
                                 << "a scan behind the last state of another "
                                    "one: expects no state ports";
      error.attachNote() << "compile it without --state-ports";
      return failure();
    }
    for (OpResult result : op.getResults())
      if (isLate || (region && region.isSequence() &&
                     result.getResultNumber() < region.getStates().size()))
        late.insert(result);
  }
  return success();
}

/// A state that starts from a stream cannot be loaded: what continues elsewhere
/// would start it anew.
static LogicalResult refuseInputStates(func::FuncOp main) {
  for (RegionOp region : main.getOps<RegionOp>())
    for (size_t i = 0; i < region.getStates().size(); ++i)
      if (region.isStreamed(i)) {
        InFlightDiagnostic error =
            region.emitError()
            << "state " << i
            << " starts from a graph input, others from constants: expects no "
               "state ports";
        error.attachNote()
            << "make all states inputs and outputs of the graph, or none";
        return failure();
      }
  return success();
}

LogicalResult finngl::addStatePorts(func::FuncOp main) {
  if (failed(refuseLateScans(main)))
    return failure();
  SmallVector<BlockArgument> arguments;
  for (BlockArgument argument : main.getArguments())
    if (main.getArgAttr(argument.getArgNumber(), finn::kInitialAttr))
      arguments.push_back(argument);
  if (arguments.empty()) {
    InFlightDiagnostic error =
        main.emitError() << "no state starts from a constant: expects no state "
                            "ports";
    error.attachNote() << "states that are graph inputs and outputs have ports "
                          "of their own; compile it without --state-ports";
    return failure();
  }
  // The states are the last arguments and, in the same order, the last results.
  unsigned inputs = main.getNumArguments() - arguments.size(),
           outputs = main.getNumResults() - arguments.size();
  OpBuilder builder(main.getBody());
  builder.setInsertionPointToStart(&main.getBody().front());
  SmallVector<Type> types;
  for (BlockArgument argument : arguments)
    types.push_back(argument.getType());
  RankedTensorType all = typeOfAll(main.getContext(), types);
  auto name = builder.getDictionaryAttr(
      builder.getNamedAttr(finn::kNameAttr, builder.getStringAttr("state")));
  main.insertArgument(main.getNumArguments(), all, name, main.getLoc());
  auto split =
      builder.create<SplitOp>(main.getLoc(), types, main.getArguments().back());
  DenseMap<Value, Value> constants, parts;
  for (auto [argument, part] : llvm::zip(arguments, split.getParts())) {
    auto initial = main.getArgAttrOfType<DenseElementsAttr>(
        argument.getArgNumber(), finn::kInitialAttr);
    constants[argument] = builder.create<finn::ConstantOp>(
        argument.getLoc(), initial.getType(), initial);
    parts[argument] = part;
  }
  for (RegionOp region : main.getOps<RegionOp>())
    addLoads(region, constants, parts);
  if (failed(refuseInputStates(main)))
    return failure();
  Operation *terminator = main.getBody().front().getTerminator();
  builder.setInsertionPoint(terminator);
  auto join = builder.create<JoinOp>(
      main.getLoc(), all, terminator->getOperands().drop_front(outputs));
  terminator->eraseOperands(outputs, arguments.size());
  terminator->insertOperands(outputs, join.getResult());
  for (size_t i = 0; i < arguments.size(); ++i) {
    main.eraseArgument(inputs);
    main.eraseResult(outputs);
  }
  main.insertResult(outputs, all, name);
  main->setAttr(kStatePortsAttr, builder.getUnitAttr());
  return success();
}
