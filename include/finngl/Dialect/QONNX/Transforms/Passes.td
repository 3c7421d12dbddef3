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

def ExpandRnn : Pass<"qonnx-expand-rnn", "::mlir::func::FuncOp"> {
  let summary = "Recurrent operators become scans with every quantiser explicit";
  let description = [{
    `qonnx.quant_lstm_cell` becomes a `qonnx.scan` whose body holds the matrix
    products, the 11 quantisers, sigmoids and tanhs as own ops. `qonnx.rnn` (ONNX
    LSTM, GRU, RNN) becomes a scan for each direction and each sequence length of
    the batch; gates of constant weights are cut, transposed and their biases
    added here. Parts are named after the node and their gate (`lstm/forget_x`,
    `lstm/cell_state`). A `qonnx.gather` of a scan's last step reads the state.
  }];
  let dependentDialects = ["::finngl::qonnx::QONNXDialect"];
}

#endif // FINNGL_DIALECT_QONNX_TRANSFORMS_PASSES_TD
