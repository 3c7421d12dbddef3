// RUN: finngl-opt %s --finn-minimize-bit-width --split-input-file --verify-diagnostics

// Nine steps reach -36, which the stated range does not hold.
func.func @scan(%x: tensor<9x2xsi3>) -> tensor<2xsi16> {
  %h = finn.constant dense<0> : tensor<2xsi16>
  // expected-error@+1 {{expects 'state_ranges' that hold for 9 steps}}
  %0 = finn.scan states(%h) inputs(%x) {state_ranges = array<i64: -30, 30>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64>} : (tensor<2xsi16>, tensor<9x2xsi3>) -> tensor<2xsi16> {
  ^bb0(%s: tensor<2xsi16>, %xt: tensor<2xsi3>):
    %1 = finn.lincomb %s, %xt {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<2xsi16>, tensor<2xsi3>) -> tensor<2xsi16>
    finn.yield %1 : tensor<2xsi16>
  }
  return %0 : tensor<2xsi16>
}

// -----

func.func @table(%x: tensor<2xsi3>) -> tensor<2xsi4> {
  // expected-error@+1 {{whose operand stays within its table}}
  %0 = finn.table %x {first = 0 : i64, values = array<i64: 1, 2>} : tensor<2xsi3> -> tensor<2xsi4>
  return %0 : tensor<2xsi4>
}
