//===- RandomRnn.h - ONNX files of random LSTMs and GRUs --------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_RANDOMRNN_H
#define FINNGL_INTEGRATION_TEST_RTL_RANDOMRNN_H

#include <filesystem>
#include <string>

namespace finngl::test {

struct RnnChoice {
  /// A GRU resets after the product, as torch's does.
  enum class Cell { Lstm, Gru } cell = Cell::Lstm;
  int hidden = 4, input = 4, steps = 8;
  int activationBits = 6, weightBits = 8;
  bool sharedScale = true; ///< inputs and hidden states on one grid
  unsigned seed = 1;       ///< of weights, biases and scales
  std::string describe() const;
};

/// Writes an ONNX Scan over QONNX Quant nodes, row vectors, zero initial
/// states; outputs: final h, of an LSTM final c, h of every step.
bool writeRnn(const RnnChoice &choice, const std::filesystem::path &file);

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_RANDOMRNN_H
