// finngl_max_pool: packets of random windows, also broken ones, against the maximum written out.
#include "packet_bench.h"

using namespace finngl::bench;

constexpr Layout kLayout{P_Lanes, P_ElemBits, P_ElemBits};
constexpr size_t kWindow = P_Taps * P_Beats;

static std::vector<Beat> maxima(const std::vector<Beat> &packet) {
  std::vector<Beat> out;
  auto value = [](uint64_t element) { return valueOf(element, P_ElemBits, P_Signed); };
  for (size_t from = 0; from < packet.size(); from += kWindow)
    for (size_t b = from + kWindow - P_Beats; b < from + kWindow && b < packet.size(); ++b) {
      Beat most = packet[b];
      for (size_t tap = from + (b - from) % P_Beats; tap < b; tap += P_Beats)
        for (int e = 0; e < P_Lanes; ++e)
          if (value(packet[tap].elements[e]) > value(most.elements[e]))
            most.elements[e] = packet[tap].elements[e];
      out.push_back(most);
    }
  if (packet.size() % kWindow || packet.back().err) {
    // Instead of a maximum, if the beat is one of a last tap.
    if ((packet.size() - 1) % kWindow >= kWindow - P_Beats)
      out.pop_back();
    out.push_back({{}, packet.back().user, true, true});
  }
  return out;
}

int main() {
  return runPackets(
      "max_pool", kLayout,
      [](Random &random, bool errors) { return randomPacket(random, (1 + random() % 4) * kWindow, kLayout, errors); },
      maxima);
}
