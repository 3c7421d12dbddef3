#!/usr/bin/env python3
"""Models as frameworks export them today, through every level.

exporters.py --finngl build/release/bin/finngl --out DIR [--levels onnx,exact,int,rtl] [--only torch brevitas keras]

Builds small models, exports them, quantises the float ones (`finngl quantize` with random calibration data), compiles and
verifies each, Brevitas' against its own outputs, and prints one table. Packages (PyPI): torch, onnx, onnxscript for torch;
brevitas, onnxoptimizer beside them; tensorflow-cpu, tf2onnx for keras. Without any of these groups the exit code is 77.
"""
import argparse
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import warnings

GROUPS = {"torch": ["torch", "onnx", "onnxscript"],
          "brevitas": ["torch", "onnx", "brevitas", "onnxoptimizer"],
          "keras": ["tensorflow", "keras", "tf2onnx"]}
STEPS, FEATURES, HIDDEN = 20, 8, 16


def torch_models():
    import torch
    from torch import nn

    class Classifier(nn.Module):
        """A recurrence, what is read of its sequence, a dense head."""

        def __init__(self, cell, read, front=None, width=HIDDEN, **options):
            super().__init__()
            self.front = front or nn.Identity()
            self.cell = cell(FEATURES, HIDDEN, batch_first=True, **options)
            self.read, self.head = read, nn.Linear(width, 5)

        def forward(self, x):
            return self.head(self.read(self.cell(self.front(x))))

    class Rows(nn.Module):
        """Convolution, batch normalisation and pooling over time."""

        def __init__(self):
            super().__init__()
            self.conv, self.norm = nn.Conv1d(FEATURES, FEATURES, 3, padding=1), nn.BatchNorm1d(FEATURES)

        def forward(self, x):
            return nn.functional.max_pool1d(torch.relu(self.norm(self.conv(x.transpose(1, 2)))), 2).transpose(1, 2)

    class Scripted(nn.Module):
        """A recurrence as a Python loop, exported as Loop."""

        def __init__(self):
            super().__init__()
            self.u, self.w, self.head = nn.Linear(HIDDEN, HIDDEN), nn.Linear(FEATURES, HIDDEN), nn.Linear(HIDDEN, 5)

        def forward(self, x):
            h = torch.zeros(1, 16)
            for t in range(x.size(0)):
                h = torch.tanh(self.w(x[t]) + self.u(h))
            return self.head(h)

    def last(y):
        return y[0][:, -1]

    def state(y):
        return (y[1][0] if isinstance(y[1], tuple) else y[1])[-1]

    torch.manual_seed(0)
    cases = {
        "LSTM, last step": Classifier(nn.LSTM, last),
        "LSTM, two layers": Classifier(nn.LSTM, last, num_layers=2),
        "LSTM, both directions": Classifier(nn.LSTM, last, width=2 * HIDDEN, bidirectional=True),
        "LSTM, final state": Classifier(nn.LSTM, state),
        "LSTM, mean over time": Classifier(nn.LSTM, lambda y: y[0].mean(1)),
        "GRU, last step": Classifier(nn.GRU, last),
        "GRU, maximum over time": Classifier(nn.GRU, lambda y: y[0].amax(1)),
        "GRU, all steps": Classifier(nn.GRU, lambda y: y[0]),
        "Conv1d, BatchNorm, pool, LSTM": Classifier(nn.LSTM, last, front=Rows()),
    }
    x = torch.randn(1, STEPS, FEATURES)
    for name, model in cases.items():
        for exporter, dynamo in (("torch.onnx.export", True), ("torch.onnx.export, dynamo=False", False)):
            yield exporter, name, lambda path, m=model, d=dynamo: torch.onnx.export(
                m.eval(), (x,), path, dynamo=d, verbose=False), x.shape
    # The default exporter takes a torch.nn.RNN apart, step by step.
    rnn = Classifier(nn.RNN, last).eval()
    yield ("torch.onnx.export, dynamo=False", "RNN, last step",
           lambda path: torch.onnx.export(rnn, (x,), path, dynamo=False), x.shape)
    sequence = torch.randn(STEPS, 1, FEATURES)
    scripted = torch.jit.script(Scripted().eval())
    yield ("torch.onnx.export of torch.jit.script", "own cell in a loop",
           lambda path: torch.onnx.export(scripted, (sequence,), path, dynamo=False), sequence.shape)


