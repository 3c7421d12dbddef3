// RUN: finngl-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: func.func @step
func.func @step(%x: tensor<2xsi4>, %h: tensor<4xsi6>) -> tensor<4xui2> {
  // CHECK: finn.constant dense<0> : tensor<4xsi7>
  %zero = finn.constant dense<0> : tensor<4xsi7>
  // CHECK: finn.matmul %{{.*}}, dense<{{.*}}> : tensor<4x2xsi3>, tensor<2xsi4> -> tensor<4xsi7>
  %0 = finn.matmul %x, dense<[[1, -2], [3, 0], [1, 1], [0, 0]]> : tensor<4x2xsi3>, tensor<2xsi4> -> tensor<4xsi7>
  // CHECK: finn.lincomb %{{.*}}, %{{.*}} {coefficients = array<i64: 1, -1>, offset = array<i64: 3>}
  %1 = finn.lincomb %0, %zero {coefficients = array<i64: 1, -1>, offset = array<i64: 3>} : (tensor<4xsi7>, tensor<4xsi7>) -> tensor<4xsi9>
  // CHECK: finn.requant
  %2 = finn.requant %1 {p = 5 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -2 : i64, hi = 1 : i64} : tensor<4xsi9> -> tensor<4xsi2>
  // CHECK: finn.table
  %3 = finn.table %2 {first = -2 : i64, values = array<i64: 0, 1, 2, 3>} : tensor<4xsi2> -> tensor<4xui2>
  // CHECK: finn.mul
  %4 = finn.mul %3, %h : (tensor<4xui2>, tensor<4xsi6>) -> tensor<4xsi8>
  // CHECK: finn.multi_threshold
  %5 = finn.multi_threshold %4, dense<[[-3, 0, 3]]> : tensor<1x3xsi6> {bias = 0 : i64}, tensor<4xsi8> -> tensor<4xui2>
  return %5 : tensor<4xui2>
}

// CHECK-LABEL: func.func @coefficients_per_channel
func.func @coefficients_per_channel(%a: tensor<2xsi6>, %b: tensor<2xsi6>) -> tensor<2xsi9> {
  // CHECK: finn.lincomb %{{.*}}, %{{.*}} {coefficients = array<i64: 1, 2, 3, -4>, offset = array<i64: 0, 5>}
  %y = finn.lincomb %a, %b {coefficients = array<i64: 1, 2, 3, -4>, offset = array<i64: 0, 5>} : (tensor<2xsi6>, tensor<2xsi6>) -> tensor<2xsi9>
  return %y : tensor<2xsi9>
}

// CHECK-LABEL: func.func @sum
func.func @sum(%h: tensor<4xsi6>, %x: tensor<9x4xsi3>) -> (tensor<4xsi6>, tensor<9x4xsi6>) {
  // CHECK: finn.scan states(%{{.*}}) inputs(%{{.*}})
  %0:2 = finn.scan states(%h) inputs(%x) {state_ranges = array<i64: -32, 31>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<4xsi6>, tensor<9x4xsi3>) -> (tensor<4xsi6>, tensor<9x4xsi6>) {
  ^bb0(%s: tensor<4xsi6>, %xt: tensor<4xsi3>):
    %1 = finn.lincomb %s, %xt {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi6>, tensor<4xsi3>) -> tensor<4xsi7>
    %2 = finn.requant %1 {p = 1 : i64, k = 0 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -32 : i64, hi = 31 : i64} : tensor<4xsi7> -> tensor<4xsi6>
    finn.yield %2, %2 : tensor<4xsi6>, tensor<4xsi6>
  }
  return %0#0, %0#1 : tensor<4xsi6>, tensor<9x4xsi6>
}
