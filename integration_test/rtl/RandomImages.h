//===- RandomImages.h - ONNX files of random image networks -----*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_RANDOMIMAGES_H
#define FINNGL_INTEGRATION_TEST_RTL_RANDOMIMAGES_H

#include <filesystem>

namespace finngl::test {

/// Writes a network of random convolutions, pools and branches that are
/// concatenated again, every value quantised. False if it cannot be written.
bool writeRandomImages(unsigned seed, const std::filesystem::path &file);

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_RANDOMIMAGES_H
