// RUN: finngl-opt %s --convert-finn-to-dataflow --verify-roundtrip -split-input-file | FileCheck %s
// RUN: finngl-opt %s --convert-finn-to-dataflow --dataflow-set-folding -split-input-file | FileCheck %s --check-prefix=FOLDED

// A convolution is windows, then a region with one step a window; a pool stands beside the regions.
// CHECK-LABEL: func.func @main
// CHECK: %[[ROWS:.*]] = dataflow.reshape %{{.*}} : tensor<4x6xsi4> -> tensor<12x2xsi4>
// CHECK: %[[WINDOWS:.*]] = dataflow.swg %[[ROWS]] {dilations = array<i64: 1, 1>, image = array<i64: 4, 3>, kernel = array<i64: 3, 1>, pad_value = -1 : i64, pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 1, 1>} : tensor<12x2xsi4> -> tensor<12x6xsi4>
// CHECK: %[[CONV:.*]] = dataflow.region "dense_0" states() inputs(%[[WINDOWS]])
// CHECK: %[[TAPS:.*]] = dataflow.swg %[[CONV]]
// CHECK: %[[POOLED:.*]] = dataflow.max_pool %[[TAPS]] : tensor<6x8xsi4> -> tensor<6x4xsi4>
// CHECK: return %[[POOLED]]
// FOLDED: period =
func.func @main(%x: tensor<4x6xsi4>) -> tensor<6x4xsi4> {
  %0 = finn.reshape %x : tensor<4x6xsi4> -> tensor<12x2xsi4>
  %1 = finn.im2col %0 {image = array<i64: 4, 3>, kernel = array<i64: 3, 1>, strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: -1>} : tensor<12x2xsi4> -> tensor<12x6xsi4>
  %2 = finn.matmul %1, dense<[[1, -2, 0, 1, 1, 1], [3, 0, 1, 1, 0, 1], [1, 1, 2, -1, 0, 0], [0, 2, 1, 0, 1, 1]]> : tensor<4x6xsi3>, tensor<12x6xsi4> -> tensor<12x4xsi8>
  %3 = finn.requant %2 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<12x4xsi8> -> tensor<12x4xsi4>
  %4 = finn.im2col %3 {image = array<i64: 4, 3>, kernel = array<i64: 2, 1>, strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: 0>} : tensor<12x4xsi4> -> tensor<6x8xsi4>
  %5 = finn.max_pool %4 : tensor<6x8xsi4> -> tensor<6x4xsi4>
  return %5 : tensor<6x4xsi4>
}

// -----

// Two paths from one stream meet again: the one that sees no window waits for the other one's rows.
// CHECK-LABEL: func.func @main
// CHECK: %[[WINDOWS:.*]] = dataflow.swg
// CHECK: %[[LATE:.*]] = dataflow.region "dense_0" states() inputs(%[[WINDOWS]])
// CHECK: %[[FIFO:.*]] = dataflow.fifo %arg0 {steps = 3 : i64}
// CHECK: dataflow.region "dense_1" states() inputs({{.*}}%[[FIFO]]
func.func @main(%x: tensor<8x2xsi4>) -> tensor<8x2xsi9> {
  %0 = finn.im2col %x {image = array<i64: 8>, kernel = array<i64: 5>, strides = array<i64: 1>, pads = array<i64: 2, 2>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<8x2xsi4> -> tensor<8x10xsi4>
  %1 = finn.matmul %0, dense<1> : tensor<2x10xsi2>, tensor<8x10xsi4> -> tensor<8x2xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<8x2xsi8> -> tensor<8x2xsi4>
  %3 = finn.matmul %2, dense<1> : tensor<2x2xsi2>, tensor<8x2xsi4> -> tensor<8x2xsi6>
  %4 = finn.matmul %x, dense<2> : tensor<2x2xsi3>, tensor<8x2xsi4> -> tensor<8x2xsi7>
  %5 = finn.lincomb %3, %4 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<8x2xsi6>, tensor<8x2xsi7>) -> tensor<8x2xsi9>
  return %5 : tensor<8x2xsi9>
}
