#!/usr/bin/env python3
"""A quantised network of DeepLOB's shape: convolutions, an inception module, an LSTM of 64 units, a head of 3 classes.

deeplob.py -o MODEL.onnx [--weights 8] [--activations 6] [--slope 0.01]

The layers, kernels and strides are those of the public network for FI-2010 (Zhang, Zohren, Roberts, 2019: arXiv 1808.03668)
on windows of 100 snapshots by 40 numbers; the weights are random. Every value has a QONNX Quant, the LSTM is a Scan. Scales
come from one random window run in floats. Needs numpy and onnx (PyPI).
"""
import argparse

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

QONNX = "qonnx.custom_op.general"
STEPS, LEVELS, HIDDEN, CLASSES = 100, 40, 64, 3


class Graph:
    """Nodes and initialisers, and the value of each tensor for a sample input."""

    def __init__(self, rng, bits, prefix=""):
        self.rng, self.bits, self.prefix = rng, bits, prefix
        self.nodes, self.initialisers, self.values = [], [], {}

    def name(self, stem):
        return f"{self.prefix}{stem}_{len(self.nodes) + len(self.initialisers)}"

    def constant(self, array):
        name = self.name("constant")
        array = np.asarray(array, np.float32)
        self.initialisers.append(numpy_helper.from_array(array, name))
        self.values[name] = array
        return name

    def node(self, kind, inputs, value=None, domain="", **attributes):
        output = self.name(kind.lower())
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output + "_node", domain=domain, **attributes))
        self.values[output] = value
        return output

    def quant(self, x, scale=None, signed=True, bits=None):
        """A Quant; its scale puts the sample's largest magnitude on the last code."""
        bits = bits or self.bits[1]
        value = self.values[x]
        top = 2 ** (bits - signed) - 1
        scale = np.float32(scale or max(np.abs(value).max(), 1e-3) / top)
        quantised = np.clip(np.round(value / scale), -top - 1 if signed else 0, top) * scale
        inputs = [x, self.constant(scale), self.constant(0), self.constant(bits)]
        return self.node("Quant", inputs, quantised, QONNX, signed=int(signed), narrow=0, rounding_mode="ROUND")

    def weights(self, *shape):
        """Quantised weights of unit gain."""
        fan_in = int(np.prod(shape[1:]))
        return self.quant(self.constant(self.rng.normal(0, 1 / np.sqrt(fan_in), shape)), bits=self.bits[0])

    def conv(self, x, channels, kernel, stride=(1, 1), pads=(0, 0)):
        value, w = self.values[x], self.weights(channels, self.values[x].shape[1], *kernel)
        padded = np.pad(value, ((0, 0), (0, 0), (pads[0],) * 2, (pads[1],) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, (2, 3))[:, :, ::stride[0], ::stride[1]]
        result = np.einsum("nchwij,mcij->nmhw", windows, self.values[w], optimize=True)
        return self.node("Conv", [x, w], result, kernel_shape=kernel, strides=stride, pads=[*pads, *pads])

    def activation(self, x, slope):
        value = self.values[x]
        if slope == 0:
            return self.node("Relu", [x], np.maximum(value, 0))
        return self.node("LeakyRelu", [x], np.where(value < 0, slope * value, value), alpha=slope)

    def batch_norm(self, x):
        value = self.values[x]
        mean, variance = value.mean((0, 2, 3)), value.var((0, 2, 3)) + 1e-3
        gain, shift = self.rng.uniform(0.7, 1.3, mean.shape), self.rng.normal(0, 0.2, mean.shape)
        centred = (value - mean[:, None, None]) / np.sqrt(variance + 1e-5)[:, None, None]
        parameters = [self.constant(p) for p in (gain, shift, mean, variance)]
        result = centred * gain[:, None, None] + shift[:, None, None]
        return self.node("BatchNormalization", [x, *parameters], result.astype(np.float32))

    def block(self, x, channels, kernel, stride=(1, 1), pads=(0, 0), slope=0.0, scale=None):
        """Convolution, activation, batch normalisation, quantiser."""
        x = self.batch_norm(self.activation(self.conv(x, channels, kernel, stride, pads), slope))
        return self.quant(x, scale)

    def max_pool(self, x, kernel, pads):
        value = self.values[x]
        padded = np.pad(value, ((0, 0), (0, 0), (pads[0],) * 2, (pads[1],) * 2), constant_values=-np.inf)
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, (2, 3))
        return self.node("MaxPool", [x], windows.max((4, 5)), kernel_shape=kernel, strides=[1, 1], pads=[*pads, *pads])


