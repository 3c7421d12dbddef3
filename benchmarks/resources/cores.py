#!/usr/bin/env python3
"""Prints what Yosys makes of single cores: the measured column of the core table in docs/Costs.md.

  cores.py WORK_DIR [YOSYS]

All cores are mapped in one run, each once for its parameters, hierarchy kept.
"""
import json
import pathlib
import re
import subprocess
import sys

RTL = pathlib.Path(__file__).resolve().parents[2] / "rtl"
LUT_RAM = {"RAM32M16": 8, "RAM64M8": 8, "RAM32M": 4, "RAM64M": 4, "RAM128X1D": 4, "RAM32X1D": 2, "RAM64X1D": 2,
           "RAM32X1S": 1, "RAM64X1S": 1}


def cores():
    for dsp in (1, 0):
        for a, a_signed, b, b_signed in ((12, 1, 8, 1), (8, 1, 8, 0), (8, 1, 6, 1), (6, 1, 6, 0), (4, 1, 4, 0), (3, 1, 3, 0)):
            yield "mul", dict(AWidth=a, ASigned=a_signed, BWidth=b, BSigned=b_signed, OutWidth=a + b, Dsp=dsp)
        for width, p_width, p, k in ((12, 8, 77, 8), (13, 10, 341, 9), (19, 12, 1237, 14), (17, 16, 26357, 18)):
            yield "requant", dict(InWidth=width, PWidth=p_width, P=p, K=k, Channels=1, CWidth=k + 2, C=3, Lo=-32, Hi=31,
                                  OutWidth=6, OutSigned=1, Dsp=dsp)
    for n, bits, lanes, simd, has_b, banks in (
            (20, 6, 1, 1, 0, 1), (20, 6, 1, 1, 0, 2), (20, 6, 2, 2, 0, 1), (20, 6, 4, 1, 0, 1), (32, 8, 4, 2, 0, 1),
            (64, 6, 4, 2, 0, 2), (64, 8, 1, 1, 0, 2), (20, 8, 10, 10, 0, 1), (128, 6, 1, 4, 0, 1), (20, 8, 1, 0, 1, 1)):
        yield "state_file", dict(N=n, BW=bits, L=lanes, S=simd, HasB=has_b, Banks=banks)
    for n, bits, lanes, slots in ((24, 6, 1, 2), (32, 6, 2, 2), (16, 6, 4, 2), (128, 6, 4, 2), (10, 6, 10, 2), (32, 8, 1, 3)):
        yield "vector_buffer", dict(N=n, BW=bits, WL=lanes, RA=lanes, RB=0, Slots=slots)
    for bits, beats, steps in ((6, 20, 2), (6, 64, 2), (24, 16, 3), (48, 8, 2), (6, 128, 2), (60, 2, 4)):
        yield "out_port", dict(W=bits, Beats=beats, Steps=steps, UserBits=1, LastOnly=0)
    for bits, lanes, height, width, kernel, taps, pad in (
            (6, 8, 100, 20, 3, 1, 1), (6, 8, 100, 20, 3, 3, 1), (6, 32, 100, 20, 4, 1, 0), (6, 32, 100, 20, 4, 2, 0),
            (6, 32, 100, 20, 4, 4, 0), (8, 4, 50, 70, 3, 3, 1), (8, 16, 50, 1, 5, 5, 2)):
        yield "swg", dict(ElemBits=bits, Lanes=lanes, Height=height, Width=width, KernelH=kernel, KernelW=1, BeatTaps=taps,
                          PadTop=pad, PadBottom=pad)


def total(modules, name, counts, factor=1):
    for cell, number in modules[name]["num_cells_by_type"].items():
        inner = cell if cell in modules else "\\" + cell
        if inner in modules:
            total(modules, inner, counts, factor * number)
        else:
            counts[cell] = counts.get(cell, 0) + factor * number
    return counts


def main():
    work = pathlib.Path(sys.argv[1])
    yosys = sys.argv[2] if len(sys.argv) > 2 else "yosys"
    work.mkdir(parents=True, exist_ok=True)
    wanted = list(cores())
    # One wrapper a core gives its counts a name.
    text, top = "", "module top(input logic clk_i);\n"
    for i, (module, parameters) in enumerate(wanted):
        values = ", ".join(f".{key}({value})" for key, value in parameters.items())
        text += f"module core_{i}(input logic clk_i);\n  (* keep *) finngl_{module} #({values}) u ();\nendmodule\n"
        top += f"  (* keep *) core_{i} u{i} (.clk_i);\n"
    (work / "cores.sv").write_text(text + top + "endmodule\n")
    sources = " ".join(str(path) for path in sorted(RTL.glob("*/*.sv")))
    subprocess.run([yosys, "-q", "-p", f"read_verilog -sv -defer cores.sv {sources}; hierarchy -top top; synth_xilinx "
                    "-family xcup -noiopad -noclkbuf -top top; tee -q -o stat.json stat -json"], cwd=work, check=True)
    stat = (work / "stat.json").read_text()
    stat = stat[stat.index("{"):]
    if "\n   },\n" in stat:  # Yosys 0.23 prints text after the modules
        stat = stat[:stat.index("\n   },\n")] + "}}"
    modules = json.loads(stat)["modules"]
    print("| core | LUT | FF | DSP |\n|---|---|---|---|")
    for i, (module, parameters) in enumerate(wanted):
        name = next(m for m in modules if re.search(rf"core_{i}\b", m))
        counts = total(modules, name, {})
        lut = sum(n * LUT_RAM.get(c, 1 if re.match(r"LUT[1-6]$|INV$|SRL", c) else 0) for c, n in counts.items())
        ff = sum(n for c, n in counts.items() if c.startswith("FD"))
        values = " ".join(f"{key}={value}" for key, value in parameters.items())
        print(f"| {module} {values} | {lut} | {ff} | {counts.get('DSP48E2', 0)} |")


if __name__ == "__main__":
    main()
