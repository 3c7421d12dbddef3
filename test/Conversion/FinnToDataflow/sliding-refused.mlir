// RUN: finngl-opt %s --convert-finn-to-dataflow=sliding=true -verify-diagnostics -split-input-file

func.func @main(%x: tensor<6x2xsi4>) -> (tensor<6x2xsi8> {finn.name = "y"}) {
  %0 = finn.matmul %x, dense<1> : tensor<2x2xsi2>, tensor<6x2xsi4> -> tensor<6x2xsi8>
  // expected-error@+1 {{graph output 'y' is a sequence; --mode sliding expects one answer for each window}}
  return %0 : tensor<6x2xsi8>
}

// -----

// expected-error@+1 {{graph input 'h' has no steps of time}}
func.func @main(%x: tensor<6x2xsi4>, %h: tensor<2xsi4> {finn.name = "h"}) -> tensor<2xsi8> {
  %0 = finn.matmul %h, dense<1> : tensor<2x2xsi2>, tensor<2xsi4> -> tensor<2xsi8>
  return %0 : tensor<2xsi8>
}

// -----

// Rows of one and a half samples.
func.func @main(%x: tensor<6x2xsi4>) -> tensor<4x2xsi8> {
  // expected-error@+1 {{cuts a window into steps that are no whole number of samples}}
  %0 = finn.reshape %x : tensor<6x2xsi4> -> tensor<4x3xsi4>
  %1 = finn.matmul %0, dense<1> : tensor<2x3xsi2>, tensor<4x3xsi4> -> tensor<4x2xsi8>
  return %1 : tensor<4x2xsi8>
}

// -----

// Steps of windows in turns cannot be put behind one another.
func.func @main(%x: tensor<6x2xsi4>) -> tensor<1x2xsi12> {
  %zero = finn.constant dense<0> : tensor<2xui1>
  %0:2 = finn.scan states(%zero) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<2xui1>, tensor<6x2xsi4>) -> (tensor<2xsi4>, tensor<6x2xsi4>) {
  ^bb0(%h: tensor<2xsi4>, %t: tensor<2xsi4>):
    %4 = finn.lincomb %h, %t {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<2xsi4>, tensor<2xsi4>) -> tensor<2xsi5>
    %5 = finn.requant %4 {p = 1 : i64, k = 1 : i64, c = array<i64: 1>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<2xsi5> -> tensor<2xsi4>
    finn.yield %5, %5 : tensor<2xsi4>, tensor<2xsi4>
  }
  // expected-error@+1 {{mixes the steps of a window behind a scan}}
  %1 = finn.reshape %0#1 : tensor<6x2xsi4> -> tensor<1x12xsi4>
  %2 = finn.matmul %1, dense<1> : tensor<2x12xsi2>, tensor<1x12xsi4> -> tensor<1x2xsi12>
  return %2 : tensor<1x2xsi12>
}

// -----

// expected-error@+1 {{reads a window from its end, which every sample moves}}
func.func @main(%x: tensor<6x2xsi4>) -> tensor<2xsi4> {
  %zero = finn.constant dense<0> : tensor<2xui1>
  %0 = finn.scan states(%zero) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 1>, reverse_outputs = array<i64>} : (tensor<2xui1>, tensor<6x2xsi4>) -> tensor<2xsi4> {
  ^bb0(%h: tensor<2xsi4>, %t: tensor<2xsi4>):
    %4 = finn.lincomb %h, %t {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<2xsi4>, tensor<2xsi4>) -> tensor<2xsi5>
    %5 = finn.requant %4 {p = 1 : i64, k = 1 : i64, c = array<i64: 1>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<2xsi5> -> tensor<2xsi4>
    finn.yield %5 : tensor<2xsi4>
  }
  return %0 : tensor<2xsi4>
}