def front(g, x, slope):
    """The three convolution blocks and the inception module: [1, 192, T, 1]."""
    for first in ((1, 2), (1, 2), (1, 10)):
        x = g.block(x, 32, first, first if first[1] == 2 else (1, 1), slope=slope)
        for _ in range(2):
            x = g.block(x, 32, (4, 1), slope=slope)
    shared = 4 / 2 ** (g.bits[1] - 1)  # what is concatenated has one scale, as in Brevitas
    narrow = g.block(g.block(x, 64, (1, 1), slope=slope), 64, (3, 1), pads=(1, 0), slope=slope, scale=shared)
    wide = g.block(g.block(x, 64, (1, 1), slope=slope), 64, (5, 1), pads=(2, 0), slope=slope, scale=shared)
    pooled = g.block(g.max_pool(x, (3, 1), (1, 0)), 64, (1, 1), slope=slope, scale=shared)
    parts = [narrow, wide, pooled]
    return g.node("Concat", parts, np.concatenate([g.values[p] for p in parts], 1), axis=1)


def cell(rng, bits, inputs):
    """One LSTM step; every product, sum and activation has a quantiser."""
    b = Graph(rng, bits, "cell_")
    b.values.update(h=np.zeros((1, HIDDEN), np.float32), c=np.zeros((1, HIDDEN), np.float32),
                    x_t=rng.normal(0, 1, (1, inputs)).astype(np.float32))

    def op(kind, *names, value=None):
        return b.node(kind, list(names), value)

    gates = {}
    for gate in "ifco":
        w, u = b.weights(HIDDEN, inputs), b.weights(HIDDEN, HIDDEN)
        parts = []
        for operand, matrix in (("x_t", w), ("h", u)):
            transposed = b.node("Transpose", [matrix], b.values[matrix].T, perm=[1, 0])
            parts.append(op("MatMul", operand, transposed, value=b.values[operand] @ b.values[matrix].T))
        total = op("Add", *parts, value=b.values[parts[0]] + b.values[parts[1]])
        bias = b.constant(rng.normal(0, 0.3, (1, HIDDEN)))
        biased = b.quant(op("Add", total, bias, value=b.values[total] + b.values[bias]), scale=4 / 2 ** (bits[1] - 1))
        kind = "Tanh" if gate == "c" else "Sigmoid"
        active = op(kind, biased, value=np.tanh(b.values[biased]))
        gates[gate] = b.quant(active, scale=1 / 2 ** (bits[1] - (gate == "c")), signed=gate == "c")

    def product(left, right, scale):
        return b.quant(op("Mul", left, right, value=b.values[left] * b.values[right]), scale)

    grid = 4 / 2 ** (bits[1] - 1)
    kept, added = product(gates["f"], "c", grid), product(gates["i"], gates["c"], grid)
    state = b.quant(op("Add", kept, added, value=b.values[kept] + b.values[added]), grid)
    shown = b.quant(op("Tanh", state, value=np.tanh(b.values[state])), 1 / 2 ** (bits[1] - 1))
    out = product(gates["o"], shown, 1 / 2 ** (bits[1] - 1))
    for source, result in ((out, "h_out"), (state, "c_out")):
        b.nodes.append(helper.make_node("Identity", [source], [result], name=result + "_node"))
    return b


def info(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def build(bits, slope, seed):
    rng = np.random.default_rng(seed)
    g = Graph(rng, bits)
    g.values["book"] = rng.normal(0, 1, (1, 1, STEPS, LEVELS)).astype(np.float32)
    x = front(g, g.quant("book", bits=8), slope)
    _, inputs, steps, _ = g.values[x].shape
    x = g.node("Transpose", [x], perm=[2, 0, 1, 3])
    g.initialisers.append(numpy_helper.from_array(np.array([steps, 1, inputs], np.int64), "sequence_shape"))
    g.values[x] = np.zeros(1)
    x = g.node("Reshape", [x, "sequence_shape"])
    step = cell(rng, bits, inputs)
    body = helper.make_graph(step.nodes, "step", [info("h", 1, HIDDEN), info("c", 1, HIDDEN), info("x_t", 1, inputs)],
                             [info("h_out", 1, HIDDEN), info("c_out", 1, HIDDEN)], step.initialisers)
    start = [g.constant(np.zeros((1, HIDDEN))) for _ in range(2)]
    g.nodes.append(helper.make_node("Scan", [*start, x], ["last_h", "last_c"], name="lstm", num_scan_inputs=1, body=body))
    g.values["last_h"] = np.zeros((1, HIDDEN), np.float32)
    head = g.weights(CLASSES, HIDDEN)
    transposed = g.node("Transpose", [head], perm=[1, 0])
    g.nodes.append(helper.make_node("MatMul", ["last_h", transposed], ["classes"], name="head"))
    graph = helper.make_graph(g.nodes, "deeplob", [info("book", 1, 1, STEPS, LEVELS)], [info("classes", 1, CLASSES)],
                              g.initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14), helper.make_opsetid(QONNX, 1)])
    model.ir_version = 8
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--weights", type=int, default=8, help="bits of the weights")
    parser.add_argument("--activations", type=int, default=6, help="bits of the activations")
    parser.add_argument("--slope", type=float, default=0.01, help="of LeakyRelu below zero; 0 is Relu")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    save(build((arguments.weights, arguments.activations), arguments.slope, arguments.seed), arguments.output)


if __name__ == "__main__":
    main()
