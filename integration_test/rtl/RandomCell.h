//===- RandomCell.h - Random legal cells ------------------------*- C++ -*-===//

#ifndef FINNGL_INTEGRATION_TEST_RTL_RANDOMCELL_H
#define FINNGL_INTEGRATION_TEST_RTL_RANDOMCELL_H

#include "Cell.h"

namespace finngl::test {

/// The same cell for the same seed, whatever the machine: 1 to 3 states, 1 or 2
/// inputs, up to 3 outputs. Nearly every value ends in a quantiser of about its
/// range, so most cells compile and few outputs stand still.
Cell randomCell(unsigned seed);

} // namespace finngl::test

#endif // FINNGL_INTEGRATION_TEST_RTL_RANDOMCELL_H
