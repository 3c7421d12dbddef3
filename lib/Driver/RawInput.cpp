//===- RawInput.cpp - compile --input NAME:siN:SCALE[:OFFSET] -------------===//

#include "finngl/Driver/RawInput.h"
#include "finngl/Support/TensorFile.h"
#include "llvm/ADT/StringExtras.h"
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace finngl;
using namespace finngl::driver;
using nlohmann::ordered_json;

/// A number, or the elements of a file.
static bool parseNumbers(llvm::StringRef text, std::vector<float> &numbers,
                         std::string &error) {
  if (text.ends_with(".npy")) {
    auto tensor = readTensorFile(text.str(), error);
    if (!tensor) {
      error = text.str() + ": " + error;
      return false;
    }
    numbers = std::move(tensor->data);
  } else {
    float number = 0;
    auto [end, code] = std::from_chars(text.begin(), text.end(), number);
    if (code != std::errc() || end != text.end()) {
      error = "'" + text.str() + "' is no number";
      return false;
    }
    numbers = {number};
  }
  for (float number : numbers)
    if (!std::isfinite(number)) {
      error = "'" + text.str() + "' holds " + std::to_string(number);
      return false;
    }
  return !numbers.empty();
}

/// siN or uiN.
static bool parseType(llvm::StringRef text, qonnx::RawInput &input) {
  input.isSigned = text.consume_front("si");
  return (input.isSigned || text.consume_front("ui")) &&
         !text.getAsInteger(10, input.bits) && input.bits >= 1 &&
         input.bits <= 32;
}

static bool parseRawInput(llvm::StringRef text, qonnx::RawInput &input,
                          std::string &error) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ':');
  // A name may hold colons: the type is the last part that is one.
  size_t type = parts.size();
  for (size_t i = parts.size(); i-- > 1 && type == parts.size();)
    if (parseType(parts[i], input))
      type = i;
  if (type + 1 >= parts.size() || parts.size() > type + 3) {
    error = "no type siN or uiN followed by a scale";
    return false;
  }
  input.name = llvm::join(parts.begin(), parts.begin() + type, ":");
  if (!parseNumbers(parts[type + 1], input.scale, error) ||
      (type + 2 < parts.size() &&
       !parseNumbers(parts[type + 2], input.offset, error)))
    return false;
  if (llvm::is_contained(input.scale, 0.0f)) {
    error = "a scale is zero";
    return false;
  }
  return true;
}

bool driver::parseRawInputs(const std::vector<std::string> &texts,
                            std::vector<qonnx::RawInput> &inputs,
                            std::string &error) {
  for (const std::string &text : texts) {
    if (text.ends_with(":code"))
      continue;
    if (!parseRawInput(text, inputs.emplace_back(), error)) {
      error = "--input " + text + ": " + error;
      return false;
    }
    auto same = [&](const qonnx::RawInput &other) {
      return other.name == inputs.back().name;
    };
    if (llvm::count_if(inputs, same) > 1) {
      error = "--input " + text + ": the input is given twice";
      return false;
    }
  }
  return true;
}

ordered_json driver::toJson(const std::vector<qonnx::RawInput> &inputs) {
  ordered_json list = ordered_json::array();
  for (const qonnx::RawInput &input : inputs)
    list.push_back({{"name", input.name},
                    {"bits", input.bits},
                    {"signed", input.isSigned},
                    {"scale", input.scale},
                    {"offset", input.offset}});
  return list;
}

std::vector<qonnx::RawInput>
driver::recordedRawInputs(const nlohmann::json &report) {
  std::vector<qonnx::RawInput> inputs;
  if (!report.is_object() || !report.contains(kRawInputsKey))
    return inputs;
  auto isNumbers = [](const nlohmann::json &list) {
    return list.is_array() && !list.empty() &&
           llvm::all_of(list, [](const auto &v) { return v.is_number(); });
  };
  for (nlohmann::json entry : report[kRawInputsKey])
    if (entry.is_object() && entry["name"].is_string() &&
        entry["bits"].is_number_unsigned() && entry["bits"] >= 1 &&
        entry["bits"] <= 32 && entry["signed"].is_boolean() &&
        isNumbers(entry["scale"]) && isNumbers(entry["offset"]))
      inputs.push_back({entry["name"], entry["bits"], entry["signed"],
                        entry["scale"], entry["offset"]});
  return inputs;
}
