#!/usr/bin/env bash
# Proves the properties of the FIFO and of the shell, then checks that the proofs can fail.
# usage: run-formal.sh OUT_DIR
#
# What is proved (yosys-smtbmc, z3), for every input, stall pattern and reset cycle; the properties themselves stand in
# fifo_properties.sv and shell_properties.sv:
#   unbounded: no violation in 11 cycles from the first reset (base case), and k-induction with k <= 4
#     fifo   Depth 1, 2, 3, 5
#     shell  (Beats, Steps, Latency, Period) = (2, 2, 3, 2), (1, 3, 4, 1), (3, 2, 2, 4), (2, 3, 5, 3), (4, 3, 6, 5),
#            each with LastOnly 0 and 1
#   The shell's data is one bit wide: data passes through it unchanged and steers nothing.
# Each mutant (a text change of the RTL) must be rejected by BMC; a change that does not apply is an error.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
here=$root/test/rtl/formal
mkdir -p "$1"
cd "$1"
mkdir -p rtl
cp "$root"/rtl/{fifo,launch,out_port}/*.sv rtl/

# From Yosys 0.35 on assertions are $check cells, which write_smt2 passes over unless they are lowered.
lower=""
if yosys -p "help chformal" 2>/dev/null | grep -q -- -lower; then lower="chformal -lower;"; fi

# model TOP RTL_DIR NAME=VALUE...: writes model.smt2
model() {
  local top=$1 rtl=$2 parameters=""
  shift 2
  for p in "$@"; do parameters+=" -chparam ${p%%=*} ${p#*=}"; done
  rm -f model.smt2
  yosys -q -p "read_verilog -formal -sv $rtl/*.sv $here/$top.sv; hierarchy -top $top $parameters; prep -top $top \
-flatten; $lower write_smt2 -wires model.smt2" >yosys.log 2>&1 || { cat yosys.log; exit 1; }
  grep -q yosys-smt2-assert model.smt2 || { echo "FAIL $top: the model has no assertions, nothing would be proved"; exit 1; }
}
# --unroll: without it z3 needs a quarter of an hour instead of a second.
solve() { timeout 120 yosys-smtbmc -s z3 --unroll --noprogress "$@" model.smt2 >solver.log 2>&1; }
proved=0 rejected=0
prove() { # TOP NAME=VALUE...
  local top=$1
  shift
  model "$top" rtl "$@"
  solve -t 11 || { cat solver.log; echo "FAIL $top $* (base case)"; exit 1; }
  solve -i -t 4 || { cat solver.log; echo "FAIL $top $* (induction)"; exit 1; }
  proved=$((proved + 1))
  echo "proved $top $*"
}
reject() { # TOP FILE SED_EXPRESSION NAME=VALUE...
  local top=$1 file=$2 change=$3
  shift 3
  rm -rf mutant
  cp -r rtl mutant
  sed -i "$change" "mutant/$file"
  if cmp -s "rtl/$file" "mutant/$file"; then echo "FAIL mutant does not apply: $change"; exit 1; fi
  model "$top" mutant "$@"
  if solve -t 20; then echo "FAIL mutant not rejected: $file $change ($*)"; exit 1; fi
  grep -q "Assert failed" solver.log || { cat solver.log; echo "FAIL no counterexample for: $change"; exit 1; }
  rejected=$((rejected + 1))
  echo "rejected $file $change: $(grep -o 'Assert failed.*' solver.log | head -n 1)"
}

for depth in 1 2 3 5; do prove fifo_properties Depth=$depth; done
for only in 0 1; do
  for shape in "2 2 3 2" "1 3 4 1" "3 2 2 4" "2 3 5 3" "4 3 6 5"; do
    read -r beats steps latency period <<<"$shape"
    prove shell_properties Beats=$beats Steps=$steps Latency=$latency Period=$period LastOnly=$only
  done
done

fifo=finngl_fifo.sv port=finngl_out_port.sv launch=finngl_launch.sv
reject fifo_properties $fifo 's/tap_d == TapBits.(Depth - 1)/1'\''b0/' Depth=3
reject fifo_properties $fifo 's/push ? valid_q : tap_q/push ? 1'\''b1 : tap_q/' Depth=3
reject fifo_properties $fifo 's/if (push) sr_q/if (in_valid_i) sr_q/' Depth=3
# The port's mutants meet only the properties (Induct=0), not the invariants, which would trip over anything.
reject shell_properties $port 's/credit_q <= CreditBits.(Steps)/credit_q <= CreditBits'\''(Steps + 1)/' Induct=0
reject shell_properties $port 's/room_q   <= credit_d != .0/room_q   <= credit_q != '\''0/' Beats=1 Period=1 Induct=0
reject shell_properties $port 's/ + CreditBits.(drop_end)//' LastOnly=1 Induct=0
reject shell_properties $port 's/m_ready_i && m_end/m_ready_i/' Induct=0
reject shell_properties $port 's/(!err_i || step_end)/!err_i/' Induct=0
reject shell_properties $port 's/m_step_last && m_end/m_step_last/' Induct=0
reject shell_properties $launch 's/ && room_ok//' Induct=0
reject shell_properties $launch 's/CountBits.(Period - 1);/CountBits'\''(Period - 2);/' Period=4 Induct=0
echo "PASS formal: $proved proofs, $rejected mutants rejected"
