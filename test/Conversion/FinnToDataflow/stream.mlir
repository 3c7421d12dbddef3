// RUN: finngl-opt %s --convert-finn-to-dataflow=stream --verify-roundtrip -verify-diagnostics -split-input-file | FileCheck %s

// Types are those of one row. The image has no end, rows of windows are packets; steps that merge are windows side by
// side; last states and what is behind them come after each step.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%arg0: tensor<1x6xsi4>) -> tensor<2xsi7> attributes {dataflow.stream}
// CHECK: %[[ROWS:.*]] = dataflow.reshape %arg0 : tensor<1x6xsi4> -> tensor<3x2xsi4>
// CHECK: %[[WINDOWS:.*]] = dataflow.swg_stream %[[ROWS]] {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 1>, pad_value = -1 : i64, pads = array<i64: 1, 0, 0>, strides = array<i64: 1, 1>, wait = 0 : i64, width = 3 : i64} : tensor<3x2xsi4> -> tensor<3x6xsi4>
// CHECK: %[[CONV:.*]] = dataflow.region "dense_0" states() inputs(%[[WINDOWS]])
// CHECK: %[[WHOLE:.*]] = dataflow.reshape %[[CONV]] : tensor<3x1xsi4> -> tensor<1x3xsi4>
// CHECK: %[[MERGED:.*]] = dataflow.swg_stream %[[WHOLE]] {{.*}}kernel = array<i64: 2, 1>{{.*}}strides = array<i64: 2, 1>{{.*}} : tensor<1x3xsi4> -> tensor<1x6xsi4>
// CHECK: %[[SCAN:.*]] = dataflow.region "scan_1" states({{.*}}) inputs(%[[MERGED]])
// CHECK: %[[HEAD:.*]] = dataflow.region "dense_2" states() inputs(%[[SCAN]])
// CHECK: return %[[HEAD]] : tensor<2xsi7>
func.func @main(%x: tensor<8x6xsi4>) -> tensor<2xsi7> {
  %h0 = finn.constant dense<0> : tensor<6xsi4>
  %0 = finn.reshape %x : tensor<8x6xsi4> -> tensor<24x2xsi4>
  %1 = finn.im2col %0 {image = array<i64: 8, 3>, kernel = array<i64: 3, 1>, strides = array<i64: 1, 1>, pads = array<i64: 1, 0, 1, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: -1>} : tensor<24x2xsi4> -> tensor<24x6xsi4>
  %2 = finn.matmul %1, dense<1> : tensor<1x6xsi2>, tensor<24x6xsi4> -> tensor<24x1xsi7>
  %3 = finn.requant %2 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<24x1xsi7> -> tensor<24x1xsi4>
  %4 = finn.reshape %3 : tensor<24x1xsi4> -> tensor<4x6xsi4>
  %5 = finn.scan states(%h0) inputs(%4) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64>} : (tensor<6xsi4>, tensor<4x6xsi4>) -> tensor<6xsi4> {
  ^bb0(%h: tensor<6xsi4>, %xt: tensor<6xsi4>):
    finn.yield %xt : tensor<6xsi4>
  }
  %6 = finn.matmul %5, dense<1> : tensor<2x6xsi2>, tensor<6xsi4> -> tensor<2xsi7>
  return %6 : tensor<2xsi7>
}

// -----

// Where paths meet, rows that come early wait for the sample of the late ones.
// CHECK-LABEL: func.func @main
// CHECK: %[[WINDOWS:.*]] = dataflow.swg_stream %arg0 {{.*}}kernel = array<i64: 5, 1>{{.*}}pads = array<i64: 2, 0, 0>
// CHECK: %[[LATE:.*]] = dataflow.region "dense_0" states() inputs(%[[WINDOWS]])
// CHECK: %[[WAITING:.*]] = dataflow.swg_stream %arg0 {{.*}}kernel = array<i64: 1, 1>{{.*}}wait = 2
// CHECK: dataflow.region "dense_1" states() inputs({{.*}}%[[WAITING]]
func.func @main(%x: tensor<8x2xsi4>) -> tensor<8x2xsi9> {
  %0 = finn.im2col %x {image = array<i64: 8>, kernel = array<i64: 5>, strides = array<i64: 1>, pads = array<i64: 2, 2>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<8x2xsi4> -> tensor<8x10xsi4>
  %1 = finn.matmul %0, dense<1> : tensor<2x10xsi2>, tensor<8x10xsi4> -> tensor<8x2xsi8>
  %2 = finn.requant %1 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<8x2xsi8> -> tensor<8x2xsi4>
  %3 = finn.matmul %2, dense<1> : tensor<2x2xsi2>, tensor<8x2xsi4> -> tensor<8x2xsi6>
  %4 = finn.matmul %x, dense<2> : tensor<2x2xsi3>, tensor<8x2xsi4> -> tensor<8x2xsi7>
  %5 = finn.lincomb %3, %4 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<8x2xsi6>, tensor<8x2xsi7>) -> tensor<8x2xsi9>
  return %5 : tensor<8x2xsi9>
}

// -----

