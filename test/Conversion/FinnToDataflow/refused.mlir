// RUN: finngl-opt %s --convert-finn-to-dataflow -verify-diagnostics -split-input-file

func.func @main(%x: tensor<9x2xsi4>) -> tensor<2xsi4> {
  %h0 = finn.constant dense<0> : tensor<2xsi4>
  // expected-error@+1 {{a reversed scan direction needs a sequence reverser}}
  %0 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 1>, reverse_outputs = array<i64>} : (tensor<2xsi4>, tensor<9x2xsi4>) -> (tensor<2xsi4>) {
  ^bb0(%h: tensor<2xsi4>, %xt: tensor<2xsi4>):
    finn.yield %xt : tensor<2xsi4>
  }
  return %0 : tensor<2xsi4>
}

// -----

func.func @main(%x: tensor<9x2xsi4>) -> (tensor<9x2xsi4>, tensor<2xsi4>) {
  %c = finn.constant dense<1> : tensor<2xsi4>
  // expected-error@+1 {{a constant sequence, operand or output has no stream in hardware}}
  return %x, %c : tensor<9x2xsi4>, tensor<2xsi4>
}
