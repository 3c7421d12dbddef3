//===- Passes.td - Passes on imported models ---------------*- tablegen -*-===//

#ifndef FINNGL_DIALECT_QONNX_TRANSFORMS_PASSES_TD
#define FINNGL_DIALECT_QONNX_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertQCDQToQuant : Pass<"convert-qcdq-to-quant", "::mlir::func::FuncOp"> {
  let summary = "QuantizeLinear, Clip, DequantizeLinear become one quant";
  let description = [{
    Every chain QuantizeLinear, any number of Clips on codes, DequantizeLinear
    with equal scale and zero point becomes a `qonnx.quant` with the clipped code
    bounds (kept as they are: bounds need not be a bit width). A
    DequantizeLinear of an integer constant or of an integer graph input stays:
    its codes are in the file, and no real number has to be coded again. A pair
    with different scales or zero points is two quantisers in one: it is refused
    with both values. Values are compared, not names.
  }];
  let dependentDialects = ["::finngl::qonnx::QONNXDialect"];
}

def ConvertQuantToQCDQ : Pass<"convert-quant-to-qcdq", "::mlir::func::FuncOp"> {
  let summary = "One quant becomes QuantizeLinear, Clip, DequantizeLinear";
  let description = [{
    The way back of `convert-qcdq-to-quant`, for tools that know ONNX' own
    operators only. Codes are int8 or uint8 by the sign of the lowest one; a Clip
    stands where the bounds are not those of the type. More than 8 bits, other
    rounding than half to even, bipolar codes and zero points that are added
    before rounding are refused.
  }];
  let dependentDialects = ["::finngl::qonnx::QONNXDialect"];
}

def ExpandRnn : Pass<"qonnx-expand-rnn", "::mlir::func::FuncOp"> {
  let summary = "Recurrent operators become scans with every quantiser explicit";
  let description = [{
    `qonnx.quant_lstm_cell` becomes a `qonnx.scan` whose body holds the matrix
    products, the 11 quantisers, sigmoids and tanhs as own ops. `qonnx.rnn` (ONNX
    LSTM, GRU, RNN) becomes a scan for each direction and each sequence length of
    the batch; gates of constant weights are cut, transposed and their biases
    added here. Parts are named after the node and their gate (`lstm/forget_x`,
    `lstm/cell_state`).
  }];
  let dependentDialects = ["::finngl::qonnx::QONNXDialect"];
}

def FoldReversals : Pass<"qonnx-fold-reversals", "::mlir::func::FuncOp"> {
  let summary = "A reversed sequence turns a scan round";
  let description = [{
    A `qonnx.gather` of all positions of the axis of steps, backwards, in front
    of a scan becomes the other direction of that scan input; one of a scan
    output that nothing else reads, the other direction of the output.
    Transposes, reshapes and quantisers between are kept. Other gathers stay.
  }];
  let dependentDialects = ["::finngl::qonnx::QONNXDialect"];
}

def SelectSteps : Pass<"qonnx-select-steps", "::mlir::func::FuncOp"> {
  let summary = "One step of a scan's output becomes a final state";
  let description = [{
    A `qonnx.gather` of the step of a scan that is executed last becomes the
    final state with that value. The step executed first (the last one of a
    reversed direction, as torch reads it) becomes the final state of a scan of
    its own in the other direction, whose steps all start from the initial
    states. Transposes, reshapes and concats between are repeated for the one
    step. Other gathers stay.
  }];
  let dependentDialects = ["::finngl::qonnx::QONNXDialect"];
}

def LeaveHeadToHost : Pass<"qonnx-leave-head-to-host", "::mlir::func::FuncOp"> {
  let summary = "A Softmax, LogSoftmax or Sigmoid as result gives way to its operand";
  let description = [{
    The result's attribute `qonnx.host` says what the host applies: `{axis = 1 :
    i64, function = "Softmax"}`. A function without such a result is an error.
  }];
  let dependentDialects = ["::finngl::qonnx::QONNXDialect"];
}

#endif // FINNGL_DIALECT_QONNX_TRANSFORMS_PASSES_TD
