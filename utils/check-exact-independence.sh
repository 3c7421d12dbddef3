#!/bin/sh
# The level that judges the conversion must not share the conversion's algebra:
# of Core, Exact/ may include Number.h and Quantiser.h only, and no analysis,
# no conversion and no finn dialect.
cd "$(dirname "$0")/.." || exit 2
files=$(find include/finngl/Exact lib/Exact -name '*.h' -o -name '*.cpp')
[ -n "$files" ] || { echo "no files of Exact found"; exit 2; }
bad=$(grep -nE '#include.*finngl/(Core|Analysis|Conversion|Dialect/Finn|Dialect/Dataflow)/' $files /dev/null |
      grep -vE 'finngl/Core/(Number|Quantiser)\.h"')
# Nor the functions of Quantiser.h that the conversion uses: rounding is
# written again.
calls=$(grep -nE '\b(roundTo|[.>]code)\(' $files /dev/null)
if [ -n "$bad$calls" ]; then
  printf '%s\n' "Exact/ depends on what it judges:" "$bad$calls"
  exit 1
fi
