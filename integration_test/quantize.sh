#!/usr/bin/env bash
# A float model through finngl quantize in both formats, then every level: all agree, and the formats give the same integers.
# usage: quantize.sh FINNGL MODEL_FOLDER SCRATCH
set -e
finngl=$1 folder=$2 scratch=$3
rm -rf "$scratch" && mkdir -p "$scratch"
for format in quant qcdq; do
  "$finngl" quantize "$folder/model.onnx" --data "$folder/test_data_set_0" --data "$folder/test_data_set_1" \
    -o "$scratch/$format.onnx" --activations 6 --format $format --report "$scratch/$format.json" > "$scratch/$format.txt"
  "$finngl" run "$scratch/$format.onnx" --input "$folder/test_data_set_1/input_0.pb" --output "$scratch/$format" --level int
  cmp "$scratch/quant/output_0.npy" "$scratch/$format/output_0.npy"
done
"$finngl" verify "$scratch/quant.onnx" --data "$folder/test_data_set_0" --data "$folder/test_data_set_1" --levels onnx,exact,int
# A report's names are keys of a configuration: two bits everywhere are read from there.
python3 - "$scratch" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1] + "/quant.json"))
json.dump({"quantisers": {name: 3 for name in report["quantisers"]}}, open(sys.argv[1] + "/bits.json", "w"))
PYTHON
"$finngl" quantize "$folder/model.onnx" --data "$folder/test_data_set_0" -o "$scratch/narrow.onnx" --config "$scratch/bits.json" \
  --report "$scratch/narrow.json" > "$scratch/narrow.txt"
python3 - "$scratch" <<'PYTHON'
import json, sys
few, many = (json.load(open(f"{sys.argv[1]}/{name}.json")) for name in ("narrow", "quant"))
assert all(q["bits"] == 3 for q in few["quantisers"].values()), few["quantisers"]
output = next(iter(few["outputs"]))
assert few["outputs"][output]["sqnr_db"] < many["outputs"][output]["sqnr_db"] - 6, "three bits lose at least one against six"
assert few["worst_quantiser"] in few["quantisers"]
PYTHON
