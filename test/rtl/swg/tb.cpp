// finngl_swg: random images back to back, also broken ones, against the windows written out.
#include "stream_bench.h"

#include <algorithm>
#include <deque>
#include <vector>

using namespace finngl::bench;

// The module's defaults, where a run gives no other value.
#ifndef P_StrideH
#define P_StrideH 1
#endif
#ifndef P_StrideW
#define P_StrideW 1
#endif
#ifndef P_DilationH
#define P_DilationH 1
#endif
#ifndef P_DilationW
#define P_DilationW 1
#endif
#ifndef P_PadLeft
#define P_PadLeft 0
#endif
#ifndef P_PadRight
#define P_PadRight 0
#endif
#ifndef P_BeatTaps
#define P_BeatTaps 1
#endif
#ifndef P_Pad
#define P_Pad 0
#endif
#ifndef P_InBits
#define P_InBits P_ElemBits
#endif
#ifndef P_InSigned
#define P_InSigned 1
#endif

constexpr uint64_t kSign = uint64_t(1) << (P_InBits - 1);
/// An element of the image as an element of a window.
static uint64_t widened(uint64_t element) {
  return (P_InSigned ? (element ^ kSign) - kSign : element) & mask(P_ElemBits);
}

struct Beat {
  std::vector<uint64_t> elements; // empty: undefined
  uint64_t user = 0;
  bool last = false, err = false;
};

static std::vector<Beat> makeImage(Random &random, bool errors) {
  std::vector<Beat> packet(P_Height * P_Width * P_Beats);
  for (Beat &beat : packet) {
    for (int e = 0; e < P_Lanes; ++e)
      beat.elements.push_back(random() & mask(P_InBits));
    beat.user = random() & mask(P_UserBits);
  }
  packet[0].user |= 1;
  if (errors && random() % 3 == 0)
    switch (random() % 4) {
    case 0: // too short
      packet.resize(random() % packet.size() + 1);
      break;
    case 1: // too long
      packet.resize(packet.size() + 1 + random() % 5, packet[0]);
      break;
    case 2: // a continued one
      packet[0].user &= ~uint64_t(1);
      break;
    default: // an error upstream
      packet.resize(random() % packet.size() + 1);
      packet.back().err = true;
    }
  packet.back().last = true;
  return packet;
}

/// The windows of a good image; the flag tells whether the packet is good.
static std::vector<Beat> windows(const std::vector<Beat> &image, bool &good) {
  good = int(image.size()) == P_Height * P_Width * P_Beats && (image[0].user & 1) && !image.back().err;
  std::vector<Beat> out;
  const int reachH = (P_KernelH - 1) * P_DilationH, reachW = (P_KernelW - 1) * P_DilationW;
  for (int y = -P_PadTop; y + reachH < P_Height + P_PadBottom; y += P_StrideH)
    for (int x = -P_PadLeft; x + reachW < P_Width + P_PadRight; x += P_StrideW)
      for (int a = 0; a < P_KernelH; ++a)
        for (int b = 0; b < P_KernelW; ++b)
          for (int beat = 0; beat < P_Beats; ++beat) {
            const int row = y + a * P_DilationH, column = x + b * P_DilationW;
            Beat tap{std::vector<uint64_t>(P_Lanes, uint64_t(int64_t(P_Pad)) & mask(P_ElemBits)), image[0].user, false,
                     false};
            const size_t at = (size_t(row) * P_Width + column) * P_Beats + beat;
            if (row >= 0 && row < P_Height && column >= 0 && column < P_Width && at < image.size())
              for (int e = 0; e < P_Lanes; ++e)
                tap.elements[e] = widened(image[at].elements[e]);
            out.push_back(tap);
          }
  out = sideBySide(out, P_BeatTaps);
  out.back().last = true;
  return out;
}

