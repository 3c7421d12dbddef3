//===- Command.cpp - What every command of finngl shares ------------------===//

#include "finngl/Driver/Command.h"
#include <algorithm>
#include <array>
#include <cstdio>

using namespace finngl::driver;

int finngl::driver::fail(ExitCode code, std::string_view message,
                         std::string_view note) {
  std::fflush(stdout);
  std::fprintf(stderr, "finngl: error: %.*s\n", int(message.size()),
               message.data());
  if (!note.empty())
    std::fprintf(stderr, "  note: %.*s\n", int(note.size()), note.data());
  return code;
}

static constexpr std::array<std::string_view, 5> kLevelNames = {
    "onnx", "exact", "int", "hls", "rtl"};

std::string_view finngl::driver::nameOf(Level level) {
  return kLevelNames[size_t(level)];
}

std::optional<Level> finngl::driver::parseLevel(std::string_view name) {
  auto found = std::find(kLevelNames.begin(), kLevelNames.end(), name);
  if (found == kLevelNames.end())
    return std::nullopt;
  return Level(found - kLevelNames.begin());
}

std::optional<std::vector<Level>>
finngl::driver::parseLevels(std::string_view names) {
  std::vector<Level> levels;
  for (;;) {
    size_t comma = names.find(',');
    std::optional<Level> level = parseLevel(names.substr(0, comma));
    if (!level)
      return std::nullopt;
    levels.push_back(*level);
    if (comma == std::string_view::npos)
      break;
    names.remove_prefix(comma + 1);
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

void Progress::update(size_t done, size_t total) {
  using namespace std::chrono_literals;
  auto now = std::chrono::steady_clock::now();
  if (now - start < 2s || now - last < 1s)
    return;
  last = now;
  std::fprintf(stderr, "%s: %zu of %zu\n", what.c_str(), done, total);
}
