//===- CellCheck.cpp - A cell through all levels --------------------------===//

#include "CellCheck.h"
#include "Network.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/Verify.h"
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <sys/wait.h>
#include <unistd.h>

using namespace finngl;
using namespace finngl::test;
namespace fs = std::filesystem;
using Kind = Verdict::Kind;

static constexpr int kDataSets = 3;
/// Seconds after which a step counts as hanging.
static constexpr unsigned kPatience = 60, kRtlPatience = 600;

static std::string readText(const fs::path &file) {
  std::ifstream is(file);
  return {std::istreambuf_iterator<char>(is), {}};
}

/// Runs `step` in a child process whose output goes to `log`. Its exit code, or
/// minus the signal that ended it.
static int runApart(const std::function<int()> &step, const fs::path &log,
                    unsigned patience) {
  std::fflush(nullptr);
  pid_t child = ::fork();
  if (child == 0) {
    int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0 || ::dup2(file, 1) < 0 || ::dup2(file, 2) < 0)
      ::_exit(driver::InternalError);
    ::alarm(patience);
    int code = step();
    std::fflush(nullptr);
    ::_exit(code);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child)
    return driver::InternalError;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// The last line of the log that holds one of `marks`, numbers as # but for
/// digits alone: counts.
static std::string reasonIn(const std::string &log,
                            const std::vector<std::string> &marks) {
  std::istringstream lines(log);
  std::string line, found;
  while (std::getline(lines, line))
    for (const std::string &mark : marks)
      if (size_t at = line.find(mark); at != std::string::npos)
        found = line.substr(at);
  return std::regex_replace(found, std::regex("[0-9]{2,}"), "#");
}

/// Good, refused or failed; `what` names the step.
static Verdict judge(int code, const std::string &what, const fs::path &log) {
  std::string text = readText(log);
  if (code == driver::Good)
    return {Kind::Passed, "", text};
  if (code == driver::BadUsage) {
    std::string reason = reasonIn(text, {"error: "});
    // A refusal without a message is a failure of its own.
    return reason.empty() ? Verdict{Kind::Failed, what + ": silent", text}
                          : Verdict{Kind::Refused, what + " " + reason, text};
  }
  if (code < 0)
    return {Kind::Failed,
            what + ": signal " + std::to_string(-code) + " " +
                reasonIn(text, {"Assertion", "ERROR: "}),
            text};
  return {Kind::Failed, what + ": exit " + std::to_string(code), text};
}

//===----------------------------------------------------------------------===//
// Levels onnx, exact and int
//===----------------------------------------------------------------------===//

static Verdict checkLevels(const fs::path &folder) {
  driver::VerifyOptions options;
  options.model = (folder / "model.onnx").string();
  options.json = (folder / "exactness.json").string();
  fs::path log = folder / "verify.log";
  int code = runApart([&] { return driver::verify(options); }, log, kPatience);
  Verdict verdict = judge(code, "verify", log);
  if (code != driver::CheckFailed)
    return verdict;
  auto levels = nlohmann::json::parse(readText(options.json), nullptr, false);
  if (levels.is_object())
    for (const auto &pair : levels["levels"])
      if (pair["unexplained"] != 0)
        verdict.reason += " " + std::string(pair["pair"]);
  return verdict;
}

//===----------------------------------------------------------------------===//
// Hardware
//===----------------------------------------------------------------------===//

namespace {

/// What a random user asks for.
class HardwareChoice {
public:
  explicit HardwareChoice(unsigned seed) : random(seed) {}
  driver::HardwareOptions options();
  /// Changes of a folding.json that are legal more often than not.
  std::string folding(const std::string &chosen);
  bool wantsFolding() { return random() % 3 == 0; }

private:
  std::mt19937 random;
  int pick(int lo, int hi) {
    return lo + int(random() % unsigned(hi - lo + 1));
  }
};

} // namespace

driver::HardwareOptions HardwareChoice::options() {
  driver::HardwareOptions options;
  if (pick(0, 3))
    options.budget = {{"lut", pick(1500, 15000)}, {"dsp", pick(0, 64)}};
  return options;
}

