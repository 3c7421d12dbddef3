#!/usr/bin/env python3
"""Writes a quantised LSTM of any size with random weights as Brevitas would export it: QONNX Quant in a Scan.

  make_lstm.py --input 10 --hidden 20 --weights 8 --activations 6 --steps 12 -o model.onnx [--layers 2] [--seed 1]

Needs the Python packages numpy and onnx.
"""
import argparse

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save


class Body:
    """Nodes and initializers of one Scan body."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        if all(c.name != name for c in self.constants):
            self.constants.append(numpy_helper.from_array(np.array(value, np.float32), name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def quant(self, value, scale, bits, signed, narrow=0):
        parameters = [self.constant(value + "_scale", scale), self.constant("zero", 0),
                      self.constant(f"bits_{bits}", bits)]
        return self.node("Quant", [value, *parameters], value + "_q", domain="qonnx.custom_op.general",
                         narrow=narrow, rounding_mode="ROUND", signed=signed)


def lstm_body(random, inputs, hidden, wbits, abits, input_scale):
    body = Body()
    top, weight_top = 2 ** (abits - 1) - 1, 2 ** (wbits - 1) - 1

    def jitter(value):
        return np.float32(value * random.uniform(0.85, 1.15))

    def gate(name, activation, signed):
        # torch initialises every weight uniformly in +-1/sqrt(hidden).
        bound = 1 / np.sqrt(hidden)
        drawn = random.uniform(-bound, bound, (inputs + hidden, hidden)).astype(np.float32)
        scale = np.abs(drawn).max() / weight_top
        products = []
        for letter, operand, part in (("W", "x_t_q", drawn[:inputs]), ("U", "h_t-1", drawn[inputs:])):
            weights = body.quant(body.constant(f"{letter}_{name}", part), scale, wbits, 1, narrow=1)
            products.append(body.node("MatMul", [operand, weights], f"matmul_{letter}_{name}"))
        total = body.node("Add", products, f"sum_{name}")
        bias = body.constant(f"b_{name}", random.uniform(-bound, bound, (1, hidden)))
        total = body.quant(body.node("Add", [total, bias], f"acc_{name}"), jitter(1.6 / top), abits, 1)
        top_out = top if signed else 2 ** abits - 1
        return body.quant(body.node(activation, [total], f"act_{name}"), jitter(0.9 / top_out), abits, signed)

    body.quant("x_t", input_scale, abits, 1)
    f, i, o = (gate(name, "Sigmoid", 0) for name in "fio")
    g = gate("c", "Tanh", 1)
    cell_scale = jitter(1.0 / top)
    fc = body.quant(body.node("Mul", [f, "c_t-1"], "forget_cell"), cell_scale, abits, 1)
    ig = body.quant(body.node("Mul", [i, g], "input_cell"), cell_scale, abits, 1)
    cell = body.quant(body.node("Add", [fc, ig], "cell_sum"), cell_scale, abits, 1)
    tanh = body.quant(body.node("Tanh", [cell], "cell_tanh"), jitter(0.75 / top), abits, 1)
    # x and h share one scale, in every layer, as Brevitas' layers do.
    out = body.quant(body.node("Mul", [tanh, o], "output"), input_scale, abits, 1)
    body.node("Identity", [out], "h_t")
    body.node("Identity", [cell], "c_t")
    body.node("Identity", [out], "h_t_all")
    return body


def tensor(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def make_model(args):
    random = np.random.default_rng(args.seed)
    nodes, constants, outputs = [], [], []
    sequence, width = "x", args.input
    input_scale = np.float32(0.7 / (2 ** (args.activations - 1) - 1) * random.uniform(0.85, 1.15))
    for layer in range(args.layers):
        body = lstm_body(random, width, args.hidden, args.weights, args.activations, input_scale)
        state = [1, args.hidden]
        graph = helper.make_graph(
            body.nodes, f"lstm_{layer}",
            [tensor("h_t-1", state), tensor("c_t-1", state), tensor("x_t", [1, width])],
            [tensor(name, state) for name in ("h_t", "c_t", "h_t_all")], body.constants)
        for letter in "hc":
            constants.append(numpy_helper.from_array(np.zeros(state, np.float32), f"{letter}0_{layer}"))
        results = [f"{name}_{layer}" for name in ("final_h", "final_c", "h_all")]
        nodes.append(helper.make_node("Scan", [f"h0_{layer}", f"c0_{layer}", sequence], results, name=f"lstm_{layer}",
                                      body=graph, num_scan_inputs=1))
        sequence, width = results[2], args.hidden
    outputs.append(tensor(sequence, [args.steps, 1, args.hidden]))
    graph = helper.make_graph(nodes, "network", [tensor("x", [args.steps, 1, args.input])], outputs, constants)
    opsets = [helper.make_opsetid("", 14), helper.make_opsetid("qonnx.custom_op.general", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="finn-gl make_lstm")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag, default, text in (("input", 10, "elements of x"), ("hidden", 20, "units"), ("weights", 8, "weight bits"),
                                ("activations", 6, "bits of every other quantiser"), ("steps", 12, "sequence length"),
                                ("layers", 1, "stacked layers"), ("seed", 1, "of the random weights")):
        parser.add_argument("--" + flag, type=int, default=default, help=text)
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    model = make_model(args)
    checker.check_model(model)
    save(model, args.output)


if __name__ == "__main__":
    main()
