//===- StreamSlide.h - Rows of a stream to sliding windows ------*- C++ -*-===//
//
// The table of finngl_slide.
//
//===----------------------------------------------------------------------===//

#ifndef FINNGL_CORE_STREAMSLIDE_H
#define FINNGL_CORE_STREAMSLIDE_H

#include <cstdint>
#include <vector>

namespace finngl {

/// Which of a sample's rows go to which windows, oldest window first. A window
/// begins with each sample; its age is the number of samples since.
struct StreamSlide {
  struct Entry {
    int64_t age, source; ///< of the window, of the row
    bool first, last;    ///< step of the window
  };
  int64_t beats = 1;    ///< of a row
  int64_t rows = 1;     ///< of a sample
  int64_t contexts = 1; ///< windows under way
  std::vector<Entry> entries;

  /// Age of a window that answers.
  int64_t maxAge() const { return entries.front().age; }
};

/// The registers of finngl_slide without its data.
class StreamSlideState {
public:
  explicit StreamSlideState(const StreamSlide &table) : s(table) {}
  bool ready() const { return true; }
  void take(bool) {}
  bool canRead() const { return false; }
  void read() {}
  bool advance() { return false; }

private:
  StreamSlide s;
};

} // namespace finngl

#endif // FINNGL_CORE_STREAMSLIDE_H
