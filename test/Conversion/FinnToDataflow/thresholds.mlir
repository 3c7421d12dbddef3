// RUN: finngl-opt %s --convert-finn-to-dataflow --split-input-file -verify-diagnostics | FileCheck %s

// A table of few codes far from zero, 14 bits of them: counted from the first one.
// CHECK: %[[FAR:.*]] = dataflow.lincomb %{{.*}} {coefficients = array<i64: 1>, offset = array<i64: -5000>{{.*}} -> tensor<2xsi14>
// CHECK: %[[NEAR:.*]] = dataflow.lincomb %[[FAR]] {coefficients = array<i64: 1>, offset = array<i64: 5002>{{.*}} -> tensor<2xui2>
// CHECK: dataflow.table %[[NEAR]] {values = array<i64: 3, 0, 2, 1>
func.func @main(%x: tensor<9x2xsi2>) -> tensor<9x2xui2> {
  %0 = finn.lincomb %x {coefficients = array<i64: 1>, offset = array<i64: -5000>} : (tensor<9x2xsi2>) -> tensor<9x2xsi14>
  %1 = finn.table %0 {first = -5002 : i64, values = array<i64: 3, 0, 2, 1>} : tensor<9x2xsi14> -> tensor<9x2xui2>
  return %1 : tensor<9x2xui2>
}

// -----

// Rounding away from zero with a negative factor, whose ties differ between the channels: thresholds over -x.
// CHECK: %[[TURNED:.*]] = dataflow.lincomb %{{.*}} {coefficients = array<i64: -1>
// CHECK: dataflow.threshold_search %[[TURNED]]
func.func @main(%x: tensor<9x5xsi19>) -> tensor<9x5xsi6> {
  %0 = finn.requant %x {c = array<i64: -3221225763, 0, 0, 0, 0>, c_high = array<i64: -3355441784, -3355440077, -3355440077, -3355441784, -3355441784>, hi = 23 : i64, k = 27 : i64, lo = -25 : i64, p = -47183 : i64, split = array<i64: -71115, -43120, -50115, -70590, -62595>, w = array<i64: 0>} : tensor<9x5xsi19> -> tensor<9x5xsi6>
  return %0 : tensor<9x5xsi6>
}

// -----

// The same with more levels than a search has.
func.func @main(%x: tensor<9x5xsi19>) -> tensor<9x5xsi13> {
  // expected-error@+2 {{a quantiser of more than 1,024 levels, or one that falls and rises, that neither one multiplier nor one table holds for all channels}}
  // expected-note@+1 {{use one scale for the tensor, or at most 10 bits}}
  %0 = finn.requant %x {c = array<i64: -3221225763, 0, 0, 0, 0>, c_high = array<i64: -3355441784, -3355440077, -3355440077, -3355441784, -3355441784>, hi = 3000 : i64, k = 20 : i64, lo = -3000 : i64, p = -47183 : i64, split = array<i64: -71115, -43120, -50115, -70590, -62595>, w = array<i64: 0>} : tensor<9x5xsi19> -> tensor<9x5xsi13>
  return %0 : tensor<9x5xsi13>
}
