// RUN: finngl-opt %s --convert-finn-to-dataflow --verify-roundtrip | FileCheck %s

// A scan that runs backwards reads and writes through reversers; what meets its output waits for two whole packets.
// CHECK: func.func @main({{.*}} attributes {dataflow.max_steps = 9 : i64}
// CHECK: %[[X:.*]] = dataflow.reverse %arg0 {max_steps = 9 : i64}
// CHECK: %[[S:.*]]:2 = dataflow.region "scan_0" states(%{{.*}}) inputs(%[[X]])
// CHECK: %[[Y:.*]] = dataflow.reverse %[[S]]#1 {max_steps = 9 : i64}
// CHECK: %[[W:.*]] = dataflow.fifo %arg0 {steps = 18 : i64}
// CHECK: dataflow.region "dense_1" states() inputs(%[[W]], %[[Y]])
func.func @main(%x: tensor<9x2xsi4>) -> tensor<9x2xsi5> {
  %h0 = finn.constant dense<0> : tensor<2xsi4>
  %0:2 = finn.scan states(%h0) inputs(%x) {state_ranges = array<i64: -8, 7>, reverse_inputs = array<i64: 1>, reverse_outputs = array<i64: 1>} : (tensor<2xsi4>, tensor<9x2xsi4>) -> (tensor<2xsi4>, tensor<9x2xsi4>) {
  ^bb0(%h: tensor<2xsi4>, %xt: tensor<2xsi4>):
    finn.yield %xt, %h : tensor<2xsi4>, tensor<2xsi4>
  }
  %1 = finn.lincomb %x, %0#1 {coefficients = array<i64: 1, 1>, offset = array<i64: 0>} : (tensor<9x2xsi4>, tensor<9x2xsi4>) -> tensor<9x2xsi5>
  return %1 : tensor<9x2xsi5>
}
