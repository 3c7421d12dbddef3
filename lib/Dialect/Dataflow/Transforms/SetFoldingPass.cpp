//===- SetFoldingPass.cpp - dataflow-set-folding --------------------------===//

#include "finngl/Dialect/Dataflow/Transforms/Folding.h"
#include "finngl/Dialect/Dataflow/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace finngl::df {
#define GEN_PASS_DEF_SETFOLDING
#include "finngl/Dialect/Dataflow/Transforms/Passes.h.inc"
} // namespace finngl::df

using namespace mlir;
using namespace finngl;

namespace {
struct Pass : df::impl::SetFoldingBase<Pass> {
  using SetFoldingBase::SetFoldingBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    df::Goal goal;
    goal.budget = {
        .lut = lut, .ff = ff, .dsp = dsp, .bram18 = bram18, .uram = 0};
    if (targetCycles > 0)
      goal.targetCycles = targetCycles;
    df::Choice choice = df::chooseFolding(module, goal);
    if (!choice.feasible) {
      module.emitError() << "no folding meets the goal; the nearest takes "
                         << choice.cycles << " cycles with "
                         << choice.resources.lut << " LUT and "
                         << choice.resources.dsp << " DSP";
      return signalPassFailure();
    }
    auto main = module.lookupSymbol<func::FuncOp>("main");
    size_t index = 0;
    for (df::RegionOp region : main.getOps<df::RegionOp>())
      df::apply(region, choice.regions[index++]);
  }
};
} // namespace
