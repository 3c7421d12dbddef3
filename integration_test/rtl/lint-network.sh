#!/usr/bin/env bash
# Compiles a model and takes its printed network through Verilator's lint, Icarus and Yosys.
# usage: lint-network.sh FINNGL MODEL OUT_DIR [OPTION of compile...]
set -euo pipefail
finngl=$1 model=$2 out=$3
shift 3
"$finngl" compile "$model" -o "$out" "$@"
cd "$out/rtl"
verilator --lint-only -Wall --top-module finngl_top ./*.sv
iverilog -g2012 -s finngl_top -o "$OLDPWD/$out.vvp" ./*.sv
# The library has the primitive DSP48E2.
yosys -q -p "read_verilog -sv -lib +/xilinx/cells_xtra.v; read_verilog -sv -defer $(echo ./*.sv); hierarchy -check -top finngl_top; proc; check -assert"
echo "$model: verilator, icarus and yosys accept the printed network"