def keras_models():
    import keras
    import numpy as np
    if not hasattr(np, "cast"):  # tf2onnx 1.17 was written for NumPy 1
        np.cast = type("Cast", (dict,), {"__getitem__": lambda _, kind: lambda x: np.asarray(x).astype(kind)})()
    import tensorflow as tf
    import tf2onnx
    layers = keras.layers
    cases = {
        "LSTM": [layers.LSTM(HIDDEN), layers.Dense(5)],
        "GRU": [layers.GRU(HIDDEN), layers.Dense(5)],
        "GRU, reset before": [layers.GRU(HIDDEN, reset_after=False), layers.Dense(5)],
        "SimpleRNN": [layers.SimpleRNN(HIDDEN), layers.Dense(5)],
        "Bidirectional LSTM": [layers.Bidirectional(layers.LSTM(HIDDEN)), layers.Dense(5)],
        "LSTM, mean over time": [layers.LSTM(HIDDEN, return_sequences=True), layers.GlobalAveragePooling1D(), layers.Dense(5)],
        "two LSTMs": [layers.LSTM(HIDDEN, return_sequences=True), layers.LSTM(HIDDEN), layers.Dense(5)],
        "Conv1D, BatchNorm, pool, LSTM": [layers.Conv1D(12, 3, padding="same", activation="relu"), layers.BatchNormalization(),
                                          layers.MaxPooling1D(2), layers.LSTM(HIDDEN), layers.Dense(5)],
    }
    signature = [tf.TensorSpec((1, STEPS, FEATURES), tf.float32, name="x")]
    for name, stack in cases.items():
        model = keras.Sequential([keras.Input((STEPS, FEATURES)), *stack])
        function = tf.function(lambda x, m=model: m(x), input_signature=signature)
        yield ("tf2onnx", name, lambda path, f=function: tf2onnx.convert.from_function(
            f, input_signature=signature, opset=17, output_path=str(path)), (1, STEPS, FEATURES))


def brevitas_models():
    """Quantised by Brevitas: exported with golden outputs, in test_data_set_K beside the model."""
    import torch
    from brevitas import nn as qnn
    from brevitas.export import export_onnx_qcdq, export_qonnx
    from brevitas.graph.calibrate import calibration_mode
    from onnx import numpy_helper
    from torch import nn

    class Lstm(nn.Module):
        def __init__(self, **options):
            super().__init__()
            self.cell = qnn.QuantLSTM(FEATURES, HIDDEN, **options)

        def forward(self, x):
            return self.cell(x)[0]

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.codes = qnn.QuantIdentity(bit_width=8)
            self.first, self.second = (qnn.QuantConv2d(c, 6, 3, padding=1, bias=True) for c in (1, 6))
            self.relu, self.sum, self.again = (qnn.QuantReLU(bit_width=6), qnn.QuantIdentity(bit_width=6),
                                               qnn.QuantReLU(bit_width=6))
            self.head = qnn.QuantLinear(6, 4, bias=True)

        def forward(self, x):
            z = self.relu(self.first(self.codes(x)))
            z = self.again(z + self.sum(self.second(z)))
            return self.head(torch.flatten(nn.functional.max_pool2d(z, 8), 1))

    bits = dict(weight_bit_width=4, io_bit_width=6, gate_acc_bit_width=7, sigmoid_bit_width=5, tanh_bit_width=6,
                cell_state_bit_width=8)
    lstm, image = (STEPS, 1, FEATURES), (1, 1, 8, 8)
    cases = [("QuantLSTM", Lstm(), lstm, [export_qonnx]),
             ("QuantLSTM of mixed widths", Lstm(**bits), lstm, [export_qonnx]),
             ("QuantLSTM, two layers", Lstm(num_layers=2), lstm, [export_qonnx]),
             ("QuantLSTM, both directions", Lstm(bidirectional=True), lstm, [export_qonnx]),
             ("QuantLSTM, coupled gates", Lstm(coupled_input_forget_gates=True), lstm, [export_qonnx]),
             ("convolutions with a residual", Residual(), image, [export_qonnx, export_onnx_qcdq])]
    for name, model, shape, exporters in cases:
        with torch.no_grad(), calibration_mode(model.eval()):
            for _ in range(4):
                model(torch.randn(shape))
        for export in exporters:
            def write(path, m=model.eval(), s=shape, e=export):
                # The default exporter writes a QuantLSTM as a constant.
                e(m, args=(torch.randn(s),), export_path=str(path), dynamo=False, opset_version=13)
                for k in range(2):
                    x, folder = torch.randn(s), path.parent / f"test_data_set_{k}"
                    folder.mkdir(exist_ok=True)
                    with torch.no_grad():
                        y = m(x)
                    y = y.value if hasattr(y, "value") else y
                    for stem, tensor in (("input_0", x), ("output_0", y)):
                        (folder / f"{stem}.pb").write_bytes(numpy_helper.from_array(tensor.numpy()).SerializeToString())
            yield f"{export.__name__}, dynamo=False", name, write, None


