#!/usr/bin/env bash
# All C++ of ours is as clang-format 19 prints it, but for the files that utils/unformatted.txt still lists.
# usage: check-format.sh [--fix]    --fix formats every file; empty the list afterwards
cd "$(dirname "$0")/.." || exit 2
tool=$(command -v clang-format-19) || { echo "skipped: clang-format-19 is not installed"; exit 77; }
mapfile -t files < <(find include lib tools unittests fuzz benchmarks sim test/rtl -name '*.h' -o -name '*.cpp' | sort)
if [ "${1:-}" = --fix ]; then exec "$tool" -i "${files[@]}"; fi
# One process for all files: most of its time is its start.
bad=$("$tool" --dry-run --Werror "${files[@]}" 2>&1 | grep -oE '^[^: ]+:[0-9]+:[0-9]+: error' | cut -d: -f1 | sort -u)
new=$(comm -23 <(echo "$bad") <(grep -v '^#' utils/unformatted.txt | sort) | grep .)
if [ -n "$new" ]; then
  printf '%s\n' "not formatted (utils/check-format.sh --fix):" "$new"
  exit 1
fi
echo "${#files[@]} files"