static uint64_t run(Clocked &bench, int idle, int backpressure, uint64_t seed, int images, bool errors) {
  Random random(seed);
  Stall source(idle, seed + 1), sink(backpressure, seed + 2);
  DUT &dut = bench.dut;
  dut.s_valid_i = dut.m_ready_i = 0;
  bench.reset();
  bench.tick();
  std::deque<Beat> input;
  struct Expected {
    std::deque<Beat> beats;
    bool good;
  };
  std::deque<Expected> expected;
  uint64_t sent = 0, frameErrors = 0, frameSeen = 0;
  bool offering = false;
  int left = images;
  const int limit = 400 * images * (P_Height * P_Width + 16) * P_Beats * P_KernelH * P_KernelW;
  int cycle = 0;
  for (; (left || !expected.empty()) && cycle < limit; ++cycle) {
    if (input.empty() && left) {
      --left;
      std::vector<Beat> packet = makeImage(random, errors);
      bool good;
      std::vector<Beat> out = windows(packet, good);
      expected.push_back({{out.begin(), out.end()}, good});
      frameErrors += !good && !(packet.back().err && (packet[0].user & 1) &&
                                packet.size() <= size_t(P_Height * P_Width * P_Beats));
      input.assign(packet.begin(), packet.end());
    }
    offering = !input.empty() && (offering || source.active());
    const Beat in = offering ? input.front() : Beat{std::vector<uint64_t>(P_Lanes, random())};
    dut.s_valid_i = offering;
    for (int e = 0; e < P_Lanes; ++e)
      setBits(dut.s_data_i, e * P_InBits, P_InBits, in.elements[e]);
    dut.s_user_i = offering ? in.user : random() & mask(P_UserBits);
    dut.s_last_i = offering ? in.last : random() & 1;
    dut.s_err_i = offering ? in.err : random() & 1;
    const bool ready = sink.active();
    dut.m_ready_i = ready;
    bench.settle();
    frameSeen += dut.frame_error_o;
    if (dut.m_valid_o) {
      check(!expected.empty(), "beat out of nothing");
      Expected &image = expected.front();
      if (dut.m_err_o) {
        check(!image.good, "an error for a good image");
        equal(dut.m_last_o, true, "m_last_o of an error");
      } else {
        const Beat &out = image.beats.front();
        for (int e = 0; e < P_BeatTaps * P_Lanes; ++e)
          equal(getBits(dut.m_data_o, e * P_ElemBits, P_ElemBits), out.elements[e], "m_data_o");
        equal(dut.m_user_o, out.user, "m_user_o");
        equal(dut.m_last_o, out.last, "m_last_o");
        check(image.good || !out.last, "a broken image that ends well");
      }
      if (ready) {
        ++sent;
        const bool end = dut.m_last_o;
        if (!dut.m_err_o)
          image.beats.pop_front();
        if (end)
          expected.pop_front();
      }
    }
    if (offering && dut.s_ready_o) {
      input.pop_front();
      offering = false;
    }
    bench.tick();
  }
  check(cycle < limit, "images that never came", expected.size(), 0);
  for (int i = 0; i < 3; ++i) { // the last pulse
    dut.s_valid_i = 0;
    bench.settle();
    frameSeen += dut.frame_error_o;
    bench.tick();
  }
  equal(frameSeen, frameErrors, "frame_error_o");
  if (idle == Stall::Never && backpressure == Stall::Never && !errors) {
    // Whichever side has more beats sets the pace; the fill of the ring and a restart come on top of it once an image.
    const int64_t most = std::max<int64_t>(int64_t(sent), int64_t(images) * P_Height * P_Width * P_Beats);
    const int64_t fill =
        int64_t(images) * ((P_KernelH * P_DilationH + P_StrideH) * P_Width * P_Beats * (P_KernelH * P_KernelW + 1) + 4);
    check(cycle <= most + fill, "cycles", cycle, most + fill);
  }
  return sent;
}

int main() {
  Clocked bench;
  uint64_t sent = 0;
  for (int idle = 0; idle < Stall::NumKinds; ++idle)
    for (int backpressure = 0; backpressure < Stall::NumKinds; ++backpressure)
      for (int part = 0; part < 2; ++part)
        sent += run(bench, idle, backpressure, 100 * idle + 10 * backpressure + part, P_Height * P_Width > 200 ? 3 : 12,
                    part);
  return pass("swg", sent);
}
