// RUN: finngl-opt %s --pass-pipeline='builtin.module(func.func(finn-hoist-input-products),convert-finn-to-dataflow)' --verify-roundtrip | FileCheck %s

// Hoisted products of one input and one length are the rows of one MVU in one region, with an output each; the scan's
// MVU has the state's columns only, and the tail adds the input.
// CHECK-LABEL: func.func @main
// CHECK: %[[W:.*]]:2 = dataflow.region "dense_0" states() inputs(%arg0)
// CHECK: %[[ROWS:.*]]:2 = dataflow.mvu(%{{.*}}), dense<{{.*}}> : tensor<8x2xsi3>
// CHECK-NEXT: dataflow.emit %[[ROWS]]#0, %[[ROWS]]#1
// Another length is a region of its own.
// CHECK: %[[V:.*]] = dataflow.region "dense_1" states() inputs(%arg0)
// CHECK: dataflow.region "scan_2" states(%{{.*}}) inputs(%[[W]]#0, %[[W]]#1, %[[V]])
// CHECK: ^bb0(%[[H:.*]]: tensor<4xsi4>, %[[A:.*]]: tensor<4xsi7>, %[[B:.*]]: tensor<4xsi6>, %{{.*}}: tensor<5xsi5>):
// CHECK: %[[ACC:.*]] = dataflow.mvu(%[[H]]), dense<{{.*}}> : tensor<4x4xsi3>
// CHECK: dataflow.lincomb %[[A]], %[[ACC]] {coefficients = array<i64: 1, 1>
// CHECK: dataflow.lincomb %[[ACC]], %[[B]] {coefficients = array<i64: 5, 3>
func.func @main(%x: tensor<9x2xsi4>) -> (tensor<4xsi4>, tensor<9x4xsi4>, tensor<9x5xsi5>) {
  %h0 = finn.constant dense<0> : tensor<4xsi4>
  %0:3 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0, 0>} : (tensor<4xsi4>, tensor<9x2xsi4>) -> (tensor<4xsi4>, tensor<9x4xsi4>, tensor<9x5xsi5>) {
  ^bb0(%h: tensor<4xsi4>, %xt: tensor<2xsi4>):
    %1 = finn.matmul %xt, dense<[[1, -2], [3, 0], [1, 1], [0, 2]]> : tensor<4x2xsi3>, tensor<2xsi4> -> tensor<4xsi7>
    %2 = finn.matmul %h, dense<[[1, -2, 0, 1], [3, 0, 1, 1], [1, 1, 2, -1], [0, 2, 1, 0]]> : tensor<4x4xsi3>, tensor<4xsi4> -> tensor<4xsi7>
    %3 = finn.lincomb %1, %2 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi7>, tensor<4xsi7>) -> tensor<4xsi8>
    %4 = finn.requant %3 {p = 5 : i64, k = 5 : i64, c = array<i64: 16, 17, 18, 3>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4xsi8> -> tensor<4xsi4>
    %w = finn.matmul %xt, dense<1> : tensor<5x2xui1>, tensor<2xsi4> -> tensor<5xsi5>
    %5 = finn.matmul %xt, dense<[[1, 1], [1, 0], [1, 1], [0, 2]]> : tensor<4x2xui2>, tensor<2xsi4> -> tensor<4xsi6>
    %6 = finn.lincomb %2, %5 {coefficients = array<i64: 5, 3>, offset = array<i64: 1>} : (tensor<4xsi7>, tensor<4xsi6>) -> tensor<4xsi10>
    %7 = finn.requant %6 {p = 3 : i64, k = 7 : i64, c = array<i64: 16>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4xsi10> -> tensor<4xsi4>
    finn.yield %7, %4, %w : tensor<4xsi4>, tensor<4xsi4>, tensor<5xsi5>
  }
  return %0#0, %0#1, %0#2 : tensor<4xsi4>, tensor<9x4xsi4>, tensor<9x5xsi5>
}
