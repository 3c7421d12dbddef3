#!/usr/bin/env bash
# A compile directory verified with data of another number of steps than it was compiled for, down to simulated hardware and its
# cycles. usage: other-steps.sh FINNGL MODEL_FOLDER NPY_TOOL FOLDER
set -euo pipefail
finngl=$1 model=$2 npy=$3 folder=$4
rm -rf "$folder" && mkdir -p "$folder/data"
"$finngl" compile "$model/model.onnx" -o "$folder/out"
cp "$model"/test_data_set_0/input_[01].pb "$folder/data"
python3 "$npy" "$folder/data/input_2.npy" "<f4" "(40, 10, 1)" 400 9a99993e
"$finngl" verify "$folder/out" --data "$folder/data" --levels int,rtl --seeds 3 | tee "$folder/table"
# 40 steps of 20 outputs and two final states of 20, under 4 seeds.
grep -qE '^int-rtl +3360 +0 +0 +0$' "$folder/table"
