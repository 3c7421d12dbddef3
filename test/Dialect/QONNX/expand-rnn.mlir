// RUN: finngl-opt %s --qonnx-expand-rnn --verify-roundtrip -split-input-file | FileCheck %s
// The upper bound of each quantiser is 10 plus its place in Brevitas' list.

#q0 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 10, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q1 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 11, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q2 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 12, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q3 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 13, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q4 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 14, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q5 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q6 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 16, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q7 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 17, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q8 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 18, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q9 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 19, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q10 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 20, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#qw = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Every gate: transposed constant weights cloned into the body, the quantiser on
// the whole sum, the activation, its quantiser; then the cell.
// CHECK-LABEL: func.func @lstm
// CHECK-NEXT: %[[R:.*]]:3 = qonnx.scan states(%arg1, %arg2) inputs(%arg0) captures() {input_axes = array<i64: 0>, input_directions = array<i64: 0>, output_axes = array<i64: 0>, output_directions = array<i64: 0>}
// CHECK: ^bb0(%[[H:.*]]: tensor<1x2xf32>, %[[C:.*]]: tensor<1x2xf32>, %[[X:.*]]: tensor<1x3xf32>):
// CHECK: %[[W:.*]] = qonnx.constant dense<1.000000e+00> : tensor<2x3xf32>
// CHECK-NEXT: %[[WQ:.*]] = qonnx.quant %[[W]] by {{.*}}hi = 7,
// CHECK-NEXT: %[[WT:.*]] = qonnx.transpose %[[WQ]] [1, 0]
// CHECK-NEXT: %[[WX:.*]] = qonnx.matmul %[[X]], %[[WT]]
// CHECK-NEXT: %[[U:.*]] = qonnx.constant dense<1.100000e+01
// CHECK-NEXT: %[[UT:.*]] = qonnx.transpose %[[U]]
// CHECK-NEXT: %[[UH:.*]] = qonnx.matmul %[[H]], %[[UT]]
// CHECK-NEXT: %[[S:.*]] = qonnx.add %[[WX]], %[[UH]]
// CHECK-NEXT: %[[B:.*]] = qonnx.constant dense<2.100000e+01
// CHECK-NEXT: %[[SB:.*]] = qonnx.add %[[S]], %[[B]]
// CHECK-NEXT: %[[A:.*]] = qonnx.quant %[[SB]] by {{.*}}hi = 12,
// CHECK-NEXT: %[[F:.*]] = qonnx.sigmoid %[[A]]
// CHECK-NEXT: %[[GI:.*]] = qonnx.quant %[[F]] by {{.*}}hi = 16,
// CHECK: %[[W:.*]] = qonnx.constant dense<2.000000e+00> : tensor<2x3xf32>
// CHECK-NEXT: %[[WQ:.*]] = qonnx.quant %[[W]] by {{.*}}hi = 7,
// CHECK-NEXT: %[[WT:.*]] = qonnx.transpose %[[WQ]] [1, 0]
// CHECK-NEXT: %[[WX:.*]] = qonnx.matmul %[[X]], %[[WT]]
// CHECK-NEXT: %[[U:.*]] = qonnx.constant dense<1.200000e+01
// CHECK-NEXT: %[[UT:.*]] = qonnx.transpose %[[U]]
// CHECK-NEXT: %[[UH:.*]] = qonnx.matmul %[[H]], %[[UT]]
// CHECK-NEXT: %[[S:.*]] = qonnx.add %[[WX]], %[[UH]]
// CHECK-NEXT: %[[B:.*]] = qonnx.constant dense<2.200000e+01
// CHECK-NEXT: %[[SB:.*]] = qonnx.add %[[S]], %[[B]]
// CHECK-NEXT: %[[A:.*]] = qonnx.quant %[[SB]] by {{.*}}hi = 13,
// CHECK-NEXT: %[[F:.*]] = qonnx.sigmoid %[[A]]
// CHECK-NEXT: %[[GF:.*]] = qonnx.quant %[[F]] by {{.*}}hi = 17,
// CHECK: %[[W:.*]] = qonnx.constant dense<3.000000e+00> : tensor<2x3xf32>
// CHECK-NEXT: %[[WQ:.*]] = qonnx.quant %[[W]] by {{.*}}hi = 7,
// CHECK-NEXT: %[[WT:.*]] = qonnx.transpose %[[WQ]] [1, 0]
// CHECK-NEXT: %[[WX:.*]] = qonnx.matmul %[[X]], %[[WT]]
// CHECK-NEXT: %[[U:.*]] = qonnx.constant dense<1.300000e+01
// CHECK-NEXT: %[[UT:.*]] = qonnx.transpose %[[U]]
// CHECK-NEXT: %[[UH:.*]] = qonnx.matmul %[[H]], %[[UT]]
// CHECK-NEXT: %[[S:.*]] = qonnx.add %[[WX]], %[[UH]]
// CHECK-NEXT: %[[B:.*]] = qonnx.constant dense<2.300000e+01
// CHECK-NEXT: %[[SB:.*]] = qonnx.add %[[S]], %[[B]]
// CHECK-NEXT: %[[A:.*]] = qonnx.quant %[[SB]] by {{.*}}hi = 14,
// CHECK-NEXT: %[[F:.*]] = qonnx.tanh %[[A]]
// CHECK-NEXT: %[[GC:.*]] = qonnx.quant %[[F]] by {{.*}}hi = 18,
// CHECK: %[[W:.*]] = qonnx.constant dense<4.000000e+00> : tensor<2x3xf32>
// CHECK-NEXT: %[[WQ:.*]] = qonnx.quant %[[W]] by {{.*}}hi = 7,
// CHECK-NEXT: %[[WT:.*]] = qonnx.transpose %[[WQ]] [1, 0]
// CHECK-NEXT: %[[WX:.*]] = qonnx.matmul %[[X]], %[[WT]]
// CHECK-NEXT: %[[U:.*]] = qonnx.constant dense<1.400000e+01
// CHECK-NEXT: %[[UT:.*]] = qonnx.transpose %[[U]]
// CHECK-NEXT: %[[UH:.*]] = qonnx.matmul %[[H]], %[[UT]]
// CHECK-NEXT: %[[S:.*]] = qonnx.add %[[WX]], %[[UH]]
// CHECK-NEXT: %[[B:.*]] = qonnx.constant dense<2.400000e+01
// CHECK-NEXT: %[[SB:.*]] = qonnx.add %[[S]], %[[B]]
// CHECK-NEXT: %[[A:.*]] = qonnx.quant %[[SB]] by {{.*}}hi = 15,
// CHECK-NEXT: %[[F:.*]] = qonnx.sigmoid %[[A]]
// CHECK-NEXT: %[[GO:.*]] = qonnx.quant %[[F]] by {{.*}}hi = 19,
// CHECK-NEXT: %[[FC:.*]] = qonnx.mul %[[GF]], %[[C]]
// CHECK-NEXT: %[[FCQ:.*]] = qonnx.quant %[[FC]] by {{.*}}hi = 11,
// CHECK-NEXT: %[[IG:.*]] = qonnx.mul %[[GI]], %[[GC]]
// CHECK-NEXT: %[[IGQ:.*]] = qonnx.quant %[[IG]] by {{.*}}hi = 11,
// CHECK-NEXT: %[[SUM:.*]] = qonnx.add %[[FCQ]], %[[IGQ]]
// CHECK-NEXT: %[[CN:.*]] = qonnx.quant %[[SUM]] by {{.*}}hi = 11,
// CHECK-NEXT: %[[T:.*]] = qonnx.tanh %[[CN]]
// CHECK-NEXT: %[[TQ:.*]] = qonnx.quant %[[T]] by {{.*}}hi = 20,
// CHECK-NEXT: %[[OT:.*]] = qonnx.mul %[[GO]], %[[TQ]]
// CHECK-NEXT: %[[HN:.*]] = qonnx.quant %[[OT]] by {{.*}}hi = 10,
// CHECK-NEXT: qonnx.yield %[[HN]], %[[CN]], %[[HN]]
// CHECK: return %[[R]]#2, %[[R]]#0, %[[R]]#1
func.func @lstm(%x: tensor<5x1x3xf32>, %h: tensor<1x2xf32>, %c: tensor<1x2xf32>) -> (tensor<5x1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %wc0 = qonnx.constant dense<1.0> : tensor<2x3xf32>
  %w0 = qonnx.quant %wc0 by #qw : tensor<2x3xf32>
  %u0 = qonnx.constant dense<11.0> : tensor<2x2xf32>
  %b0 = qonnx.constant dense<21.0> : tensor<2xf32>
  %wc1 = qonnx.constant dense<2.0> : tensor<2x3xf32>
  %w1 = qonnx.quant %wc1 by #qw : tensor<2x3xf32>
  %u1 = qonnx.constant dense<12.0> : tensor<2x2xf32>
  %b1 = qonnx.constant dense<22.0> : tensor<2xf32>
  %wc2 = qonnx.constant dense<3.0> : tensor<2x3xf32>
  %w2 = qonnx.quant %wc2 by #qw : tensor<2x3xf32>
  %u2 = qonnx.constant dense<13.0> : tensor<2x2xf32>
  %b2 = qonnx.constant dense<23.0> : tensor<2xf32>
  %wc3 = qonnx.constant dense<4.0> : tensor<2x3xf32>
  %w3 = qonnx.quant %wc3 by #qw : tensor<2x3xf32>
  %u3 = qonnx.constant dense<14.0> : tensor<2x2xf32>
  %b3 = qonnx.constant dense<24.0> : tensor<2xf32>
  %0:3 = qonnx.quant_lstm_cell %x, %h, %c weights(%w0, %w1, %w2, %w3) recurrent(%u0, %u1, %u2, %u3) biases(%b0, %b1, %b2, %b3) {batch_first = false, reverse_input = false, cifg = false, quantisers = [#q0, #q1, #q2, #q3, #q4, #q5, #q6, #q7, #q8, #q9, #q10]} : (tensor<5x1x3xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<5x1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>)
  return %0#0, %0#1, %0#2 : tensor<5x1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

#q0 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 10, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q1 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 11, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q2 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 12, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q3 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 13, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q4 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 14, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q5 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q6 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 16, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q7 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 17, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q8 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 18, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q9 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 19, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q10 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 20, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#qw = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// Coupled gates: no forget product; Q(1) - i is not quantised again. No biases,
// and the sequence backwards.
// CHECK-LABEL: func.func @cifg
// CHECK: qonnx.scan {{.*}}input_directions = array<i64: 1>, output_axes = array<i64: 0>, output_directions = array<i64: 1>}
// CHECK: ^bb0(%{{.*}}, %[[C:.*]]: tensor<1x2xf32>, %{{.*}}):
// CHECK: %[[S:.*]] = qonnx.sigmoid
// CHECK-NEXT: %[[I:.*]] = qonnx.quant %[[S]] by {{.*}}hi = 16,
// CHECK-NEXT: %[[ONE:.*]] = qonnx.constant dense<1.000000e+00> : tensor<1x2xf32>
// CHECK-NEXT: %[[Q:.*]] = qonnx.quant %[[ONE]] by {{.*}}hi = 16,
// CHECK-NEXT: %[[F:.*]] = qonnx.sub %[[Q]], %[[I]]
// CHECK-NOT: dense<2.0
// CHECK: qonnx.mul %[[F]], %[[C]]
func.func @cifg(%x: tensor<5x1x3xf32>, %h: tensor<1x2xf32>, %c: tensor<1x2xf32>) -> (tensor<5x1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %wc0 = qonnx.constant dense<1.0> : tensor<2x3xf32>
  %w0 = qonnx.quant %wc0 by #qw : tensor<2x3xf32>
  %u0 = qonnx.constant dense<11.0> : tensor<2x2xf32>
  %wc1 = qonnx.constant dense<2.0> : tensor<2x3xf32>
  %w1 = qonnx.quant %wc1 by #qw : tensor<2x3xf32>
  %u1 = qonnx.constant dense<12.0> : tensor<2x2xf32>
  %wc2 = qonnx.constant dense<3.0> : tensor<2x3xf32>
  %w2 = qonnx.quant %wc2 by #qw : tensor<2x3xf32>
  %u2 = qonnx.constant dense<13.0> : tensor<2x2xf32>
  %wc3 = qonnx.constant dense<4.0> : tensor<2x3xf32>
  %w3 = qonnx.quant %wc3 by #qw : tensor<2x3xf32>
  %u3 = qonnx.constant dense<14.0> : tensor<2x2xf32>
  %0:3 = qonnx.quant_lstm_cell %x, %h, %c weights(%w0, %w1, %w2, %w3) recurrent(%u0, %u1, %u2, %u3) biases() {batch_first = false, reverse_input = true, cifg = true, quantisers = [#q0, #q1, #q2, #q3, #q4, #q5, #q6, #q7, #q8, #q9, #q10]} : (tensor<5x1x3xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> (tensor<5x1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>)
  return %0#0, %0#1, %0#2 : tensor<5x1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

#q0 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 10, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q1 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 11, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q2 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 12, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q3 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 13, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q4 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 14, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q5 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 15, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q6 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 16, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q7 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 17, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q8 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 18, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q9 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 19, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#q10 = #qonnx.quantiser<scale = [0.5], zero_point = [0.0], lo = -8, hi = 20, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>
#qw = #qonnx.quantiser<scale = [1.0], zero_point = [0.0], lo = -7, hi = 7, rounding = half_even, zp_after_rounding = false, bipolar = false, axis = -1>

// batch_first: the scan axis is 1.
// CHECK-LABEL: func.func @batch_first
// CHECK: qonnx.scan {{.*}} {input_axes = array<i64: 1>, input_directions = array<i64: 0>, output_axes = array<i64: 1>, output_directions = array<i64: 0>} : {{.*}} -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x5x2xf32>)
func.func @batch_first(%x: tensor<1x5x3xf32>, %h: tensor<1x2xf32>, %c: tensor<1x2xf32>) -> (tensor<1x5x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  %wc0 = qonnx.constant dense<1.0> : tensor<2x3xf32>
  %w0 = qonnx.quant %wc0 by #qw : tensor<2x3xf32>
  %u0 = qonnx.constant dense<11.0> : tensor<2x2xf32>
  %b0 = qonnx.constant dense<21.0> : tensor<2xf32>
  %wc1 = qonnx.constant dense<2.0> : tensor<2x3xf32>
  %w1 = qonnx.quant %wc1 by #qw : tensor<2x3xf32>
  %u1 = qonnx.constant dense<12.0> : tensor<2x2xf32>
  %b1 = qonnx.constant dense<22.0> : tensor<2xf32>
  %wc2 = qonnx.constant dense<3.0> : tensor<2x3xf32>
  %w2 = qonnx.quant %wc2 by #qw : tensor<2x3xf32>
  %u2 = qonnx.constant dense<13.0> : tensor<2x2xf32>
  %b2 = qonnx.constant dense<23.0> : tensor<2xf32>
  %wc3 = qonnx.constant dense<4.0> : tensor<2x3xf32>
  %w3 = qonnx.quant %wc3 by #qw : tensor<2x3xf32>
  %u3 = qonnx.constant dense<14.0> : tensor<2x2xf32>
  %b3 = qonnx.constant dense<24.0> : tensor<2xf32>
  %0:3 = qonnx.quant_lstm_cell %x, %h, %c weights(%w0, %w1, %w2, %w3) recurrent(%u0, %u1, %u2, %u3) biases(%b0, %b1, %b2, %b3) {batch_first = true, reverse_input = false, cifg = false, quantisers = [#q0, #q1, #q2, #q3, #q4, #q5, #q6, #q7, #q8, #q9, #q10]} : (tensor<1x5x3xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<1x5x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>)
  return %0#0, %0#1, %0#2 : tensor<1x5x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}
