//===- OutputDirectory.cpp - Written whole or not at all ------------------===//

#include "finngl/Driver/OutputDirectory.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <utility>

using namespace finngl;
using namespace finngl::driver;
namespace fs = std::filesystem;

bool finngl::driver::isCompileDirectory(const fs::path &directory) {
  std::ifstream file(directory / "report.json");
  if (!file)
    return false;
  auto report = nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
  return report.is_object() && report.contains(kGeneratorKey) &&
         report[kGeneratorKey] == kGenerator;
}

std::optional<SampleRows>
finngl::driver::recordedAnswers(const nlohmann::json &report, const char *key) {
  if (!report.is_object() || !report.contains(key) || !report[key].is_object())
    return std::nullopt;
  auto number = [&](const char *name, int64_t least) {
    auto found = report[key].find(name);
    bool good = found != report[key].end() && found->is_number_integer();
    return good ? std::max(found->get<int64_t>(), least) : least;
  };
  return SampleRows{number(kAnswerAgeKey, 0), number(kAnswerStrideKey, 1)};
}

/// Parents that hold something by now stay.
static void removeEmpty(const std::vector<fs::path> &parents) {
  std::error_code code;
  for (const fs::path &parent : parents)
    fs::remove(parent, code);
}

std::optional<OutputDirectory> OutputDirectory::create(const fs::path &wanted,
                                                       std::string &error) {
  std::error_code code;
  if (wanted.empty()) {
    error = "the output directory has no name";
    return std::nullopt;
  }
  // A link to a directory stands for that directory.
  fs::path target = fs::weakly_canonical(fs::absolute(wanted), code);
  if (code || target.empty() || target == target.root_path()) {
    error = "cannot use '" + wanted.string() + "' as output directory";
    return std::nullopt;
  }
  if (!target.has_filename())
    target = target.parent_path();
  if (fs::exists(target, code)) {
    if (!fs::is_directory(target, code)) {
      error = "'" + wanted.string() + "' exists and is no directory";
      return std::nullopt;
    }
    if (!fs::is_empty(target, code) && !isCompileDirectory(target)) {
      error = "'" + wanted.string() +
              "' is not empty and holds no report.json of finn-gl; choose "
              "another directory or remove it";
      return std::nullopt;
    }
  }
  std::vector<fs::path> parents;
  for (fs::path parent = target.parent_path(); !fs::exists(parent, code);
       parent = parent.parent_path())
    parents.push_back(parent);
  fs::create_directories(target.parent_path(), code);
  std::string name =
      (target.parent_path() / ("." + target.filename().string() + ".XXXXXX"))
          .string();
  if (!::mkdtemp(name.data())) {
    error = "cannot write to '" + target.parent_path().string() +
            "': " + std::strerror(errno) + "; choose another output directory";
    removeEmpty(parents);
    return std::nullopt;
  }
  // mkdtemp makes it private; the finished directory is an ordinary one.
  fs::permissions(name,
                  fs::perms::owner_all | fs::perms::group_read |
                      fs::perms::group_exec | fs::perms::others_read |
                      fs::perms::others_exec,
                  code);
  OutputDirectory result(target, name);
  result.madeParents = std::move(parents);
  return result;
}

OutputDirectory::OutputDirectory(OutputDirectory &&other) noexcept
    : target(std::move(other.target)),
      temporary(std::exchange(other.temporary, {})),
      madeParents(std::exchange(other.madeParents, {})) {}

OutputDirectory::~OutputDirectory() {
  std::error_code code;
  if (!temporary.empty())
    fs::remove_all(temporary, code);
  removeEmpty(madeParents);
}

bool OutputDirectory::commit(std::string &error) {
  std::error_code code;
  if (fs::exists(target, code)) {
    // Exchanged in one step, so that there is no moment without a directory;
    // the destructor removes the old one under its new name.
    if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, target.c_str(),
                    RENAME_EXCHANGE) == 0)
      return true;
    if (errno != EINVAL && errno != ENOSYS) {
      error =
          "cannot replace '" + target.string() + "': " + std::strerror(errno);
      return false;
    }
    fs::path old = temporary.string() + ".old";
    fs::rename(target, old, code);
    if (!code)
      fs::rename(temporary, target, code);
    if (!code)
      temporary = old;
  } else {
    fs::rename(temporary, target, code);
    if (!code)
      temporary.clear();
  }
  if (code)
    error = "cannot rename to '" + target.string() + "': " + code.message();
  return !code;
}

bool finngl::driver::writeText(const fs::path &path, const std::string &text,
                               std::string &error) {
  std::error_code code;
  fs::create_directories(path.parent_path(), code);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file)
    error = "cannot write '" + path.string() + "'";
  return bool(file);
}
