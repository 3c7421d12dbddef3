//===- Passes.td - Passes on integer-only networks ---------*- tablegen -*-===//

#ifndef FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_TD
#define FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyInteger : Pass<"finn-verify-integer", "::mlir::func::FuncOp"> {
  let summary = "Refuse any float and any op outside the finn dialect";
  let dependentDialects = ["::finngl::finn::FinnDialect"];
}

def ComposeSelections : Pass<"finn-compose-selections", "::mlir::func::FuncOp"> {
  let summary = "Concatenations and choices of channels become columns of the next product";
  let description = [{
    A product of a sum of selections (products by rows of an identity matrix) is the
    sum of products of what they select from. Nothing changes but the number of
    products; what is not used any more goes away.
  }];
  let dependentDialects = ["::finngl::finn::FinnDialect"];
}

def MinimizeBitWidth : Pass<"finn-minimize-bit-width", "::mlir::func::FuncOp"> {
  let summary = "Shrink every type to the proved range of its values";
  let description = [{
    Interval analysis per channel with the actual weights; ranges of scan states
    are an inductive invariant (`state_ranges`).
  }];
  let dependentDialects = ["::finngl::finn::FinnDialect"];
}

def ExposeStates : Pass<"finn-expose-states", "::mlir::func::FuncOp"> {
  let summary = "Make arguments and results of the states that start as constants";
  let description = [{
    For each `finn.scan` in order, each of its states in order that starts from a
    `finn.constant`: a further argument of the body's type, with the constant as
    `finn.initial`, takes the constant's place, and the final state is a further
    result. Both are named `<node>.state<index>`. States that are arguments of the
    function, or results of another op, stay as they are.
  }];
  let dependentDialects = ["::finngl::finn::FinnDialect"];
}

def HoistInputProducts : Pass<"finn-hoist-input-products", "::mlir::func::FuncOp"> {
  let summary = "Matrix products of scan inputs leave the recurrence";
  let description = [{
    A `finn.matmul` of a scan's input `[n]` becomes one of the whole sequence `[T, n]`
    in front of the scan, whose result `[T, m]` is a further scan input, reversed as
    the first one is. Inputs that no op reads any more disappear. Products of states
    and of values computed in the body stay. The function is the same.

    Where one row serves many steps (windows that overlap), its product is then
    computed once. Hardware keeps products of one input and equal `m` in one MVU.
  }];
  let dependentDialects = ["::finngl::finn::FinnDialect"];
}

#endif // FINNGL_DIALECT_FINN_TRANSFORMS_PASSES_TD
