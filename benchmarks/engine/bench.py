#!/usr/bin/env python3
"""Level int against ONNX Runtime on the same QCDQ-Scan LSTM.

bench.py ENGINE_BENCH [--steps 1000] [--kernels best|vnni|avx2|baseline]

Builds the model of each size and runs it on the same random input by ONNX Runtime (all graph optimisations; default
threads and one) and by EngineBench, in turns, so that what else the machine does meets all of them. Loading is excluded.
Prints medians of 20 and the ratios against each setting of ONNX Runtime. Needs numpy, onnx and onnxruntime (PyPI); says so
and exits with 0 where they are missing.
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


WARM, ROUNDS = 3, 20


def onnxruntime(path, threads):
    """The session as a function of x; 0 threads are its default."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x": x})[0]


def timed(run, x):
    """Milliseconds of the wall and of this thread's CPU."""
    start, cpu = time.perf_counter(), time.thread_time()
    y = run(x)
    return 1000 * (time.perf_counter() - start), 1000 * (time.thread_time() - cpu), y


def take_turns(command, path, x, data):
    """Medians: ONNX Runtime with default threads, with one, its CPU time; level int from floats to floats, its CPU time, and
    from codes to codes. Then the outputs of ONNX Runtime."""
    default, one = onnxruntime(path, 0), onnxruntime(path, 1)
    rounds = []
    with subprocess.Popen([*command, path, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ours:
        for _ in range(WARM + ROUNDS):
            # One thread comes between, since the threads of the default go on spinning for a while.
            default_ms, _, _ = timed(default, x)
            one_ms, one_cpu, y = timed(one, x)
            print("run", file=ours.stdin, flush=True)
            rounds.append([default_ms, one_ms, one_cpu, *map(float, ours.stdout.readline().split())])
        ours.stdin.close()
        if ours.wait():
            sys.exit("EngineBench failed")
    return [statistics.median(times) for times in zip(*rounds[WARM:])], y


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine_bench")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--kernels", default="best", help="of level int; default: the fastest that this CPU can run")
    arguments = parser.parse_args()
    command = [arguments.engine_bench, arguments.kernels]
    print(f"ONNX Runtime {ort.__version__}, T = {arguments.steps}, {os.cpu_count()} CPUs, load average "
          f"{os.getloadavg()[0]:.1f}; milliseconds, ratios to level int ({arguments.kernels} kernels) from floats to floats")
    print("| LSTM | ORT default | ORT 1 thread | int, floats | int, codes | ratio default | ratio 1 thread | ratio of CPU "
          "time | differ |")
    print("|---|---|---|---|---|---|---|---|---|")
    for inputs, hidden in ((10, 20), (128, 128)):
        with tempfile.TemporaryDirectory() as folder:
            path, data = os.path.join(folder, "model.onnx"), os.path.join(folder, "x.npy")
            build(path, inputs, hidden, arguments.steps)
            x = np.random.default_rng(2).normal(0, 1, (arguments.steps, 1, inputs)).astype(np.float32)
            np.save(data, x)
            (default, one, one_cpu, floats, cpu, codes), y = take_turns(command, path, x, data)
            differ = int(np.sum(np.load(data + ".int.npy") != y))
        print(f"| {inputs}->{hidden} | {default:.2f} | {one:.2f} | {floats:.3f} | {codes:.3f} | {default / floats:.1f} | "
              f"{one / floats:.1f} | {one_cpu / cpu:.1f} | {differ} of {y.size} |", flush=True)


if __name__ == "__main__":
    main()
