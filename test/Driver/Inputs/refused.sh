#!/usr/bin/env bash
# Runs a command that must refuse what it is given: exit code 2, quickly and in little memory. Prints all that it said.
# usage: refused.sh COMMAND...
ulimit -c 0 -t 20
# Shadow memory of the sanitizers takes terabytes of addresses.
grep -q __asan_init "$(command -v "$1")" || ulimit -v 1500000
"$@" 2>&1
code=$?
[ $code -eq 2 ] || { echo "expected exit code 2, got $code: $*"; exit 1; }
