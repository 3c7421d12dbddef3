// RUN: finngl-opt %s --finn-compose-selections -split-input-file | FileCheck %s

// A concatenation of a and b, then a product: the columns of a and those of b.
// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[A:.*]] = finn.matmul %arg0, dense<{{\[}}[1, 2], [5, 6]]>
// CHECK-DAG: %[[B:.*]] = finn.matmul %arg1, dense<{{\[}}[3], [7]]>
// CHECK: finn.lincomb %[[A]], %[[B]] {coefficients = array<i64: 1, 1>, offset = array<i64: 0>}
// CHECK-NEXT: return
func.func @main(%a: tensor<9x2xsi4>, %b: tensor<9x1xsi4>) -> tensor<9x2xsi9> {
  %0 = finn.matmul %a, dense<[[1, 0], [0, 1], [0, 0]]> : tensor<3x2xui1>, tensor<9x2xsi4> -> tensor<9x3xsi4>
  %1 = finn.matmul %b, dense<[[0], [0], [1]]> : tensor<3x1xui1>, tensor<9x1xsi4> -> tensor<9x3xsi4>
  %2 = finn.lincomb %0, %1 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<9x3xsi4>, tensor<9x3xsi4>) -> tensor<9x3xsi4>
  %3 = finn.matmul %2, dense<[[1, 2, 3], [5, 6, 7]]> : tensor<2x3xui3>, tensor<9x3xsi4> -> tensor<9x2xsi9>
  return %3 : tensor<9x2xsi9>
}

// -----

// A choice of channels; what weighs zero is not read.
// CHECK-LABEL: func.func @main
// CHECK: %[[B:.*]] = finn.matmul %arg1, dense<{{\[}}[0, 3]]>{{.*}} -> tensor<1xsi9>
// CHECK-NEXT: return %[[B]]
func.func @main(%a: tensor<1xsi4>, %b: tensor<2xsi4>) -> tensor<1xsi9> {
  %0 = finn.matmul %a, dense<[[1], [0]]> : tensor<2x1xui1>, tensor<1xsi4> -> tensor<2xsi4>
  %1 = finn.matmul %b, dense<[[0, 0], [0, 1]]> : tensor<2x2xui1>, tensor<2xsi4> -> tensor<2xsi4>
  %2 = finn.lincomb %0, %1 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<2xsi4>, tensor<2xsi4>) -> tensor<2xsi4>
  %3 = finn.matmul %2, dense<[[0, 3]]> : tensor<1x2xui2>, tensor<2xsi4> -> tensor<1xsi9>
  return %3 : tensor<1xsi9>
}

// -----

// A matrix with other weights, and a sum with an offset, are no selections.
// CHECK-LABEL: func.func @main
// CHECK: finn.matmul %arg0
// CHECK: finn.lincomb
// CHECK: finn.matmul
func.func @main(%a: tensor<2xsi4>) -> tensor<1xsi9> {
  %0 = finn.matmul %a, dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>, tensor<2xsi4> -> tensor<2xsi4>
  %1 = finn.lincomb %0 {coefficients = array<i64: 1>, offset = array<i64: 1>} : (tensor<2xsi4>) -> tensor<2xsi5>
  %2 = finn.matmul %1, dense<[[1, 3]]> : tensor<1x2xui2>, tensor<2xsi5> -> tensor<1xsi9>
  return %2 : tensor<1xsi9>
}
