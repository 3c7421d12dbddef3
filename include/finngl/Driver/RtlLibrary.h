//===- RtlLibrary.h - The hand-written modules and the harness --*- C++ -*-===//

#ifndef FINNGL_DRIVER_RTLLIBRARY_H
#define FINNGL_DRIVER_RTLLIBRARY_H

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace finngl::driver {

/// Adds every hand-written module that `files` instantiate, directly or not.
/// They come from the source tree's rtl/, or of FINNGL_ROOT if that is set.
/// False and `error` if one is missing.
bool addRtlLibrary(std::map<std::string, std::string> &files,
                   std::string &error);

/// The text of sim/main.cpp.
bool readSimulationHarness(std::string &text, std::string &error);

/// FNV-1a of a file's bytes, the model hash of the AXI4-Lite registers.
uint64_t hashFile(const std::filesystem::path &file);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_RTLLIBRARY_H
