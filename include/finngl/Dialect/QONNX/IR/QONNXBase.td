//===- QONNXBase.td - The dialect of imported models -------*- tablegen -*-===//

#ifndef FINNGL_DIALECT_QONNX_BASE_TD
#define FINNGL_DIALECT_QONNX_BASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def QONNX_Dialect : Dialect {
  let name = "qonnx";
  let cppNamespace = "::finngl::qonnx";
  let summary = "The model as its file says it";
  let description = [{
    ONNX, QONNX and Brevitas operators, one op per meaning, on ranked tensors of
    `f32` (integers only between quantize_linear and dequantize_linear). Opset
    differences end in the importer. A module holds one function `main` whose
    arguments and results are the graph's inputs and outputs, in graph order,
    named by the attribute `qonnx.name`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 0;
}

def QONNX_RoundingHalfEven : I32EnumAttrCase<"HalfEven", 0, "half_even">;
def QONNX_RoundingCeil : I32EnumAttrCase<"Ceil", 1, "ceil">;
def QONNX_RoundingFloor : I32EnumAttrCase<"Floor", 2, "floor">;
def QONNX_RoundingUp : I32EnumAttrCase<"Up", 3, "up">;
def QONNX_RoundingDown : I32EnumAttrCase<"Down", 4, "down">;
def QONNX_RoundingHalfUp : I32EnumAttrCase<"HalfUp", 5, "half_up">;
def QONNX_RoundingHalfDown : I32EnumAttrCase<"HalfDown", 6, "half_down">;
/// Same cases and values as finngl::Rounding of Core/Quantiser.h.
def QONNX_Rounding : I32EnumAttr<"RoundingMode", "how a quantiser rounds", [
    QONNX_RoundingHalfEven, QONNX_RoundingCeil, QONNX_RoundingFloor,
    QONNX_RoundingUp, QONNX_RoundingDown, QONNX_RoundingHalfUp,
    QONNX_RoundingHalfDown]> {
  let cppNamespace = "::finngl::qonnx";
}

def QONNX_QuantiserAttr : AttrDef<QONNX_Dialect, "Quantiser"> {
  let mnemonic = "quantiser";
  let summary = "The shared quantiser record (Core/Quantiser.h)";
  let description = [{
    `code = clamp(round(x / scale + zero_point), lo, hi)`, or with
    `zp_after_rounding` `clamp(round(x / scale) + zero_point, lo, hi)`;
    value = `(code - zero_point) * scale`. `scale` and `zero_point` hold 1 or C
    entries along dimension `axis` (-1: per tensor).

    `#qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -32, hi = 31, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>`
  }];
  let parameters = (ins
    "::mlir::DenseF32ArrayAttr":$scale,
    "::mlir::DenseF32ArrayAttr":$zero_point,
    "int64_t":$lo,
    "int64_t":$hi,
    EnumParameter<QONNX_Rounding>:$rounding,
    "bool":$zp_after_rounding,
    "bool":$bipolar,
    "int64_t":$axis);
  // Floats print with as many digits as they need to come back unchanged.
  let assemblyFormat = [{
    `<` `scale` `=` custom<ExactFloats>($scale) `,` `zero_point` `=` custom<ExactFloats>($zero_point) `,`
    struct($lo, $hi, $rounding, $zp_after_rounding, $bipolar, $axis) `>`
  }];
  let genVerifyDecl = 1;
}

def QONNX_CellLstm : I32EnumAttrCase<"Lstm", 0, "lstm">;
def QONNX_CellGru : I32EnumAttrCase<"Gru", 1, "gru">;
def QONNX_CellRnn : I32EnumAttrCase<"Rnn", 2, "rnn">;
def QONNX_Cell : I32EnumAttr<"Cell", "recurrent operator of ONNX", [
    QONNX_CellLstm, QONNX_CellGru, QONNX_CellRnn]> {
  let cppNamespace = "::finngl::qonnx";
  let genSpecializedAttr = 0;
}
def QONNX_CellAttr : EnumAttr<QONNX_Dialect, QONNX_Cell, "cell">;

def QONNX_DirectionForward : I32EnumAttrCase<"Forward", 0, "forward">;
def QONNX_DirectionReverse : I32EnumAttrCase<"Reverse", 1, "reverse">;
def QONNX_DirectionBoth : I32EnumAttrCase<"Bidirectional", 2, "bidirectional">;
def QONNX_Direction : I32EnumAttr<"Direction", "order of the steps", [
    QONNX_DirectionForward, QONNX_DirectionReverse, QONNX_DirectionBoth]> {
  let cppNamespace = "::finngl::qonnx";
  let genSpecializedAttr = 0;
}
def QONNX_DirectionAttr : EnumAttr<QONNX_Dialect, QONNX_Direction, "direction">;

def QONNX_FunctionSigmoid : I32EnumAttrCase<"Sigmoid", 0, "sigmoid">;
def QONNX_FunctionTanh : I32EnumAttrCase<"Tanh", 1, "tanh">;
def QONNX_FunctionRelu : I32EnumAttrCase<"Relu", 2, "relu">;
def QONNX_FunctionAffine : I32EnumAttrCase<"Affine", 3, "affine">;
def QONNX_FunctionLeakyRelu : I32EnumAttrCase<"LeakyRelu", 4, "leaky_relu">;
def QONNX_FunctionScaledTanh : I32EnumAttrCase<"ScaledTanh", 5, "scaled_tanh">;
def QONNX_FunctionHardSigmoid : I32EnumAttrCase<"HardSigmoid", 6, "hard_sigmoid">;
def QONNX_Function : I32EnumAttr<"Function", "activation of a recurrent operator", [
    QONNX_FunctionSigmoid, QONNX_FunctionTanh, QONNX_FunctionRelu,
    QONNX_FunctionAffine, QONNX_FunctionLeakyRelu, QONNX_FunctionScaledTanh,
    QONNX_FunctionHardSigmoid]> {
  let cppNamespace = "::finngl::qonnx";
}

def QONNX_ActivationAttr : AttrDef<QONNX_Dialect, "Activation"> {
  let mnemonic = "activation";
  let summary = "An activation of a recurrent operator, with its parameters";
  let description = [{
    | function | parameters | value |
    |---|---|---|
    | `sigmoid`, `tanh`, `relu` | none | as the operators |
    | `affine` | alpha, beta | `alpha * x + beta` |
    | `leaky_relu` | alpha | `x >= 0 ? x : alpha * x` |
    | `scaled_tanh` | alpha, beta | `alpha * tanh(beta * x)` |
    | `hard_sigmoid` | alpha, beta | `min(max(alpha * x + beta, 0), 1)` |

    `#qonnx.activation<hard_sigmoid [2.000000e-01, 5.000000e-01]>`
  }];
  let parameters = (ins
    EnumParameter<QONNX_Function>:$function,
    "::mlir::DenseF32ArrayAttr":$parameters);
  let assemblyFormat = "`<` $function custom<ExactFloats>($parameters) `>`";
}

class QONNX_Op<string mnemonic, list<Trait> traits = []>
    : Op<QONNX_Dialect, mnemonic, traits>;

/// A ranked tensor with static shape.
def QONNX_FloatTensor : RankedTensorOf<[F32]>;
def QONNX_IntTensor : RankedTensorOf<[SI<8>, UI<8>, SI<16>, UI<16>, SI<32>, SI<4>, UI<4>]>;
def QONNX_AnyTensor : AnyTypeOf<[QONNX_FloatTensor, QONNX_IntTensor]>;

#endif // FINNGL_DIALECT_QONNX_BASE_TD
