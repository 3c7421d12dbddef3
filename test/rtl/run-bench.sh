#!/usr/bin/env bash
# Builds and runs the self-checking Verilator bench of one module with one parameter set.
# usage: run-bench.sh MODULE OUT_DIR [NAME=VALUE...]     MODULE without the finngl_ prefix
# The bench is test/rtl/MODULE/tb.cpp; it sees each parameter as macro P_NAME (string parameters as "text", constants
# like 64'h1f as text of their hex digits) and the Verilated model as DUT. The working directory of the run is OUT_DIR;
# memory images go there before the model is made.
set -euo pipefail
module=$1 out=$2
shift 2
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=literals.sh
. "$root/test/rtl/literals.sh"
sv=$root/rtl/$module/finngl_$module.sv
mkdir -p "$out"
out=$(cd "$out" && pwd)
generics=() defines="-DDUT=Vfinngl_$module -DDUT_HEADER='\"Vfinngl_$module.h\"'"
for p in "$@"; do
  name=${p%%=*} value=${p#*=}
  generics+=("-G$name=$(sv_literal "$sv" "$name" "$value")")
  if [[ $value == *\'h* ]]; then value="\"${value#*\'h}\""; fi
  defines+=" '-DP_$name=$value'"
done
cd "$out"
verilator --cc --exe --build -O1 -Wall --assert -DFINNGL_ASSERT --top-module "finngl_$module" -Mdir obj \
  -MAKEFLAGS "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1" \
  $(printf -- '-y %s ' "$root"/rtl/*/) "${generics[@]}" "$sv" \
  "$root/test/rtl/$module/tb.cpp" -CFLAGS "-std=c++20 -O1 -I$root/test/rtl/common $defines" >build.log 2>&1 ||
  { tail -n 40 build.log; exit 1; }
exec "./obj/Vfinngl_$module"
