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
    InterfaceMethod<[{The module's data inputs: port and expression, from one
      expression per operand}],
      "::finngl::df::PortMap", "rtlPorts", (ins "::llvm::ArrayRef<std::string>":$operands),
      /*methodBody=*/"", /*defaultImplementation=*/[{ return {{"data_i", operands[0]}}; }]>,
    InterfaceMethod<[{Gives each of `channels` channels constants, by repeating the
      last one's; constants for all channels stay}],
      "void", "padChannels", (ins "int64_t":$channels),
      /*methodBody=*/"", /*defaultImplementation=*/[{ (void)channels; }]>,
    InterfaceMethod<[{Parameters and memory images of lane `lane` of `lanes`}],
      "void", "rtlParameters", (ins "::finngl::RtlInstance &":$instance, "unsigned":$lane, "unsigned":$lanes)>,
  ];
}

def DF_StreamOpInterface : OpInterface<"StreamOpInterface"> {
  let cppNamespace = "::finngl::df";
  let description = [{
    An elastic module between regions: one ready/valid stream in, one out. Cost and
    parameters are pure functions of the op and of the beat that it gives.
  }];
  let methods = [
    InterfaceMethod<[{Elements of a beat that it gives, where the operand offers `offered` and the
      result's first reader takes `wanted`}],
      "int64_t", "lanes", (ins "int64_t":$offered, "int64_t":$wanted),
      /*methodBody=*/"", /*defaultImplementation=*/[{ return offered; }]>,
    InterfaceMethod<[{Elements of a beat that it takes, where it gives `lanes`}],
      "int64_t", "taken", (ins "int64_t":$lanes),
      /*methodBody=*/"", /*defaultImplementation=*/[{ return lanes; }]>,
    InterfaceMethod<"Resources with beats of `lanes` elements",
      "::finngl::Resources", "resources", (ins "int64_t":$lanes)>,
    InterfaceMethod<"Name of the SystemVerilog module; empty: wires",
      "::llvm::StringRef", "rtlModule">,
    InterfaceMethod<"Parameters; `sideBits` travel with each beat",
      "void", "rtlParameters", (ins "::finngl::RtlInstance &":$instance, "int64_t":$lanes, "unsigned":$sideBits)>,
    InterfaceMethod<[{The module's ports but clock, reset and status: of the streams
      whose signals have these prefixes}],
      "::finngl::df::PortMap", "rtlPorts", (ins "const std::string &":$from, "const std::string &":$to),
      /*methodBody=*/"", /*defaultImplementation=*/[{ return ::finngl::df::streamPorts(from, to); }]>,
    InterfaceMethod<"Has the module the output frame_error_o?", "bool", "hasFrameError", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/[{ return false; }]>,
    InterfaceMethod<"Has the module the output overrun_o?", "bool", "hasOverrun", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/[{ return false; }]>,
    InterfaceMethod<"Sets how the port that it makes holds and gives beats",
      "void", "describe", (ins "::finngl::NetworkShape::Port &":$port)>,
  ];
}

#endif // FINNGL_DIALECT_DATAFLOW_INTERFACES_TD
