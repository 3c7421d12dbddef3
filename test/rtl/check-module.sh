#!/usr/bin/env bash
# One SystemVerilog module through all open tools: Verilator lint, Icarus, Yosys (synth_xilinx); prints the area.
# usage: check-module.sh MODULE OUT_DIR [NAME=VALUE...]
# A value random:WORDSxBITS makes a memory image with random words and gives its file name to the parameter.
set -euo pipefail
module=$1 out=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=literals.sh
. "$root/test/rtl/literals.sh"
sv=$root/rtl/$module/finngl_$module.sv
mkdir -p "$out" && cd "$out"
random_image() { # WORDS BITS
  awk -v words="$1" -v bits="$2" 'BEGIN { srand(7)
    for (i = 0; i < words; i++) {
      s = ""
      for (b = bits; b > 0; b -= n) { n = b % 4 ? b % 4 : 4; s = s sprintf("%x", int(rand() * 2 ^ n)) }
      print s } }'
}
generics=() icarus=() chparam=()
for p in "$@"; do
  name=${p%%=*} value=${p#*=}
  if [[ $value == random:* ]]; then
    size=${value#random:}
    random_image "${size%x*}" "${size#*x}" >"$name.hex"
    value="\"$name.hex\""
  fi
  value=$(sv_literal "$sv" "$name" "$value")
  generics+=("-G$name=$value") icarus+=("-Pfinngl_$module.$name=$value")
  if [[ $value == \"* ]]; then # Yosys takes a text only as the bits of its characters
    text=${value//\"/}
    value="$((8 * ${#text}))'h$(printf %s "$text" | od -An -v -tx1 | tr -d ' \n')"
  fi
  chparam+=("-chparam $name $value")
done
libs=$(printf -- '-y %s ' "$root"/rtl/*/)
verilator --lint-only -Wall --top-module "finngl_$module" $libs "${generics[@]}" "$sv"
iverilog -g2012 -s "finngl_$module" "${icarus[@]}" -o lint.vvp $libs -Y .sv "$sv"
yosys -q -p "read_verilog -sv -defer $(echo "$root"/rtl/*/*.sv); hierarchy -top finngl_$module ${chparam[*]:-}; \
synth_xilinx -family xcup -flatten -noiopad -noclkbuf -top finngl_$module; tee -q -o stat.txt stat -tech xilinx"
# LUT as in the cost model: LUT1..6, inverters, SRL and LUTRAM sites.
awk '$1 ~ /^(LUT[1-6]|INV|SRL.*)$/ { lut += $2 } $1 ~ /^FD/ { ff += $2 } $1 ~ /^DSP/ { dsp += $2 }
     $1 ~ /^RAMB/ { ram = ram " " $1 " " $2 }
     END { printf "LUT %d FF %d DSP %d%s\n", lut, ff, dsp, ram }' stat.txt
echo "finngl_$module: verilator, icarus and yosys accept it"
