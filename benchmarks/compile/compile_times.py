#!/usr/bin/env python3
"""How long `finngl compile` takes, as the table of docs/Performance.md.

compile_times.py FINNGL [--runs 5]

Models of random weights by benchmarks/resources/make_lstm.py. Prints the medians of each command, of the wall and of CPU time,
and the goal for the wall. Needs numpy and onnx (PyPI); says so and exits with 0 where they are missing.
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

GENERATOR = pathlib.Path(__file__).resolve().parents[1] / "resources/make_lstm.py"
for package in ("numpy", "onnx"):
    if importlib.util.find_spec(package) is None:
        print(f"SKIPPED: no Python package {package}; pip install numpy onnx")
        sys.exit(0)

# Name, what make_lstm.py is told, flags of the compiler, seconds at most.
SMALL = ["--input", "10", "--hidden", "20", "--weights", "8", "--activations", "6"]
LARGE = ["--input", "128", "--hidden", "128", "--weights", "8", "--activations", "8", "--layers", "2"]
CASES = [
    ("LSTM 10->20 W8A6, --stop-after convert", SMALL, ["--stop-after", "convert"], 0.1),
    ("LSTM 10->20 W8A6", SMALL, [], 1.0),
    ("2 LSTMs 128->128->128 W8A8, --stop-after convert", LARGE, ["--stop-after", "convert"], 5.0),
    ("2 LSTMs 128->128->128 W8A8", LARGE, [], 5.0),
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
    print("| model | wall | CPU | goal |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        model, out = os.path.join(folder, "model.onnx"), os.path.join(folder, "out")
        for name, sizes, flags, goal in CASES:
            subprocess.run([sys.executable, GENERATOR, *sizes, "--steps", "12", "-o", model], check=True)
            runs = [timed([arguments.finngl, "compile", model, "-o", out, *flags]) for _ in range(arguments.runs)]
            wall, cpu = (statistics.median(times) for times in zip(*runs))
            print(f"| {name} | {wall:.2f} | {cpu:.2f} | {goal} |", flush=True)


if __name__ == "__main__":
    main()
