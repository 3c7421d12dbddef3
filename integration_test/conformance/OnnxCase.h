//===- OnnxCase.h - One case of ONNX' backend tests at level onnx ---------===//

#ifndef FINNGL_INTEGRATION_TEST_ONNXCASE_H
#define FINNGL_INTEGRATION_TEST_ONNXCASE_H

#include <filesystem>
#include <set>
#include <string>

namespace finngl::conformance {

/// What became of a case. It passes if it is right in every way in which it is
/// not refused, and there is one.
struct Outcome {
  enum Kind {
    OutOfScope, ///< an operator that `finngl ops` does not list
    Refused,
    Passed,
    Failed
  };
  Kind kind;
  /// The operator of a graph of one node, "graphs of several" of others.
  std::string topic;
  /// Message of the refusal, or first wrong element.
  std::string detail;
  /// False if it passes with constant inputs only.
  bool computed = true;
  int opset = 0;
};

/// Runs `folder`, which holds model.onnx and test_data_set_*: with its inputs
/// as they are, with all but the first one as initialisers (scales, bounds,
/// weights, lengths), and with all of them as initialisers (constant folding).
/// `supported`: names of ONNX operators in scope.
Outcome runCase(const std::filesystem::path &folder,
                const std::set<std::string> &supported);

} // namespace finngl::conformance

#endif // FINNGL_INTEGRATION_TEST_ONNXCASE_H
