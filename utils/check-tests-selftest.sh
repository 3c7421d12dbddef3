#!/usr/bin/env bash
# check-tests.py finds each kind of test that checks nothing.
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'CHECK: a\n' > "$folder/no-run.test"
printf 'RUN: t | FileCheck %%s\nCHECK: a\nCHECK-NEXT b\n' > "$folder/no-colon.test"
printf 'RUN: t | FileCheck %%s\nCHECK: a\nCHECK-NOT : b\n' > "$folder/space.test"
printf '// RUN: t | FileCheck %%s --check-prefix=A\n// A: a\n// CHECK: b\n' > "$folder/unused.mlir"
printf '// RUN: t | FileCheck %%s --check-prefixes=A,B\n// A: a\n' > "$folder/absent.mlir"
printf '// RUN: t\n// expected-error@+1 {{x}}\n' > "$folder/no-verify.mlir"
printf 'RUN: t | FileCheck %%s\nCHECK-LABEL: a\nCHECK-NEXT:b\n' > "$folder/good.test"
out=$(python3 "$here/check-tests.py" "$folder") && { echo "no problem found"; exit 1; }
status=0
for name in no-run.test no-colon.test space.test unused.mlir absent.mlir no-verify.mlir; do
  grep -q "/$name:" <<< "$out" || { echo "$name: not found"; status=1; }
done
if grep -q "/good.test:" <<< "$out"; then echo "good.test: found wrongly"; status=1; fi
exit $status
