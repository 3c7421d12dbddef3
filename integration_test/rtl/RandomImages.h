//===- RandomImages.h - ONNX files of random image networks -----*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_RANDOMIMAGES_H
#define FINNGL_INTEGRATION_TEST_RTL_RANDOMIMAGES_H

#include <filesystem>

namespace finngl::test {

/// Writes a network of random convolutions, pools and branches that are
/// concatenated again, every value quantised; with `head` a dense layer behind
/// them gives one vector. False if it cannot be written.
bool writeRandomImages(unsigned seed, const std::filesystem::path &file,
                       bool head = false);

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_RANDOMIMAGES_H
