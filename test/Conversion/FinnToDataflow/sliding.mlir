// RUN: finngl-opt %s --convert-finn-to-dataflow=sliding=true --verify-roundtrip -split-input-file | FileCheck %s
// RUN: finngl-opt %s --convert-finn-to-dataflow=sliding=true --dataflow-set-folding -split-input-file | FileCheck %s --check-prefix=FOLDED

// Padding makes rows of three kinds: beside the first border, within, beside the last one. Row 0 of a window is there at age 1 as
// kind 0, rows 1 to 4 at the ages 2 to 5 as kind 1, row 5 at age 5 as kind 2.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xsi4>) -> tensor<1x2xsi12>
// CHECK-SAME: dataflow.window = 6 : i64
// CHECK: %[[WINDOWS:.*]] = dataflow.line_buffer %[[X]]
// CHECK-SAME: in_rows = 1 : i64, kernel = array<i64: 3, 1>, lag = 2 : i64, out_rows = 3 : i64
// CHECK-SAME: taps = array<i64: 3, 1, 0, 2, 1, 0, 1, 0, 3>
// CHECK-SAME: tensor<1x2xsi4> -> tensor<3x6xsi4>
// CHECK: %[[CONV:.*]] = dataflow.region "dense_0" states() inputs(%[[WINDOWS]]) {{.*}} (tensor<3x6xsi4>) -> tensor<3x2xsi4>
// All rows of the window in one: row j is as many samples back as it is older than the last one.
// CHECK: %[[FLAT:.*]] = dataflow.line_buffer %[[CONV]]
// CHECK-SAME: lag = 4 : i64, out_rows = 1 : i64
// CHECK-SAME: taps = array<i64: 14, 10, 7, 4, 1, 0>
// CHECK: %[[ANSWER:.*]] = dataflow.region "dense_1" states() inputs(%[[FLAT]])
// A window answers at age 5; before that there is no answer.
// CHECK: %[[SLID:.*]] = dataflow.slide %[[ANSWER]] {ages = array<i64: 5>, first = array<i64: 1>, last = array<i64: 1>, sources = array<i64: 0>}
// CHECK: return %[[SLID]]
// FOLDED: period =
func.func @main(%x: tensor<6x2xsi4>) -> tensor<1x2xsi12> {
  %0 = finn.im2col %x {image = array<i64: 6>, kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<6x2xsi4> -> tensor<6x6xsi4>
  %1 = finn.matmul %0, dense<[[1, -2, 0, 1, 1, 1], [3, 0, 1, 1, 0, 1]]> : tensor<2x6xsi3>, tensor<6x6xsi4> -> tensor<6x2xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<6x2xsi8> -> tensor<6x2xsi4>
  %3 = finn.reshape %2 : tensor<6x2xsi4> -> tensor<1x12xsi4>
  %4 = finn.matmul %3, dense<1> : tensor<2x12xsi2>, tensor<1x12xsi4> -> tensor<1x2xsi12>
  return %4 : tensor<1x2xsi12>
}

// -----

// With a stride every row is made at every sample, and a window of age 1, 3, 5 takes it: two phases share the hardware. Each step
// says its window, five of which are under way.
// CHECK-LABEL: func.func @main
// CHECK: dataflow.line_buffer %{{.*}} lag = 1 : i64, out_rows = 1 : i64
// CHECK: dataflow.slide %{{.*}} {ages = array<i64: 5, 3, 1>, first = array<i64: 0, 0, 1>, last = array<i64: 1, 0, 0>, sources = array<i64: 0, 0, 0>} : tensor<1x2xsi4> -> tensor<3x2xsi4>
// CHECK: dataflow.region "scan_1"
// CHECK-SAME: dataflow.contexts = 5 : i64
// CHECK: return %{{.*}} : tensor<2xsi4>
func.func @main(%x: tensor<6x2xsi4>) -> tensor<2xsi4> {
  %zero = finn.constant dense<0> : tensor<2xui1>
  %0 = finn.im2col %x {image = array<i64: 6>, kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<6x2xsi4> -> tensor<3x4xsi4>
  %1 = finn.matmul %0, dense<1> : tensor<2x4xsi2>, tensor<3x4xsi4> -> tensor<3x2xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<3x2xsi8> -> tensor<3x2xsi4>
  %3 = finn.scan states(%zero) inputs(%2) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64>} : (tensor<2xui1>, tensor<3x2xsi4>) -> tensor<2xsi4> {
  ^bb0(%h: tensor<2xsi4>, %t: tensor<2xsi4>):
    %4 = finn.lincomb %h, %t {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<2xsi4>, tensor<2xsi4>) -> tensor<2xsi5>
    %5 = finn.requant %4 {p = 1 : i64, k = 1 : i64, c = array<i64: 1>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<2xsi5> -> tensor<2xsi4>
    finn.yield %5 : tensor<2xsi4>
  }
  return %3 : tensor<2xsi4>
}
