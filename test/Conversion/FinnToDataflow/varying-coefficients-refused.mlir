// RUN: finngl-opt %s --convert-finn-to-dataflow --split-input-file --verify-diagnostics

func.func @main(%x: tensor<1x2xsi4>) -> tensor<1x2xsi54> {
  // expected-error@+2 {{sum with the coefficient 140737488355328; supported are up to 48 bits}}
  // expected-note@+1 {{quantise the parts of the sum to one scale, or to scales whose ratio is a power of two}}
  %0 = finn.lincomb %x, %x {coefficients = array<i64: 1, 140737488355328, 1, 1>, offset = array<i64: 0>} : (tensor<1x2xsi4>, tensor<1x2xsi4>) -> tensor<1x2xsi54>
  return %0 : tensor<1x2xsi54>
}

// -----

func.func @entries(%x: tensor<3xsi4>) -> tensor<3xsi8> {
  // expected-error@+1 {{expects one coefficient for each of 2 operands, or one for each of them and of 3 channels, got 3}}
  %0 = finn.lincomb %x, %x {coefficients = array<i64: 1, 2, 3>, offset = array<i64: 0>} : (tensor<3xsi4>, tensor<3xsi4>) -> tensor<3xsi8>
  return %0 : tensor<3xsi8>
}
