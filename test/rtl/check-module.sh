#!/usr/bin/env bash
# One SystemVerilog module through all open tools: Verilator lint, Icarus, Yosys (synth_xilinx).
# usage: check-module.sh MODULE OUT_DIR [NAME=VALUE...]
set -euo pipefail
module=$1 out=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$out" && cd "$out"
generics=() icarus=() chparam=()
for p in "$@"; do
  generics+=("-G$p") icarus+=("-Pfinngl_$module.$p") chparam+=("-chparam ${p%%=*} ${p#*=}")
done
verilator --lint-only -Wall --top-module "finngl_$module" $(printf -- '-y %s ' "$root"/rtl/*/) "${generics[@]}" \
  "$root/rtl/$module/finngl_$module.sv"
iverilog -g2012 -s "finngl_$module" "${icarus[@]}" -o lint.vvp $(printf -- '-y %s ' "$root"/rtl/*/) -Y .sv \
  "$root/rtl/$module/finngl_$module.sv"
yosys -q -p "read_verilog -sv $(echo "$root"/rtl/*/*.sv); hierarchy -top finngl_$module ${chparam[*]:-}; \
synth_xilinx -family xcup -flatten -noiopad -noclkbuf -top finngl_$module; tee -q -o stat.txt stat -tech xilinx"
echo "finngl_$module: verilator, icarus and yosys accept it"
