//===- StreamSlide.cpp - The registers of finngl_slide on counters --------===//

#include "finngl/Core/StreamSlide.h"
#include "Counter.h"
#include <algorithm>
#include <cassert>
#include <utility>

namespace finngl {

StreamSlideState::StreamSlideState(StreamSlide slide, int64_t before)
    : s(std::move(slide)), age(std::min(before, s.maxAge) - 1) {
  assert(!s.steps.empty());
}

void StreamSlideState::take(bool restart) {
  if (written == 0)
    age = restart ? 0 : std::min(age + 1, s.maxAge);
  if (wraps(written, s.groupBeats()))
    held.push_back(age);
}

bool StreamSlideState::advance() {
  if (held.empty() || reached())
    return false;
  leaveStep();
  return true;
}

void StreamSlideState::read() {
  if (wraps(beat, s.beats))
    leaveStep();
}

void StreamSlideState::leaveStep() {
  if (wraps(step, int64_t(s.steps.size())))
    held.pop_front(); // the group's last step
}

} // namespace finngl
