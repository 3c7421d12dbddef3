//===- Passes.td - Passes on regions of cores --------------*- tablegen -*-===//

#ifndef FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSES_TD
#define FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def SetFolding : Pass<"dataflow-set-folding", "::mlir::ModuleOp"> {
  let summary = "Choose pe, simd, lanes and multipliers of every region, and schedule it";
  let description = [{
    Exhaustive over the smallest `pe` and `simd` for each number of groups, pruned
    to the Pareto front of period, fill and resources: the least latency of an
    inference within the budget, or the least area that meets `target-cycles`.
    Writes `pe`, `simd`, `lanes`, `period` and each core's `start`; the vectors of a
    region that these do not divide get longer, with zero weights for what is new.
  }];
  let options = [
    Option<"lut", "lut", "int64_t", "115200", "look-up tables">,
    Option<"ff", "ff", "int64_t", "230400", "flip-flops">,
    Option<"dsp", "dsp", "int64_t", "864", "DSP48E2 slices">,
    Option<"bram18", "bram18", "int64_t", "312", "18 kbit block RAMs">,
    Option<"targetCycles", "target-cycles", "int64_t", "0", "cycles of an inference; 0 is as few as possible">
  ];
  let dependentDialects = ["::finngl::df::DataflowDialect"];
}

#endif // FINNGL_DIALECT_DATAFLOW_TRANSFORMS_PASSES_TD
