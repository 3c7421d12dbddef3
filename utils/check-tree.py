#!/usr/bin/env python3
"""Rules of the tree that no compiler checks. usage: check-tree.py

No MLIR or LLVM include in Core; no source file of ours above 500 lines but those listed here; no path of some machine;
every relative link of a document leads to a file; docs/Exactness.md names tests that exist, and every test of its rows.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 500
ROWS = "docs/Exactness.md"
# Longer files, each to be split by meaning. Nothing may be added without saying why in the commit.
SOURCES = {".cpp", ".h", ".td", ".sv", ".py", ".sh", ".cmake", ".txt", ".mlir", ".test", ".md", ".json", ""}
MACHINE = re.compile(r"(?<![\w./$-])/(?:work|home|root|Users|mnt)/\w")


def tracked():
    """Files of the repository, or all files where it is no git checkout."""
    try:
        command = ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        return [name for name in listed if (ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        parts = [p.relative_to(ROOT) for p in ROOT.rglob("*") if p.is_file()]
        return [str(p) for p in parts if not p.parts[0].startswith(("build", "."))]


def problems(name):
    path = pathlib.PurePath(name)
    if path.suffix not in SOURCES or "fixtures" in path.parts or path.parts[0] == "fuzz" and path.suffix == "":
        return
    lines = (ROOT / name).read_text(errors="replace").splitlines()
    if path.suffix in (".cpp", ".h", ".td", ".sv", ".py") and len(lines) > LONGEST:
        yield len(lines), f"more than {LONGEST} lines; split it by meaning"
    in_core = "Core" in path.parts and path.parts[0] in ("include", "lib")
    for number, line in enumerate(lines, 1):
        if in_core and re.match(r'\s*#\s*include\s*["<](mlir|llvm)/', line):
            yield number, "Core includes no MLIR or LLVM"
        if MACHINE.search(line):
            yield number, "path of some machine"
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                if not (ROOT / path.parent / target).exists():
                    yield number, f"link to '{target}', which does not exist"


def wrong_rows(names):
    """Of the table from cases to tests: names that are no test, and tests of the suite Rows that it lacks."""
    declared = set()
    for name in names:
        if name.startswith("unittests/") and name.endswith(".cpp"):
            text = (ROOT / name).read_text()
            declared |= {".".join(test) for test in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", text, re.MULTILINE)}
    table = [line for line in (ROOT / ROWS).read_text().splitlines() if line.startswith("|")]
    named = set(re.findall(r"`(\w+\.\w+)`", "\n".join(row.split("|")[-2] for row in table)))
    yield from (f"{ROWS}: no test '{test}'" for test in sorted(named - declared))
    rows = {test for test in declared if test.startswith("Rows.")}
    yield from (f"{ROWS}: lacks the test '{test}'" for test in sorted(rows - named))


def main():
    names = tracked()
    found = [f"{name}:{number}: {text}" for name in names for number, text in problems(name)]
    found += wrong_rows(names)
    print("\n".join(found + [f"{len(names)} files, {len(found)} problems"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
