//===- ExposeStates.cpp - The pass finn-expose-states ---------------------===//
//
// finn.scan states(%constant) -> a further argument of the function in place of
// the constant, and the final state as a further result. What the states of a
// network are, and their order, is decided here only: hardware with state ports
// and the integer network that it is compared with are both made from this.
//
//===----------------------------------------------------------------------===//

#include "finngl/Dialect/Finn/IR/Finn.h"
#include "finngl/Dialect/Finn/Transforms/Passes.h"
#include "finngl/Support/Diagnostics.h"

namespace finngl::finn {
#define GEN_PASS_DEF_EXPOSESTATES
#include "finngl/Dialect/Finn/Transforms/Passes.h.inc"
} // namespace finngl::finn

using namespace mlir;
using namespace finngl;

std::string finn::stateName(ScanOp scan, size_t index) {
  return nodeName(scan.getLoc()) + ".state" + std::to_string(index);
}

static void exposeState(func::FuncOp function, finn::ScanOp scan, size_t index,
                        finn::ConstantOp constant) {
  MLIRContext *context = function.getContext();
  Type type = scan.getBody().front().getArgument(index).getType();
  std::string name = nodeName(scan.getLoc()) + ".state" + std::to_string(index);
  SmallVector<NamedAttribute> attributes{
      {StringAttr::get(context, finn::kNameAttr),
       StringAttr::get(context, name)}};
  function.insertResult(function.getNumResults(), type,
                        DictionaryAttr::get(context, attributes));
  Operation *terminator = function.getBody().front().getTerminator();
  terminator->insertOperands(terminator->getNumOperands(),
                             scan.getResult(index));
  attributes.push_back(
      {StringAttr::get(context, finn::kInitialAttr), constant.getValue()});
  unsigned argument = function.getNumArguments();
  function.insertArgument(
      argument, type, DictionaryAttr::get(context, attributes), scan.getLoc());
  scan.getStatesMutable()[index].set(function.getArgument(argument));
  if (constant->use_empty())
    constant.erase();
}

void finn::exposeStates(func::FuncOp function) {
  for (ScanOp scan : function.getOps<ScanOp>())
    for (size_t i = 0; i < scan.getStates().size(); ++i)
      if (auto constant = scan.getStates()[i].getDefiningOp<ConstantOp>())
        exposeState(function, scan, i, constant);
}

namespace {
struct ExposeStatesPass
    : finngl::finn::impl::ExposeStatesBase<ExposeStatesPass> {
  void runOnOperation() override { finn::exposeStates(getOperation()); }
};
} // namespace
