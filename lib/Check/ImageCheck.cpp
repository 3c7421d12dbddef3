//===- ImageCheck.cpp - Memory images on disk -----------------------------===//

#include "finngl/Check/ImageCheck.h"
#include <sstream>

using namespace finngl;
using namespace finngl::check;

/// Hexadecimal words as $readmemh reads them, without comments.
static std::vector<std::string> wordsOf(const std::string &text) {
  std::vector<std::string> words;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream tokens(line.substr(0, line.find("//")));
    for (std::string word; tokens >> word;) {
      size_t digit = word.find_first_not_of('0');
      word = digit == std::string::npos ? "0" : word.substr(digit);
      for (char &c : word)
        c = char(std::tolower(static_cast<unsigned char>(c)));
      words.push_back(word);
    }
  }
  return words;
}

KernelComparison check::checkImages(
    const std::map<std::string, std::string> &printed,
    const std::function<std::optional<std::string>(const std::string &name)>
        &read) {
  KernelComparison result;
  for (const auto &[name, text] : printed) {
    if (!name.ends_with(".mem"))
      continue;
    std::optional<std::string> found = read(name);
    if (!found) {
      result.mismatch(name + ": missing");
      continue;
    }
    std::vector<std::string> want = wordsOf(text), got = wordsOf(*found);
    result.elements += int64_t(want.size());
    if (got.size() != want.size())
      result.mismatch(name + ": " + std::to_string(got.size()) +
                      " words, the stage has " + std::to_string(want.size()));
    for (size_t i = 0; i < std::min(want.size(), got.size()); ++i)
      if (want[i] != got[i])
        result.mismatch(name + ", word " + std::to_string(i) + ": " + got[i] +
                        ", the stage has " + want[i]);
  }
  return result;
}
