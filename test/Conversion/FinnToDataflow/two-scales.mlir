// RUN: finngl-opt %s --convert-finn-to-dataflow | FileCheck %s

// Sums over the input and over the state with unrelated coefficients: one MVU, split at the input's columns.
// CHECK: %[[ACC:.*]]:2 = dataflow.mvu(%{{.*}}, %{{.*}}), dense<{{.*}}> : tensor<2x4xsi3> {split = 2 : i64}
// CHECK: dataflow.lincomb %[[ACC]]#0, %[[ACC]]#1 {coefficients = array<i64: 3, 5>
// CHECK: dataflow.segment_table
func.func @main(%x: tensor<9x2xsi4>) -> tensor<2xui2> {
  %h0 = finn.constant dense<0> : tensor<2xui2>
  %0 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: 0, 3>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64>} : (tensor<2xui2>, tensor<9x2xsi4>) -> (tensor<2xui2>) {
  ^bb0(%h: tensor<2xui2>, %xt: tensor<2xsi4>):
    %1 = finn.matmul %xt, dense<[[1, -2], [3, 0]]> : tensor<2x2xsi3>, tensor<2xsi4> -> tensor<2xsi7>
    %2 = finn.matmul %h, dense<[[1, -2], [3, 0]]> : tensor<2x2xsi3>, tensor<2xui2> -> tensor<2xsi5>
    %3 = finn.lincomb %1, %2 {coefficients = array<i64: 3, 5>, offset = array<i64: 0>} : (tensor<2xsi7>, tensor<2xsi5>) -> tensor<2xsi9>
    %4 = finn.multi_threshold %3, dense<[[-30, 0, 31], [-29, 1, 32]]> : tensor<2x3xsi7> {bias = 0 : i64}, tensor<2xsi9> -> tensor<2xui2>
    finn.yield %4 : tensor<2xui2>
  }
  return %0 : tensor<2xui2>
}
