//===- MutationDriver.cpp - Replays and mutates a corpus ------------------===//
//
// finngl-fuzz-import [--seconds=N] [--seed=N] FILE|FOLDER...
//
// Runs the target on every file (`.onnx` and files without a suffix below
// folders), then on random mutations of them until the time is up. The input
// in work is kept in `fuzz-last-input` of the current folder, for a crash.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

static void run(const std::string &input) {
  std::ofstream("fuzz-last-input", std::ios::binary) << input;
  Clock::time_point start = Clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(input.data()),
                         input.size());
  if (Clock::now() - start > std::chrono::seconds(20)) {
    std::fprintf(stderr, "an input took more than 20 s\n");
    std::abort();
  }
}

static void collect(const fs::path &path, std::vector<fs::path> &files) {
  if (!fs::is_directory(path)) {
    files.push_back(path);
    return;
  }
  for (const fs::directory_entry &entry :
       fs::recursive_directory_iterator(path))
    if (entry.is_regular_file() && (entry.path().extension() == ".onnx" ||
                                    entry.path().extension().empty()))
      files.push_back(entry.path());
}

/// One to eight small damages: bits, bytes, cuts, copies, pieces of another
/// file.
static std::string mutate(std::string input, const std::string &other,
                          std::mt19937_64 &random) {
  static const uint8_t nasty[] = {0, 1, 0x7f, 0x80, 0xff};
  auto below = [&](size_t n) { return n ? size_t(random() % n) : 0; };
  for (size_t round = 1 + below(8); round-- > 0;) {
    size_t at = below(input.size() + 1);
    size_t length = below(std::min<size_t>(input.size() - at, 64) + 1);
    switch (below(6)) {
    case 0:
      if (at < input.size())
        input[at] = char(input[at] ^ (1 << below(8)));
      break;
    case 1:
      if (at < input.size())
        input[at] = char(nasty[below(std::size(nasty))]);
      break;
    case 2:
      input.erase(at, length);
      break;
    case 3:
      input.insert(at, input.substr(at, length));
      break;
    case 4:
      input.insert(at, other.substr(below(other.size() + 1), 64));
      break;
    case 5:
      if (below(8) == 0)
        input.resize(at);
      break;
    }
  }
  return input;
}

int main(int argc, char **argv) {
  double seconds = 0;
  uint64_t seed = 0;
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (!std::strncmp(argv[i], "--seconds=", 10))
      seconds = std::atof(argv[i] + 10);
    else if (!std::strncmp(argv[i], "--seed=", 7))
      seed = std::strtoull(argv[i] + 7, nullptr, 10);
    else
      collect(argv[i], files);
  }
  // The order of a folder is not stable.
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const fs::path &path : files) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file),
                        std::istreambuf_iterator<char>());
    run(corpus.back());
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "expects files or folders with a corpus\n");
    return 2;
  }
  std::mt19937_64 random(seed);
  size_t runs = 0;
  Clock::time_point end =
      Clock::now() + std::chrono::milliseconds(int64_t(seconds * 1000));
  for (; Clock::now() < end; ++runs)
    run(mutate(corpus[random() % corpus.size()],
               corpus[random() % corpus.size()], random));
  std::printf("%zu files, %zu mutations\n", corpus.size(), runs);
  return 0;
}
