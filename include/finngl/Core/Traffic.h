//===- Traffic.h - Packets and the order of their steps ---------*- C++ -*-===//

#ifndef FINNGL_CORE_TRAFFIC_H
#define FINNGL_CORE_TRAFFIC_H

#include "finngl/Core/StreamRows.h"
#include "finngl/Core/StreamSlide.h"
#include <cstdint>
#include <vector>

namespace finngl {

/// What arrives at a network's ports. Packets of different contexts may
/// interleave at step borders.
struct Traffic {
  struct Packet {
    int64_t context = 0;
    int64_t steps = 0; ///< 0: as many as each port was compiled for
    bool load = false; ///< its states come from s_axis_state
    bool restart = true;
  };
  std::vector<Packet> packets;
  /// Packet of each step in order of arrival; empty: one packet after the
  /// other.
  std::vector<int64_t> order;
  /// The last packet is not offered before this cycle.
  int64_t lastNotBefore = 0;
  /// Samples of windows that slide, long before the first packet.
  int64_t before = 0;

  struct Step {
    int64_t packet;
    bool first, last; ///< of its packet, or window
    int64_t context = 0;
  };
  /// The steps of a port that was compiled for `steps` of them: all, or one for
  /// each packet, which comes with the packet's last step.
  std::vector<Step> steps(int64_t compiled) const;
  /// One step for each packet, which comes with the packet's first one.
  std::vector<Step> starts() const;
  /// Packets are samples of a stream: those that make a row, a packet of so
  /// many steps each; `first` is the restart's first step.
  std::vector<Step> made(SampleRows rows, int64_t steps) const;
  /// Packets are samples of a stream: the steps that they give to windows.
  std::vector<Step> slid(const StreamSlide &table) const;
  /// Those that end a window, which is what a sample answers.
  std::vector<Step> answers(const StreamSlide &table) const;
  /// Those of the packets that load.
  std::vector<Step> loads() const;

  /// So many samples of one stream; `before` others came long before.
  static Traffic samples(int64_t count, int64_t before = 0);
  /// Packets of `steps` steps on one context, one after the other.
  static Traffic backToBack(int64_t packets, int64_t steps = 0);
  /// `rounds` packets on each context; the contexts take turns step by step.
  static Traffic takingTurns(int64_t contexts, int64_t rounds, int64_t steps);
};

} // namespace finngl

#endif // FINNGL_CORE_TRAFFIC_H
