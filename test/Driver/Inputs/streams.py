#!/usr/bin/env python3
"""A stream of samples and its windows as .npy files, and answers compared.

streams.py write FOLDER SAMPLES WINDOW SIZE   FOLDER/stream.npy [SAMPLES, 1, SIZE], its windows window_0.npy, window_1.npy, ...,
                                              and short.npy, one sample less than a window
streams.py stacked ALL ONE...                 ALL holds the answers of the files ONE behind one another
streams.py beginnings FOLDER SIZE N...        FOLDER/stream_N.npy [1, SIZE, N]: the first N samples of one stream
streams.py begins ALL ONE...                  ALL begins with the answers of each file ONE
"""
import ast
import random
import struct
import sys


def write(path, shape, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack(f"<{len(values)}f", *values))


def read(path):
    data = open(path, "rb").read()
    size = struct.unpack("<H", data[8:10])[0]
    return ast.literal_eval(data[10 : 10 + size].decode())["shape"], data[10 + size :]


if sys.argv[1] == "write":
    folder, (samples, window, size) = sys.argv[2], map(int, sys.argv[3:6])
    random.seed(1)
    stream = [random.uniform(-2, 2) for _ in range(samples * size)]
    write(f"{folder}/stream.npy", (samples, 1, size), stream)
    for first in range(samples - window + 1):
        write(f"{folder}/window_{first}.npy", (window, 1, size), stream[first * size : (first + window) * size])
    write(f"{folder}/short.npy", (window - 1, 1, size), stream[: (window - 1) * size])
elif sys.argv[1] == "beginnings":
    folder, (size, *lengths) = sys.argv[2], map(int, sys.argv[3:])
    random.seed(1)
    stream = [[random.uniform(-3, 3) for _ in range(size)] for _ in range(max(lengths))]
    for length in lengths:
        write(f"{folder}/stream_{length}.npy", (1, size, length), [row[c] for c in range(size) for row in stream[:length]])
elif sys.argv[1] == "begins":
    shape, data = read(sys.argv[2])
    step = len(data) // shape[0]
    assert len({data[at : at + step] for at in range(0, len(data), step)}) > 1, "all answers are equal: nothing is shown"
    for path in sys.argv[3:]:
        one, begin = read(path)
        assert one[0] < shape[0] and one[1:] == shape[1:], one
        assert data.startswith(begin), f"{path}: other answers"
else:
    shape, data = read(sys.argv[2])
    ones = [read(path) for path in sys.argv[3:]]
    assert shape == (len(ones), *ones[0][0]), shape
    assert data == b"".join(one for _, one in ones), "answers differ"
    assert len(ones) == 1 or len({one for _, one in ones}) > 1, "all answers are equal: nothing is shown"
