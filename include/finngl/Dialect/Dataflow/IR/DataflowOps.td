//===- DataflowOps.td - Cores, regions, folding, schedule --*- tablegen -*-===//

#ifndef FINNGL_DIALECT_DATAFLOW_OPS_TD
#define FINNGL_DIALECT_DATAFLOW_OPS_TD

include "finngl/Dialect/Dataflow/IR/DataflowInterfaces.td"
include "finngl/Dialect/Finn/IR/FinnBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Dataflow_Dialect : Dialect {
  let name = "dataflow";
  let cppNamespace = "::finngl::df";
  let summary = "Hardware: regions of cores with folding and schedule";
  let description = [{
    A network is a graph of *regions* joined by ready/valid streams. A region is
    one statically scheduled pipeline: a matrix-vector unit (MVU) and a tail of
    elementwise cores, every one of fixed latency, without any stall between
    them; states return to it through register files. Its body computes one step.
    Values keep the integer tensor types of the finn dialect.

    Phases: after `convert-finn-to-dataflow` cores and their implementation are
    chosen; `dataflow-set-folding` writes `pe`, `simd`, `lanes`;
    `dataflow-schedule` writes `period` and each core's `start`, the cycle, relative
    to the beat leaving its pass' MVU, in which its operands arrive.
  }];
  let dependentDialects = ["::finngl::finn::FinnDialect"];
}

class DF_Op<string mnemonic, list<Trait> traits = []> : Op<Dataflow_Dialect, mnemonic, traits>;

def DF_RegionOp : DF_Op<"region", [AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock]> {
  let summary = "One statically scheduled pipeline, recurrent if it has states";
  let description = [{
    Operands: initial states `[n]`, then inputs: `[T, n]` (one row a step) or `[n]`
    (one step), then loads `[n]`: none, or one for each state that starts from a
    constant, which packets with the load bit take instead. Body arguments: states,
    then one step `[n]` of each input. The terminator `dataflow.emit` gives next
    states, then outputs. Results: final states, then outputs (`[T, n]` or `[n]`).

    A step is one or more *passes* (`Transforms/Passes.h`): an MVU and the tail
    behind it. An MVU whose operands are computed in the step starts a later pass.

    The body's vectors may be longer than those of the streams: `dataflow-set-folding`
    pads what `pe`, `simd` and `lanes` do not divide. Elements behind a stream's own
    have rows and columns of zero weights; they are undefined where a vector enters
    and dropped where it leaves.

    * `pe`: rows in parallel, `simd`: columns in parallel, one entry a pass;
      `lanes`: units of the tails in parallel
    * `period`: least cycles between two launches
  }];
  let arguments = (ins StrAttr:$name,
                       Variadic<Finn_Tensor>:$states, Variadic<Finn_Tensor>:$inputs,
                       Variadic<Finn_Tensor>:$loads, OptionalAttr<DenseI64ArrayAttr>:$pe, OptionalAttr<DenseI64ArrayAttr>:$simd,
                       OptionalAttr<I64Attr>:$lanes, OptionalAttr<I64Attr>:$period);
  let results = (outs Variadic<Finn_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name `states` `(` $states `)` `inputs` `(` $inputs `)` (`loads` `(` $loads^ `)`)? attr-dict `:` functional-type(operands, results) $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    EmitOp getEmit();
    /// True if a state's initial value comes in on a stream: from a graph input
    /// or another region.
    bool isStreamed(size_t state);
    /// The state that a load is for.
    size_t stateOfLoad(size_t load);
    /// What a packet with the load bit starts the state from, or null.
    mlir::Value loadOf(size_t state);
    bool isSequence() {
      return !getInputs().empty() &&
             mlir::cast<mlir::RankedTensorType>(getInputs()[0].getType()).getRank() == 2;
    }
    int64_t getSteps() {
      return isSequence() ? mlir::cast<mlir::RankedTensorType>(getInputs()[0].getType()).getDimSize(0) : 1;
    }
  }];
}

