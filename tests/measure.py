"""Measures what the README claims about time: `python tests/measure.py cost` or `... collection`.

Commands run in turn, A B A B ..., so that a machine whose speed drifts treats them alike. Medians
are printed, and their difference or ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest", "-q")
SCRIPTED = (*PYTEST, "--collect-only", "--mm-model=scripted:first")


def seconds(command: Sequence[str], folder: Path) -> float:
    """Wall time of a command, which may find no tests but must not fail otherwise."""
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, check=False, env=os.environ | {"CI": "true"}
    )
    if done.returncode not in (0, 5):
        sys.exit(done.stdout.decode() + done.stderr.decode())
    return time.perf_counter() - started


def in_turn(
    first: Sequence[str], second: Sequence[str], folders: tuple[Path, Path], runs: int
) -> tuple[list[float], list[float]]:
    """Times of both commands, run alternately after one warm-up each."""
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(runs + 1):
        for kept, command, folder in zip(times, (first, second), folders, strict=True):
            took = seconds(command, folder)
            if run:
                kept.append(took)
    return times


def cost(scratch: Path, runs: int) -> None:
    """What an installed but unused plugin adds to an empty run."""
    blocked = (*PYTEST, "-p", "no:mmbench")
    used, bare = in_turn(PYTEST, blocked, (scratch, scratch), runs)
    one, other = statistics.median(used), statistics.median(bare)
    print(f"with the plugin {one:.3f} s, without {other:.3f} s: {1000 * (one - other):+.1f} ms")


def collection(scratch: Path, runs: int) -> None:
    """How long collecting takes as the benchmark grows."""
    small, large = scratch / "small", scratch / "large"
    for folder, per_axis in ((small, 40), (large, 5_556)):
        folder.mkdir()
        (folder / "mmbench.toml").write_text(f"[benchmarks.shapes]\nper-axis = {per_axis}\n")
    few, many = in_turn(SCRIPTED, SCRIPTED, (small, large), runs)
    one, other = statistics.median(few), statistics.median(many)
    print(f"720 samples {one:.3f} s, 100,008 samples {other:.3f} s: ratio {other / one:.2f}")


def main() -> None:
    """Runs one measurement in a scratch folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("cost", "collection"))
    parser.add_argument("--runs", type=int, default=10)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        {"cost": cost, "collection": collection}[chosen.what](Path(scratch), chosen.runs)


if __name__ == "__main__":
    main()
