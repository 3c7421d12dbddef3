//===- Synthesis.cpp - finngl synth: measured resources -------------------===//
//
// Yosys maps every distinct module of DIR/rtl once, hierarchy kept: flattening
// costs time for each instance and area too, because ABC then trades area for
// depth across the borders. Counts are multiplied along the instance tree.
//
//===----------------------------------------------------------------------===//

#include "finngl/Core/Resources.h"
#include "finngl/Driver/Hardware.h"
#include "finngl/Driver/OutputDirectory.h"
#include "finngl/Driver/Program.h"
#include "finngl/Driver/Tables.h"
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

static constexpr const char *kTop = "finngl_top";

/// Device sites of one cell. Distributed RAM takes whole LUT sites; Yosys
/// leaves inverters as cells and each counts as a LUT.
static Resources sitesOf(const std::string &cell) {
  auto starts = [&](const char *prefix) { return cell.rfind(prefix, 0) == 0; };
  static const std::pair<const char *, int64_t> kLutRam[] = {
      {"RAM32M16", 8},  {"RAM64M8", 8},  {"RAM256X1D", 8}, {"RAM512X1S", 8},
      {"RAM32M", 4},    {"RAM64M", 4},   {"RAM128X1D", 4}, {"RAM256X1S", 4},
      {"RAM128X1S", 2}, {"RAM32X1D", 2}, {"RAM64X1D", 2},  {"RAM32X1S", 1},
      {"RAM64X1S", 1}};
  for (auto [name, luts] : kLutRam)
    if (cell == name)
      return {.lut = luts};
  if (cell == "INV" || starts("SRL") ||
      (starts("LUT") && cell.size() == 4 && cell[3] >= '1' && cell[3] <= '6'))
    return {.lut = 1};
  if (starts("FD") || starts("LD"))
    return {.ff = 1};
  if (starts("DSP48E2"))
    return {.dsp = 1};
  if (starts("RAMB36"))
    return {.bram18 = 2};
  if (starts("RAMB18"))
    return {.bram18 = 1};
  if (starts("URAM288"))
    return {.uram = 1};
  return {};
}

namespace {

/// What `stat -json` says of the mapped design.
class CellCounts {
public:
  explicit CellCounts(const nlohmann::json &modules) : modules(modules) {
    add(kTop, 1);
  }
  Resources total() const {
    Resources sum;
    for (const auto &[name, entry] : byModule)
      sum += entry.resources;
    return sum;
  }
  /// Own cells of each module of the source, over all instances and parameters.
  ordered_json describe() const;
  const std::vector<std::string> &unknown() const { return unknownCells; }

private:
  struct Entry {
    int64_t instances = 0;
    Resources resources;
  };
  const nlohmann::json &modules;
  std::map<std::string, Entry> byModule;
  std::vector<std::string> unknownCells;

  const nlohmann::json *find(const std::string &name) const;
  void add(const std::string &name, int64_t count);
  void addCell(const std::string &owner, const std::string &cell,
               int64_t count);
};

} // namespace

const nlohmann::json *CellCounts::find(const std::string &name) const {
  for (const std::string &key : {name, "\\" + name})
    if (auto found = modules.find(key); found != modules.end())
      return &*found;
  return nullptr;
}

/// `$paramod$<hash>\finngl_mvu`, `$paramod\finngl_hold\Width=...` and
/// `\finngl_top` are all named by the word that starts with finngl_.
static std::string sourceModule(const std::string &name) {
  size_t begin = name.find("finngl_");
  if (begin == std::string::npos)
    return name;
  return name.substr(begin, name.find('\\', begin) - begin);
}

void CellCounts::add(const std::string &name, int64_t count) {
  const nlohmann::json *module = find(name);
  if (!module)
    return;
  std::string source = sourceModule(name);
  byModule[source].instances += count;
  // Newer versions list instances of modules apart from cells.
  for (const char *list : {"num_cells_by_type", "num_submodules_by_type"})
    if (auto cells = module->find(list); cells != module->end())
      for (const auto &[cell, number] : cells->items()) {
        int64_t instances = count * number.get<int64_t>();
        if (find(cell))
          add(cell, instances);
        else
          addCell(source, cell, instances);
      }
}

void CellCounts::addCell(const std::string &owner, const std::string &cell,
                         int64_t count) {
  byModule[owner].resources += count * sitesOf(cell);
  // Cells of Yosys itself are logic that the mapping left over.
  if (cell.rfind("$", 0) == 0 && cell != "$scopeinfo" &&
      std::find(unknownCells.begin(), unknownCells.end(), cell) ==
          unknownCells.end())
    unknownCells.push_back(cell);
}

