//===- OutputDirectory.h - Written whole or not at all ----------*- C++ -*-===//

#ifndef FINNGL_DRIVER_OUTPUTDIRECTORY_H
#define FINNGL_DRIVER_OUTPUTDIRECTORY_H

#include "finngl/Core/StreamRows.h"
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace finngl::driver {

/// The key of report.json, and its value, that mark a directory as ours.
inline constexpr const char *kGeneratorKey = "generator";
inline constexpr const char *kGenerator = "finn-gl";

/// The key of report.json for what is left to the host, and its value if that
/// is the function behind the logits.
inline constexpr const char *kHeadKey = "head";
inline constexpr const char *kLogits = "logits";

/// The keys of report.json for what --mode sliding and --mode stream with
/// windows add: samples of a window, the sample that is answered first, counted
/// from 0, and the samples from an answer to the next, if not 1.
inline constexpr const char *kWindowKey = "window";
inline constexpr const char *kStreamKey = "stream";
inline constexpr const char *kSamplesKey = "samples";
inline constexpr const char *kAnswerAgeKey = "answer_age";
inline constexpr const char *kAnswerStrideKey = "answer_stride";

/// Of kWindowKey or kStreamKey: the samples that are answered, or nothing.
std::optional<SampleRows> recordedAnswers(const nlohmann::json &report,
                                          const char *key);

/// True if the directory holds a report.json of ours.
bool isCompileDirectory(const std::filesystem::path &directory);

/// A temporary sibling of the target. `commit` renames it into place, a
/// directory of ours that stood there is removed afterwards; without commit
/// nothing remains, parents that `create` made included.
class OutputDirectory {
public:
  /// Nothing and `error` if the target is a file, a directory with content that
  /// is not ours, or cannot be written.
  static std::optional<OutputDirectory>
  create(const std::filesystem::path &target, std::string &error);
  OutputDirectory(OutputDirectory &&other) noexcept;
  OutputDirectory &operator=(OutputDirectory &&) = delete;
  ~OutputDirectory();

  const std::filesystem::path &path() const { return temporary; }
  bool commit(std::string &error);

private:
  OutputDirectory(std::filesystem::path target, std::filesystem::path temporary)
      : target(std::move(target)), temporary(std::move(temporary)) {}

  std::filesystem::path target, temporary;
  std::vector<std::filesystem::path> madeParents; ///< deepest first
};

/// False and `error` on failure.
bool writeText(const std::filesystem::path &path, const std::string &text,
               std::string &error);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_OUTPUTDIRECTORY_H
