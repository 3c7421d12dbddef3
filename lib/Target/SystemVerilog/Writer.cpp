//===- Writer.cpp - Text of one SystemVerilog module ----------------------===//

#include "Writer.h"
#include <algorithm>
#include <cctype>

namespace finngl {

std::string hexImage(const RtlInstance::Image &image) {
  static const char *digits = "0123456789abcdef";
  unsigned nibbles = std::max(1u, (image.width + 3) / 4);
  std::string text;
  for (const std::vector<uint64_t> &word : image.words) {
    for (unsigned n = nibbles; n-- > 0;) {
      uint64_t limb = n / 16 < word.size() ? word[n / 16] : 0;
      text += digits[(limb >> (n % 16 * 4)) & 15];
    }
    text += '\n';
  }
  return text;
}

std::string identifier(const std::string &name) {
  std::string out;
  for (char c : name)
    out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  constexpr size_t kLongest = 40;
  if (out.size() > kLongest)
    out = out.substr(out.size() - kLongest);
  while (!out.empty() && out.front() == '_')
    out.erase(out.begin());
  return out.empty() ? "node" : out;
}

std::string FileSet::addImage(const std::string &stem,
                              const RtlInstance::Image &image) {
  std::string text = hexImage(image);
  auto [found, isNew] = imageOf.try_emplace(text);
  if (isNew) {
    found->second = stem + ".mem";
    for (unsigned n = 2; files.count(found->second); ++n)
      found->second = stem + "_" + std::to_string(n) + ".mem";
    files[found->second] = text;
  }
  return found->second;
}

std::string range(unsigned width) {
  return "[" + std::to_string(width - 1) + ":0]";
}

std::string slice(const std::string &name, unsigned lane, unsigned lanes,
                  unsigned width) {
  if (lanes == 1)
    return name;
  return name + "[" + std::to_string(lane * width) +
         " +: " + std::to_string(width) + "]";
}

std::string ModuleWriter::unique(const std::string &wanted) {
  std::string candidate = wanted;
  for (unsigned n = 2; !names.insert(candidate).second; ++n)
    candidate = wanted + "_" + std::to_string(n);
  return candidate;
}

void ModuleWriter::port(const std::string &direction, unsigned width,
                        const std::string &portName) {
  ports += ports.empty() ? "" : ",\n";
  ports += "    " + direction + " logic " + range(width) + " " + portName;
  names.insert(portName);
}

std::string ModuleWriter::signal(unsigned width,
                                 const std::string &signalName) {
  std::string declared = unique(signalName);
  signals += "  logic " + range(width) + " " + declared + ";\n";
  return declared;
}

void ModuleWriter::instance(const std::string &module,
                            const std::string &instanceName,
                            const RtlInstance &parameters,
                            const Connections &connections) {
  body += "  " + module;
  for (size_t i = 0; i < parameters.parameters.size(); ++i) {
    const auto &[key, value] = parameters.parameters[i];
    body += i ? ",\n" : " #(\n";
    body += "      ." + key + "(" + value + ")";
  }
  if (!parameters.parameters.empty())
    body += "\n  )";
  body += " " + unique("i_" + instanceName) + " (\n";
  for (size_t i = 0; i < connections.size(); ++i)
    body += "      ." + connections[i].first + "(" + connections[i].second +
            ")" + (i + 1 < connections.size() ? ",\n" : "\n");
  body += "  );\n";
}

std::string ModuleWriter::text() const {
  // The names of verilator's checks, waived inside of the module.
  auto waivers = [](const char *onOff) {
    std::string text;
    for (const char *check : {"PINCONNECTEMPTY", "UNUSEDSIGNAL"})
      text += std::string("/* verilator lint_") + onOff + " " + check + " */\n";
    return text;
  };
  return comment +
         "// Outputs that nothing reads stay open; meta bits, beat times and "
         "addresses are declared\n// whole though some bits are not read.\n" +
         waivers("off") + "module " + name + " (\n" + ports + "\n);\n" +
         signals + body + "endmodule\n" + waivers("on");
}

} // namespace finngl