static ordered_json toJson(const Resources &r) {
  return {{"lut", r.lut},
          {"ff", r.ff},
          {"dsp", r.dsp},
          {"bram18", r.bram18},
          {"uram", r.uram}};
}

ordered_json CellCounts::describe() const {
  ordered_json list = ordered_json::array();
  for (const auto &[name, entry] : byModule) {
    ordered_json item{{"module", name}, {"instances", entry.instances}};
    item.update(toJson(entry.resources));
    list.push_back(std::move(item));
  }
  return list;
}

/// The object of `stat -json`. `tee` may put the pass header in front, and
/// Yosys 0.23 prints the instance tree as plain text after the modules.
static nlohmann::json readStatistics(const fs::path &path) {
  std::ifstream file(path);
  std::stringstream stream;
  stream << file.rdbuf();
  std::string text = stream.str();
  text.erase(0, std::min(text.find('{'), text.size()));
  auto whole = nlohmann::json::parse(text, nullptr, /*exceptions=*/false);
  if (whole.is_object())
    return whole;
  size_t end = text.find("\n   },\n");
  if (end == std::string::npos)
    return nullptr;
  return nlohmann::json::parse(text.substr(0, end) + "}}", nullptr,
                               /*exceptions=*/false);
}

/// Last "12.3. Executing XYZ pass" of a growing log.
static std::string currentPass(const fs::path &log) {
  std::ifstream file(log, std::ios::binary | std::ios::ate);
  std::streamoff size = file ? std::streamoff(file.tellg()) : 0;
  std::string tail(size_t(std::min<std::streamoff>(size, 65536)), '\0');
  file.seekg(size - std::streamoff(tail.size()));
  file.read(tail.data(), std::streamsize(tail.size()));
  size_t at = tail.rfind("Executing ");
  if (at == std::string::npos)
    return "";
  at += 10;
  return tail.substr(at, tail.find_first_of(" \n", at) - at);
}

namespace {

class Synthesiser {
public:
  Synthesiser(fs::path directory, const std::string &tool)
      : directory(std::move(directory)), tool(tool) {}
  int run();

private:
  fs::path directory;
  const std::string &tool;
  std::string yosys, version;
  ordered_json report;

  int open();
  int findTool();
  int synthesise();
  int merge(double seconds);
  void print(const ordered_json &model, const Resources &measured,
             const Device &device) const;
};

} // namespace

/// An object whose numbers the table can print.
static bool isResources(const ordered_json &value) {
  if (!value.is_object())
    return false;
  return std::all_of(value.begin(), value.end(), [](const ordered_json &v) {
    return v.is_number_integer() || v.is_string();
  });
}

int Synthesiser::open() {
  if (!isCompileDirectory(directory))
    return fail(BadUsage,
                directory.string() + ": holds no report.json of "
                                     "finn-gl",
                "write it with finngl compile MODEL.onnx -o " +
                    directory.string());
  std::ifstream file(directory / "report.json");
  report = ordered_json::parse(file, nullptr, /*exceptions=*/false);
  const char *next = "compile it again without --stop-after";
  if (!fs::exists(directory / "rtl" / (std::string(kTop) + ".sv")))
    return fail(BadUsage, directory.string() + ": holds no rtl/" + kTop + ".sv",
                next);
  bool measured = report.contains("resources_model");
  if (!isResources(report["resources"]) ||
      (measured && !isResources(report["resources_model"])) ||
      !report["device"].is_string() || !report["utilisation"].is_object())
    return fail(BadUsage,
                directory.string() + "/report.json: its device and resources "
                                     "are not as finngl compile wrote them",
                next);
  return Good;
}

int Synthesiser::findTool() {
  auto found = findExecutable(tool);
  if (!found)
    return fail(BadUsage,
                "Yosys is needed for synth, and " + tool + " is not found",
                "install it with apt-get install yosys, or give --tool PATH");
  yosys = *found;
  fs::path log = directory / "synth/version.txt";
  std::error_code code;
  fs::create_directories(directory / "synth", code);
  int exit = runExecutable(yosys, {"-V"}, directory, log);
  std::ifstream file(log);
  std::getline(file, version);
  if (exit != 0 || version.rfind("Yosys ", 0) != 0)
    return fail(BadUsage, tool + " is not Yosys: -V printed '" + version + "'",
                "give --tool PATH of Yosys 0.23 or newer");
  return Good;
}

