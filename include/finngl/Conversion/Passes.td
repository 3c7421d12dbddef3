//===- Passes.td - Steps between dialects ------------------*- tablegen -*-===//

#ifndef FINNGL_CONVERSION_PASSES_TD
#define FINNGL_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertQONNXToFinn : Pass<"convert-qonnx-to-finn", "::mlir::func::FuncOp"> {
  let summary = "Floats and quantisers become integers, exactly";
  let description = [{
    Runs on `main` after `convert-qcdq-to-quant` and `qonnx-expand-rnn`. Every
    float value gets its exact linear form `sum_i s_i * v_i + o` (v_i integers,
    s_i and o rationals); a quantiser collapses a form into one code
    (finn.requant, finn.multi_threshold), and into a finn.table behind a sigmoid
    or tanh. Vectors are flat: `[n]` in a scan's body, `[n]` or `[T, n]` outside.

    Each graph input must meet one quantiser (or be the initial value of a state,
    whose grid it then shares): the argument is its code, with `finn.quantiser`.
    Results are integers with `finn.scale` and `finn.offset`. Whatever cannot be
    converted is an error that names its ONNX node; all are listed in one run.

    ```mlir
    %0 = qonnx.matmul %x, %w    // x = sx * a, w = sw * W
    %1 = qonnx.quant %0 by #q   // scale sq
    // becomes
    %0 = finn.matmul %a, dense<W>
    %1 = finn.requant %0 {p, k, c}   // p / 2^k stands for sx * sw / sq
    ```
  }];
  let dependentDialects = ["::finngl::finn::FinnDialect", "::finngl::qonnx::QONNXDialect"];
}

def ConvertFinnToDataflow : Pass<"convert-finn-to-dataflow", "::mlir::ModuleOp"> {
  let summary = "Integer operations become cores in regions";
  let description = [{
    Each finn.scan becomes a recurrent `dataflow.region`; operations outside of
    scans are grouped into feed-forward regions with at most one matrix-vector
    unit. All matrix products of a step share one MVU; step functions become
    segment tables or multipliers with a shift.
  }];
  let options = [Option<"style", "style", "std::string", "\"segment\"",
                        "how thresholds are built: segment (tables) or requant (multipliers)">,
                 Option<"sliding", "sliding", "bool", "false",
                        "answer for the window that begins with each sample">,
                 Option<"stream", "stream", "bool", "false",
                        "answer each step of a stream without an end">];
  let dependentDialects = ["::finngl::df::DataflowDialect"];
}

#endif // FINNGL_CONVERSION_PASSES_TD
