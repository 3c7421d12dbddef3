#!/usr/bin/env bash
# Accuracy after post-training quantisation of the float digit models below FINNGL_MODELS/trained, as a table of docs/Quantize.md.
# Fails if W8A8 loses more than 1 point against level onnx, W8A6 more than 2, W4A6 more than 3. usage: quantize-accuracy.sh FINNGL SCRATCH
[ -n "${FINNGL_MODELS:-}" ] || { echo "skipped: FINNGL_MODELS names no folder with reference models"; exit 77; }
finngl=$1 scratch=$2 status=0
mkdir -p "$scratch" || exit 1
accuracy() { # MODEL FOLDER LEVEL
  "$finngl" eval "$1" --data "$2/inputs.npy" --labels "$2/labels.npy" --level "$3" 2> /dev/null | awk '$1 == "accuracy" { print $2 }'
}
echo "| model | bits | accuracy, float | accuracy, integers |"
echo "|---|---|---|---|"
for cell in lstm gru; do
  folder=$FINNGL_MODELS/trained/fsdd_${cell}_float
  [ -f "$folder/model.onnx" ] || { echo "skipped: no $folder"; exit 77; }
  float=$(accuracy "$folder/model.onnx" "$folder" onnx)
  for bits in "8 8 0.01" "8 6 0.02" "4 6 0.03"; do
    read -r weights activations loss <<< "$bits"
    model=$scratch/${cell}_w${weights}a$activations.onnx
    "$finngl" quantize "$folder/model.onnx" --data "$folder/calib.npy" -o "$model" --weights "$weights" --activations "$activations" \
      > "$model.txt" 2>&1 || { cat "$model.txt"; exit 1; }
    integers=$(accuracy "$model" "$folder" int)
    echo "| $cell | W${weights}A$activations | $float | $integers |"
    awk -v f="$float" -v i="$integers" -v l="$loss" 'BEGIN { exit !(i != "" && f - i <= l + 1e-9) }' || status=1
  done
done
exit $status
