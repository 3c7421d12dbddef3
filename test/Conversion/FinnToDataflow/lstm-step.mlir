// RUN: finngl-opt %s --convert-finn-to-dataflow --verify-roundtrip | FileCheck %s
// RUN: finngl-opt %s --convert-finn-to-dataflow='style=requant' | FileCheck %s --check-prefix=REQUANT
// RUN: finngl-opt %s --convert-finn-to-dataflow --dataflow-set-folding='dsp=8' | FileCheck %s --check-prefix=FOLDED

// Two products over input and state become one MVU; a quantiser and the table behind it one segment table; a sum and
// its clamp one saturating adder.
// CHECK-LABEL: func.func @main
// CHECK: dataflow.region "scan_0" states(%{{.*}}) inputs(%{{.*}})
// CHECK: ^bb0(%[[H:.*]]: tensor<4xsi4>, %[[X:.*]]: tensor<2xsi4>):
// CHECK: %[[ACC:.*]] = dataflow.mvu(%[[X]], %[[H]]), dense<{{.*}}> : tensor<4x6xsi3>
// CHECK-NOT: split
// CHECK: dataflow.segment_table %[[ACC]]
// CHECK-NOT: dataflow.table
// CHECK: dataflow.lincomb %{{.*}}, %[[H]] {coefficients = array<i64: 1, 1>, hi = 7 : i64, lo = -8 : i64
// CHECK: dataflow.emit

// REQUANT: dataflow.requant
// REQUANT: dataflow.table

// FOLDED: dataflow.region {{.*}}lanes = {{[0-9]+}} : i64, pe = array<i64: {{[0-9]+}}>, period = {{[0-9]+}} : i64, simd
// FOLDED: dataflow.segment_table {{.*}}start = 0
// FOLDED: dataflow.lincomb {{.*}}start = 2
func.func @main(%x: tensor<9x2xsi4>) -> (tensor<4xsi4>, tensor<9x4xsi4>) {
  %h0 = finn.constant dense<0> : tensor<4xsi4>
  %0:2 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64: 0>} : (tensor<4xsi4>, tensor<9x2xsi4>) -> (tensor<4xsi4>, tensor<9x4xsi4>) {
  ^bb0(%h: tensor<4xsi4>, %xt: tensor<2xsi4>):
    %1 = finn.matmul %xt, dense<[[1, -2], [3, 0], [1, 1], [0, 2]]> : tensor<4x2xsi3>, tensor<2xsi4> -> tensor<4xsi7>
    %2 = finn.matmul %h, dense<[[1, -2, 0, 1], [3, 0, 1, 1], [1, 1, 2, -1], [0, 2, 1, 0]]> : tensor<4x4xsi3>, tensor<4xsi4> -> tensor<4xsi7>
    %3 = finn.lincomb %1, %2 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi7>, tensor<4xsi7>) -> tensor<4xsi8>
    %4 = finn.requant %3 {p = 5 : i64, k = 5 : i64, c = array<i64: 16, 17, 18, 3>, w = array<i64: 0>, lo = -4 : i64, hi = 3 : i64} : tensor<4xsi8> -> tensor<4xsi3>
    %5 = finn.table %4 {first = -4 : i64, values = array<i64: -3, -3, -2, -1, 0, 1, 2, 3>} : tensor<4xsi3> -> tensor<4xsi3>
    %6 = finn.lincomb %5, %h {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<4xsi3>, tensor<4xsi4>) -> tensor<4xsi5>
    %7 = finn.requant %6 {p = 1 : i64, k = 0 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<4xsi5> -> tensor<4xsi4>
    finn.yield %7, %7 : tensor<4xsi4>, tensor<4xsi4>
  }
  return %0#0, %0#1 : tensor<4xsi4>, tensor<9x4xsi4>
}