class DF_Stream<string mnemonic, list<string> also = []>
    : DF_Op<mnemonic, [Pure, DeclareOpInterfaceMethods<DF_StreamOpInterface, also>]> {
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def DF_ReverseOp : DF_Stream<"reverse", ["hasFrameError", "hasOverrun"]> {
  let summary = "A sequence's steps in reverse order, between regions";
  let description = [{
    Holds whole packets of at most `max_steps` steps. A continued packet (restart
    bit 0) is an error.
  }];
  let arguments = (ins Finn_Tensor:$input, I64Attr:$max_steps);
}

def DF_FifoOp : DF_Stream<"fifo", ["rtlPorts"]> {
  let summary = "Steps that wait for a longer path to the same reader";
  let description = [{
    Beside a path that answers later (a reverser, a last state, a window that
    reaches into the future) the shorter path holds that many steps, or both would
    wait forever.
  }];
  let arguments = (ins Finn_Tensor:$input, I64Attr:$steps);
}

def DF_ReshapeOp : DF_Stream<"reshape"> {
  let summary = "The same elements in other steps: wires";
  let arguments = (ins Finn_Tensor:$input);
}

def DF_SwgOp : DF_Stream<"swg", ["lanes", "taken", "hasFrameError"]> {
  let summary = "Sliding windows of a streamed image: finn.im2col";
  let description = [{
    `out[o, k * C + c] = in[o * stride - pad + k * dilation, c]`, taps outside of the
    image hold `pad_value`. Only the rows that a window reaches are held. A beat
    lies within a position's C channels, or holds those of several rows of a kernel
    of one column. Attributes as in `finn.im2col`.
  }];
  let arguments = (ins Finn_Tensor:$input, DenseI64ArrayAttr:$image, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$dilations, I64Attr:$pad_value);
  let extraClassDeclaration = [{
    /// Geometry along a spatial dimension; an image of one is a column.
    ::finngl::StreamWindow::Axis axis(size_t dimension);
    /// Which gives beats of `lanes` elements.
    ::finngl::StreamWindow window(int64_t lanes);
  }];
}

def DF_SwgStreamOp : DF_Stream<"swg_stream", ["lanes", "taken", "hasFrameError"]> {
  let summary = "Sliding windows of a streamed image without a last row";
  let description = [{
    What `swg` is for an image, for rows that go on until a restart. Types are those
    of one row: a row of windows is there with its last tap's row, or `wait` rows
    later, and is a packet of its own; rows before the first one are padding.
    `kernel`, `strides` and `dilations` along time and width, `pads` before the first
    row, left and right.

    * input `[width, C]`, result `[windows, taps * C]`

    `%y = dataflow.swg_stream %x {width = 20 : i64, kernel = array<i64: 3, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 1, 0, 0>, pad_value = 0 : i64, wait = 0 : i64} : tensor<20x8xui6> -> tensor<20x24xui6>`
  }];
  let arguments = (ins Finn_Tensor:$input, I64Attr:$width, DenseI64ArrayAttr:$kernel,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$pads, I64Attr:$pad_value, I64Attr:$wait);
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Which gives beats of `lanes` elements.
    ::finngl::StreamRows geometry(int64_t lanes);
  }];
}

def DF_LineBufferOp : DF_Stream<"line_buffer", ["lanes", "taken", "hasFrameError"]> {
  let summary = "Windows over a stream of rows that has no end";
  let description = [{
    What `swg` is for a window, for a stream without end. Each sample makes a group
    of `in_rows` rows of `width` positions, and for each group one of `out_rows`
    rows of windows goes out. `taps[v * kernel[0] + k]` says which row tap k of
    output row v reads: so many rows back from the last one of the newest group, at
    most `lag` groups; `(lag + 1) * in_rows` is padding. Along the width as in
    `finn.im2col`, `pads` are left and right.

    * input `[in_rows * width, C]`, result `[out_rows * windows, taps * C]`
  }];
  let arguments = (ins Finn_Tensor:$input, I64Attr:$in_rows, I64Attr:$out_rows, I64Attr:$width,
                       DenseI64ArrayAttr:$kernel, I64Attr:$stride, I64Attr:$dilation,
                       DenseI64ArrayAttr:$pads, I64Attr:$pad_value, I64Attr:$lag, DenseI64ArrayAttr:$taps);
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Geometry along the width.
    ::finngl::StreamWindow::Axis columns();
    /// Which gives beats of `lanes` elements.
    ::finngl::StreamLines geometry(int64_t lanes);
  }];
}

def DF_SlideOp : DF_Stream<"slide", ["lanes", "hasFrameError"]> {
  let summary = "Rows of a stream to all windows that slide over it";
  let description = [{
    A window begins with each sample and has an age, the samples since its first. For
    each group of `rows` rows that a sample makes, each entry e of the table gives
    row `sources[e]` to the window of age `ages[e]`, if there is one, as one step of
    its context; `first` and `last` mark a window's first and last step. Ages descend:
    the oldest window answers first.

    * input `[rows, n]`, result `[entries, n]`
  }];
  let arguments = (ins Finn_Tensor:$input, DenseI64ArrayAttr:$ages,
                       DenseI64ArrayAttr:$sources, DenseI64ArrayAttr:$first, DenseI64ArrayAttr:$last);
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Windows under way at once.
    int64_t getContexts() { return getAges().front() - getAges().back() + 1; }
    /// The table, with beats of `lanes` elements.
    ::finngl::StreamSlide table(int64_t lanes);
  }];
}

