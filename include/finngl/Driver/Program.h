//===- Program.h - Run a tool with progress ---------------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_PROGRAM_H
#define FINNGL_DRIVER_PROGRAM_H

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace finngl::driver {

/// Absolute path of an executable, by name from PATH or by its own path.
std::optional<std::string> findExecutable(const std::string &nameOrPath);

/// Runs an executable in `folder` with stdout and stderr in `log` (replaced).
/// `tick` is called about ten times a second with the seconds so far. Returns
/// its exit code; negative if it could not run or was killed.
int runExecutable(const std::string &path,
                  const std::vector<std::string> &arguments,
                  const std::filesystem::path &folder,
                  const std::filesystem::path &log,
                  const std::function<void(double)> &tick = nullptr);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_PROGRAM_H
