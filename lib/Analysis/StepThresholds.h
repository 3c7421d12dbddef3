//===- StepThresholds.h - Step functions as one finn op ---------*- C++ -*-===//

#ifndef FINNGL_LIB_ANALYSIS_STEPTHRESHOLDS_H
#define FINNGL_LIB_ANALYSIS_STEPTHRESHOLDS_H

#include "finngl/Analysis/FinnEmitter.h"
#include "finngl/Core/StepFunction.h"

namespace finngl {

/// Step functions, one or one per channel, none falling, as one finn op.
Result<IntValue> stepThresholds(FinnEmitter &emitter, const IntValue &value,
                                const std::vector<StepFunction> &steps);

/// The value with the sign of some channels changed; one entry for all
/// channels, or one per channel.
Result<IntValue> turned(FinnEmitter &emitter, const IntValue &value,
                        const std::vector<bool> &falls);

} // namespace finngl

#endif // FINNGL_LIB_ANALYSIS_STEPTHRESHOLDS_H
