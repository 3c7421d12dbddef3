#!/usr/bin/env python3
"""The digits model from ONNX to simulated hardware, as one table.

usage: demo.py FINNGL OUT    FINNGL: the built binary; OUT: folder; digits, int and rtl in it are written anew
Exit code 1 if a level disagrees without explanation, or the simulation takes other cycles than scheduled.
Python's standard library only.
"""
import ast
import array
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = ROOT / "test/fixtures/models/fsdd_lstm_w8a6"
RECORDINGS = 8
COMPILE_OPTIONS = ["--device", "xczu7ev", "--target-latency-us", "100"]


def read_npy(path):
    """Shape and flat values of a C-order .npy file of float32 or uint8."""
    data = pathlib.Path(path).read_bytes()
    length = int.from_bytes(data[8:10], "little")
    header = ast.literal_eval(data[10 : 10 + length].decode("latin1"))
    kind = {"<f4": "f", "|u1": "B"}[header["descr"]]
    return header["shape"], array.array(kind, data[10 + length :])


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, payload) of each length-delimited field of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        size = {1: 8, 5: 4}.get(key & 7, 0)
        if key & 7 == 0:
            _, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            yield key >> 3, data[at : at + size]
        at += size


def onnx_nodes(path):
    graph = next(f for number, f in fields(pathlib.Path(path).read_bytes()) if number == 7)
    return sum(number == 1 for number, _ in fields(graph))


def classes(shape, values):
    """Index of the largest logit of each row."""
    n = shape[-1]
    rows = [values[i : i + n] for i in range(0, len(values), n)]
    return [max(range(n), key=row.__getitem__) for row in rows]


class Simulation:
    """What sim/main.cpp wrote: first input beat, and the cycle in which each packet's last beat left."""

    def __init__(self, path):
        text = pathlib.Path(path).read_text()
        self.first = int(re.search(r"^input (-?\d+)", text, re.M)[1])
        self.ends = [int(m[1]) for m in re.finditer(r"^beat 0 (\d+) \S+ \S+ 1 \d+$", text, re.M)]


