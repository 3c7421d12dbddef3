//===- DecayCell.h - A recurrence with a decay per channel ------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_DECAYCELL_H
#define FINNGL_INTEGRATION_TEST_RTL_DECAYCELL_H

#include "Cell.h"

namespace finngl::test {

/// `h' = Q(decay * h + W * x)`, the body of diagonal state space models: the
/// decays are one float a channel, so both terms' scales vary apart.
Cell decayCell();

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_DECAYCELL_H
