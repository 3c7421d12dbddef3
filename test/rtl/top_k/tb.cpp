// finngl_top_k: packets of random steps, also broken ones, against a sort of the whole step. Few bits make many ties.
#include "packet_bench.h"
#include <algorithm>
#include <numeric>

using namespace finngl::bench;

constexpr Layout kLayout{1, P_ElemBits, P_OutBits, P_K};

/// Positions of a step's elements, the largest first.
static std::vector<size_t> ranked(const Beat *step) {
  std::vector<size_t> positions(P_Elements);
  std::iota(positions.begin(), positions.end(), 0);
  if (P_SelectLast)
    std::reverse(positions.begin(), positions.end());
  auto value = [&](size_t k) { return valueOf(step[k].elements[0], P_ElemBits, P_Signed); };
  std::stable_sort(positions.begin(), positions.end(), [&](size_t a, size_t b) { return value(a) > value(b); });
  positions.resize(P_K);
  return positions;
}

static std::vector<Beat> leading(const std::vector<Beat> &packet) {
  std::vector<Beat> out;
  const uint64_t mask = ~uint64_t(0) >> (64 - P_OutBits);
  for (size_t from = 0; from + P_Elements <= packet.size(); from += P_Elements) {
    const Beat &end = packet[from + P_Elements - 1];
    if (end.err)
      break; // one broken beat instead
    for (size_t position : ranked(&packet[from])) {
      Beat beat = end;
      beat.last = false;
      beat.elements[0] =
          P_Positions ? position : uint64_t(valueOf(packet[from + position].elements[0], P_ElemBits, P_Signed)) & mask;
      out.push_back(beat);
    }
    out.back().last = end.last;
  }
  if (packet.size() % P_Elements != 0 || packet.back().err)
    out.push_back({{}, packet.back().user, true, true});
  return out;
}

int main() {
  return runPackets(
      "top_k", kLayout,
      [](Random &random, bool errors) {
        return randomPacket(random, (1 + random() % 4) * P_Elements, kLayout, errors);
      },
      leading);
}