// Without windows nothing changes: packets of any number of steps.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%arg0: tensor<9x2xsi4>) -> tensor<9x2xsi6> {
func.func @main(%x: tensor<9x2xsi4>) -> tensor<9x2xsi6> {
  %0 = finn.matmul %x, dense<1> : tensor<2x2xsi2>, tensor<9x2xsi4> -> tensor<9x2xsi6>
  return %0 : tensor<9x2xsi6>
}

// -----

func.func @main(%x: tensor<8x2xsi4>) -> tensor<1x16xsi4> {
  // expected-error@+1 {{reads all 8 steps of a window at once, which a stream does not end, not supported in --mode stream}}
  %0 = finn.im2col %x {image = array<i64: 8>, kernel = array<i64: 8>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<8x2xsi4> -> tensor<1x16xsi4>
  %1 = finn.requant %0 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<1x16xsi4> -> tensor<1x16xsi4>
  return %1 : tensor<1x16xsi4>
}

// -----

func.func @main(%x: tensor<8x2xsi4>) -> tensor<1x16xsi4> {
  // expected-error@+1 {{joins all 8 steps of a window, which a stream does not end}}
  %0 = finn.reshape %x : tensor<8x2xsi4> -> tensor<1x16xsi4>
  %1 = finn.requant %0 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<1x16xsi4> -> tensor<1x16xsi4>
  return %1 : tensor<1x16xsi4>
}

// -----

func.func @main(%x: tensor<8x2xsi4>) -> tensor<4x4xsi4> {
  %h0 = finn.constant dense<0> : tensor<4xsi4>
  // expected-error@+1 {{reads a sequence from its end, which a stream does not have}}
  %0 = finn.reshape %x : tensor<8x2xsi4> -> tensor<4x4xsi4>
  %1:2 = finn.scan states(%h0) inputs(%0) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 1>, reverse_outputs = array<i64: 1>} : (tensor<4xsi4>, tensor<4x4xsi4>) -> (tensor<4xsi4>, tensor<4x4xsi4>) {
  ^bb0(%h: tensor<4xsi4>, %xt: tensor<4xsi4>):
    finn.yield %xt, %h : tensor<4xsi4>, tensor<4xsi4>
  }
  return %1#1 : tensor<4x4xsi4>
}

// -----

// The window of two rows needs a sample more, a row comes every other sample.
func.func @main(%x: tensor<8x2xsi4>) -> tensor<4x2xsi8> {
  %0 = finn.im2col %x {image = array<i64: 8>, kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<8x2xsi4> -> tensor<4x4xsi4>
  %1 = finn.im2col %x {image = array<i64: 8>, kernel = array<i64: 1>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<8x2xsi4> -> tensor<4x2xsi4>
  // expected-error@+1 {{joins rows that come 1 samples apart, of one row in 2 samples}}
  %2 = finn.matmul %0, dense<1> : tensor<2x4xsi2>, tensor<4x4xsi4> -> tensor<4x2xsi7>
  %3 = finn.lincomb %2, %1 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4x2xsi7>, tensor<4x2xsi4>) -> tensor<4x2xsi8>
  return %3 : tensor<4x2xsi8>
}

// -----

func.func @main(%x: tensor<8x2xsi4>) -> (tensor<8x2xsi4>, tensor<8x4xsi4>) {
  %0 = finn.im2col %x {image = array<i64: 8>, kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 1>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<8x2xsi4> -> tensor<8x4xsi4>
  %1 = finn.requant %x {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<8x2xsi4> -> tensor<8x2xsi4>
  // expected-error@+1 {{graph output '' answers other samples than the first one}}
  return %1, %0 : tensor<8x2xsi4>, tensor<8x4xsi4>
}

// -----

func.func @main(%x: tensor<1x2xsi4>) -> tensor<1x4xsi4> {
  // expected-error@+1 {{expects fewer rows of padding than a window waits for}}
  %0 = dataflow.swg_stream %x {width = 1 : i64, kernel = array<i64: 2, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 2, 0, 0>, pad_value = 0 : i64, wait = 0 : i64} : tensor<1x2xsi4> -> tensor<1x4xsi4>
  return %0 : tensor<1x4xsi4>
}

// -----

func.func @main(%x: tensor<8x2xsi4>) -> tensor<3x8xsi4> {
  %h0 = finn.constant dense<0> : tensor<4xsi4>
  %0 = finn.reshape %x : tensor<8x2xsi4> -> tensor<4x4xsi4>
  %1:2 = finn.scan states(%h0) inputs(%0) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<4xsi4>, tensor<4x4xsi4>) -> (tensor<4xsi4>, tensor<4x4xsi4>) {
  ^bb0(%h: tensor<4xsi4>, %xt: tensor<4xsi4>):
    finn.yield %xt, %h : tensor<4xsi4>, tensor<4xsi4>
  }
  // expected-error@+1 {{gathers windows of steps behind a scan}}
  %2 = finn.im2col %1#1 {image = array<i64: 4>, kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<4x4xsi4> -> tensor<3x8xsi4>
  %3 = finn.requant %2 {p = 3 : i64, k = 4 : i64, c = array<i64: 8>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<3x8xsi4> -> tensor<3x8xsi4>
  return %3 : tensor<3x8xsi4>
}
