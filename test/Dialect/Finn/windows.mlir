// RUN: finngl-opt %s --verify-roundtrip -split-input-file -verify-diagnostics --finn-minimize-bit-width | FileCheck %s

// Ranges follow elements: what a table makes of codes decides widths behind windows.
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<100x40xui6>) -> tensor<50x8xsi8> {
  // CHECK: finn.reshape %{{.*}} : tensor<100x40xui6> -> tensor<500x8xui6>
  %0 = finn.reshape %x : tensor<100x40xui6> -> tensor<500x8xui6>
  // CHECK: finn.im2col %{{.*}} : tensor<500x8xui6> -> tensor<50x80xsi7>
  %1 = finn.im2col %0 {image = array<i64: 50, 10>, kernel = array<i64: 1, 10>, strides = array<i64: 1, 10>, pads = array<i64: 0, 5, 0, 0>, dilations = array<i64: 1, 1>, pad_value = array<i64: -3>} : tensor<500x8xui6> -> tensor<50x80xsi20>
  // A tap that is no padding has no value below zero.
  // CHECK: finn.max_pool %{{.*}} : tensor<50x80xsi7> -> tensor<50x8xui6>
  %2 = finn.max_pool %1 : tensor<50x80xsi20> -> tensor<50x8xsi8>
  return %2 : tensor<50x8xsi8>
}

// -----

func.func @main(%x: tensor<10x4xui6>) -> tensor<10x5xui6> {
  // expected-error@+1 {{expects the elements of 'tensor<10x4xui6>', got 'tensor<10x5xui6>'}}
  %0 = finn.reshape %x : tensor<10x4xui6> -> tensor<10x5xui6>
  return %0 : tensor<10x5xui6>
}

// -----

func.func @main(%x: tensor<10x4xui6>) -> tensor<10x12xui6> {
  // expected-error@+1 {{expects [10, C] to become [8, 3 * C], got 'tensor<10x4xui6>' and 'tensor<10x12xui6>'}}
  %0 = finn.im2col %x {image = array<i64: 10>, kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, pad_value = array<i64: 0>} : tensor<10x4xui6> -> tensor<10x12xui6>
  return %0 : tensor<10x12xui6>
}

// -----

func.func @main(%x: tensor<10x4xui6>) -> tensor<10x12xui6> {
  // expected-error@+1 {{expects a type that holds the operand and its padding, got 'ui6'}}
  %0 = finn.im2col %x {image = array<i64: 10>, kernel = array<i64: 3>, strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, pad_value = array<i64: -1>} : tensor<10x4xui6> -> tensor<10x12xui6>
  return %0 : tensor<10x12xui6>
}

// -----

func.func @main(%x: tensor<10x4xui6>) -> tensor<10x3xui6> {
  // expected-error@+1 {{expects a multiple of the result's channels}}
  %0 = finn.max_pool %x : tensor<10x4xui6> -> tensor<10x3xui6>
  return %0 : tensor<10x3xui6>
}
