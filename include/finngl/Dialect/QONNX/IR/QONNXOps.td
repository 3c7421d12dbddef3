//===- QONNXOps.td - Operators of imported models ----------*- tablegen -*-===//

#ifndef FINNGL_DIALECT_QONNX_OPS_TD
#define FINNGL_DIALECT_QONNX_OPS_TD

include "finngl/Dialect/QONNX/IR/QONNXBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

def QONNX_ConstantOp : QONNX_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "A tensor known at compile time";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs QONNX_AnyTensor:$result);
  let assemblyFormat = "$value attr-dict";
  let hasFolder = 1;
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Quantisers
//===----------------------------------------------------------------------===//

def QONNX_QuantOp : QONNX_Op<"quant", [Pure, SameOperandsAndResultType]> {
  let summary = "Quantise and dequantise in one step (QONNX Quant, BipolarQuant)";
  let description = [{
    Result: the value `(code - zero_point) * scale` of the operand's code, see
    the quantiser record. Source: QONNX Quant and BipolarQuant; also what
    `convert-qcdq-to-quant` makes of QuantizeLinear, Clip, DequantizeLinear.
  }];
  let arguments = (ins QONNX_FloatTensor:$input, QONNX_QuantiserAttr:$quantiser);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input `by` $quantiser attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def QONNX_QuantizeLinearOp : QONNX_Op<"quantize_linear", [Pure]> {
  let summary = "ONNX QuantizeLinear: f32 to integer codes";
  let description = [{
    `code = saturate(round_half_even(x / scale) + zero_point)` in the result's
    type. Scale and zero point: 1 or C entries along `axis`. Source: ONNX
    QuantizeLinear, opset 10 to 21 (no blocks).
  }];
  let arguments = (ins QONNX_FloatTensor:$input, DenseF32ArrayAttr:$scale,
                       DenseI64ArrayAttr:$zero_point, I64Attr:$axis);
  let results = (outs QONNX_IntTensor:$result);
  let assemblyFormat = "$input `scale` custom<ExactFloats>($scale) attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def QONNX_DequantizeLinearOp : QONNX_Op<"dequantize_linear", [Pure]> {
  let summary = "ONNX DequantizeLinear: integer codes to f32";
  let description = [{`(code - zero_point) * scale`. Source: ONNX DequantizeLinear, opset 10 to 21 (no blocks).}];
  let arguments = (ins QONNX_IntTensor:$input, DenseF32ArrayAttr:$scale,
                       DenseI64ArrayAttr:$zero_point, I64Attr:$axis);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input `scale` custom<ExactFloats>($scale) attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def QONNX_ClipOp : QONNX_Op<"clip", [Pure, SameOperandsAndResultType]> {
  let summary = "ONNX Clip with constant bounds, on codes or on f32";
  let arguments = (ins QONNX_AnyTensor:$input, F64Attr:$min, F64Attr:$max);
  let results = (outs QONNX_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

class QONNX_UnaryOp<string mnemonic, string text>
    : QONNX_Op<mnemonic, [Pure, SameOperandsAndResultType]> {
  let summary = text;
  let arguments = (ins QONNX_FloatTensor:$input);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
}
def QONNX_SigmoidOp : QONNX_UnaryOp<"sigmoid", "1 / (1 + exp(-x))">;
def QONNX_TanhOp : QONNX_UnaryOp<"tanh", "Hyperbolic tangent">;
def QONNX_ReluOp : QONNX_UnaryOp<"relu", "max(x, 0)">;
def QONNX_SoftsignOp : QONNX_UnaryOp<"softsign", "x / (1 + |x|)">;
def QONNX_NegOp : QONNX_UnaryOp<"neg", "-x">;

def QONNX_LeakyReluOp : QONNX_Op<"leaky_relu", [Pure, SameOperandsAndResultType]> {
  let summary = "x, or slope * x below zero";
  let description = [{
    `slope` holds 1 or C finite entries along dimension `axis` (-1: per tensor). Source:
    ONNX LeakyRelu, opset 6 to 16, and PRelu with a constant slope, opset 7 to 16.
    Integers come of it with a quantiser behind, BatchNormalization and clips
    between allowed; a slope below zero needs an operand of at most 4096 codes.

    `%1 = qonnx.leaky_relu %0 slope [0.01, 0.2] {axis = 1 : i64} : tensor<1x2x5xf32>`
  }];
  let arguments = (ins QONNX_FloatTensor:$input, DenseF32ArrayAttr:$slope, I64Attr:$axis);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input `slope` custom<ExactFloats>($slope) attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def QONNX_EluOp : QONNX_Op<"elu", [Pure, SameOperandsAndResultType]> {
  let summary = "x, or alpha * (exp(x) - 1) below zero";
  let description = [{Source: ONNX Elu, opset 6. A quantiser must follow, as for sigmoid.}];
  let arguments = (ins QONNX_FloatTensor:$input, F32Attr:$alpha);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasVerifier = 1;
}

class QONNX_BinaryOp<string mnemonic, string text> : QONNX_Op<mnemonic, [Pure]> {
  let summary = text;
  let description = [{Operands broadcast to the result's shape as in NumPy.}];
  let arguments = (ins QONNX_FloatTensor:$lhs, QONNX_FloatTensor:$rhs);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def QONNX_AddOp : QONNX_BinaryOp<"add", "Sum">;
def QONNX_SubOp : QONNX_BinaryOp<"sub", "Difference">;
def QONNX_MulOp : QONNX_BinaryOp<"mul", "Elementwise product">;

def QONNX_MatMulOp : QONNX_Op<"matmul", [Pure]> {
  let summary = "Matrix product as numpy.matmul";
  let arguments = (ins QONNX_FloatTensor:$lhs, QONNX_FloatTensor:$rhs);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

def QONNX_ArgMaxOp : QONNX_Op<"arg_max", [Pure]> {
  let summary = "Positions of the largest elements along one dimension";
  let description = [{
    The result's extent K in dimension `axis` says how many, 1 for the largest one;
    the largest comes first, of equal elements the first, with `select_last` the
    last. Positions are numbers. Integers come of it where the dimension is that of
    the channels. Source: ONNX ArgMax, opset 1 to 13, and Indices of TopK, opset 1
    to 11, whose int64 it is as f32.

    `%1 = qonnx.arg_max %0 {axis = 1 : i64, select_last = false} : tensor<1x10xf32> -> tensor<1x1xf32>`
  }];
  let arguments = (ins QONNX_FloatTensor:$input, I64Attr:$axis, BoolAttr:$select_last);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def QONNX_TopKOp : QONNX_Op<"top_k", [Pure]> {
  let summary = "The largest elements along one dimension";
  let description = [{
    As many as the result's extent in dimension `axis`, the largest first: the
    elements at the positions of `arg_max`. Source: Values of ONNX TopK, opset 1 to
    11; the smallest are the largest of the negated input.

    `%1 = qonnx.top_k %0 {axis = 1 : i64} : tensor<1x10xf32> -> tensor<1x3xf32>`
  }];
  let arguments = (ins QONNX_FloatTensor:$input, I64Attr:$axis);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def QONNX_SoftmaxOp : QONNX_Op<"softmax", [Pure, SameOperandsAndResultType]> {
  let summary = "exp(x) over its sum along one dimension, or the logarithm of it";
  let description = [{
    Of integers it makes none: as a graph output it is left to the host
    (`qonnx-leave-head-to-host`), elsewhere refused. Source: ONNX Softmax and
    LogSoftmax, opset 1 to 13.
  }];
  let arguments = (ins QONNX_FloatTensor:$input, I64Attr:$axis, BoolAttr:$log);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Sliding windows
//===----------------------------------------------------------------------===//

def QONNX_ConvOp : QONNX_Op<"conv", [Pure]> {
  let summary = "ONNX Conv in one or two spatial dimensions, without its bias";
  let description = [{
    `out[n, m, p] = sum_{c, k} weights[m, c, k] * x[n, g * C/group + c, p * stride
    - pad + k * dilation]`, g the group of m; elements outside are 0.

    * input: `[N, C, D...]`, weights: `[M, C / group, K...]`, `group` divides C and M
      (C groups: depthwise); result: `[N, M, O...]`
    * `strides`, `dilations`: one for each spatial dimension; `pads`: first all
      beginnings, then all ends, as in ONNX. auto_pad ends in the importer, a bias
      becomes a `qonnx.add`.
    * source: ONNX Conv, opset 1 to 21

    `%y = qonnx.conv %x, %w {strides = array<i64: 1, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x1x4x6xf32>, tensor<8x1x1x2xf32>) -> tensor<1x8x4x3xf32>`
  }];
  let arguments = (ins QONNX_FloatTensor:$input, QONNX_FloatTensor:$weights,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$dilations, I64Attr:$group);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input `,` $weights attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

class QONNX_PoolOp<string mnemonic, string text, dag extra = (ins)>
    : QONNX_Op<mnemonic, [Pure]> {
  let summary = text;
  let arguments = !con((ins QONNX_FloatTensor:$input, DenseI64ArrayAttr:$kernel,
                            DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                            DenseI64ArrayAttr:$dilations), extra);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def QONNX_MaxPoolOp : QONNX_PoolOp<"max_pool", "Largest element of each window"> {
  let description = [{
    `[N, C, D...]` to `[N, C, O...]`, each channel alone; padding never wins. Every
    window holds an element that is no padding. Source: ONNX MaxPool, GlobalMaxPool.
  }];
}

def QONNX_AveragePoolOp
    : QONNX_PoolOp<"average_pool", "Mean of each window", (ins BoolAttr:$count_include_pad)> {
  let description = [{
    `[N, C, D...]` to `[N, C, O...]`, each channel alone. The sum is divided by the
    number of taps, or without `count_include_pad` by that of the taps that are no
    padding. Source: ONNX AveragePool, GlobalAveragePool.
  }];
}

def QONNX_BatchNormOp : QONNX_Op<"batch_norm", [Pure, SameOperandsAndResultType]> {
  let summary = "ONNX BatchNormalization of inference";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + bias` with one entry for each
    index of dimension 1. The square root is a real number: a quantiser must follow,
    after nothing but Relu, LeakyRelu and Clip. Source: ONNX BatchNormalization, opset 9 to 21.
  }];
  let arguments = (ins QONNX_FloatTensor:$input, DenseF32ArrayAttr:$scale, DenseF32ArrayAttr:$bias,
                       DenseF32ArrayAttr:$mean, DenseF32ArrayAttr:$variance, F32Attr:$epsilon);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = [{
    $input `scale` custom<ExactFloats>($scale) `bias` custom<ExactFloats>($bias)
    `mean` custom<ExactFloats>($mean) `variance` custom<ExactFloats>($variance)
    attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

def QONNX_ReshapeOp : QONNX_Op<"reshape", [Pure]> {
  let summary = "Same elements in row-major order, another shape";
  let description = [{Source: Reshape, Flatten, Squeeze, Unsqueeze with constant arguments.}];
  let arguments = (ins QONNX_FloatTensor:$input);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def QONNX_TransposeOp : QONNX_Op<"transpose", [Pure]> {
  let summary = "Permuted dimensions";
  let arguments = (ins QONNX_FloatTensor:$input, DenseI64ArrayAttr:$perm);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input $perm attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def QONNX_ConcatOp : QONNX_Op<"concat", [Pure]> {
  let summary = "Tensors joined along one dimension";
  let description = [{
    All operands agree in every dimension but `axis`. Source: ONNX Concat.

    `%2 = qonnx.concat %0, %1 {axis = 2 : i64} : (tensor<5x1x4xf32>, tensor<5x1x4xf32>) -> tensor<5x1x8xf32>`
  }];
  let arguments = (ins Variadic<QONNX_FloatTensor>:$inputs, I64Attr:$axis);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_GatherOp : QONNX_Op<"gather", [Pure]> {
  let summary = "Elements at constant positions of one dimension";
  let description = [{
    `out[.., k, ..] = in[.., indices[k], ..]`; the other dimensions stay. Source:
    ONNX Gather with constant indices, Slice and Split; also how the recurrent
    operators take their gates and directions apart.

    `%1 = qonnx.gather %0 [4, 0] axis 1 : tensor<1x5xf32> -> tensor<1x2xf32>`
  }];
  let arguments = (ins QONNX_FloatTensor:$input, DenseI64ArrayAttr:$indices, I64Attr:$axis);
  let results = (outs QONNX_FloatTensor:$result);
  let assemblyFormat = "$input $indices `axis` $axis attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

def QONNX_ScanOp : QONNX_Op<"scan", [Pure, AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock]> {
  let summary = "ONNX Scan: a body applied to each step of its inputs";
  let description = [{
    Body arguments: one per state, then one per scan input (the input's shape
    without its scan axis). The terminator `qonnx.yield` gives the next states,
    then one value per scan output. Results: final states, then the stacked scan
    outputs. `captures` are values of the outer graph that the body uses; their
    body arguments come last. Directions: 0 forward, 1 reverse. Source: ONNX
    Scan, opset 9 to 21.
  }];
  let arguments = (ins
    Variadic<QONNX_FloatTensor>:$states,
    Variadic<QONNX_FloatTensor>:$inputs,
    Variadic<QONNX_FloatTensor>:$captures,
    DenseI64ArrayAttr:$input_axes,
    DenseI64ArrayAttr:$input_directions,
    DenseI64ArrayAttr:$output_axes,
    DenseI64ArrayAttr:$output_directions);
  let results = (outs Variadic<QONNX_FloatTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `states` `(` $states `)` `inputs` `(` $inputs `)` `captures` `(` $captures `)`
    attr-dict `:` functional-type(operands, results) $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Number of steps (extent of the scan axis of the first input).
    int64_t getSteps();
  }];
}

def QONNX_YieldOp : QONNX_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"ScanOp">]> {
  let summary = "Next states, then scan outputs of one step";
  let arguments = (ins Variadic<QONNX_FloatTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def QONNX_QuantLSTMCellOp : QONNX_Op<"quant_lstm_cell", [Pure, AttrSizedOperandSegments]> {
  let summary = "Brevitas QuantLSTMCell: one LSTM layer and direction";
  let description = [{
    Weights and biases in the order input, forget, cell, output; `quantisers` in
    Brevitas' order: output, cell_state, input_acc, forget_acc, cell_acc,
    output_acc, input_sigmoid, forget_sigmoid, cell_tanh, output_sigmoid,
    hidden_state_tanh. `x`: `[T, N, F]`, or `[N, T, F]` with `batch_first`;
    results: all h, last h `[N, H]`, last c. Source: Brevitas 0.11
    `QuantLSTMCell` (domain onnx.brevitas). `qonnx-expand-rnn` makes a scan of it.
  }];
  let arguments = (ins
    QONNX_FloatTensor:$x, QONNX_FloatTensor:$h0, QONNX_FloatTensor:$c0,
    Variadic<QONNX_FloatTensor>:$weights,
    Variadic<QONNX_FloatTensor>:$recurrent_weights,
    Variadic<QONNX_FloatTensor>:$biases,
    TypedArrayAttrBase<QONNX_QuantiserAttr, "11 quantisers">:$quantisers,
    BoolAttr:$batch_first, BoolAttr:$reverse_input, BoolAttr:$cifg);
  let results = (outs QONNX_FloatTensor:$all_h, QONNX_FloatTensor:$last_h, QONNX_FloatTensor:$last_c);
  let assemblyFormat = [{
    $x `,` $h0 `,` $c0 `weights` `(` $weights `)` `recurrent` `(` $recurrent_weights `)`
    `biases` `(` $biases `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QONNX_RnnOp : QONNX_Op<"rnn", [Pure, AttrSizedOperandSegments]> {
  let summary = "ONNX LSTM, GRU or RNN: one layer, one or two directions";
  let description = [{
    T steps, batch N, F features, H hidden units, D directions, and G gates: LSTM
    4 (input, output, forget, cell), GRU 3 (update, reset, hidden), RNN 1.

    | operand, result | shape | `batch_first` |
    |---|---|---|
    | `x` | `[T, N, F]` | `[N, T, F]` |
    | `w`, `r`, `bias` | `[D, G*H, F]`, `[D, G*H, H]`, `[D, 2*G*H]` | the same |
    | `peepholes` (LSTM; input, output, forget) | `[D, 3*H]` | the same |
    | `initial_h`, `initial_c`, `last_h`, `last_c` | `[D, N, H]` | `[N, D, H]` |
    | `all_h` | `[T, D, N, H]` | `[N, T, D, H]` |

    `activations`: LSTM f, g, h, GRU f, g, RNN f of ONNX, for each direction.
    `clip` bounds what enters an activation. `sequence_lens`: steps of each
    element of the batch, none if all have T; what follows is 0 in `all_h`, and
    the reverse direction starts at the last step that counts. `coupled`: the
    forget gate is 1 - input gate (`input_forget`). `linear_before_reset`: a GRU
    multiplies by R first. Source: ONNX LSTM, GRU, RNN, opset 7 to 22.
    `qonnx-expand-rnn` makes scans of it.
  }];
  let arguments = (ins
    QONNX_FloatTensor:$x, QONNX_FloatTensor:$w, QONNX_FloatTensor:$r,
    Optional<QONNX_FloatTensor>:$bias,
    Optional<QONNX_FloatTensor>:$initial_h, Optional<QONNX_FloatTensor>:$initial_c,
    Optional<QONNX_FloatTensor>:$peepholes,
    QONNX_CellAttr:$cell, QONNX_DirectionAttr:$direction,
    TypedArrayAttrBase<QONNX_ActivationAttr, "activations">:$activations,
    DenseI64ArrayAttr:$sequence_lens, OptionalAttr<F32Attr>:$clip,
    UnitAttr:$batch_first, UnitAttr:$coupled, UnitAttr:$linear_before_reset);
  let results = (outs QONNX_FloatTensor:$all_h, QONNX_FloatTensor:$last_h,
                      Optional<QONNX_FloatTensor>:$last_c);
  let assemblyFormat = [{
    $cell $direction $x `,` $w `,` $r (`bias` $bias^)? (`h` $initial_h^)? (`c` $initial_c^)?
    (`peepholes` $peepholes^)? `steps` $sequence_lens attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Gates of a cell (G above).
    static int64_t gatesOf(Cell cell);
    /// Activations of a direction.
    static int64_t activationsOf(Cell cell);
    int64_t getDirections() {
      return getDirection() == Direction::Bidirectional ? 2 : 1;
    }
    int64_t getHidden();
    /// Dimension of `x` that holds the steps; the batch is the other of the
    /// first two.
    int64_t getStepAxis() { return getBatchFirst() ? 1 : 0; }
  }];
}

#endif // FINNGL_DIALECT_QONNX_OPS_TD
