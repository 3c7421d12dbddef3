//===- DataflowInterfaces.td - What every core can tell ----*- tablegen -*-===//

#ifndef FINNGL_DIALECT_DATAFLOW_INTERFACES_TD
#define FINNGL_DIALECT_DATAFLOW_INTERFACES_TD

include "mlir/IR/OpBase.td"

def DF_CoreOpInterface : OpInterface<"CoreOpInterface"> {
  let cppNamespace = "::finngl::df";
  let description = [{
    A core of a region: one SystemVerilog module, one result a cycle and lane,
    fixed latency, no stall. Cost and timing are pure functions of the op.
  }];
  let methods = [
    InterfaceMethod<"Cycles from the operands' beat to the result's beat",
      "unsigned", "latency">,
    InterfaceMethod<"Resources of one lane", "::finngl::Resources", "resources">,
    InterfaceMethod<"Name of the SystemVerilog module", "::llvm::StringRef", "rtlModule">,
    InterfaceMethod<[{Parameters and memory images of lane `lane` of `lanes`;
      `beats` is the number of beats of a step}],
      "void", "rtlParameters", (ins "::finngl::RtlInstance &":$instance, "unsigned":$lane, "unsigned":$lanes)>,
  ];
}

#endif // FINNGL_DIALECT_DATAFLOW_INTERFACES_TD
