// RUN: finngl-opt %s --convert-finn-to-dataflow -verify-diagnostics -split-input-file

// A product of a value of the same step needs a second pass in the loop.
func.func @main(%x: tensor<9x2xsi4>) -> tensor<2xsi4> {
  %h0 = finn.constant dense<0> : tensor<2xsi4>
  %0 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64>} : (tensor<2xsi4>, tensor<9x2xsi4>) -> (tensor<2xsi4>) {
  ^bb0(%h: tensor<2xsi4>, %xt: tensor<2xsi4>):
    %1 = finn.requant %h {p = 1 : i64, k = 1 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -4 : i64, hi = 3 : i64} : tensor<2xsi4> -> tensor<2xsi3>
    // expected-error@+2 {{matrix product of a value that is computed within the same step}}
    // expected-note@+1 {{a second pass in the loop is not available yet}}
    %2 = finn.matmul %1, dense<[[1, -2], [3, 0]]> : tensor<2x2xsi3>, tensor<2xsi3> -> tensor<2xsi5>
    %3 = finn.requant %2 {p = 1 : i64, k = 1 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<2xsi5> -> tensor<2xsi4>
    finn.yield %3 : tensor<2xsi4>
  }
  return %0 : tensor<2xsi4>
}

// -----

func.func @main(%x: tensor<9x2xsi4>) -> tensor<2xsi4> {
  %h0 = finn.constant dense<0> : tensor<2xsi4>
  // expected-error@+1 {{a reversed scan direction needs a sequence reverser}}
  %0 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 1>, reverse_outputs = array<i64>} : (tensor<2xsi4>, tensor<9x2xsi4>) -> (tensor<2xsi4>) {
  ^bb0(%h: tensor<2xsi4>, %xt: tensor<2xsi4>):
    finn.yield %xt : tensor<2xsi4>
  }
  return %0 : tensor<2xsi4>
}
