//===- Cell.h - A recurrent cell as data ------------------------*- C++ -*-===//
//
// A Scan body that can be generated, written, changed and shrunk. Values are
// numbered: states, quantised scan inputs, then one value a node.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_CELL_H
#define FINNGL_INTEGRATION_TEST_RTL_CELL_H

#include "OnnxText.h"
#include "finngl/Support/Tensor.h"

namespace finngl::test {

struct CellNode {
  /// ONNX operator. MatMul and Gemm have constant weights (`quant` on
  /// `constant`, [inputs][size]); Add, Sub and Mul with one operand have
  /// `constant` (one value or one a channel) as the other.
  std::string op;
  std::vector<int> inputs;
  int size = 1;
  QuantSpec quant = {};
  std::vector<float> constant = {}; ///< Clip: both bounds
  std::vector<float> bias = {};     ///< Gemm
  bool constantFirst = false;       ///< constant - x
};

struct CellState {
  enum class Start { Zero, Constant, Input };
  int size = 1;
  int next = 0; ///< value
  Start start = Start::Zero;
  std::vector<int> codes = {}; ///< of Start::Constant, of the state's quantiser
};

struct CellInput {
  int size = 1;
  QuantSpec quant = {};
  bool quantOutside = false; ///< before the Scan, not in its body
};

struct Cell {
  enum class Layout { Row, Vector, Column };
  Layout layout = Layout::Row;
  int steps = 4;
  unsigned seed = 0; ///< of the data
  std::vector<CellState> states;
  std::vector<CellInput> inputs;
  std::vector<CellNode> nodes;
  std::vector<int> outputs; ///< values

  int firstNode() const { return int(states.size() + inputs.size()); }
  int values() const { return firstNode() + int(nodes.size()); }
  /// Null for states and inputs.
  const CellNode *node(int value) const {
    return value < firstNode() ? nullptr : &nodes[value - firstNode()];
  }
  int size(int value) const;
  Dims dims(int size) const;
  /// Quantiser that gives a state its grid.
  const QuantSpec &gridOf(const CellState &state) const;
  /// Operators in order, for a log.
  std::string describe() const;

  bool write(const std::filesystem::path &file) const;
  /// Writes FOLDER/input_N.npy; data set `index` is the same in every run.
  bool writeData(const std::filesystem::path &folder, unsigned index) const;
};

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_CELL_H
