#!/usr/bin/env python3
"""How long `finngl check` and `compile` take, as the table of docs/Performance.md.

compile_times.py FINNGL [--runs 5]

Models of random weights by benchmarks/resources/make_lstm.py and benchmarks/convlstm/deeplob.py. Prints the medians of
each command, of the wall and of CPU time, and the goal for the wall. Needs numpy and onnx (PyPI); says so and exits with 0 where they are missing.
"""

import argparse
import importlib.util
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

BENCHMARKS = pathlib.Path(__file__).resolve().parents[1]
for package in ("numpy", "onnx"):
    if importlib.util.find_spec(package) is None:
        print(f"SKIPPED: no Python package {package}; pip install numpy onnx")
        sys.exit(0)

# Each model: name, generator, what it is told.
SMALL = ("LSTM 10->20 W8A6", "resources/make_lstm.py",
         ["--input", "10", "--hidden", "20", "--weights", "8", "--activations", "6", "--steps", "12"])
LARGE = ("2 LSTMs 128->128->128 W8A8", "resources/make_lstm.py",
         ["--input", "128", "--hidden", "128", "--weights", "8", "--activations", "8", "--layers", "2", "--steps", "12"])
DEEPLOB = ("DeepLOB's shape", "convlstm/deeplob.py", [])
# What is done, with which flags, and seconds at most where there is a goal.
CASES = [
    (SMALL, "check", [], 1.0),
    (SMALL, "compile", ["--stop-after", "convert"], 0.1),
    (SMALL, "compile", [], 1.0),
    (LARGE, "check", [], 1.0),
    (LARGE, "compile", ["--stop-after", "convert"], 5.0),
    (LARGE, "compile", [], 5.0),
    (DEEPLOB, "check", [], None),
    (DEEPLOB, "compile", [], None),
]


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command):
    start, cpu = time.perf_counter(), cpu_seconds()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stderr}")
    return time.perf_counter() - start, cpu_seconds() - cpu


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("finngl")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    print(f"medians of {arguments.runs} runs in seconds, load average {os.getloadavg()[0]:.1f}")
    print("| model | command | wall | CPU | goal |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        for (name, generator, sizes), command, flags, goal in CASES:
            model = os.path.join(folder, name.replace(" ", "_") + ".onnx")
            if not os.path.exists(model):
                subprocess.run([sys.executable, BENCHMARKS / generator, *sizes, "-o", model], check=True)
            target = ["-o", out] if command == "compile" else []
            runs = [timed([arguments.finngl, command, model, *target, *flags]) for _ in range(arguments.runs)]
            wall, cpu = (statistics.median(times) for times in zip(*runs))
            print(f"| {name} | {' '.join([command, *flags])} | {wall:.2f} | {cpu:.2f} | {goal or ''} |", flush=True)


if __name__ == "__main__":
    main()
