//===- PadRegion.cpp - Vectors that a folding divides ---------------------===//
//
// Each vector of a region's body gets the length of the padded shape. MVUs get
// rows and columns of zeros for it and cores the last channel's constants; the
// region's operands and results stay as they are.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"

using namespace mlir;
using namespace finngl;
using namespace finngl::df;

static int64_t sizeOf(Value value, const PassPlan &plan,
                      const RegionShape &shape) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return shape.passes[plan.of(value.getDefiningOp())].units;
  size_t i = argument.getArgNumber(), states = shape.states.size();
  return i < states ? shape.states[i].size : shape.inputs[i - states].size;
}

void df::pad(RegionOp region, const PassPlan &plan, const RegionShape &shape) {
  Block &body = region.getBody().front();
  auto size = [&](Value value) { return sizeOf(value, plan, shape); };
  auto grow = [&](Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    value.setType(type.clone({size(value)}));
  };
  for (Operation &op : body.without_terminator())
    if (auto mvu = dyn_cast<MvuOp>(op))
      mvu.pad(size(mvu.getBlocks()[0]),
              llvm::map_to_vector(mvu.getOperands(), size));
    else
      cast<CoreOpInterface>(op).padChannels(size(op.getResult(0)));
  // Last, since an MVU's weights are found by the lengths of its operands.
  llvm::for_each(body.getArguments(), grow);
  for (Operation &op : body.without_terminator())
    llvm::for_each(op.getResults(), grow);
}
