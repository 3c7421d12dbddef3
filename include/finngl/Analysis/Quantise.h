//===- Quantise.h - A quantiser collapses a linear form ---------*- C++ -*-===//

#ifndef FINNGL_ANALYSIS_QUANTISE_H
#define FINNGL_ANALYSIS_QUANTISE_H

#include "finngl/Analysis/ActivationChain.h"
#include "finngl/Analysis/LinearForm.h"

namespace finngl {

/// The form of a quantiser's results for codes `v`: `(code - zeroPoint) *
/// scale`. With zeroPointAfterRounding v is the level, and a bipolar v is 0 or
/// 1 (levelsOf says what is rounded and clamped).
Grid gridOf(const Quantiser &quantiser);

/// Input ports keep the codes of files: v is the code whatever the record.
Grid portGridOf(const Quantiser &quantiser);

/// Range of the v of gridOf; nothing where it would differ between channels.
std::optional<Interval> levelRange(const Quantiser &quantiser);

/// quantiser(form). Per-channel parameters of the quantiser belong to the last
/// dimension. One term: no op where nothing changes, else finn.requant, else
/// finn.multi_threshold; several terms: finn.lincomb, then as one.
Result<LinearForm> quantised(FinnEmitter &emitter, const LinearForm &form,
                             const Quantiser &quantiser);

/// quantiser(chain(form)): finn.table over at most 2^12 codes, else
/// finn.multi_threshold on the accumulator.
Result<LinearForm> quantised(FinnEmitter &emitter, const LinearForm &form,
                             const ActivationChain &chain,
                             const Quantiser &quantiser);

/// min(max(form, lower), upper) where the bounds lie on the grid of the only
/// term, or on one that is little finer; nothing if they do not.
std::optional<Result<LinearForm>> clamped(FinnEmitter &emitter,
                                          const LinearForm &form,
                                          const std::optional<Rational> &lower,
                                          const std::optional<Rational> &upper);

} // namespace finngl

#endif // FINNGL_ANALYSIS_QUANTISE_H
