#!/usr/bin/env bash
# Builds and runs the self-checking Verilator bench of one module with one parameter set.
# usage: run-bench.sh MODULE OUT_DIR [NAME=VALUE...]     MODULE without the finngl_ prefix
# The bench is test/rtl/MODULE/tb.cpp; it sees each parameter as macro P_NAME (string parameters as "text", constants
# like 64'h1f as text of their hex digits) and the Verilated model as DUT. The working directory of the run is OUT_DIR;
# memory images go there before the model is made. A cycle model of lib/Core is included as a source file.
# FINNGL_VERILATED_CACHE: folder where benches share the compiled runtime.
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
build() {
  verilator --cc --exe -O1 -Wall --assert -DFINNGL_ASSERT --top-module "finngl_$module" -Mdir obj \
    $(printf -- '-y %s ' "$root"/rtl/*/) "${generics[@]}" "$sv" "$root/test/rtl/$module/tb.cpp" \
    -CFLAGS "-std=c++20 -O1 -I$root/test/rtl/common -I$root/include -I$root $defines"
  make=(make -C obj -f "Vfinngl_$module.mk" OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1)
  runtime=(verilated.o verilated_threads.o)
  # The simulator's runtime is the same for all benches and takes longer to compile than most models.
  cache=${FINNGL_VERILATED_CACHE:-$out/runtime}
  mkdir -p "$cache"
  (
    flock 9
    if [[ ! -e $cache/complete ]]; then
      "${make[@]}" "${runtime[@]}" && cp "${runtime[@]/#/obj/}" "$cache" && touch "$cache/complete"
    fi
  ) 9>"$cache/lock"
  cp "${runtime[@]/#/$cache/}" obj
  "${make[@]}"
}
set +e # not in a condition, where bash would ignore errors inside build
(set -e; build) >build.log 2>&1
status=$?
set -e
if ((status)); then
  tail -n 40 build.log
  exit 1
fi
exec "./obj/Vfinngl_$module"