int Synthesiser::synthesise() {
  // -defer: modules are elaborated with the parameters of their instances only.
  // Ports are not pins: no pads, no clock buffers. Without -check, because the
  // library with DSP48E2 is read by synth_xilinx, which checks then.
  std::string script = "read_verilog -sv -defer";
  std::vector<std::string> sources;
  for (const auto &entry : fs::directory_iterator(directory / "rtl"))
    if (entry.path().extension() == ".sv")
      sources.push_back(entry.path().filename().string());
  std::sort(sources.begin(), sources.end());
  for (const std::string &source : sources)
    script += " " + source;
  script += std::string("\nhierarchy -top ") + kTop +
            "\nsynth_xilinx -family xcup -noiopad -noclkbuf -top " + kTop +
            "\ntee -o ../synth/stat.json stat -json\n";
  std::string error;
  if (!writeText(directory / "synth/synth.ys", script, error))
    return fail(BadUsage, error);
  fs::path log = directory / "synth/yosys.log";
  double next = 2;
  int exit = runExecutable(yosys, {"-s", "../synth/synth.ys"},
                           directory / "rtl", log, [&](double seconds) {
                             if (seconds < next)
                               return;
                             next = seconds + 5;
                             std::fprintf(stderr, "synth: %.0f s, %s\n",
                                          seconds, currentPass(log).c_str());
                           });
  if (exit != 0)
    return fail(CheckFailed, "Yosys failed (exit " + std::to_string(exit) + ")",
                "see " + log.string());
  return Good;
}

void Synthesiser::print(const ordered_json &model, const Resources &measured,
                        const Device &device) const {
  const std::tuple<const char *, const char *, int64_t, int64_t> rows[] = {
      {"LUT", "lut", measured.lut, device.lut},
      {"FF", "ff", measured.ff, device.ff},
      {"DSP48E2", "dsp", measured.dsp, device.dsp},
      {"BRAM18", "bram18", measured.bram18, device.bram18},
      {"URAM", "uram", measured.uram, device.uram}};
  std::printf("%-8s %10s %10s %10s %8s\n", "", "estimate", "measured",
              device.name.c_str(), "share");
  for (auto [name, key, used, whole] : rows)
    std::printf("%-8s %10lld %10lld %10lld %7.2f%%\n", name,
                static_cast<long long>(model.value(key, int64_t(0))),
                static_cast<long long>(used), static_cast<long long>(whole),
                whole ? 100.0 * double(used) / double(whole) : 0.0);
  std::printf("Yosys synthesis (%s), not placed and routed\n", version.c_str());
}

int Synthesiser::merge(double seconds) {
  nlohmann::json stat = readStatistics(directory / "synth/stat.json");
  if (!stat.is_object() || !stat.contains("modules"))
    return fail(InternalError,
                "synth/stat.json of " + version + " cannot be read");
  CellCounts counts(stat["modules"]);
  if (!counts.unknown().empty())
    return fail(InternalError,
                "Yosys left cells unmapped, such as " +
                    counts.unknown().front(),
                "see " + (directory / "synth/yosys.log").string());
  std::string error;
  auto device = findDevice(report.value("device", "xczu7ev"), error);
  if (!device)
    return fail(BadUsage, error);

  Resources measured = counts.total();
  if (!report.contains("resources_model"))
    report["resources_model"] = report["resources"];
  report["resources"] = toJson(measured);
  report["resources"]["source"] = "yosys";
  ordered_json whole = toJson({.lut = device->lut,
                               .ff = device->ff,
                               .dsp = device->dsp,
                               .bram18 = device->bram18,
                               .uram = device->uram});
  for (const auto &[key, size] : whole.items())
    report["utilisation"][key] =
        size.get<int64_t>()
            ? report["resources"][key].get<double>() / size.get<double>()
            : 0.0;
  report["synthesis"] = {
      {"tool", version}, {"seconds", seconds}, {"modules", counts.describe()}};
  // Whole or not at all: a reader never sees half a report.
  fs::path fresh = directory / "synth/report.json";
  if (!writeText(fresh, report.dump(2) + "\n", error))
    return fail(BadUsage, error);
  std::error_code code;
  fs::rename(fresh, directory / "report.json", code);
  if (code)
    return fail(BadUsage,
                (directory / "report.json").string() + ": " + code.message());
  print(report["resources_model"], measured, *device);
  return Good;
}

int Synthesiser::run() {
  if (int exit = open())
    return exit;
  if (int exit = findTool())
    return exit;
  std::vector<StageTime> times;
  {
    StageTimer timer(times, "synth");
    if (int exit = synthesise())
      return exit;
  }
  return merge(times.front().seconds);
}

int finngl::driver::synthesise(const fs::path &directory,
                               const std::string &tool) {
  std::error_code code;
  return Synthesiser(fs::absolute(directory, code), tool).run();
}
