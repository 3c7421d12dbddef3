//===- RandomImages.cpp - ONNX files of random image networks -------------===//

#include "RandomImages.h"
#include "OnnxText.h"
#include <random>

using namespace finngl::test;

namespace {

/// Of one spatial dimension.
struct Slide {
  int kernel = 1, stride = 1, dilation = 1, padBegin = 0, padEnd = 0;
  int count(int extent) const {
    return (extent + padBegin + padEnd - (kernel - 1) * dilation - 1) / stride +
           1;
  }
};

/// Values are `[1, channels, extents...]`.
class ImageWriter {
public:
  explicit ImageWriter(unsigned seed) : random(seed) {}
  OnnxText write(bool head);

private:
  std::mt19937 random;
  OnnxText graph;
  std::string value = "x";
  int channels = 1, names = 0;
  std::vector<int> extents;

  int pick(int lo, int hi) {
    return lo + int(random() % unsigned(hi - lo + 1));
  }
  std::string fresh() { return "v" + std::to_string(names++); }
  Dims shape() const {
    Dims dims{1, channels};
    dims.insert(dims.end(), extents.begin(), extents.end());
    return dims;
  }
  void quantise() {
    QuantSpec spec{.bits = pick(3, 6), .isSigned = pick(0, 2) > 0};
    spec.scale = {float(pick(8, 24)) / 32.0f};
    value = graph.quant(value, spec, fresh());
  }
  std::vector<Slide> slides(bool padded, bool same);
  static std::string attributes(const std::vector<Slide> &slides);
  void moveBy(const std::vector<Slide> &slides);
  void conv(bool same);
  void leakyRelu();
  void pool(bool max, bool same);
  void branches();
  void dense();
  void channelsLast();
};

} // namespace

std::vector<Slide> ImageWriter::slides(bool padded, bool same) {
  std::vector<Slide> all;
  for (int extent : extents) {
    Slide s;
    s.kernel = same ? 2 * pick(0, 1) + 1 : pick(1, std::min(3, extent));
    if (s.kernel * 2 - 1 <= extent && !same)
      s.dilation = pick(1, 2);
    int reach = (s.kernel - 1) * s.dilation;
    if (same) {
      s.padBegin = s.padEnd = reach / 2;
    } else {
      s.stride = pick(1, 2);
      s.padBegin = padded ? pick(0, reach) : 0;
      s.padEnd = padded ? pick(0, reach) : 0;
    }
    all.push_back(s);
  }
  return all;
}

std::string ImageWriter::attributes(const std::vector<Slide> &slides) {
  std::string text;
  auto list = [&](const char *name,
                  std::initializer_list<int Slide::*> members) {
    text += std::string(" attribute { name: \"") + name + "\" type: INTS";
    for (int Slide::*member : members)
      for (const Slide &s : slides)
        text += " ints: " + std::to_string(s.*member);
    text += " }";
  };
  list("kernel_shape", {&Slide::kernel});
  list("strides", {&Slide::stride});
  list("dilations", {&Slide::dilation});
  list("pads", {&Slide::padBegin, &Slide::padEnd});
  return text;
}

void ImageWriter::moveBy(const std::vector<Slide> &slides) {
  for (size_t d = 0; d < extents.size(); ++d)
    extents[d] = slides[d].count(extents[d]);
}

void ImageWriter::conv(bool same) {
  std::vector<Slide> s = slides(true, same);
  bool depthwise = channels > 1 && pick(0, 3) == 0;
  int groups = depthwise ? channels : 1, outputs = groups * pick(1, 4);
  Dims dims{outputs, channels / groups};
  size_t count = size_t(outputs) * (channels / groups);
  for (const Slide &slide : s) {
    dims.push_back(slide.kernel);
    count *= slide.kernel;
  }
  std::vector<float> weights(count);
  for (float &w : weights)
    w = float(pick(-64, 64)) / 64.0f;
  std::string raw = fresh();
  graph.tensor(raw, dims, weights);
  QuantSpec spec{.bits = pick(2, 6), .narrow = true};
  spec.scale = {1.0f / float(1 << (spec.bits - 1))};
  std::string quantised = graph.quant(raw, spec, fresh());
  value = graph.node("Conv", {value, quantised}, fresh(),
                     attributes(s) + intAttribute("group", groups));
  channels = outputs;
  moveBy(s);
  switch (pick(0, 3)) {
  case 0:
    value = graph.node("Relu", {value}, fresh());
    break;
  case 1:
    leakyRelu();
  }
  quantise();
}

