// RUN: finngl-opt %s --convert-finn-to-dataflow -verify-diagnostics -split-input-file

func.func @main(%x: tensor<9x2xsi4>) -> (tensor<9x2xsi4>, tensor<2xsi4>) {
  %c = finn.constant dense<1> : tensor<2xsi4>
  // expected-error@+1 {{a constant sequence, operand or output has no stream in hardware}}
  return %x, %c : tensor<9x2xsi4>, tensor<2xsi4>
}
