// finngl_slide: random groups of rows back to back, also broken ones and restarts, against the steps written out;
// without broken ones s_ready_o and m_valid_o of each cycle against the registers on counters (Core/StreamSlide).
#include "group_bench.h"

#include "lib/Core/StreamSlide.cpp"

using namespace finngl::bench;

constexpr Layout kLayout{1, P_W, P_W};
constexpr int kGroup = P_Rows * P_Beats;
constexpr int kCtxBits = P_Contexts > 1 ? 32 - __builtin_clz(P_Contexts - 1) : 0;

static bool bitOf(const std::string &digits, int e) {
  const std::string padded = std::string(e / 4 + 1, '0') + digits;
  return std::stoi(padded.substr(padded.size() - e / 4 - 1, 1), nullptr, 16) >> e % 4 & 1;
}

static finngl::StreamSlide geometry() {
  finngl::StreamSlide slide;
  slide.beats = P_Beats;
  slide.rows = P_Rows;
  slide.contexts = P_Contexts;
  slide.maxAge = P_MaxAge;
  for (int e = 0; e < P_Steps; ++e)
    slide.steps.push_back({entryOf(P_Ages, e), entryOf(P_Sources, e), bitOf(P_First, e), bitOf(P_Last, e)});
  return slide;
}

/// The steps of each group in turn.
class Reference {
public:
  Answer answer(const std::vector<Beat> &group) {
    const Beat &begin = group.front(), &end = group.back();
    const bool whole = int(group.size()) == kGroup;
    const uint64_t others = begin.user >> (1 + kCtxBits) << (1 + kCtxBits);
    Answer out{{}, whole && !end.err, !whole && !end.err, others};
    if (packetBegins && (begin.user & 1))
      since = 0;
    packetBegins = end.last || end.err;
    if (!out.good) {
      since = 0;
      return out;
    }
    for (const finngl::StreamSlide::Step &step : geometry().steps) {
      if (step.age > std::min(since, P_MaxAge))
        continue; // no window has begun so long ago
      const uint64_t context = (since - step.age) % P_Contexts;
      for (int b = 0; b < P_Beats; ++b)
        out.beats.push_back({group[step.source * P_Beats + b].elements, others | context << 1 | uint64_t(step.first),
                             step.last && b == P_Beats - 1, false});
    }
    ++since;
    return out;
  }

private:
  int since = 0; // groups since the restart
  bool packetBegins = true;
};

struct Registers : finngl::StreamSlideState {
  Registers() : StreamSlideState(geometry()) {}
  bool packetBegins = true;
  void cycle(const Beat *taken, bool readNext) {
    advance();
    if (taken) {
      take(packetBegins && (taken->user & 1));
      packetBegins = taken->last;
    }
    if (readNext)
      read();
  }
};

int main() { return runGroups<Reference, Registers>("slide", {kLayout, kGroup, P_Steps * P_Beats}); }
