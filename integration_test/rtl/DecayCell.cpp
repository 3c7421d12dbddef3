//===- DecayCell.cpp - A recurrence with a decay per channel --------------===//

#include "DecayCell.h"

using namespace finngl::test;

Cell finngl::test::decayCell() {
  constexpr int kInputs = 3, kStates = 8;
  Cell cell;
  cell.steps = 6;
  cell.inputs = {{.size = kInputs, .quant = {.bits = 4, .scale = {0.13f}}}};
  cell.states = {{.size = kStates, .next = 5}};
  // Values: 0 the state, 1 the input, then the nodes.
  CellNode decay{.op = "Mul", .inputs = {0}, .size = kStates};
  CellNode product{.op = "MatMul",
                   .inputs = {1},
                   .size = kStates,
                   .quant = {.bits = 4, .scale = {0.07f}}};
  for (int c = 0; c < kStates; ++c)
    decay.constant.push_back(0.97f - 0.11f * float(c));
  for (int i = 0; i < kInputs * kStates; ++i)
    product.constant.push_back(0.07f * float(i * 5 % 15 - 7));
  cell.nodes = {decay,
                product,
                {.op = "Add", .inputs = {2, 3}, .size = kStates},
                {.op = "Quant",
                 .inputs = {4},
                 .size = kStates,
                 .quant = {.bits = 5, .scale = {0.0625f}}}};
  cell.outputs = {5};
  return cell;
}
