//===- OnnxText.h - ONNX models written as protobuf text --------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_ONNXTEXT_H
#define FINNGL_INTEGRATION_TEST_RTL_ONNXTEXT_H

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace finngl::test {

using Dims = std::vector<int>;

/// A QONNX Quant. Scale and zero point: one value, or one a channel.
struct QuantSpec {
  int bits = 8;
  bool isSigned = true, narrow = false;
  std::string rounding = "ROUND";
  std::vector<float> scale{1}, zeroPoint{0};

  /// Lowest and highest code; -1 and 1 for a signed quantiser of one bit.
  int lo() const;
  int hi() const;
  bool operator==(const QuantSpec &) const = default;
  bool bipolar() const { return isSigned && bits == 1; }
};

/// The text of one graph or Scan body.
class OnnxText {
public:
  /// `kind`: input or output.
  void valueInfo(const std::string &kind, const std::string &name,
                 const Dims &dims);
  void tensor(const std::string &name, const Dims &dims,
              const std::vector<float> &values);
  /// A list of int64.
  void integers(const std::string &name, const std::vector<int> &values);
  void scalar(const std::string &name, float value) {
    tensor(name, {}, {value});
  }
  /// Returns `output`. `more`: attributes.
  std::string node(const std::string &type,
                   const std::vector<std::string> &inputs,
                   const std::string &output, const std::string &more = "");
  /// A Quant; scales of a channel take the shape `channels`.
  std::string quant(const std::string &input, const QuantSpec &spec,
                    const std::string &output, const Dims &channels = {});
  /// A Scan named "scan" with one scan input at least.
  void scan(const std::vector<std::string> &inputs,
            const std::vector<std::string> &outputs, size_t scanInputs,
            const OnnxText &body);
  std::string text() const { return os.str(); }

private:
  std::ostringstream os;
};

std::string intAttribute(const std::string &name, int value);

/// False if the text is no model or the file cannot be written.
bool writeOnnx(const OnnxText &graph, const std::filesystem::path &file);

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_ONNXTEXT_H
