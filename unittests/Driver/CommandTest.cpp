//===- CommandTest.cpp - Parts of the driver without a model --------------===//

#include "finngl/Driver/Command.h"
#include "finngl/Driver/DataSet.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/Run.h"
#include "finngl/Support/TensorFile.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "finngl.XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

TEST(LevelsTest, SortedAndOnce) {
  EXPECT_EQ(parseLevels("rtl,int,onnx,int"),
            (std::vector<Level>{Level::Onnx, Level::Int, Level::Rtl}));
  EXPECT_FALSE(parseLevels(""));
  EXPECT_FALSE(parseLevels("onnx,"));
  EXPECT_FALSE(parseLevels("exakt"));
}

TEST(ConfusionMatrixTest, AccuracyAndMacroF1) {
  ConfusionMatrix matrix(4); // class 3 never occurs
  matrix.add(0, 0);
  matrix.add(0, 0);
  matrix.add(0, 1);
  matrix.add(1, 1);
  matrix.add(2, 1);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 0.6);
  // F1: 2*2/(3+2), 2*1/(1+3), 0 over three classes.
  EXPECT_DOUBLE_EQ(matrix.macroF1(), (0.8 + 0.5 + 0.0) / 3);
}

TEST(OutputDirectoryTest, NothingRemainsWithoutCommit) {
  Folder folder;
  std::string error;
  {
    auto output = OutputDirectory::create(folder.path / "out", error);
    ASSERT_TRUE(output) << error;
    EXPECT_TRUE(writeText(output->path() / "a/b", "text", error));
  }
  EXPECT_TRUE(fs::is_empty(folder.path));
}

TEST(OutputDirectoryTest, ReplacesOnlyOurs) {
  Folder folder;
  std::string error;
  fs::path target = folder.path / "deep/out";
  for (const char *content : {"one", "two"}) {
    auto output = OutputDirectory::create(target, error);
    ASSERT_TRUE(output) << error;
    ASSERT_TRUE(writeText(output->path() / "report.json",
                          R"({"generator": "finn-gl"})", error));
    ASSERT_TRUE(writeText(output->path() / content, "", error));
    ASSERT_TRUE(output->commit(error)) << error;
  }
  EXPECT_TRUE(fs::exists(target / "two"));
  EXPECT_FALSE(fs::exists(target / "one"));
  EXPECT_TRUE(writeText(target / "report.json", "{\"tool\": 1}", error));
  EXPECT_FALSE(OutputDirectory::create(target, error));
  EXPECT_FALSE(OutputDirectory::create("/proc/finngl/out", error));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path / "deep"), {}), 1);
}

TEST(ReadInputsTest, ByOrderAndByName) {
  Folder folder;
  std::string error, a = folder.path / "a=1.npy", b = folder.path / "b.npy";
  ASSERT_TRUE(writeNpy(a, {{1}, {1.0f}}, error));
  ASSERT_TRUE(writeNpy(b, {{1}, {2.0f}}, error));
  auto inputs = readInputs({"h=" + b, a}, {"x", "h"}, error);
  ASSERT_TRUE(inputs) << error;
  EXPECT_EQ((*inputs)[0].data, std::vector<float>{1.0f});
  EXPECT_EQ((*inputs)[1].data, std::vector<float>{2.0f});
  EXPECT_FALSE(readInputs({"h=" + b}, {"x", "h"}, error));
  EXPECT_EQ(error, "no --input for 'x', input 0 of 2");
  EXPECT_FALSE(readInputs({"h=" + b, "h=" + b}, {"x", "h"}, error));
}

TEST(FindDataSetsTest, ByNumber) {
  Folder folder;
  for (const char *name : {"test_data_set_10", "test_data_set_2", "other"})
    fs::create_directory(folder.path / name);
  auto found = findDataSets(folder.path / "model.onnx");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].filename(), "test_data_set_2");
}

} // namespace
