//===- Writer.h - Text of one SystemVerilog module --------------*- C++ -*-===//

#ifndef FINNGL_LIB_TARGET_SYSTEMVERILOG_WRITER_H
#define FINNGL_LIB_TARGET_SYSTEMVERILOG_WRITER_H

#include "finngl/Core/RtlInstance.h"
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace finngl {

/// `$readmemh` text of an image.
std::string hexImage(const RtlInstance::Image &image);

/// Letters, digits and underscores of an ONNX name, shortened to its end.
std::string identifier(const std::string &name);

/// Files of a network; equal memory images share one file.
class FileSet {
public:
  std::map<std::string, std::string> files;
  /// Returns the file's name.
  std::string addImage(const std::string &stem,
                       const RtlInstance::Image &image);

private:
  std::map<std::string, std::string> imageOf; ///< text -> name
};

/// Collects ports, signals and instances of a module and prints them in that
/// order. One parameter a line, ports in the order given.
class ModuleWriter {
public:
  using Connections = std::vector<std::pair<std::string, std::string>>;

  ModuleWriter(std::string name, std::string comment)
      : name(std::move(name)), comment(std::move(comment)) {}

  void port(const std::string &direction, unsigned width,
            const std::string &portName);
  /// Declares a signal and returns its name.
  std::string signal(unsigned width, const std::string &signalName);
  void assign(const std::string &target, const std::string &expression) {
    body += "  assign " + target + " = " + expression + ";\n";
  }
  void blank(const std::string &text) { body += "\n  // " + text + "\n"; }
  /// Instance names are made unique.
  void instance(const std::string &module, const std::string &instanceName,
                const RtlInstance &parameters, const Connections &connections);
  std::string text() const;

private:
  std::string name, comment, ports, signals, body;
  std::set<std::string> names;
  std::string unique(const std::string &wanted);
};

/// `[width-1:0] ` or nothing for one bit... always a range, for plain reading.
std::string range(unsigned width);

/// `name[lane * width +: width]`, or the name alone if that is all of it.
std::string slice(const std::string &name, unsigned lane, unsigned lanes,
                  unsigned width);

} // namespace finngl

#endif // FINNGL_LIB_TARGET_SYSTEMVERILOG_WRITER_H
