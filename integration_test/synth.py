"""Compiles the smallest fixture with four DSPs in its MVU, runs Yosys, and compares with the estimate.

usage: synth.py FINNGL MODEL WORK_DIR
"""
import json
import pathlib
import subprocess
import sys

finngl, model, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
work.mkdir(parents=True, exist_ok=True)
folding = work / "folding.json"
folding.write_text(json.dumps({"scan_0.mvu": {"pe": 4, "simd": 1, "impl": "dsp"}, "scan_0.tail": {"pe": 1}}))
subprocess.run([finngl, "compile", model, "-o", work / "out", "--folding", folding], check=True)
subprocess.run([finngl, "synth", work / "out"], check=True)
report = json.loads((work / "out/report.json").read_text())
measured, estimate = report["resources"], report["resources_model"]
assert measured["source"] == "yosys" and estimate["source"] == "model", report
assert report["synthesis"]["tool"].startswith("Yosys "), report["synthesis"]
assert measured["dsp"] == estimate["dsp"], (measured, estimate)
for kind in ("lut", "ff"):
    assert 2 / 3 < estimate[kind] / measured[kind] < 3 / 2, (kind, measured, estimate)
assert abs(report["utilisation"]["lut"] * 230400 - measured["lut"]) < 1e-3, report["utilisation"]
modules = {m["module"]: m for m in report["synthesis"]["modules"]}
assert modules["finngl_dsp48e2"]["dsp"] == 4, modules
assert sum(m["lut"] for m in modules.values()) == measured["lut"]
