//===- Tables.h - check, devices, ops ---------------------------*- C++ -*-===//

#ifndef FINNGL_DRIVER_TABLES_H
#define FINNGL_DRIVER_TABLES_H

#include "finngl/Driver/Command.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace finngl::driver {

/// devices/<part>.json.
struct Device {
  std::string name, description, dspKind;
  int64_t lut = 0, ff = 0, dsp = 0, bram18 = 0, uram = 0;
  double defaultClockMHz = 0;
};

/// By name. Nothing and `error` if a file cannot be read. The folder is that of
/// the source tree, or FINNGL_DEVICES if that is set.
std::optional<std::vector<Device>> readDevices(std::string &error);
/// Nothing and `error`, which lists the known parts, for an unknown one.
std::optional<Device> findDevice(const std::string &name, std::string &error);

/// `finngl devices`, `finngl ops`: a table, or JSON; an exit code.
int listDevices(bool json);
int listOps(bool json);

struct CheckOptions {
  std::string model;
  std::map<std::string, int64_t> dims;
};

/// `finngl check`: ports, quantisers, sizes, and whether the model becomes
/// integers; an exit code.
int check(const CheckOptions &options);

} // namespace finngl::driver

#endif // FINNGL_DRIVER_TABLES_H
