#!/usr/bin/env bash
# A model that check, compile and verify must refuse, with the same messages; compile leaves nothing behind, not even the parents of
# its output directory. Prints what compile said. usage: refused-model.sh MODEL.onnx|MODEL.textproto
set -euo pipefail
refused=${BASH_SOURCE%/*}/refused.sh
model=$1
if [ "${model##*.}" = textproto ]; then
  finngl-translate --onnx-text-to-onnx "$model" -o "${model%.*}.onnx"
  model=${model%.*}.onnx
fi
out=$model.made
rm -rf "$out"
for command in check "compile -o $out/parent/out"; do
  said=$("$refused" finngl $command "$model") || { echo "$said"; exit 1; }
  for part in "$(basename "$model"):" " error: " "note: "; do
    grep -qF -- "$part" <<< "$said" || { echo "finngl $command: no '$part' in: $said"; exit 1; }
  done
done
[ ! -e "$out" ] || { echo "compile left $(find "$out")"; exit 1; }
echo "$said"
