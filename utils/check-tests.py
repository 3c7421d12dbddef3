#!/usr/bin/env python3
"""Finds lit tests that check nothing. usage: check-tests.py [FOLDER]

A test without RUN; a check prefix that no RUN line uses; a prefix that a RUN line uses and no line has; a CHECK line
without its colon or with a space before it; an expected diagnostic without -verify-diagnostics.
"""
import pathlib
import re
import sys

DIRECTIVE = re.compile(r"^\W*([A-Z][A-Z0-9_-]*?)(-(?:NEXT|SAME|NOT|DAG|LABEL|EMPTY|COUNT-\d+))?(\s*)(:|(?=\s|$))")


def problems(path):
    lines = path.read_text().splitlines()
    runs = " ".join(line.split("RUN:", 1)[1] for line in lines if "RUN:" in line)
    if not runs:
        yield 1, "no RUN line"
        return
    used = set()
    for command in re.findall(r"FileCheck[^|&;]*", runs):
        given = re.findall(r"-?-check-prefix(?:es)?[= ](\S+)", command)
        used.update(p for item in given for p in item.split(","))
        if not given:
            used.add("CHECK")
    seen = set()
    for number, line in enumerate(lines, 1):
        if "RUN:" in line:
            continue
        match = DIRECTIVE.match(line)
        if match:
            prefix, kind, space, colon = match.groups()
            known = prefix in used or prefix.startswith("CHECK")
            if known and (not colon or space):
                yield number, f"'{prefix}{kind or ''}' without a colon right behind it checks nothing"
            elif known and prefix not in used:
                yield number, f"no RUN line uses the prefix '{prefix}'"
            elif colon and kind and prefix not in used:
                yield number, f"no RUN line uses the prefix '{prefix}'"
            if known and colon:
                seen.add(prefix)
        if re.search(r"expected-(error|warning|remark|note)", line) and "-verify-diagnostics" not in runs:
            yield number, "expected diagnostic, but no RUN line has -verify-diagnostics"
    for prefix in sorted(used - seen):
        yield 1, f"prefix '{prefix}' has no line"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "test")
    files = sorted(p for p in root.rglob("*") if p.suffix in (".mlir", ".test") and "fixtures" not in p.parts)
    found = [f"{p}:{number}: {text}" for p in files for number, text in problems(p)]
    print("\n".join(found + [f"{len(files)} tests, {len(found)} problems"]))
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