class Demo:
    def __init__(self, finngl, out):
        self.finngl, self.out, self.design = finngl, out, out / "digits"
        self.failures = []

    def call(self, *arguments, allowed=(0,)):
        """One command's exit code; what it said goes to the user if it fails."""
        done = subprocess.run([str(self.finngl)] + [str(a) for a in arguments], capture_output=True, text=True)
        if done.returncode not in allowed:
            print(f"\n{done.stdout}{done.stderr}", file=sys.stderr)
            sys.exit(f"demo: finngl {arguments[0]} ended with exit code {done.returncode}")
        return done.returncode

    def stage(self, what, work):
        """Shows a stage with its time."""
        print(f"{what} ...", end=" ", flush=True)
        start = time.time()
        result = work()
        print(f"{time.time() - start:.1f} s", flush=True)
        return result

    def run_level(self, level):
        """The digits that a level recognises."""
        found = []
        for i in range(RECORDINGS):
            folder = self.out / level / str(i)
            self.call("run", self.design, "--input", MODEL / f"test_data_set_{i}/input_0.pb",
                      "--output", folder, "--level", level)
            found += classes(*read_npy(folder / "output_0.npy"))
        return found

    def compile(self):
        self.call("compile", MODEL / "model.onnx", "-o", self.design, *COMPILE_OPTIONS)

    def verify(self):
        data = [word for i in range(RECORDINGS) for word in ("--data", MODEL / f"test_data_set_{i}")]
        code = self.call("verify", self.design, *data, "--levels", "onnx,exact,int,rtl", "--seeds", 3,
                         "--json", self.out / "verify.json", allowed=(0, 1))
        self.check(code == 0, "finngl verify")

    def synthesise(self):
        return self.call("synth", self.design, allowed=(0, 2)) == 0

    def collect(self):
        golden = classes(*read_npy(MODEL / "outputs.npy"))[:RECORDINGS]
        spoken = list(read_npy(MODEL / "labels.npy")[1][:RECORDINGS])
        self.stage("compile: ONNX to SystemVerilog", self.compile)
        integers = self.stage("run: level int", lambda: self.run_level("int"))
        hardware = self.stage("run: level rtl (builds the simulation)", lambda: self.run_level("rtl"))
        self.digits = [("spoken", spoken), ("Brevitas (golden)", golden), ("integers (int)", integers),
                       ("hardware (rtl)", hardware)]
        self.one = Simulation(self.design / "sim/seed0.result")
        self.stage("verify: golden, onnx, exact, int, rtl", self.verify)
        self.many = Simulation(self.design / "sim/seed0.result")
        self.stage("synth: Yosys", self.synthesise)
        self.report = json.loads((self.design / "report.json").read_text())
        self.pairs = json.loads((self.out / "verify.json").read_text())["levels"]

    def check(self, ok, what):
        if not ok:
            self.failures.append(what)
        return "" if ok else "  <-- DIFFERS"

    def widths(self):
        """One line a kind of kernel: bits in -> bits out, and how it is built."""
        lines = {}
        for k in self.report["kernels"]:
            text = f'{k["width_in"]}->{k["width_out"]}'
            if k["kind"] == "mvu":
                text += f' ({k["pe"]}x{k["simd"]}, {k["impl"]})'
            seen = lines.setdefault(k["kind"], [])
            if text not in seen:
                seen.append(text)
        return lines

    def rows(self):
        r = self.report
        for name, digits in self.digits:
            note = "" if name == "spoken" else self.check(digits == self.digits[1][1], f"digits of {name}")
            yield f"digit, {name}", "  ".join(str(d) for d in digits) + note
        yield "ONNX nodes in", onnx_nodes(MODEL / "model.onnx")
        yield "float operations left", f'{r["float_ops_left"]}{self.check(r["float_ops_left"] == 0, "floats left")}'
        for kind, texts in self.widths().items():
            yield f"bits in->out, {kind}", ", ".join(texts)
        for p in self.pairs:
            note = self.check(p["unexplained"] == 0, p["pair"])
            yield p["pair"], (f'{p["elements"]} elements, {p["mismatches"]} mismatches '
                              f'({p["ambiguous"]} explained by float32, {p["unexplained"]} unexplained){note}')
        yield from self.cycles()
        part, used, shares = r["device"].upper(), r["resources"], r["utilisation"]
        source = "Yosys synthesis" if used["source"] == "yosys" else "cost model (no synthesis)"
        yield f"of the {part}", source
        for key in ("lut", "ff", "dsp", "bram18"):
            estimate = f', estimated {r["resources_model"][key]}' if "resources_model" in r else ""
            yield f"  {key.upper()}", f"{used[key]} ({100 * shares[key]:.1f} %){estimate}"
        where = self.design.relative_to(ROOT) if self.design.is_relative_to(ROOT) else self.design
        yield "files", f"{where}/rtl, {where}/report.json, {where}/stages"

    def cycles(self):
        c, clock, steps = self.report["cycles"], self.report["clock_mhz"], self.report["sequence_length"]
        latency = self.one.ends[-1] - self.one.first + 1
        interval = self.many.ends[-1] - self.many.ends[-2]
        note = self.check(latency == c["latency"], "latency")
        yield "cycles a sequence", f'{latency} simulated, {c["latency"]} scheduled{note}'
        note = self.check(interval == c["interval"], "interval")
        yield "cycles between sequences", f'{interval} simulated, {c["interval"]} scheduled{note}'
        period = max(x["period"] for x in self.report["regions"] if x["steps"] > 1)
        yield "cycles a step", f"{interval / steps:g} simulated, {period} scheduled ({steps} steps a sequence)"
        yield "latency", f"{latency / clock:.1f} us at {clock:g} MHz"

    def show(self):
        rows = [(str(a), str(b)) for a, b in self.rows()]
        left = max(len(a) for a, _ in rows)
        right = max(len(b) for _, b in rows)
        print("\n" + "-" * (left + right + 3))
        for a, b in rows:
            print(f"{a:{left}} | {b}")
        print("-" * (left + right + 3))
        if self.failures:
            sys.exit("demo: FAILED: " + ", ".join(self.failures))
        print("every level agrees")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[2]).resolve()
    for part in ("digits", "int", "rtl"):
        shutil.rmtree(out / part, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    demo = Demo(pathlib.Path(sys.argv[1]).resolve(), out)
    demo.collect()
    demo.show()


if __name__ == "__main__":
    main()
