"""onnx_export: makes a virtual environment in the build folder and runs execute.py in it.

Without pip, network or the packages the test is skipped (exit code 77) and says why.
"""

import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = ["onnx==1.16.2", "onnxruntime", "qonnx"]
SKIPPED = 77


def prepare(folder):
    """The environment's interpreter; made once."""
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True, timeout=900)
        (folder / "complete").touch()
    return python


def main(build, finngl, *cases):
    try:
        python = prepare(Path(build) / "onnx-venv")
    except Exception as reason:  # venv, pip and the network fail in many ways
        print(f"skipped: {' '.join(PACKAGES)} cannot be installed: {reason}")
        return SKIPPED
    script = Path(__file__).with_name("execute.py")
    return subprocess.run([python, script, finngl, Path(build) / "onnx-export", *cases]).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
