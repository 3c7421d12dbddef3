//===- FinnOps.td - Integer-only networks ------------------*- tablegen -*-===//

#ifndef FINNGL_DIALECT_FINN_OPS_TD
#define FINNGL_DIALECT_FINN_OPS_TD

include "finngl/Dialect/Finn/IR/FinnBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Finn_Op<string mnemonic, list<Trait> traits = []> : Op<Finn_Dialect, mnemonic, traits>;

def Finn_ConstantOp : Finn_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "Integers known at compile time";
  let description = [{`%c = finn.constant dense<0> : tensor<20xsi8>`}];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$value attr-dict";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Finn_MatMulOp : Finn_Op<"matmul", [Pure]> {
  let summary = "Constant matrix times vector";
  let description = [{
    `out[..., r] = sum_c weights[r, c] * in[..., c]`.

    * input: `[MW]` or `[T, MW]`; weights: `[MH, MW]`; result: `[MH]` or `[T, MH]`
    * the result's type holds the sum for every input of the operand's range

    `%y = finn.matmul %x, dense<[[1, -2], [3, 0]]> : tensor<2x2xsi3>, tensor<2xsi4> -> tensor<2xsi7>`
  }];
  let arguments = (ins Finn_Tensor:$input, ElementsAttr:$weights);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input `,` $weights attr-dict `,` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_LincombOp : Finn_Op<"lincomb", [Pure]> {
  let summary = "Integer-weighted sum of values, plus a constant per channel";
  let description = [{
    `out[i, ch] = sum_k coefficients[k, ch] * in_k[i, ch] + offset[ch]`.

    * coefficients: `[K, 1]` or `[K, C]` for K operands, row-major: one for each
      operand, or one for each operand and channel, those of the first operand first
    * offset: 1 or C entries

    `%y = finn.lincomb %a, %b {coefficients = array<i64: 1, 2, 3, -4>, offset = array<i64: 0, 5>} : (tensor<2xsi6>, tensor<2xsi6>) -> tensor<2xsi9>`
    is `a[0] + 3 b[0], 2 a[1] - 4 b[1] + 5`.

    `%y = finn.lincomb %a, %b {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi6>, tensor<4xsi6>) -> tensor<4xsi7>`
  }];
  let arguments = (ins Variadic<Finn_Tensor>:$inputs, DenseI64ArrayAttr:$coefficients, DenseI64ArrayAttr:$offset);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Of one operand: 1 or C entries.
    ::llvm::ArrayRef<int64_t> coefficientsOf(size_t operand) {
      size_t entries = getCoefficients().size() / getInputs().size();
      return getCoefficients().slice(operand * entries, entries);
    }
    /// One coefficient for each operand.
    bool isUniform() { return getCoefficients().size() == getInputs().size(); }
  }];
}

