#!/usr/bin/env python3
"""Writes a .npy file, good or bad. usage: npy.py FILE DESCR SHAPE COUNT [BYTES]

The header says DESCR and SHAPE; the data is COUNT times BYTES (hexadecimal, default 00000000).
"""
import struct
import sys

file, descr, shape, count = sys.argv[1:5]
data = bytes.fromhex(sys.argv[5] if len(sys.argv) > 5 else "00000000")
header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
with open(file, "wb") as out:
    out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data * int(count))
