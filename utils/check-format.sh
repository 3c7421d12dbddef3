#!/usr/bin/env bash
# All C++ of ours is as clang-format 19 prints it.
# usage: check-format.sh [--fix]
cd "$(dirname "$0")/.." || exit 2
tool=$(command -v clang-format-19) || { echo "skipped: clang-format-19 is not installed"; exit 77; }
mapfile -t files < <(find include lib tools unittests integration_test fuzz benchmarks sim test/rtl -name '*.h' -o -name '*.cpp' | sort)
if [ "${1:-}" = --fix ]; then exec "$tool" -i "${files[@]}"; fi
# One process for all files: most of its time is its start.
bad=$("$tool" --dry-run --Werror "${files[@]}" 2>&1 | grep -oE '^[^: ]+:[0-9]+:[0-9]+: error' | cut -d: -f1 | sort -u)
if [ -n "$bad" ]; then
  printf '%s\n' "not formatted (utils/check-format.sh --fix):" "$bad"
  exit 1
fi
echo "${#files[@]} files"