def verified(args, folder, calibration):
    """Quantises (unless the model is), compiles and verifies; the pairs of levels that were compared, or the error."""
    import numpy as np
    model, data = folder / "model.onnx", sorted(folder.glob("test_data_set_*"))
    commands = []
    if calibration:
        np.save(folder / "calib.npy", np.random.default_rng(0).normal(size=(32, *calibration)).astype(np.float32))
        commands.append(["quantize", model, "--data", folder / "calib.npy", "-o", folder / "q.onnx", "--test-data", folder / "data"])
        model, data = folder / "q.onnx", [folder / "data/test_data_set_0", folder / "data/test_data_set_1"]
    commands.append(["compile", model, "-o", folder / "build", "--budget", "lut=20000,dsp=100"])
    commands.append(["verify", folder / "build", "--levels", args.levels, "--seeds", "1", "--json", folder / "verify.json",
                     *[word for one in data for word in ("--data", one)]])
    for command in commands:
        run = subprocess.run([args.finngl, *map(str, command)], capture_output=True, text=True)
        if run.returncode:
            lines = [line for line in run.stderr.splitlines() if "error" in line]
            return f"{command[0]} FAILED: {(lines or run.stdout.splitlines() or ['?'])[0]}", False
    pairs = json.loads((folder / "verify.json").read_text())["levels"]
    compared = ", ".join(f"{pair['pair']} {pair['elements']:,}" for pair in pairs)
    return f"{compared}: all equal", True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--finngl", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--levels", default="onnx,exact,int,rtl")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    models = {"torch": torch_models, "brevitas": brevitas_models, "keras": keras_models}
    count = failed = 0
    for group in args.only:
        missing = [package for package in GROUPS[group] if importlib.util.find_spec(package) is None]
        if missing:
            print(f"skipped: {group}: no Python package {', '.join(missing)}")
            continue
        for exporter, name, export, calibration in models[group]():
            if count == 0:
                print("| exporter | model | compared |\n|---|---|---|")
            folder = args.out / "".join(c if c.isalnum() else "_" for c in f"{exporter} {name}")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            export(folder / "model.onnx")
            text, good = verified(args, folder, calibration)
            print(f"| {exporter} | {name} | {text} |", flush=True)
            count, failed = count + 1, failed + (not good)
    print(f"{count} models, {failed} failed")
    return 77 if count == 0 else failed != 0


if __name__ == "__main__":
    sys.exit(main())
