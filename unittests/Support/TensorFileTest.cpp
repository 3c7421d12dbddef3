// Reading and writing tensors: .npy as NumPy writes it, ONNX .pb, and what is
// refused.

#include "finngl/Support/TensorFile.h"
#include "finngl/Support/OnnxTensor.h"
#include "onnx/onnx_pb.h"
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace finngl;

namespace {

class TensorFileTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() /
             ("finngl-tensorfile-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string &bytes) {
    std::string path = (folder / "file").string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  /// A file of format 1.0 with this header text and data.
  std::string npy(const std::string &header, const std::string &data) {
    std::string text = "\x93NUMPY";
    text += std::string("\x01\x00", 2);
    text += char(header.size() & 255);
    text += char(header.size() >> 8);
    return write(text + header + data);
  }
  template <typename T> static std::string raw(std::vector<T> values) {
    return std::string(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(T));
  }
  std::optional<FloatTensor> read(const std::string &path) {
    error.clear();
    return readTensorFile(path, error);
  }

  std::filesystem::path folder;
  std::string error;
};

std::string header(const std::string &descr, const std::string &shape,
                   bool fortran = false) {
  return "{'descr': '" + descr +
         "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

TEST_F(TensorFileTest, RoundTrip) {
  for (std::vector<int64_t> shape :
       {std::vector<int64_t>{}, {3}, {2, 3}, {1, 1, 4}, {0, 2}}) {
    FloatTensor in{shape, {}};
    for (int64_t i = 0; i < in.elements(); ++i)
      in.data.push_back(float(i) * 0.1f);
    std::string path = (folder / "file").string();
    ASSERT_TRUE(writeNpy(path, in, error)) << error;
    auto out = read(path);
    ASSERT_TRUE(out) << error;
    EXPECT_EQ(out->shape, in.shape);
    EXPECT_EQ(out->data, in.data);
    EXPECT_EQ((std::filesystem::file_size(path) - in.data.size() * 4) % 64, 0u);
  }
}

TEST_F(TensorFileTest, Types) {
  auto expect = [&](const std::string &descr, const std::string &data,
                    std::vector<float> values) {
    auto out = read(npy(header(descr, "(2,)"), data));
    ASSERT_TRUE(out) << descr << ": " << error;
    EXPECT_EQ(out->data, values) << descr;
  };
  expect("|b1", raw<uint8_t>({0, 1}), {0, 1});
  expect("|i1", raw<int8_t>({-128, 127}), {-128, 127});
  expect("|u1", raw<uint8_t>({0, 255}), {0, 255});
  expect("<i2", raw<int16_t>({-32768, 7}), {-32768, 7});
  expect("<u2", raw<uint16_t>({65535, 7}), {65535, 7});
  expect("<i4", raw<int32_t>({-(1 << 24), 7}), {-16777216.0f, 7});
  expect("<u4", raw<uint32_t>({1u << 31, 7}), {2147483648.0f, 7});
  expect("<i8", raw<int64_t>({-5, int64_t(1) << 40}), {-5, 0x1p40f});
  expect("<u8", raw<uint64_t>({5, uint64_t(1) << 63}), {5, 0x1p63f});
  expect("<f2", raw<uint16_t>({0x3c01, 0x8001}), {1.0009765625f, -0x1p-24f});
  expect("<f8", raw<double>({0.5, -2.0}), {0.5f, -2.0f});
}

TEST_F(TensorFileTest, FortranOrder) {
  // NumPy array [[0, 1, 2], [3, 4, 5]] stored by columns.
  auto out =
      read(npy(header("<f4", "(2, 3)", true), raw<float>({0, 3, 1, 4, 2, 5})));
  ASSERT_TRUE(out) << error;
  EXPECT_EQ(out->data, (std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST_F(TensorFileTest, HalfValues) {
  EXPECT_EQ(halfToFloat(0x7bff), 65504.0f);
  EXPECT_EQ(halfToFloat(0x0001), 0x1p-24f);
  EXPECT_TRUE(std::isinf(halfToFloat(0xfc00)));
  EXPECT_TRUE(std::isnan(halfToFloat(0x7e00)));
}

TEST_F(TensorFileTest, RefusesInexactValues) {
  EXPECT_FALSE(read(npy(header("<f8", "(1,)"), raw<double>({0.1}))));
  EXPECT_NE(error.find("not exactly a float32"), std::string::npos) << error;
  EXPECT_FALSE(read(npy(header("<i8", "(1,)"), raw<int64_t>({(1 << 24) + 1}))));
  EXPECT_FALSE(read(npy(header("<u8", "(1,)"), raw<uint64_t>({~uint64_t(0)}))));
}

TEST_F(TensorFileTest, RefusesDamagedFiles) {
  EXPECT_FALSE(read((folder / "missing").string()));
  EXPECT_EQ(error, "cannot be read");
  EXPECT_FALSE(read(write("")));
  EXPECT_FALSE(read(write("hello")));
  EXPECT_FALSE(read(write("\x93NUMPY")));
  EXPECT_FALSE(read(npy("{'descr': '<f4'", "")));
  EXPECT_FALSE(read(npy(header("<f4", "(2,)"), raw<float>({1}))));
  EXPECT_NE(error.find("expects 8 bytes of data, got 4"), std::string::npos);
  EXPECT_FALSE(read(npy(header(">f4", "(1,)"), raw<float>({1}))));
  EXPECT_FALSE(read(npy(header("<c8", "(1,)"), raw<float>({1, 2}))));
  EXPECT_FALSE(
      read(npy(header("<f4", "(4294967296, 4294967296, 4294967296)"), "")));
  EXPECT_FALSE(read(npy(header("<f4", "(-1,)"), "")));
}

TEST_F(TensorFileTest, Proto) {
  onnx::TensorProto proto;
  proto.add_dims(2);
  proto.set_data_type(onnx::TensorProto::FLOAT);
  proto.add_float_data(1.5f);
  proto.add_float_data(-2.0f);
  auto out = read(write(proto.SerializeAsString()));
  ASSERT_TRUE(out) << error;
  EXPECT_EQ(out->data, (std::vector<float>{1.5f, -2.0f}));

  proto.clear_float_data();
  proto.set_data_type(onnx::TensorProto::INT8);
  proto.set_raw_data("\x80\x7f");
  out = read(write(proto.SerializeAsString()));
  ASSERT_TRUE(out) << error;
  EXPECT_EQ(out->data, (std::vector<float>{-128, 127}));

  proto.set_raw_data("\x80");
  EXPECT_FALSE(read(write(proto.SerializeAsString())));
  EXPECT_EQ(error, "expects 2 bytes of data, got 1");

  proto.set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_FALSE(read(write(proto.SerializeAsString())));
}

TEST_F(TensorFileTest, ReadsFixtures) {
  std::string base = std::string(FINNGL_SOURCE_DIR) +
                     "/test/fixtures/models/a04_lstm_w4a4/test_data_set_0/";
  auto in = read(base + "input_0.pb");
  ASSERT_TRUE(in) << error;
  EXPECT_EQ(in->shape, (std::vector<int64_t>{30, 1, 8}));
}

} // namespace