def DF_MaxPoolOp : DF_Stream<"max_pool", ["lanes"]> {
  let summary = "Largest tap of each channel of a streamed window";
  let description = [{ `out[o, c] = max_k in[o, k * C + c]` }];
  let arguments = (ins Finn_Tensor:$input);
}

def DF_ArgMaxOp : DF_Stream<"arg_max", ["lanes"]> {
  let summary = "Positions of the K largest elements of each step of a stream";
  let description = [{
    One element a beat comes in, K beats a step of one position go out, the largest
    first. Of equal elements the first, with `select_last` the last.
  }];
  let arguments = (ins Finn_Tensor:$input, BoolAttr:$select_last);
}

def DF_TopKOp : DF_Stream<"top_k", ["lanes"]> {
  let summary = "The K largest elements of each step of a stream";
  let description = [{
    As `arg_max`, with the elements instead of their positions.
  }];
  let arguments = (ins Finn_Tensor:$input);
}

def DF_SplitOp : DF_Op<"split", [Pure]> {
  let summary = "Cuts one step of all states into those of the regions' loads";
  let description = [{
    The results' elements in order; each code keeps its low bits.
  }];
  let arguments = (ins Finn_Tensor:$input);
  let results = (outs Variadic<Finn_Tensor>:$parts);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def DF_JoinOp : DF_Op<"join", [Pure]> {
  let summary = "Final states of regions behind one another, as one step";
  let arguments = (ins Variadic<Finn_Tensor>:$parts);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$parts attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def DF_EmitOp : DF_Op<"emit", [Terminator, ReturnLike, Pure, HasParent<"RegionOp">]> {
  let summary = "Next states, then outputs of one step";
  let arguments = (ins Variadic<Finn_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def DF_MvuOp : DF_Op<"mvu", [Pure]> {
  let summary = "Matrix-vector unit: all matrix products of a step in one array";
  let description = [{
    `out_b[u] = sum_c weights[u * NB + b, c] * concat(operands)[c]` for the NB row
    blocks. Row groups of PE rows are the outer loop, column groups of SIMD the
    inner. `impl`: "dsp_packed" (two rows a DSP), "dsp", "lut"; `lane_width` is the
    low lane's width of a packed pair.

    With `split` (columns) each row of `weights` is two: its first `split` columns
    make the first half of the results, the others the second half. So W*x and
    U*h of unrelated scales share one array.
  }];
  let arguments = (ins Variadic<Finn_Tensor>:$operands, ElementsAttr:$weights,
                       DefaultValuedAttr<StrAttr, "\"lut\"">:$impl, OptionalAttr<I64Attr>:$lane_width,
                       OptionalAttr<I64Attr>:$split);
  let results = (outs Variadic<Finn_Tensor>:$blocks);
  let assemblyFormat = "`(` $operands `)` `,` $weights attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    int64_t getRows() { return getWeights().getShapedType().getDimSize(0); }
    /// Rows of a unit: results, or half of them if split.
    int64_t getRowBlocks() { return getBlocks().size() / (getSplit() ? 2 : 1); }
    int64_t getColumns() { return getWeights().getShapedType().getDimSize(1); }
    unsigned getWeightWidth() { return getWeights().getElementType().getIntOrFloatBitWidth(); }
    /// Common type that holds every operand's codes.
    mlir::IntegerType getOperandType();
    /// Common signed width of the accumulators.
    unsigned getAccumulatorWidth();
    /// A DSP48E2 holds a weight, an operand and a sum; if not, impl is "lut".
    bool fitsDsp();
    /// Width of the low lane if two rows can share a DSP: with the real weights
    /// and the operands' range every even row's sum fits it, and a packed pair of
    /// weights fits the 27-bit port. Nothing if not.
    std::optional<unsigned> getPackedLaneWidth();
    ::finngl::RegionShape::Matrix getMatrix() {
      return {getRows(), getColumns(), int64_t(getSplit().value_or(0))};
    }
    /// Cost of the matrix, which may be padded, folded by `array` with `lanes`
    /// units read out a cycle.
    ::finngl::Resources resources(const ::finngl::RegionShape::Matrix &matrix, ::finngl::ArrayFolding array,
                                  int64_t lanes, ::llvm::StringRef impl);
    /// Rows and columns of zeros behind those of the units and of each operand.
    void pad(int64_t units, ::llvm::ArrayRef<int64_t> operandSizes);
    /// Parameters and weight image of finngl_mvu at a folding.
    void rtlParameters(::finngl::RtlInstance &instance, int64_t pe, int64_t simd, int64_t lanes);
    /// True if the weights go to block RAM at this folding.
    bool usesBlockRam(int64_t pe, int64_t simd);
  }];
}

class DF_Core<string mnemonic, list<string> also = []>
    : DF_Op<mnemonic, [Pure, DeclareOpInterfaceMethods<DF_CoreOpInterface, also>]>;

def DF_MulOp : DF_Core<"mul", ["rtlPorts"]> {
  let summary = "Product of two values; impl \"dsp\" or \"lut\"";
  let arguments = (ins Finn_Tensor:$lhs, Finn_Tensor:$rhs, StrAttr:$impl, OptionalAttr<I64Attr>:$start);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def DF_LincombOp : DF_Core<"lincomb", ["rtlPorts", "padChannels"]> {
  let summary = "finn.lincomb, saturating to [lo, hi]; impl \"dsp\" or \"lut\" if coefficients vary";
  let arguments = (ins Variadic<Finn_Tensor>:$inputs, DenseI64ArrayAttr:$coefficients,
                       DenseI64ArrayAttr:$offset, OptionalAttr<I64Attr>:$lo, OptionalAttr<I64Attr>:$hi,
                       OptionalAttr<StrAttr>:$impl, OptionalAttr<I64Attr>:$start);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let builders = [
    /// Chooses `impl`; neither saturates nor starts yet.
    OpBuilder<(ins "mlir::Type":$result, "mlir::ValueRange":$inputs, "llvm::ArrayRef<int64_t>":$coefficients,
                   "llvm::ArrayRef<int64_t>":$offset)>
  ];
  let extraClassDeclaration = [{
    unsigned sumWidth();
    /// Of one operand: 1 or C entries.
    ::llvm::ArrayRef<int64_t> coefficientsOf(size_t operand) {
      size_t entries = getCoefficients().size() / getInputs().size();
      return getCoefficients().slice(operand * entries, entries);
    }
  }];
}

def DF_RequantOp : DF_Core<"requant", ["padChannels"]> {
  let summary = "finn.requant as a multiplier, an adder and a shift; impl \"dsp\" or \"lut\"";
  let arguments = (ins Finn_Tensor:$input, I64Attr:$p, I64Attr:$k, DenseI64ArrayAttr:$c, DenseI64ArrayAttr:$w,
                       I64Attr:$lo, I64Attr:$hi, StrAttr:$impl, OptionalAttr<I64Attr>:$start);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def DF_TableOp : DF_Core<"table"> {
  let summary = "Code to code by ROM; `values[i]` is the result of code i as plain binary";
  let arguments = (ins Finn_Tensor:$input, DenseI64ArrayAttr:$values, OptionalAttr<I64Attr>:$start);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def DF_SegmentTableOp : DF_Core<"segment_table", ["padChannels"]> {
  let summary = "Any step function with at most one step a segment";
  let description = [{
    `t = clamp((in << frac_bits) + offset[ch], 0, 2^(idx_bits + seg_bits) - 1)`; `i = t >>
    seg_bits`; `out = (t mod 2^seg_bits) >= tau[i] ? high[i] : low[i]`.
  }];
  let arguments = (ins Finn_Tensor:$input, I64Attr:$frac_bits, I64Attr:$seg_bits, I64Attr:$idx_bits,
                       DenseI64ArrayAttr:$offset, DenseI64ArrayAttr:$tau, DenseI64ArrayAttr:$low,
                       DenseI64ArrayAttr:$high, OptionalAttr<I64Attr>:$start);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def DF_ThresholdSearchOp : DF_Core<"threshold_search", ["padChannels"]> {
  let summary = "Count thresholds of each channel's own by binary search";
  let description = [{
    `out = bias + #{ j : in >= thresholds[ch * N + j] }`, N = 2^levels - 1, each
    channel's row ascending; 1 or C rows.
  }];
  let arguments = (ins Finn_Tensor:$input, DenseI64ArrayAttr:$thresholds, I64Attr:$levels, I64Attr:$bias,
                       OptionalAttr<I64Attr>:$start);
  let results = (outs Finn_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let extraClassDeclaration = [{
    static constexpr unsigned kMaxLevels = 10;
  }];
}

#endif // FINNGL_DIALECT_DATAFLOW_OPS_TD
