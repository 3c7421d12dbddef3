"""Runs the exported stages with QONNX' own executor and compares them with finngl, code by code.

QONNX hands a Scan to ONNX Runtime, which knows no Quant and no MultiThreshold; so the loop is here, and each step's
body is executed by QONNX.
"""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx


def model_of(graph, parent):
    """A graph as a model of its own."""
    model = onnx.ModelProto()
    model.CopyFrom(parent)
    model.graph.CopyFrom(graph)
    return model


def run_scan(node, operands, parent):
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    count = attributes["num_scan_inputs"]
    states, sequences = operands[:-count], operands[-count:]
    axes = attributes.get("scan_input_axes", [0] * count)
    reverse = attributes.get("scan_input_directions", [0] * count)
    body = attributes["body"]
    wrapper = ModelWrapper(model_of(body, parent))
    sequences = [np.moveaxis(s, a, 0)[:: -1 if r else 1] for s, a, r in zip(sequences, axes, reverse)]
    stacked = [[] for _ in range(len(body.output) - len(states))]
    for step in range(len(sequences[0])):
        values = states + [s[step] for s in sequences]
        results = execute_onnx(wrapper, {i.name: v.astype(np.float32) for i, v in zip(body.input, values)})
        results = [results[o.name] for o in body.output]
        states = results[: len(states)]
        for rows, value in zip(stacked, results[len(states) :]):
            rows.append(value)
    axes = attributes.get("scan_output_axes", [0] * len(stacked))
    reverse = attributes.get("scan_output_directions", [0] * len(stacked))
    outputs = [np.stack(rows[:: -1 if r else 1], axis=a) for rows, a, r in zip(stacked, axes, reverse)]
    return states + outputs


def run_model(model, inputs):
    """One node after the other: a Scan here, the rest by QONNX."""
    context = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer} | inputs
    infos = {i.name: i for i in [*model.graph.value_info, *model.graph.input, *model.graph.output]}
    for node in model.graph.node:
        operands = [context[name] for name in node.input]
        if node.op_type == "Scan":
            results = run_scan(node, operands, model)
        else:
            graph = onnx.helper.make_graph(
                [node], "node", [infos[n] for n in node.input], [infos[n] for n in node.output]
            )
            results = execute_onnx(ModelWrapper(model_of(graph, model)), dict(zip(node.input, operands)))
            results = [results[name] for name in node.output]
        context |= dict(zip(node.output, results))
    return [context[o.name] for o in model.graph.output]


def half_even(value):
    return round(value)  # of a Fraction: exact, ties to even


def encode(array, stream, shape):
    """Codes of a float input by exact arithmetic."""
    assert stream["rounding"].upper() in ("HALF_EVEN", "HALF-EVEN", "ROUND"), "the test's inputs are quantised half to even"
    scale, zero = Fraction(stream["scale"]), Fraction(stream["zero_point"])
    bits = stream["element_bits"]
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if stream["signed"] else (0, 2**bits - 1)
    codes = [min(max(half_even(Fraction(float(x)) / scale + zero), low), high) for x in array.flat]
    return np.array(codes, np.float32).reshape(shape)


def value_of(codes, stream):
    """Real values of output codes, rounded once."""
    def entries(key):
        entry = stream[key]
        return [Fraction(e) for e in (entry if isinstance(entry, list) else [entry])]

    scale, offset = entries("scale_exact"), entries("offset_exact")
    values = [
        float(Fraction(int(c)) * scale[i % len(scale)] + offset[i % len(offset)]) for i, c in enumerate(codes.flat)
    ]
    return np.array(values, np.float32)


def shape_of(info):
    return [d.dim_value for d in info.type.tensor_type.shape.dim]


def check(case, finngl, work):
    data = sorted((case / "test_data_set_0").glob("input_*.pb"), key=lambda p: int(p.stem.split("_")[1]))
    arrays = [numpy_helper.to_array(onnx.load_tensor(str(p))).astype(np.float32) for p in data]
    subprocess.run(
        [finngl, "compile", case / "model.onnx", "-o", work / "out", "--stop-after", "convert"], check=True
    )
    streams = json.loads((work / "out/report.json").read_text())["streams"]
    golden = {}
    for level in ("onnx", "int"):
        arguments = [a for p in data for a in ("--input", p)]
        subprocess.run(
            [finngl, "run", work / "out", *arguments, "--output", work / level, "--level", level], check=True
        )
        golden[level] = [np.load(p).ravel() for p in sorted((work / level).glob("output_*.npy"))]

    failures = 0
    for stage, level in (("finn", "int"), ("qonnx", "onnx")):
        model = onnx.load(str(work / f"out/stages/{stage}.onnx"))
        onnx.checker.check_model(model)
        graph = model.graph
        if stage == "finn":
            fed = [encode(a, s, shape_of(i)) for a, s, i in zip(arrays, streams, graph.input)]
        else:
            fed = arrays
        outputs = run_model(model, {i.name: a for i, a in zip(graph.input, fed)})
        for index, output in enumerate(outputs):
            if stage == "finn":
                output = value_of(output, streams[len(graph.input) + index])
            wrong = int(np.sum(output.ravel() != golden[level][index]))
            print(f"{case.name} {stage}.onnx output {index}: {output.size} elements, {wrong} differ from level {level}")
            failures += wrong
    return failures


if __name__ == "__main__":
    cases = [Path(p) for p in sys.argv[3:]]
    sys.exit(1 if sum(check(c, sys.argv[1], Path(sys.argv[2]) / c.name) for c in cases) else 0)
