//===- Tables.cpp - devices and ops ---------------------------------------===//

#include "finngl/Driver/Tables.h"
#include "finngl/Import/ONNX/Importer.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

static std::optional<Device> readDevice(const fs::path &path) {
  std::ifstream file(path);
  auto json = nlohmann::json::parse(file, nullptr, /*exceptions=*/false);
  if (!json.is_object())
    return std::nullopt;
  Device device;
  device.name = json.value("name", path.stem().string());
  device.description = json.value("description", "");
  device.dspKind = json.value("dsp_kind", "dsp48e2");
  device.lut = json.value("lut", int64_t(0));
  device.ff = json.value("ff", int64_t(0));
  device.dsp = json.value("dsp", int64_t(0));
  device.bram18 = json.value("bram18", int64_t(0));
  device.uram = json.value("uram", int64_t(0));
  device.defaultClockMHz = json.value("default_clock_mhz", 150.0);
  return device;
}

std::optional<std::vector<Device>>
finngl::driver::readDevices(std::string &error) {
  const char *given = std::getenv("FINNGL_DEVICES");
  fs::path folder = given ? given : FINNGL_DEVICES_DIR;
  std::vector<Device> devices;
  std::error_code code;
  for (const auto &entry : fs::directory_iterator(folder, code)) {
    if (entry.path().extension() != ".json")
      continue;
    std::optional<Device> device = readDevice(entry.path());
    if (!device) {
      error = entry.path().string() + ": not a device description";
      return std::nullopt;
    }
    devices.push_back(std::move(*device));
  }
  if (devices.empty()) {
    error = folder.string() + ": no device descriptions";
    return std::nullopt;
  }
  std::sort(devices.begin(), devices.end(),
            [](const Device &a, const Device &b) { return a.name < b.name; });
  return devices;
}

std::optional<Device> finngl::driver::findDevice(const std::string &name,
                                                 std::string &error) {
  auto devices = readDevices(error);
  if (!devices)
    return std::nullopt;
  std::string known;
  for (const Device &device : *devices) {
    if (device.name == name)
      return device;
    known += (known.empty() ? "" : ", ") + device.name;
  }
  error = "unknown device '" + name + "'; known are " + known;
  return std::nullopt;
}

int finngl::driver::listDevices(bool json) {
  std::string error;
  auto devices = readDevices(error);
  if (!devices)
    return fail(BadUsage, error);
  ordered_json all = ordered_json::array();
  if (!json)
    std::printf("%-10s %8s %8s %6s %7s %5s %10s  %s\n", "device", "lut", "ff",
                "dsp", "bram18", "uram", "clock_mhz", "description");
  for (const Device &d : *devices) {
    all.push_back({{"name", d.name},
                   {"lut", d.lut},
                   {"ff", d.ff},
                   {"dsp", d.dsp},
                   {"bram18", d.bram18},
                   {"uram", d.uram},
                   {"dsp_kind", d.dspKind},
                   {"default_clock_mhz", d.defaultClockMHz},
                   {"description", d.description}});
    if (!json)
      std::printf("%-10s %8lld %8lld %6lld %7lld %5lld %10g  %s\n",
                  d.name.c_str(), static_cast<long long>(d.lut),
                  static_cast<long long>(d.ff), static_cast<long long>(d.dsp),
                  static_cast<long long>(d.bram18),
                  static_cast<long long>(d.uram), d.defaultClockMHz,
                  d.description.c_str());
  }
  if (json)
    std::printf("%s\n", all.dump(2).c_str());
  return Good;
}

int finngl::driver::listOps(bool json) {
  ordered_json all = ordered_json::array();
  if (!json)
    std::printf("%-22s %-8s %s\n", "operator", "domain", "since opset");
  for (const SupportedOp &op : supportedOnnxOps()) {
    const char *domain = op.custom ? "custom" : "onnx";
    all.push_back({{"name", op.name},
                   {"domain", domain},
                   {"since_version", op.sinceVersion}});
    if (!json)
      std::printf("%-22s %-8s %d\n", op.name.c_str(), domain, op.sinceVersion);
  }
  if (json)
    std::printf("%s\n", all.dump(2).c_str());
  return Good;
}
