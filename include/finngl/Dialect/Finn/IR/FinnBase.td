//===- FinnBase.td - Dialect and types of integer networks -*- tablegen -*-===//

#ifndef FINNGL_DIALECT_FINN_BASE_TD
#define FINNGL_DIALECT_FINN_BASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def Finn_Dialect : Dialect {
  let name = "finn";
  let cppNamespace = "::finngl::finn";
  let summary = "Integer tensors of explicit width and sign";
  let description = [{
    What the network computes, in integers only. Element types are `si<N>` and
    `ui<N>`, 1 <= N <= 63, and every width is proved: it holds each value that the
    weights and the operands' ranges allow. A value is a flat vector `[n]` (one
    step, or a whole network's single vector) or `[T, n]` (a sequence).

    `func.func @main` carries on each argument and result the attributes
    `finn.name`, `finn.shape` (ONNX shape), on arguments `finn.quantiser`
    (a `#qonnx.quantiser`: how a float input becomes codes) and on results
    `finn.scale` and `finn.offset` (arrays of exact rationals as strings, 1 or C
    entries): output value = code * scale + offset.
  }];
}

/// Integers with a sign of their own; builtin signless integers are refused.
def Finn_IntType : Type<CPred<"::finngl::finn::isFinnInteger($_self)">, "si<1..63> or ui<1..63>", "::mlir::IntegerType">;
def Finn_Tensor : RankedTensorOf<[Finn_IntType]>;

#endif // FINNGL_DIALECT_FINN_BASE_TD