def Finn_MulOp : Finn_Op<"mul", [Pure]> {
  let summary = "Elementwise product of two values";
  let description = [{`%y = finn.mul %a, %b : (tensor<4xui6>, tensor<4xsi6>) -> tensor<4xsi12>`}];
  let arguments = (ins Finn_Tensor:$lhs, Finn_Tensor:$rhs);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Finn_RequantOp : Finn_Op<"requant", [Pure]> {
  let summary = "Multiply, add, shift, tie fix, clamp: a quantiser on one exact scale";
  let description = [{
    `v = p*in + c[ch]; y = v >> k; if (v mod 2^k < w[ch]) y -= y & 1;
    out = clamp(y, lo, hi)`, `c` and `w` with 1 or C entries. With `split` (1 or C
    entries) the constants `c_high` hold from `in >= split[ch]` on. Arithmetic is
    exact (64 bit). Source: design of Core/Requant.h.

    `%y = finn.requant %x {p = 5 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4xsi12> -> tensor<4xsi4>`
  }];
  let arguments = (ins Finn_Tensor:$input, I64Attr:$p, I64Attr:$k, DenseI64ArrayAttr:$c, DenseI64ArrayAttr:$w,
                       OptionalAttr<DenseI64ArrayAttr>:$split, OptionalAttr<DenseI64ArrayAttr>:$c_high,
                       I64Attr:$lo, I64Attr:$hi);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_TableOp : Finn_Op<"table", [Pure]> {
  let summary = "Code to code by table";
  let description = [{
    `out = values[in - first]`; the operand never leaves `[first, first + size)`.

    `%y = finn.table %x {first = -2 : i64, values = array<i64: 0, 1, 2, 3>} : tensor<4xsi2> -> tensor<4xui2>`
  }];
  let arguments = (ins Finn_Tensor:$input, I64Attr:$first, DenseI64ArrayAttr:$values);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_MultiThresholdOp : Finn_Op<"multi_threshold", [Pure]> {
  let summary = "Count the thresholds that each element reaches";
  let description = [{
    `out[i, ch] = bias + #{ t : in[i, ch] >= thresholds[ch, t] }`.

    * thresholds: `[C, N]` or `[1, N]`, rows ascending (equal neighbours allowed)
    * source: QONNX MultiThreshold with out_scale 1 and an integer out_bias

    `%y = finn.multi_threshold %x, dense<[[-3, 0, 3]]> : tensor<1x3xsi6> {bias = 0 : i64}, tensor<8xsi6> -> tensor<8xui2>`
  }];
  let arguments = (ins Finn_Tensor:$input, ElementsAttr:$thresholds, I64Attr:$bias);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input `,` $thresholds attr-dict `,` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_ReshapeOp : Finn_Op<"reshape", [Pure]> {
  let summary = "The same elements in row-major order, in other rows";
  let description = [{
    `[T, n]` to `[T', n']` with `T * n = T' * n'`; nothing moves, in a stream either.

    `%y = finn.reshape %x : tensor<100x40xsi8> -> tensor<4000x1xsi8>`
  }];
  let arguments = (ins Finn_Tensor:$input);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_Im2ColOp : Finn_Op<"im2col", [Pure]> {
  let summary = "Sliding windows over rows that are positions of an image";
  let description = [{
    Row p of the input is one position of an image of extents `image` (one or two,
    row-major), its C channels last. Row o of the result is a window: its taps in
    row-major order, the channels of each together; taps outside of the image hold
    `pad_value` (1 or C entries).

    `out[o, k * C + c] = in[o * stride - pad + k * dilation, c]`

    * input `[prod(image), C]`, result `[windows, taps * C]`; `pads`: all beginnings,
      then all ends
    * source: QONNX Im2Col, whose layout it has

    `%y = finn.im2col %x {image = array<i64: 100, 20>, kernel = array<i64: 3, 1>, strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: 0>} : tensor<2000x8xui6> -> tensor<2000x24xui6>`
  }];
  let arguments = (ins Finn_Tensor:$input, DenseI64ArrayAttr:$image, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pad_value);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Row of the input for each window and tap, `[windows, taps]`; -1 is padding.
    std::vector<int64_t> sourceRows();
  }];
}

def Finn_MaxPoolOp : Finn_Op<"max_pool", [Pure]> {
  let summary = "Largest tap of each channel of a window";
  let description = [{
    `out[o, c] = max_k in[o, k * C + c]`: behind `finn.im2col`, what FINN's Pool is
    behind Im2Col.

    `%y = finn.max_pool %x : tensor<50x16xui6> -> tensor<50x8xui6>`
  }];
  let arguments = (ins Finn_Tensor:$input);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_ArgMaxOp : Finn_Op<"arg_max", [Pure]> {
  let summary = "Positions of the K largest elements of each row";
  let description = [{
    `[T, n]` to `[T, K]`, or `[n]` to `[K]`, the largest first; of equal elements
    the first, with `select_last` the last.

    `%y = finn.arg_max %x {select_last = false} : tensor<1x10xsi19> -> tensor<1x1xui4>`
  }];
  let arguments = (ins Finn_Tensor:$input, BoolAttr:$select_last);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_TopKOp : Finn_Op<"top_k", [Pure]> {
  let summary = "The K largest elements of each row";
  let description = [{
    `[T, n]` to `[T, K]`, or `[n]` to `[K]`, the largest first.

    `%y = finn.top_k %x : tensor<1x10xsi19> -> tensor<1x3xsi19>`
  }];
  let arguments = (ins Finn_Tensor:$input);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Finn_ScanOp : Finn_Op<"scan", [Pure, AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock]> {
  let summary = "A body applied to each step of a sequence, with carried states";
  let description = [{
    States are `[n]`, inputs `[T, n]`; body arguments are the states, then one step
    `[n]` of each input. The terminator gives next states (of the argument's
    type), then scan outputs. Results: final states, then outputs `[T, n]`.
    `state_ranges` holds the proved inclusive range of each state, `[lo0, hi0,
    lo1, hi1, ...]`. `reverse_inputs`, `reverse_outputs`: 1 where a direction is
    reversed.
  }];
  let arguments = (ins Variadic<Finn_Tensor>:$states, Variadic<Finn_Tensor>:$inputs,
                       DenseI64ArrayAttr:$state_ranges, DenseI64ArrayAttr:$reverse_inputs,
                       DenseI64ArrayAttr:$reverse_outputs);
  let results = (outs Variadic<Finn_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `states` `(` $states `)` `inputs` `(` $inputs `)` attr-dict `:` functional-type(operands, results) $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Number of steps T.
    int64_t getSteps();
  }];
}

def Finn_YieldOp : Finn_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"ScanOp">]> {
  let summary = "Next states, then scan outputs of one step";
  let arguments = (ins Variadic<Finn_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif // FINNGL_DIALECT_FINN_OPS_TD
