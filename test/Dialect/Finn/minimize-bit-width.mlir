// RUN: finngl-opt %s --finn-minimize-bit-width --split-input-file | FileCheck %s

// Types, clamp, table and thresholds shrink to what is reached.

// CHECK-LABEL: func.func @main(%arg0: tensor<2xsi2>
func.func @main(%x: tensor<2xsi8> {finn.quantiser = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -2, hi = 1, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>}) -> (tensor<2xsi8>, tensor<2xsi8>) {
  // CHECK: finn.matmul {{.*}} : tensor<2x2xsi2>, tensor<2xsi2> -> tensor<2xsi4>
  %0 = finn.matmul %x, dense<[[1, -2], [1, 0]]> : tensor<2x2xsi5>, tensor<2xsi8> -> tensor<2xsi20>
  // CHECK: finn.requant {{.*}}hi = 5 : i64{{.*}}lo = -4 : i64{{.*}} -> tensor<2xsi4>
  %1 = finn.requant %0 {p = 1 : i64, k = 0 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -16 : i64, hi = 15 : i64} : tensor<2xsi20> -> tensor<2xsi8>
  // CHECK: finn.table %arg0 {first = -2 : i64, values = array<i64: 3, 4, 5, 6>} : tensor<2xsi2> -> tensor<2xui3>
  %2 = finn.table %x {first = -3 : i64, values = array<i64: -100, 3, 4, 5, 6, 100>} : tensor<2xsi8> -> tensor<2xsi8>
  // CHECK: finn.multi_threshold {{.*}} dense<{{\[\[}}-1, 4]]> : tensor<1x2xsi4> {bias = 1 : i64}, {{.*}} -> tensor<2xui2>
  %3 = finn.multi_threshold %1, dense<[[-100, -1, 4, 100]]> : tensor<1x4xsi8> {bias = 0 : i64}, tensor<2xsi8> -> tensor<2xsi8>
  %4 = finn.lincomb %2, %3 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<2xsi8>, tensor<2xsi8>) -> tensor<2xsi8>
  return %1, %4 : tensor<2xsi8>, tensor<2xsi8>
}

// -----

// The range of a sum is that of its widest channel.

// CHECK-LABEL: func.func @per_channel
func.func @per_channel(%x: tensor<2xsi2>) -> tensor<2xsi16> {
  // CHECK: finn.lincomb {{.*}} -> tensor<2xsi6>
  %0 = finn.lincomb %x, %x {coefficients = array<i64: 1, -9, 7, 1>, offset = array<i64: 0>} : (tensor<2xsi2>, tensor<2xsi2>) -> tensor<2xsi16>
  return %0 : tensor<2xsi16>
}

// -----

// A state's range is an inductive invariant.

// CHECK-LABEL: func.func @state
func.func @state(%x: tensor<9x2xsi3>) -> tensor<2xsi16> {
  %h = finn.constant dense<0> : tensor<2xsi16>
  // CHECK: finn.scan {{.*}}state_ranges = array<i64: -2, 1>
  %0 = finn.scan states(%h) inputs(%x) {state_ranges = array<i64: -300, 300>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64>} : (tensor<2xsi16>, tensor<9x2xsi3>) -> tensor<2xsi16> {
  ^bb0(%s: tensor<2xsi16>, %xt: tensor<2xsi3>):
    // CHECK: -> tensor<2xsi4>
    %1 = finn.lincomb %s, %xt {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<2xsi16>, tensor<2xsi3>) -> tensor<2xsi16>
    // CHECK: -> tensor<2xsi2>
    %2 = finn.requant %1 {p = 1 : i64, k = 0 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -2 : i64, hi = 1 : i64} : tensor<2xsi16> -> tensor<2xsi16>
    finn.yield %2 : tensor<2xsi16>
  }
  return %0 : tensor<2xsi16>
}
