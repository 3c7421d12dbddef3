//===- RtlLibrary.cpp - The hand-written modules and the harness ----------===//

#include "finngl/Driver/RtlLibrary.h"
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace fs = std::filesystem;

namespace finngl::driver {

static fs::path sourceFolder() {
  const char *given = std::getenv("FINNGL_ROOT");
  return given ? given : FINNGL_SOURCE_DIR;
}

static bool readText(const fs::path &path, std::string &text,
                     std::string &error) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    error = path.string() + ": cannot be read";
    return false;
  }
  text.assign(std::istreambuf_iterator<char>(file), {});
  return true;
}

/// Names `finngl_<module>` in a text that are followed by an instance.
static std::vector<std::string> mentioned(const std::string &text) {
  std::vector<std::string> names;
  for (size_t at = text.find("finngl_"); at != std::string::npos;
       at = text.find("finngl_", at + 1)) {
    size_t end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) ||
            text[end] == '_'))
      ++end;
    names.push_back(text.substr(at + 7, end - at - 7));
  }
  return names;
}

bool addRtlLibrary(std::map<std::string, std::string> &files,
                   std::string &error) {
  fs::path folder = sourceFolder() / "rtl";
  std::vector<std::string> pending;
  for (const auto &[name, content] : files)
    if (name.ends_with(".sv"))
      pending.push_back(content);
  while (!pending.empty()) {
    std::string content = std::move(pending.back());
    pending.pop_back();
    for (const std::string &module : mentioned(content)) {
      std::string file = "finngl_" + module + ".sv";
      // Comments mention words that are no modules.
      if (files.count(file) || !fs::exists(folder / module / file))
        continue;
      if (!readText(folder / module / file, files[file], error))
        return false;
      pending.push_back(files[file]);
    }
  }
  if (!files.count("finngl_launch.sv")) {
    error = folder.string() + ": the hand-written modules are missing";
    return false;
  }
  return true;
}

bool readSimulationHarness(std::string &text, std::string &error) {
  return readText(sourceFolder() / "sim/main.cpp", text, error);
}

uint64_t hashFile(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  uint64_t hash = 0xcbf29ce484222325;
  for (std::istreambuf_iterator<char> it(file), end; it != end; ++it)
    hash = (hash ^ uint8_t(*it)) * 0x100000001b3;
  return hash;
}

} // namespace finngl::driver
