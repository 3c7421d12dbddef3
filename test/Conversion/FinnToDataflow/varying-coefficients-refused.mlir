// RUN: finngl-opt %s --convert-finn-to-dataflow --split-input-file --verify-diagnostics

func.func @main(%x: tensor<1x2xsi4>) -> tensor<1x2xsi63> {
  // expected-error@+2 {{sum of 64 bits with coefficients of 61; supported are up to 62 and 60}}
  // expected-note@+1 {{quantise the parts of the sum to one scale, or to scales whose ratio is a power of two}}
  %0 = finn.lincomb %x, %x {coefficients = array<i64: 1, 576460752303423488, 1, 1>, offset = array<i64: 0>} : (tensor<1x2xsi4>, tensor<1x2xsi4>) -> tensor<1x2xsi63>
  return %0 : tensor<1x2xsi63>
}

// -----

func.func @entries(%x: tensor<3xsi4>) -> tensor<3xsi8> {
  // expected-error@+1 {{expects one coefficient for each of 2 operands, or one for each of them and of 3 channels, got 3}}
  %0 = finn.lincomb %x, %x {coefficients = array<i64: 1, 2, 3>, offset = array<i64: 0>} : (tensor<3xsi4>, tensor<3xsi4>) -> tensor<3xsi8>
  return %0 : tensor<3xsi8>
}
