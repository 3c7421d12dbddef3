// RUN: finngl-opt %s --finn-verify-integer --split-input-file --verify-diagnostics

func.func @good(%x: tensor<2xsi8>) -> tensor<2xsi8> {
  return %x : tensor<2xsi8>
}

// -----

// expected-error@+1 {{expects tensors of si<1..63> or ui<1..63>, got 'tensor<2xf32>'}}
func.func @float(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+2 {{expects finn ops only, got 'qonnx.tanh'}}
  // expected-note@+1 {{every float op must reach a quantiser}}
  %0 = qonnx.tanh %x : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// expected-error@+1 {{got 'tensor<2xi8>'}}
func.func @signless(%x: tensor<2xi8>) {
  return
}
