// RUN: finngl-opt %s --convert-finn-to-dataflow --verify-roundtrip | FileCheck %s
// RUN: finngl-opt %s --convert-finn-to-dataflow --dataflow-set-folding='dsp=8' | FileCheck %s --check-prefix=FOLDED
// RUN: finngl-opt %s --convert-finn-to-dataflow --dataflow-set-folding='dsp=0 lut=20000' | FileCheck %s --check-prefix=LUT

// Coefficients of each channel's own need a multiplier, in a DSP or in LUTs, and two cycles; powers of two in all
// channels stay shifts.
// CHECK-LABEL: func.func @main
// CHECK: ^bb0(%[[H:.*]]: tensor<2xsi4>, %[[X:.*]]: tensor<2xsi4>):
// CHECK: %[[A:.*]] = dataflow.lincomb %[[X]], %[[H]] {coefficients = array<i64: 300, -501, 1, 1>, impl = "dsp", offset = array<i64: 0, 7>}
// CHECK: dataflow.threshold_search %[[A]]
// CHECK: %[[B:.*]] = dataflow.lincomb %[[X]], %{{.*}} {coefficients = array<i64: 2, 1>, hi = 7 : i64, lo = -8 : i64, offset = array<i64: 0>}
// CHECK: dataflow.emit

// FOLDED: dataflow.lincomb {{.*}}impl = "dsp", {{.*}}start = 1 :
// FOLDED: dataflow.threshold_search {{.*}}start = 3 :
// LUT: dataflow.lincomb {{.*}}impl = "lut"
func.func @main(%x: tensor<9x2xsi4>) -> tensor<2xsi4> {
  %h0 = finn.constant dense<0> : tensor<2xsi4>
  %0 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 0>, reverse_outputs = array<i64>} : (tensor<2xsi4>, tensor<9x2xsi4>) -> (tensor<2xsi4>) {
  ^bb0(%h: tensor<2xsi4>, %xt: tensor<2xsi4>):
    %1 = finn.lincomb %xt, %h {coefficients = array<i64: 300, -501, 1, 1>, offset = array<i64: 0, 7>} : (tensor<2xsi4>, tensor<2xsi4>) -> tensor<2xsi13>
    %2 = finn.multi_threshold %1, dense<[[-300, 0, 900], [-900, 1, 20]]> : tensor<2x3xsi11> {bias = 0 : i64}, tensor<2xsi13> -> tensor<2xui2>
    %3 = finn.lincomb %xt, %2 {coefficients = array<i64: 2, 1>, offset = array<i64: 0>} : (tensor<2xsi4>, tensor<2xui2>) -> tensor<2xsi6>
    %4 = finn.requant %3 {p = 1 : i64, k = 0 : i64, c = array<i64: 0>, w = array<i64: 0>, lo = -8 : i64, hi = 7 : i64} : tensor<2xsi6> -> tensor<2xsi4>
    finn.yield %4 : tensor<2xsi4>
  }
  return %0 : tensor<2xsi4>
}
