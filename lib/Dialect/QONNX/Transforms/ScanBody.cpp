//===- ScanBody.cpp - The body of a scan while it is built ----------------===//

#include "ScanBody.h"
#include "finngl/Support/Diagnostics.h"

using namespace mlir;

namespace finngl::qonnx {

ScanBody::ScanBody(Location location, TypeRange states, TypeRange steps,
                   std::string prefix)
    : location(location), prefix(std::move(prefix)),
      block(&region.emplaceBlock()), builder(location.getContext()) {
  for (TypeRange types : {states, steps})
    for (Type type : types)
      block->addArgument(type, location);
  builder.setInsertionPointToEnd(block);
}

Location ScanBody::part(const llvm::Twine &name) {
  return partLocation(location, (llvm::Twine(prefix) + name).str());
}

/// True if `value` follows from constants by operators without regions.
static bool followsFromConstants(Value value) {
  Operation *maker = value.getDefiningOp();
  return maker && maker->getNumRegions() == 0 && isPure(maker) &&
         llvm::all_of(maker->getOperands(), followsFromConstants);
}

Value ScanBody::outer(Value value) {
  if (Value known = inside.lookupOrNull(value))
    return known;
  if (!followsFromConstants(value)) {
    captures.push_back(value);
    Value argument = block->addArgument(value.getType(), value.getLoc());
    inside.map(value, argument);
    return argument;
  }
  Operation *maker = value.getDefiningOp();
  for (Value operand : maker->getOperands())
    outer(operand);
  builder.clone(*maker, inside);
  return inside.lookup(value);
}

ScanOp ScanBody::finish(Operation *user, ValueRange initial, Value input,
                        int64_t axis, bool reverse, Type stacked,
                        ValueRange states, Value output) {
  llvm::SmallVector<Value> yielded(states);
  yielded.push_back(output);
  builder.create<YieldOp>(location, yielded);
  llvm::SmallVector<Type> types(initial.getTypes());
  types.push_back(stacked);
  OpBuilder outside(user);
  int64_t direction = reverse ? 1 : 0;
  auto scan = outside.create<ScanOp>(location, types, initial, input, captures,
                                     axis, direction, axis, direction);
  scan.getBody().takeBody(region);
  return scan;
}

ScanOp ScanBody::finish(Operation *user, Value initial, ValueRange inputs,
                        ArrayRef<int64_t> axes, ArrayRef<int64_t> directions,
                        Value state) {
  builder.create<YieldOp>(location, state);
  OpBuilder outside(user);
  auto scan = outside.create<ScanOp>(
      location, TypeRange(initial.getType()), ValueRange(initial), inputs,
      captures, axes, directions, ArrayRef<int64_t>(), ArrayRef<int64_t>());
  scan.getBody().takeBody(region);
  return scan;
}

void eraseDead(llvm::SmallVector<Value> values) {
  while (!values.empty()) {
    Operation *maker = values.pop_back_val().getDefiningOp();
    if (!maker || !isOpTriviallyDead(maker))
      continue;
    llvm::SmallVector<Value> operands(maker->getOperands());
    // The same op may stand on the list twice.
    llvm::erase_if(values, [&](Value v) { return v.getDefiningOp() == maker; });
    maker->erase();
    values.append(operands);
  }
}

} // namespace finngl::qonnx