/// One slope, or one for each channel.
void ImageWriter::leakyRelu() {
  if (pick(0, 1)) {
    value = graph.node("LeakyRelu", {value}, fresh());
    return;
  }
  Dims dims(extents.size() + 1, 1);
  dims[0] = channels;
  std::vector<float> slopes;
  for (int c = 0; c < channels; ++c)
    slopes.push_back(float(pick(0, 80)) / 64.0f);
  std::string name = fresh();
  graph.tensor(name, dims, slopes);
  value = graph.node("PRelu", {value, name}, fresh());
}

void ImageWriter::pool(bool max, bool same) {
  std::vector<Slide> s = slides(max, same && max);
  if (!max) // before opset 19 it has no dilations
    for (Slide &slide : s)
      slide.dilation = 1;
  std::string text = attributes(s);
  if (!max)
    text = std::string(text).replace(
        text.find(" attribute { name: \"dilations\""),
        text.find(" attribute { name: \"pads\"") -
            text.find(" attribute { name: \"dilations\""),
        "");
  value = graph.node(max ? "MaxPool" : "AveragePool", {value}, fresh(), text);
  moveBy(s);
  if (!max)
    quantise();
}

/// Two or three paths of different reach over one value, concatenated.
void ImageWriter::branches() {
  std::string common = value;
  int before = channels, total = 0;
  std::vector<std::string> ends;
  for (int path = pick(2, 3); path > 0; --path) {
    value = common;
    channels = before;
    for (int layers = pick(1, 2); layers > 0; --layers)
      if (pick(0, 3))
        conv(/*same=*/true);
      else
        pool(/*max=*/true, /*same=*/true);
    ends.push_back(value);
    total += channels;
  }
  value = graph.node("Concat", ends, fresh(), intAttribute("axis", 1));
  channels = total;
  conv(/*same=*/false);
}

void ImageWriter::dense() {
  int inputs = channels, outputs = pick(1, 4);
  for (int extent : extents)
    inputs *= extent;
  std::vector<float> weights(size_t(inputs) * outputs);
  for (float &w : weights)
    w = float(pick(-64, 64)) / 64.0f;
  std::string raw = fresh();
  graph.tensor(raw, {outputs, inputs}, weights);
  QuantSpec spec{.bits = pick(2, 6), .narrow = true};
  spec.scale = {1.0f / float(1 << (spec.bits - 1))};
  std::string quantised = graph.quant(raw, spec, fresh());
  std::string flat = graph.node("Flatten", {value}, fresh());
  graph.node("Gemm", {flat, quantised}, "y", intAttribute("transB", 1));
  graph.valueInfo("output", "y", {1, outputs});
}

OnnxText ImageWriter::write(bool head) {
  channels = pick(1, 4);
  extents = {pick(4, 10)};
  if (pick(0, 1))
    extents.push_back(pick(2, 6));
  graph.valueInfo("input", "x", shape());
  quantise();
  for (int layers = pick(1, 3); layers > 0; --layers)
    switch (pick(0, 4)) {
    case 0:
      pool(/*max=*/true, /*same=*/false);
      break;
    case 1:
      pool(/*max=*/false, /*same=*/false);
      break;
    case 2:
      branches();
      break;
    default:
      conv(/*same=*/false);
    }
  if (head)
    dense();
  else
    channelsLast();
  return std::move(graph);
}

/// The order in which the integers come.
void ImageWriter::channelsLast() {
  Dims last{1};
  last.insert(last.end(), extents.begin(), extents.end());
  last.push_back(channels);
  std::string perm = " attribute { name: \"perm\" type: INTS ints: 0";
  for (size_t d = 0; d < extents.size(); ++d)
    perm += " ints: " + std::to_string(d + 2);
  graph.node("Transpose", {value}, "y", perm + " ints: 1 }");
  graph.valueInfo("output", "y", last);
}

bool finngl::test::writeRandomImages(unsigned seed,
                                     const std::filesystem::path &file,
                                     bool head) {
  return writeOnnx(ImageWriter(seed).write(head), file);
}
