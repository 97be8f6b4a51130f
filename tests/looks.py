"""Prints what checkpoints score under each condition: `python tests/looks.py CHECKPOINT ...`.

Each is asked through the plugin itself, about the default set of `shapes`; a Markdown table comes
out, with the accuracy of the whole and of each capability.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CONDITIONS = (
    *("no-image", "mismatched", "grey", "black", "white", "noise", "blur", "patch-shuffle"),
    *("options-only", "rotated-1", "no-image+rotated-1"),
)


def shares(checkpoint: Path, scratch: Path) -> dict[str, dict[str, float]]:
    """Accuracy by dimension and condition."""
    report = scratch / f"{checkpoint.name}.json"
    asked = [f"--mm-condition={name}" for name in CONDITIONS]
    where = [f"--mm-store={scratch}", f"--mm-json={report}", "--rootdir", str(scratch)]
    command = [sys.executable, "-m", "pytest", "-q", f"--mm-model={checkpoint.resolve()}"]
    (scratch / "mmbench.toml").write_text("[benchmarks.shapes]\n", encoding="utf-8")
    done = subprocess.run(
        [*command, *asked, *where], cwd=scratch, capture_output=True, text=True, check=False
    )
    if not report.is_file():
        sys.exit(done.stdout + done.stderr)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return {
        sight["dimension"]: {each["name"]: each["accuracy"] for each in sight["conditions"]}
        for sight in found["sights"]
        if sight["dimension"].count(".") < 2
    }


def main() -> None:
    """Prints one table for all checkpoints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+", type=Path)
    chosen = parser.parse_args().checkpoints
    names = ("image", *CONDITIONS)
    print(f"| checkpoint | dimension | {' | '.join(names)} |")
    print(f"|---|---|{'---:|' * len(names)}")
    for checkpoint in chosen:
        with tempfile.TemporaryDirectory() as scratch:
            for path, by_condition in shares(checkpoint, Path(scratch)).items():
                cells = " | ".join(f"{by_condition[name]:.3f}" for name in names)
                print(f"| {checkpoint.name} | {path.partition('.')[2] or 'all'} | {cells} |")


if __name__ == "__main__":
    main()
