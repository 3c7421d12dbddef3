#!/usr/bin/env python3
"""Level int against ONNX Runtime on the same QCDQ-Scan LSTM.

bench.py ENGINE_BENCH [--steps 1000]

Builds the model of each size, runs ONNX Runtime (all graph optimisations; one thread and default) and EngineBench on
the same random input, loading excluded, median of 20, and prints the ratios against the faster ONNX Runtime. Needs numpy,
onnx and onnxruntime (PyPI); says so and exits with 0 where they are missing.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print(f"SKIPPED: {missing}; pip install numpy onnx onnxruntime")
    sys.exit(0)


class Body:
    """Nodes and initialisers of a scan body; every quantiser is QuantizeLinear, Clip-free, DequantizeLinear."""

    def __init__(self):
        self.nodes, self.initialisers, self.count = [], [], 0

    def name(self, stem):
        self.count += 1
        return f"{stem}_{self.count}"

    def constant(self, array):
        name = self.name("const")
        self.initialisers.append(numpy_helper.from_array(array, name))
        return name

    def op(self, kind, *inputs):
        out = self.name(kind.lower())
        self.nodes.append(helper.make_node(kind, list(inputs), [out], name=out + "_node"))
        return out

    def quant(self, x, scale, dtype=np.int8):
        s, z = self.constant(np.float32(scale)), self.constant(dtype(0))
        return self.op("DequantizeLinear", self.op("QuantizeLinear", x, s, z), s, z)

    def weight(self, rng, rows, columns):
        """Int8 codes with their scale, as QCDQ exports store weights."""
        codes = np.clip(np.round(rng.normal(0, 45, (rows, columns))), -127, 127).astype(np.int8)
        scale = self.constant(np.float32(1.7 / 127 / np.sqrt(rows)))
        return self.op("DequantizeLinear", self.constant(codes), scale, self.constant(np.int8(0)))


def build(path, inputs, hidden, steps):
    rng, body = np.random.default_rng(1), Body()
    x = body.quant("x_t", 0.0241)
    gates = {}
    for gate in "ifco":
        total = body.op("Add", body.op("MatMul", x, body.weight(rng, inputs, hidden)),
                        body.op("MatMul", "h", body.weight(rng, hidden, hidden)))
        bias = body.constant(rng.normal(0, 0.3, (1, hidden)).astype(np.float32))
        accumulator = body.quant(body.op("Add", total, bias), 0.0317)
        activation = body.op("Tanh" if gate == "c" else "Sigmoid", accumulator)
        gates[gate] = body.quant(activation, 0.00783 if gate == "c" else 0.00391, np.int8 if gate == "c" else np.uint8)
    kept = body.quant(body.op("Mul", gates["f"], "c"), 0.0113)
    added = body.quant(body.op("Mul", gates["i"], gates["c"]), 0.0113)
    cell = body.quant(body.op("Add", kept, added), 0.0113)
    shown = body.quant(body.op("Tanh", cell), 0.00783)
    out = body.quant(body.op("Mul", gates["o"], shown), 0.00787)
    for source, result in ((out, "h_out"), (cell, "c_out"), (out, "y_t")):
        body.nodes.append(helper.make_node("Identity", [source], [result], name=result + "_node"))

    def info(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    state = (1, hidden)
    graph = helper.make_graph(
        body.nodes, "step", [info("h", *state), info("c", *state), info("x_t", 1, inputs)],
        [info("h_out", *state), info("c_out", *state), info("y_t", *state)], body.initialisers)
    scan = helper.make_node("Scan", ["h0", "c0", "x"], ["hT", "cT", "y"], name="scan", num_scan_inputs=1, body=graph)
    zeros = [numpy_helper.from_array(np.zeros(state, np.float32), n) for n in ("h0", "c0")]
    main = helper.make_graph([scan], "lstm", [info("x", steps, 1, inputs)],
                             [info("y", steps, *state), info("hT", *state), info("cT", *state)], zeros)
    model = helper.make_model(main, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    onnx.save(model, path)


def onnxruntime_ms(path, x, threads):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    if threads:
        options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    times = []
    for run in range(23):
        start = time.perf_counter()
        y = session.run(None, {"x": x})[0]
        if run >= 3:
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times), y


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine_bench")
    parser.add_argument("--steps", type=int, default=1000)
    arguments = parser.parse_args()
    print(f"ONNX Runtime {ort.__version__}, T = {arguments.steps}, load average {os.getloadavg()[0]:.1f}")
    for inputs, hidden in ((10, 20), (128, 128)):
        with tempfile.TemporaryDirectory() as folder:
            path, data = os.path.join(folder, "model.onnx"), os.path.join(folder, "x.npy")
            build(path, inputs, hidden, arguments.steps)
            x = np.random.default_rng(2).normal(0, 1, (arguments.steps, 1, inputs)).astype(np.float32)
            np.save(data, x)
            one, y = onnxruntime_ms(path, x, 1)
            default, _ = onnxruntime_ms(path, x, 0)
            text = subprocess.run([arguments.engine_bench, path, data], check=True, capture_output=True, text=True).stdout
            ours = dict((k, float(v)) for k, v in (line.split() for line in text.splitlines()))
            differ = int(np.sum(np.load(data + ".int.npy") != y))
        best = min(one, default)
        print(f"LSTM {inputs}->{hidden}: ONNX Runtime {one:.2f} ms (1 thread), {default:.2f} ms (default); level int "
              f"{ours['plan_ms']:.3f} ms codes to codes ({1000 * ours['plan_ms'] / arguments.steps:.2f} us a step), "
              f"{ours['float_ms']:.3f} ms float to float; ratio {best / ours['plan_ms']:.1f}, "
              f"float to float {best / ours['float_ms']:.1f}; {differ} of {y.size} outputs differ")


if __name__ == "__main__":
    main()