std::string HardwareChoice::folding(const std::string &chosen) {
  auto json = nlohmann::json::parse(chosen, nullptr, false);
  for (auto &[name, kernel] : json.items()) {
    bool tail = name.find(".tail") != std::string::npos;
    for (const char *key : {"pe", "simd"})
      if (kernel.contains(key) && pick(0, 1))
        kernel[key] = pick(0, 1) ? 1 : pick(1, 4);
    if (pick(0, 1))
      kernel["impl"] = pick(0, 1) ? "lut" : "dsp";
    if (!tail && kernel.value("pe", 1) % 2 == 0 && pick(0, 2) == 0)
      kernel["impl"] = "dsp_packed";
  }
  json["thresholds"] = {{"impl", pick(0, 1) ? "requant" : "segment_table"}};
  return json.dump();
}

/// Compiles to `out`; budgets that are too small are doubled.
static int compileWithin(driver::CompileOptions &options) {
  auto &budget = options.hardware.budget;
  int code = driver::compile(options);
  for (int i = 0; i < 6 && code == driver::BadUsage && !budget.empty(); ++i) {
    for (auto &[key, limit] : budget)
      limit = 2 * limit + 1;
    code = driver::compile(options);
  }
  return code;
}

/// A few random foldings; the first legal one stays. Refusals are no news here,
/// anything else is.
static int refold(driver::CompileOptions options, HardwareChoice &choice,
                  const fs::path &folder) {
  std::string chosen = readText(folder / "out/folding.json"), error;
  options.hardware.budget.clear();
  options.hardware.foldingFile = (folder / "folding.json").string();
  for (int i = 0; i < 4; ++i) {
    if (!driver::writeText(options.hardware.foldingFile, choice.folding(chosen),
                           error))
      return driver::InternalError;
    if (int code = driver::compile(options); code != driver::BadUsage)
      return code;
  }
  return driver::Good;
}

static Verdict compileCell(const fs::path &folder, unsigned seed) {
  fs::path log = folder / "compile.log";
  auto step = [&] {
    HardwareChoice choice(seed);
    driver::CompileOptions options;
    options.model = (folder / "model.onnx").string();
    options.output = (folder / "out").string();
    options.hardware = choice.options();
    options.hardware.hoistInputProducts = seed % 2;
    if (int code = compileWithin(options))
      return code;
    return choice.wantsFolding() ? refold(options, choice, folder)
                                 : int(driver::Good);
  };
  return judge(runApart(step, log, kPatience), "compile", log);
}

static Verdict simulateCell(const fs::path &folder) {
  fs::path log = folder / "rtl.log";
  auto step = [&] {
    // Failures of earlier cells are parts of the same result.
    auto &parts = *::testing::UnitTest::GetInstance()->current_test_info();
    int before = parts.result()->total_part_count();
    if (auto network = Network::open((folder / "out").string()))
      network->check(/*packets=*/2, /*seeds=*/2);
    return int(parts.result()->total_part_count() > before);
  };
  Verdict verdict = judge(runApart(step, log, kRtlPatience), "rtl", log);
  if (verdict.kind == Kind::Failed)
    for (const char *mark : {", output ", "cycle", "%Error", "simulat"})
      if (verdict.log.find(mark) != std::string::npos) {
        verdict.reason += std::string(": ") + mark;
        break;
      }
  return verdict;
}

Verdict finngl::test::checkCell(const Cell &cell, const CellCheck &check) {
  std::error_code code;
  fs::remove_all(check.folder, code);
  fs::create_directories(check.folder, code);
  bool written = cell.write(check.folder / "model.onnx");
  for (int i = 0; i < kDataSets; ++i)
    written &= cell.writeData(
        check.folder / ("test_data_set_" + std::to_string(i)), unsigned(i));
  if (!written)
    return {Kind::Failed, "the generator's file cannot be written", ""};
  Verdict verdict = checkLevels(check.folder);
  if (verdict.kind == Kind::Passed && check.hardware)
    verdict = compileCell(check.folder, cell.seed);
  if (verdict.kind == Kind::Passed && check.rtl)
    verdict = simulateCell(check.folder);
  return verdict;
}
