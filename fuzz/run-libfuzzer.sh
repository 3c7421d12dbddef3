#!/usr/bin/env bash
# Builds the importer's libFuzzer target with clang under the address and undefined behaviour sanitizers, and runs it.
# usage: run-libfuzzer.sh BUILD_DIR SECONDS
# A crash, a leak, an input of more than 20 s or 2 GB fails; the input is then in BUILD_DIR/findings and belongs into fuzz/corpus
# once its cause is mended. The corpus that the search grows stays in BUILD_DIR/grown.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
build=$1 seconds=$2
for tool in clang-19 clang++-19; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed (scripts/install-dependencies)"; exit 77; }
done
echo 'extern "C" int LLVMFuzzerTestOneInput(const char *, unsigned long) { return 0; }' |
  clang++-19 -fsanitize=fuzzer,address,undefined -x c++ -o /dev/null - 2>/dev/null ||
  { echo "skipped: clang-19 lacks its runtime, libclang-rt-19-dev (scripts/install-dependencies)"; exit 77; }
mkdir -p "$build/grown" "$build/findings"
cmake -G Ninja -S "$source" -B "$build" -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DFINNGL_FUZZER=ON \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" \
  -DCMAKE_CXX_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-sanitize=vptr" > "$build/configure.log" ||
  { cat "$build/configure.log"; exit 1; }
cmake --build "$build" -j "$(nproc)" --target finngl-libfuzzer-import > "$build/build.log" || { cat "$build/build.log"; exit 1; }
log=$build/fuzz.log
"$build/bin/finngl-libfuzzer-import" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2000 -print_final_stats=1 \
  -artifact_prefix="$build/findings/" "$build/grown" "$source/fuzz/corpus" > "$log" 2>&1 ||
  { tail -n 60 "$log"; exit 1; }
# A target that returns at once would pass too.
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
echo "$runs inputs in $seconds s, $coverage edges covered"
[ "${runs:-0}" -ge 1000 ] && [ "${coverage:-0}" -ge 3000 ]
