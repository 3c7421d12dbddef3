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

LogicalResult finngl::addStatePorts(func::FuncOp main) {
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
