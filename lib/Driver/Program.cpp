//===- Program.cpp - Run a tool with progress -----------------------------===//

#include "finngl/Driver/Program.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include <chrono>
#include <thread>

using namespace finngl::driver;
namespace fs = std::filesystem;

std::optional<std::string>
finngl::driver::findExecutable(const std::string &nameOrPath) {
  auto found = llvm::sys::findProgramByName(nameOrPath);
  if (!found || !llvm::sys::fs::can_execute(*found))
    return std::nullopt;
  return fs::absolute(*found).string();
}

int finngl::driver::runExecutable(const std::string &path,
                                  const std::vector<std::string> &arguments,
                                  const fs::path &folder, const fs::path &log,
                                  const std::function<void(double)> &tick) {
  using namespace std::chrono_literals;
  auto start = std::chrono::steady_clock::now();
  // `env -C` sets the working directory; LLVM's Program cannot.
  auto env = llvm::sys::findProgramByName("env");
  std::vector<std::string> all{"env", "-C", folder.string(), path};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<llvm::StringRef> views(all.begin(), all.end());
  std::string logText = log.string();
  std::optional<llvm::StringRef> redirects[] = {
      llvm::StringRef(""), llvm::StringRef(logText), llvm::StringRef(logText)};
  bool failed = false;
  llvm::sys::ProcessInfo process =
      llvm::sys::ExecuteNoWait(env ? *env : "/usr/bin/env", views, std::nullopt,
                               redirects, 0, nullptr, &failed);
  if (failed || process.Pid == llvm::sys::ProcessInfo::InvalidPid)
    return -1;
  for (;;) {
    llvm::sys::ProcessInfo state =
        llvm::sys::Wait(process, /*SecondsToWait=*/0);
    if (state.Pid == process.Pid)
      return state.ReturnCode;
    std::this_thread::sleep_for(100ms);
    if (tick)
      tick(std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
               .count());
  }
}
