#!/usr/bin/env python3
"""Compiles and synthesises designs and prints estimate against Yosys, the table of docs/Costs.md.

  resources.py --finngl build/release/bin/finngl --out DIR [--only NAME]... [--models FOLDER]

Designs on generated models need the Python packages numpy and onnx. `--models` adds designs on a folder of exported
models. A design that is in DIR already is not synthesised again unless --fresh is given.
"""
import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "test/fixtures/models"
SERIAL = {"scan_0.mvu": {"pe": 1, "simd": 1, "impl": "lut"}, "scan_0.tail": {"pe": 1, "impl": "lut"}}

# name: (model, flags); a model is a fixture, a file below --models, or (input, hidden, weight bits, activation bits).
DESIGNS = {
    "10->20 W8A6, dsp=48 lut=8000": ((10, 20, 8, 6), ["--budget", "dsp=48,lut=8000"]),
    "10->20 W8A6, dsp=8 lut=20000": ((10, 20, 8, 6), ["--budget", "dsp=8,lut=20000"]),
    "10->20 W8A6, PE = SIMD = 1": ((10, 20, 8, 6), ["--folding", SERIAL]),
    "32->64 W8A6, dsp=263 lut=30000": ((32, 64, 8, 6), ["--budget", "dsp=263,lut=30000"]),
    "16->16 W4A4, dsp=20 lut=6000": ((16, 16, 4, 4), ["--budget", "dsp=20,lut=6000"]),
    "a01 W8A8, dsp=48 lut=8000": ("a01_lstm_w8a8", ["--budget", "dsp=48,lut=8000"]),
    "a01 W8A8, dsp=8 lut=3000": ("a01_lstm_w8a8", ["--budget", "dsp=8,lut=3000"]),
    "a04 W4A4, lut=8000 dsp=48": ("a04_lstm_w4a4", ["--budget", "dsp=48,lut=8000"]),
    "a04 W4A4, PE = SIMD = 1": ("a04_lstm_w4a4", ["--folding", SERIAL]),
    "b03 mixed, dsp=8 lut=20000": ("b03_qcdq_row_mixed", ["--budget", "dsp=8,lut=20000"]),
    "a02 W8A6, dsp=48 lut=8000": ("a02_lstm_w8a6/model.onnx", ["--budget", "dsp=48,lut=8000"]),
    "digits 24->64 and head, dsp=150 lut=12000": (
        "trained/fsdd_lstm_w8a6/model.onnx", ["--budget", "dsp=150,lut=12000"]),
}


def model_file(model, args):
    """Path of the model, or nothing if its folder was not given."""
    if isinstance(model, tuple):
        path = args.out / ("lstm_%d_%d_w%da%d.onnx" % model)
        if not path.exists():
            flags = [f"--{key}={value}" for key, value in zip(("input", "hidden", "weights", "activations"), model)]
            subprocess.run([sys.executable, HERE / "make_lstm.py", *flags, "-o", path], check=True)
        return path
    if "/" not in model:
        return FIXTURES / model / "model.onnx"
    return args.models / model if args.models else None


def measure(name, args):
    model, flags = DESIGNS[name]
    path = model_file(model, args)
    if not path:
        return None
    directory = args.out / "".join(c if c.isalnum() else "_" for c in name)
    flags = list(flags)
    if flags[0] == "--folding":
        file = args.out / "serial.json"
        file.write_text(json.dumps(flags[1]))
        flags[1] = file
    if args.fresh or not synthesised(directory):
        subprocess.run([args.finngl, "compile", path, "-o", directory, *flags], check=True)
        subprocess.run([args.finngl, "synth", directory], check=True, stdout=subprocess.DEVNULL)
    return json.loads((directory / "report.json").read_text())


def synthesised(directory):
    report = directory / "report.json"
    return report.exists() and "synthesis" in json.loads(report.read_text())


def percent(estimate, measured):
    return "" if not measured else f"{100 * (estimate / measured - 1):+.1f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--finngl", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--models", type=pathlib.Path)
    parser.add_argument("--only", action="append", default=[], help="part of a design's name (repeat)")
    parser.add_argument("--fresh", action="store_true", help="compile and synthesise again")
    args = parser.parse_args()
    args.out = args.out.resolve()
    args.out.mkdir(parents=True, exist_ok=True)
    print("| design | cycles a step | LUT estimate | LUT Yosys | error | FF estimate | FF Yosys | DSP | BRAM18 | "
          "Yosys s |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in DESIGNS:
        if args.only and not any(part in name for part in args.only):
            continue
        report = measure(name, args)
        if not report:
            continue
        model, real = report["resources_model"], report["resources"]

        def both(key):
            return str(real[key]) if model[key] == real[key] else f"{model[key]} / {real[key]}"

        print(f"| {name} | {report['cycles']['per_step']} | {model['lut']} | {real['lut']} | "
              f"{percent(model['lut'], real['lut'])} | {model['ff']} | {real['ff']} | {both('dsp')} | "
              f"{both('bram18')} | {report['synthesis']['seconds']:.0f} |", flush=True)


if __name__ == "__main__":
    main()
