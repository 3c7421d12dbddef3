//===- Conformance.cpp - ONNX' backend tests at level onnx ----------------===//
//
// usage: OnnxConformance DATA RECORD DOCUMENT [--write]
//
// Runs every case below DATA that only has operators of `finngl ops`. Fails if
// one gives other numbers than ONNX, or if a case that RECORD lists does not
// pass any more. With --write it makes RECORD (to which cases of other ONNX
// releases stay) and DOCUMENT anew; without, it compares DOCUMENT if that was
// made of data of the same opset.
//
//===----------------------------------------------------------------------===//

#include "OnnxCase.h"
#include "finngl/Driver/Model.h"
#include "finngl/Import/ONNX/Importer.h"
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

using namespace finngl;
using namespace finngl::conformance;
namespace fs = std::filesystem;

namespace {
/// Of one operator.
struct Row {
  unsigned passed = 0, constantOnly = 0, refused = 0;
  std::map<std::string, unsigned> reasons;
};

struct Report {
  std::map<std::string, Outcome> cases;
  std::map<std::string, Row> rows;
  unsigned all = 0, inScope = 0;
  int opset = 0;

  void add(const std::string &name, const Outcome &outcome);
  std::string document() const;
};
} // namespace

/// A message without what differs from case to case.
static std::string general(std::string text) {
  text = std::regex_replace(text, std::regex("'[^']*'"), "'..'");
  text = std::regex_replace(text, std::regex("\\[[^\\]]*\\]"), "[..]");
  return std::regex_replace(text, std::regex("-?\\b[0-9]+(\\.[0-9]+)?\\b"),
                            "N");
}

void Report::add(const std::string &name, const Outcome &outcome) {
  ++all;
  opset = std::max(opset, outcome.opset);
  cases[name] = outcome;
  if (outcome.kind == Outcome::OutOfScope)
    return;
  ++inScope;
  Row &row = rows[outcome.topic];
  if (outcome.kind == Outcome::Passed)
    ++(outcome.computed ? row.passed : row.constantOnly);
  if (outcome.kind == Outcome::Refused) {
    ++row.refused;
    ++row.reasons[general(outcome.detail)];
  }
}

std::string Report::document() const {
  std::ostringstream out;
  Row sum;
  std::ostringstream table;
  for (const auto &[topic, row] : rows) {
    table << "| " << topic << " | " << row.passed << " | " << row.constantOnly
          << " | " << row.refused << " | ";
    const char *separator = "";
    for (const auto &[reason, count] : row.reasons) {
      table << separator << count << ": " << reason;
      separator = "; ";
    }
    table << " |\n";
    sum.passed += row.passed;
    sum.constantOnly += row.constantOnly;
    sum.refused += row.refused;
  }
  out << "# ONNX conformance\n\n"
         "ONNX' own backend tests (Debian's `libonnx-testdata`) at level "
         "`onnx`, with the tolerances of ONNX' runner\n"
         "(relative 1e-3, absolute 1e-7; integers are equal). Made by `cmake "
         "--build build/dev --target conformance`; the test\n"
         "`conformance` fails on a wrong number, and on a case that used to "
         "pass and does not.\n\n"
      << "Opset " << opset << ". Of " << all << " cases " << inScope
      << " only have operators that `finngl ops` lists: " << sum.passed
      << " pass, " << sum.constantOnly << " pass as constants, " << sum.refused
      << " are refused.\n\n"
         "*passed*: with the data as graph inputs, and parameters (scales, "
         "bounds, axes, lengths, where needed weights) as\n"
         "initialisers. *constants*: only with all inputs as initialisers, "
         "folded at import. *refused*: with the message of the\n"
         "product, numbers and names taken out.\n\n"
         "| operator | passed | constants | refused | reasons |\n"
         "|---|---|---|---|---|\n"
      << table.str();
  return out.str();
}

static std::string readText(const fs::path &file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

static Report runAll(const fs::path &data) {
  std::set<std::string> supported;
  for (const SupportedOp &op : supportedOnnxOps())
    if (!op.custom)
      supported.insert(op.name);
  std::set<fs::path> folders;
  for (const auto &suite : fs::directory_iterator(data))
    if (suite.is_directory())
      for (const auto &entry : fs::directory_iterator(suite))
        if (fs::exists(entry.path() / "model.onnx"))
          folders.insert(entry.path());
  Report report;
  for (const fs::path &folder : folders)
    report.add(folder.parent_path().filename().string() + "/" +
                   folder.filename().string(),
               runCase(folder, supported));
  return report;
}

/// A case in RECORD: another release may hold a case of the same name in
/// another opset.
static std::string recorded(const std::string &name, const Outcome &outcome) {
  return name + " " + std::to_string(outcome.opset);
}

/// Prints what is wrong; the number of it.
static unsigned judge(const Report &report,
                      const std::set<std::string> &known) {
  unsigned wrong = 0;
  for (const auto &[name, outcome] : report.cases) {
    bool lost =
        known.count(recorded(name, outcome)) && outcome.kind != Outcome::Passed;
    if (outcome.kind != Outcome::Failed && !lost)
      continue;
    ++wrong;
    std::printf("%s: %s: %s\n",
                outcome.kind == Outcome::Failed ? "FAILED" : "passed before",
                name.c_str(), outcome.detail.c_str());
  }
  return wrong;
}

int main(int count, char **arguments) {
  bool write = count == 5 && !std::strcmp(arguments[4], "--write");
  if (count != 4 && !write) {
    std::printf("usage: OnnxConformance DATA RECORD DOCUMENT [--write]\n");
    return 2;
  }
  fs::path data = arguments[1], record = arguments[2], document = arguments[3];
  if (!fs::is_directory(data)) {
    std::printf("skipped: no ONNX test data; install libonnx-testdata\n");
    return 77;
  }
  driver::registerPasses();
  Report report = runAll(data);
  std::set<std::string> known;
  std::istringstream lines(readText(record));
  for (std::string line; std::getline(lines, line);)
    known.insert(line);
  unsigned wrong = judge(report, write ? std::set<std::string>() : known);
  std::string text = report.document();
  if (write) {
    for (const auto &[name, outcome] : report.cases) {
      known.erase(recorded(name, outcome));
      if (outcome.kind == Outcome::Passed)
        known.insert(recorded(name, outcome));
    }
    std::ofstream out(record);
    for (const std::string &entry : known)
      out << entry << "\n";
    std::ofstream(document) << text;
  } else if (std::string written = readText(document);
             written != text &&
             written.find("Opset " + std::to_string(report.opset) + ".") !=
                 std::string::npos) {
    ++wrong;
    std::printf("%s is not what these tests give; make it anew: cmake --build "
                "build/dev --target conformance\n",
                document.filename().c_str());
  }
  std::printf("%u cases, %u in scope, opset %d, %u problems\n", report.all,
              report.inScope, report.opset, wrong);
  return wrong ? 1 : 0;
}
