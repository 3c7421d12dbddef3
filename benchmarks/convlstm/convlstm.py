#!/usr/bin/env python3
"""Whole ConvLSTMs for order books beside the FINN-GL paper's accelerator.

convlstm.py --finngl build/release/bin/finngl --out DIR [--models FOLDER] [--no-synth] [--sliding | --stream]

Compiles each network within what the paper's accelerator takes of its part (49.6 % LUT, 12.8 % FF, 15.2 % DSP of an
XCZU7EV), verifies level int against the simulated hardware, synthesises it with Yosys, and prints one table. The networks: the
fixture e01, a network of DeepLOB's shape (deeplob.py; needs numpy and onnx), and with --models the trained network in a
folder of exported models. DeepLOB needs more block RAM and gets half of the part in a second row.

With --sliding the same networks answer for the window that ends with each sample, with --stream each step of one endless
sequence: cycles are then those from a sample to its answer, and between two samples.

"busy" is the cycles of each region's launches, in order of the network, as a share of the slowest region's; "in idle" the estimated
LUTs and DSPs of regions that are less busy than 0.8, as shares of all regions'.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "test/fixtures/models"
PAPER = {"name": "FINN-GL (paper, assembled by hand)", "cycles": 645000, "lut": 114278, "ff": 58982, "dsp": 262}
DEVICE = {"lut": 230400, "ff": 460800, "dsp": 1728}
BUDGET = ["--budget", "lut=114278,ff=58982,dsp=262"]


def networks(args):
    yield "e01 ConvLSTM", FIXTURES / "e01_convlstm2d_batchnorm/model.onnx", BUDGET
    if args.models:
        yield "trained ConvLSTM", args.models / "trained/lob_convlstm_w8a6/model.onnx", BUDGET
    deeplob = args.out / "deeplob.onnx"
    made = subprocess.run([sys.executable, HERE / "deeplob.py", "-o", deeplob], stderr=subprocess.PIPE, text=True)
    if made.returncode:
        print("DeepLOB is left out:", made.stderr.strip().splitlines()[-1], file=sys.stderr)
        return
    yield "DeepLOB's shape", deeplob, BUDGET
    yield "DeepLOB's shape, half of the part", deeplob, []


def run(command):
    print("+", *command, file=sys.stderr)
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def write_windows(folder, count, shape):
    """Random windows as test data without golden outputs."""
    import numpy as np
    from onnx import numpy_helper

    for k in range(count):
        (folder / str(k)).mkdir(parents=True, exist_ok=True)
        window = np.random.default_rng(k).normal(0, 1, shape).astype(np.float32)
        tensor = numpy_helper.from_array(window, "book")
        (folder / str(k) / "input_0.pb").write_bytes(tensor.SerializeToString())
    return [word for k in range(count) for word in ("--data", folder / str(k))]


def in_idle(report, busy):
    """Shares of the LUTs and DSPs in regions that are less busy than 0.8."""
    idle, total = {"lut": 0, "dsp": 0}, {"lut": 0, "dsp": 0}
    for kernel in report["kernels"]:
        region = kernel["name"].split(".")[0]
        for key in total:
            if region in busy:
                total[key] += kernel["resources"][key]
                idle[key] += kernel["resources"][key] * (busy[region] < 0.8)
    return " ".join(f"{idle[key] / max(total[key], 1):.0%}" for key in total)


def measure(name, model, flags, args):
    directory = args.out / "".join(c if c.isalnum() else "_" for c in f"{name} {args.mode}")
    flags = [*flags, "--mode", args.mode]
    start = time.perf_counter()
    run([args.finngl, "compile", model, *flags, "-o", directory])
    seconds = time.perf_counter() - start
    data = [word for folder in sorted(model.parent.glob("test_data_set_*")) for word in ("--data", folder)]
    if not data:
        data = write_windows(args.out / "windows", 2, (1, 1, 100, 40))
    run([args.finngl, "verify", directory, "--levels", "int,rtl", "--seeds", "1", *data])
    if not args.no_synth:
        run([args.finngl, "synth", directory])
    report = json.loads((directory / "report.json").read_text())
    work = {region["name"]: region["steps"] * region["period"] for region in report["regions"]}
    busy = {region: cycles / max(work.values()) for region, cycles in work.items()}
    cycles = report["cycles"]
    return {"name": name, "cycles": cycles["latency" if args.mode == "window" else "tick"], "interval": cycles["interval"],
            "busy": " ".join(f"{share:.2f}" for share in busy.values()), "in_idle": in_idle(report, busy), "seconds": seconds, **report["resources"]}


def row(entry):
    cycles = entry["cycles"]
    cells = [entry["name"], f"{cycles:,}", f"{entry['interval']:,}" if "interval" in entry else "-",
             f"{cycles / 150:,.1f}", f"{PAPER['cycles'] / cycles:,.1f}"]
    cells += [f"{entry[key]:,} ({entry[key] / DEVICE[key]:.1%})" for key in ("lut", "ff", "dsp")]
    cells += [str(entry.get("bram18", "-")), entry.get("busy", "-"), entry.get("in_idle", "-"), entry.get("source", "paper")]
    cells.append(f"{entry['seconds']:.1f}" if "seconds" in entry else "-")
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--finngl", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--models", type=pathlib.Path)
    parser.add_argument("--no-synth", action="store_true", help="estimates instead of Yosys' counts")
    mode = parser.add_mutually_exclusive_group()
    for name, each in (("sliding", "window that ends with each sample"), ("stream", "step of one endless sequence")):
        mode.add_argument(f"--{name}", action="store_const", dest="mode", const=name, default="window",
                          help=f"an answer for each {each}: compile --mode {name}")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    entries = [measure(*network, args) for network in networks(args)]
    each = ["cycles a window", "cycles between windows"] if args.mode == "window" else ["cycles to the answer", "cycles between samples"]
    heads = ["network", *each, "us at 150 MHz", "times as fast", "LUT", "FF", "DSP",
             "RAMB18", "busy", "in idle LUT DSP", "counted by", "compile s"]
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for entry in [PAPER, *entries]:
        print(row(entry))


if __name__ == "__main__":
    main()
