// RUN: finngl-opt %s --convert-finn-to-dataflow --verify-roundtrip | FileCheck %s
// RUN: finngl-opt %s --convert-finn-to-dataflow --dataflow-set-folding='dsp=8' | FileCheck %s --check-prefix=FOLDED

// A step of three stages and three lengths: products of arguments (of 4 and of 3 rows: h and x are read by two MVUs, so
// each has a copy), a product of a value of the same step, and a sum over products of both stages.
// CHECK: dataflow.region "scan_0" states(%[[H0:.*]], %[[H0]]) inputs(%[[XS:.*]], %[[XS]])
// CHECK: ^bb0(%[[H:.*]]: tensor<4xsi4>, %[[H2:.*]]: tensor<4xsi4>, %[[X:.*]]: tensor<2xsi4>, %[[X2:.*]]: tensor<2xsi4>):
// CHECK: %[[R:.*]]:2 = dataflow.mvu(%[[X]], %[[H]])
// CHECK: dataflow.mvu(%[[X2]], %[[H2]]), dense{{.*}} tensor<3x6xsi
// CHECK: %[[RH:.*]] = dataflow.mul
// CHECK: %[[N:.*]] = dataflow.mvu(%[[RH]])
// CHECK: dataflow.lincomb %[[R]]#1, %[[N]]
// CHECK: dataflow.emit %[[NEXT:.*]], %[[NEXT]], %{{.*}}, %{{.*}}

// FOLDED: pe = array<i64: {{[0-9]+}}, {{[0-9]+}}, {{[0-9]+}}>
func.func @main(%x: tensor<9x2xsi4>) -> (tensor<4xsi4>, tensor<9x4xsi4>, tensor<9x3xsi6>) {
  %h0 = finn.constant dense<0> : tensor<4xsi4>
  %0:3 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0, 0>} : (tensor<4xsi4>, tensor<9x2xsi4>) -> (tensor<4xsi4>, tensor<9x4xsi4>, tensor<9x3xsi6>) {
  ^bb0(%h: tensor<4xsi4>, %xt: tensor<2xsi4>):
    %1 = finn.matmul %xt, dense<[[1, -2], [3, 0], [1, 1], [0, 2]]> : tensor<4x2xsi3>, tensor<2xsi4> -> tensor<4xsi7>
    %2 = finn.matmul %h, dense<[[1, -2, 0, 1], [3, 0, 1, 1], [1, 1, 2, -1], [0, 2, 1, 0]]> : tensor<4x4xsi3>, tensor<4xsi4> -> tensor<4xsi7>
    %3 = finn.lincomb %1, %2 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi7>, tensor<4xsi7>) -> tensor<4xsi8>
    %r = finn.requant %3 {p = 5 : i64, k = 5 : i64, c = array<i64: 16, 17, 18, 3>, w = array<i64: 0>, lo = -4 : i64, hi = 3 : i64} : tensor<4xsi8> -> tensor<4xsi3>
    %rh = finn.mul %r, %h : (tensor<4xsi3>, tensor<4xsi4>) -> tensor<4xsi6>
    %4 = finn.matmul %rh, dense<[[0, -2, 0, 1], [1, 0, 1, 1], [1, 1, 2, -1], [0, 2, 1, 0]]> : tensor<4x4xsi3>, tensor<4xsi6> -> tensor<4xsi9>
    %5 = finn.matmul %xt, dense<[[1, 1], [-3, 0], [1, 1], [0, 2]]> : tensor<4x2xsi3>, tensor<2xsi4> -> tensor<4xsi7>
    %6 = finn.lincomb %5, %4 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi7>, tensor<4xsi9>) -> tensor<4xsi9>
    %7 = finn.requant %6 {p = 3 : i64, k = 5 : i64, c = array<i64: 16>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4xsi9> -> tensor<4xsi4>
    %8 = finn.matmul %h, dense<[[1, -1, 0, 1], [0, 0, 1, 1], [1, 1, 1, -1]]> : tensor<3x4xsi2>, tensor<4xsi4> -> tensor<3xsi6>
    %9 = finn.matmul %xt, dense<[[1, -1], [0, 0], [1, 1]]> : tensor<3x2xsi2>, tensor<2xsi4> -> tensor<3xsi5>
    %10 = finn.lincomb %8, %9 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<3xsi6>, tensor<3xsi5>) -> tensor<3xsi7>
    %11 = finn.requant %10 {p = 3 : i64, k = 2 : i64, c = array<i64: 2>, w = array<i64: 0>, lo = -32 : i64, hi = 31 : i64} : tensor<3xsi7> -> tensor<3xsi6>
    finn.yield %7, %7, %11 : tensor<4xsi4>, tensor<4xsi4>, tensor<3xsi6>
  }
  return %0#0, %0#1, %0#2 : tensor<4xsi4>, tensor<9x4xsi4>, tensor<9x3xsi6>
}
