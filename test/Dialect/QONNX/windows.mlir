// RUN: finngl-opt %s --verify-roundtrip -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<1x4x10x6xf32>, %w: tensor<8x2x3x2xf32>) -> tensor<1x8x2x2xf32> {
  // CHECK: qonnx.conv %{{.*}}, %{{.*}} {dilations = array<i64: 2, 1>, group = 2 : i64, pads = array<i64: 1, 0, 0, 1>, strides = array<i64: 1, 2>}
  %0 = qonnx.conv %x, %w {strides = array<i64: 1, 2>, pads = array<i64: 1, 0, 0, 1>, dilations = array<i64: 2, 1>, group = 2 : i64} : (tensor<1x4x10x6xf32>, tensor<8x2x3x2xf32>) -> tensor<1x8x7x3xf32>
  // CHECK: qonnx.batch_norm %{{.*}} scale [1.000000e-01, {{.*}}] bias {{.*}} mean {{.*}} variance {{.*}} {epsilon = 9.99999974E-6 : f32} : tensor<1x8x7x3xf32>
  %1 = qonnx.batch_norm %0 scale [0.1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0] bias [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] mean [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] variance [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0] {epsilon = 1.0e-05 : f32} : tensor<1x8x7x3xf32>
  // CHECK: qonnx.max_pool %{{.*}} {dilations = array<i64: 1, 1>, kernel = array<i64: 3, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 1>}
  %2 = qonnx.max_pool %1 {kernel = array<i64: 3, 2>, strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : tensor<1x8x7x3xf32> -> tensor<1x8x3x2xf32>
  // CHECK: qonnx.average_pool %{{.*}} {count_include_pad = false,
  %3 = qonnx.average_pool %2 {kernel = array<i64: 2, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, count_include_pad = false} : tensor<1x8x3x2xf32> -> tensor<1x8x2x2xf32>
  return %3 : tensor<1x8x2x2xf32>
}

// -----

func.func @positions(%x: tensor<1x1x10xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x10xf32> {
  // expected-error @+1 {{expects 8 windows in spatial dimension 0 of 'tensor<1x1x10xf32>', got 'tensor<1x1x10xf32>'}}
  %0 = qonnx.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x1x10xf32>, tensor<1x1x3xf32>) -> tensor<1x1x10xf32>
  return %0 : tensor<1x1x10xf32>
}

// -----

func.func @groups(%x: tensor<1x4x10xf32>, %w: tensor<3x2x3xf32>) -> tensor<1x3x8xf32> {
  // expected-error @+1 {{expects weights [M, C / 2, K...] with M a multiple of 2}}
  %0 = qonnx.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 2 : i64} : (tensor<1x4x10xf32>, tensor<3x2x3xf32>) -> tensor<1x3x8xf32>
  return %0 : tensor<1x3x8xf32>
}

// -----

func.func @lists(%x: tensor<1x4x10xf32>, %w: tensor<3x4x3xf32>) -> tensor<1x3x8xf32> {
  // expected-error @+1 {{expects 1 strides, 1 dilations and 2 pads}}
  %0 = qonnx.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 1 : i64} : (tensor<1x4x10xf32>, tensor<3x4x3xf32>) -> tensor<1x3x8xf32>
  return %0 : tensor<1x3x8xf32>
}

// -----

func.func @padding_only(%x: tensor<1x1x2xf32>) -> tensor<1x1x5xf32> {
  // expected-error @+1 {{expects an element in every window, found padding only in window 2}}
  %0 = qonnx.max_pool %x {kernel = array<i64: 1>, strides = array<i64: 1>, pads = array<i64: 0, 3>, dilations = array<i64: 1>} : tensor<1x1x2xf32> -> tensor<1x1x5xf32>
  return %0 : tensor<1x1x5xf32>
}

// -----

func.func @variance(%x: tensor<1x1x2xf32>) -> tensor<1x1x2xf32> {
  // expected-error @+1 {{expects variance + epsilon above zero}}
  %0 = qonnx.batch_norm %x scale [1.0] bias [0.0] mean [0.0] variance [-1.0] {epsilon = 1.0e-05 : f32} : tensor<1x1x2xf32>
  return %0 : tensor<1x1x2xf32>
}
