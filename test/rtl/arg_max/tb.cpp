// finngl_arg_max: packets of random steps, also broken ones, against the index written out. Few bits make many ties.
#include "packet_bench.h"

using namespace finngl::bench;

constexpr Layout kLayout{1, P_ElemBits, P_IndexBits};

static std::vector<Beat> indices(const std::vector<Beat> &packet) {
  std::vector<Beat> out;
  auto value = [&](size_t beat) { return valueOf(packet[beat].elements[0], P_ElemBits, P_Signed); };
  for (size_t from = 0; from + P_Elements <= packet.size(); from += P_Elements) {
    Beat index = packet[from + P_Elements - 1];
    uint64_t &best = index.elements[0] = 0;
    for (size_t k = 1; k < P_Elements; ++k)
      if (P_SelectLast ? value(from + k) >= value(from + best) : value(from + k) > value(from + best))
        best = k;
    out.push_back(index);
  }
  const bool whole = packet.size() % P_Elements == 0;
  if (whole && packet.back().err)
    out.pop_back(); // instead of an index
  if (!whole || packet.back().err)
    out.push_back({{}, packet.back().user, true, true});
  return out;
}

int main() {
  return runPackets(
      "arg_max", kLayout,
      [](Random &random, bool errors) {
        return randomPacket(random, (1 + random() % 4) * P_Elements, kLayout, errors);
      },
      indices);
}
