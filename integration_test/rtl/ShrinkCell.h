//===- ShrinkCell.h - The smallest cell that still fails --------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_SHRINKCELL_H
#define FINNGL_INTEGRATION_TEST_RTL_SHRINKCELL_H

#include "Cell.h"
#include <functional>

namespace finngl::test {

/// Drops outputs, states, operators and steps, makes vectors shorter and
/// numbers simpler as long as `fails` holds, with at most `tries` calls of it.
Cell shrinkCell(Cell cell, const std::function<bool(const Cell &)> &fails,
                int tries);

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_SHRINKCELL_H
