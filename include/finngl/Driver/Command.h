//===- Command.h - What every command of finngl shares ----------*- C++ -*-===//

#ifndef FINNGL_DRIVER_COMMAND_H
#define FINNGL_DRIVER_COMMAND_H

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace finngl::driver {

/// Exit codes of the command line contract.
enum ExitCode : int {
  Good = 0,
  CheckFailed = 1,
  BadUsage = 2, ///< or an unsupported model
  InternalError = 3
};

/// Prints `finngl: error: <message>` and `  note: <note>`; returns `code`.
int fail(ExitCode code, std::string_view message, std::string_view note = "");

/// Levels of the exactness contract, in order.
enum class Level { Onnx, Exact, Int, Hls, Rtl };
std::string_view nameOf(Level level);
std::optional<Level> parseLevel(std::string_view name);
/// Comma separated, sorted and without repetition; nothing if one is unknown.
std::optional<std::vector<Level>> parseLevels(std::string_view names);

/// Wall time of one stage, for `wall_s`.
struct StageTime {
  std::string name;
  double seconds;
};

/// Appends the time of its life to a list.
class StageTimer {
public:
  StageTimer(std::vector<StageTime> &times, std::string name)
      : times(times), name(std::move(name)),
        start(std::chrono::steady_clock::now()) {}
  ~StageTimer() {
    std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    times.push_back({name, taken.count()});
  }

private:
  std::vector<StageTime> &times;
  std::string name;
  std::chrono::steady_clock::time_point start;
};

/// A line on stderr once a second, after the first two seconds of its life.
class Progress {
public:
  explicit Progress(std::string what)
      : what(std::move(what)), start(std::chrono::steady_clock::now()),
        last(start) {}
  void update(size_t done, size_t total);

private:
  std::string what;
  std::chrono::steady_clock::time_point start, last;
};

} // namespace finngl::driver

#endif // FINNGL_DRIVER_COMMAND_H
