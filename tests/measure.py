"""Measures what the README claims about time: `python tests/measure.py cost`, or another name.

Commands run in turn, A B A B ..., so that a machine whose speed drifts treats them alike. Medians
are printed, and their difference or ratio.
"""

from __future__ import annotations

import argparse
import importlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).with_name("house")))

import large_benchmark

ORDINARY = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
ORDINARY["OMP_NUM_THREADS"] = "1"
"""Compiled files are kept, as they are wherever nobody asked for the contrary."""
PYTEST = (sys.executable, "-m", "pytest", "-q")
SCRIPTED = (*PYTEST, "--collect-only", "--mm-model=scripted:first")


class Times(NamedTuple):
    """What a command took."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds of processors; little disturbed by whatever else the machine does."""

    def __str__(self) -> str:
        return f"{self.wall:.3f} s (cpu {self.cpu:.3f} s)"


def seconds(command: Sequence[str], folder: Path) -> Times:
    """Times of a command, which may find no tests but must not fail otherwise."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, env=ORDINARY)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 5):
        sys.exit(done.stdout.decode() + done.stderr.decode())
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Times(wall, spent)


def median(times: Sequence[Times]) -> Times:
    """The median of each kind of time."""
    return Times(*(statistics.median(kind) for kind in zip(*times, strict=True)))


def in_turn(
    first: Sequence[str],
    second: Sequence[str],
    folders: tuple[Path, Path],
    runs: int,
    *,
    warm: int = 1,
) -> tuple[Times, Times, Times]:
    """Medians of both commands, run alternately after `warm` runs each, and of their difference."""
    times: tuple[list[Times], list[Times]] = ([], [])
    for run in range(warm + runs):
        for kept, command, folder in zip(times, (first, second), folders, strict=True):
            took = seconds(command, folder)
            if run >= warm:
                kept.append(took)
    pairs = zip(*times, strict=True)
    differences = [Times(one.wall - other.wall, one.cpu - other.cpu) for one, other in pairs]
    return median(times[0]), median(times[1]), median(differences)


def cost(scratch: Path, runs: int) -> None:
    """What an installed but unused plugin adds to an empty run."""
    blocked = (*PYTEST, "-p", "no:mmbench")
    used, bare, more = in_turn(PYTEST, blocked, (scratch, scratch), runs)
    added = f"{1000 * more.wall:+.1f} ms (cpu {1000 * more.cpu:+.1f} ms)"
    print(f"with the plugin {used}, without {bare}; a pair differs by {added}")


def collection(scratch: Path, runs: int) -> None:
    """How long collecting takes as the benchmark grows."""
    small, large = scratch / "small", scratch / "large"
    for folder, per_axis in ((small, 40), (large, 5_556)):
        folder.mkdir()
        (folder / "mmbench.toml").write_text(f"[benchmarks.shapes]\nper-axis = {per_axis}\n")
    few, many, _ = in_turn(SCRIPTED, SCRIPTED, (small, large), runs)
    print(f"720 samples {few}, 100,008 samples {many}: cpu ratio {many.cpu / few.cpu:.2f}")


def snapshots(scratch: Path, runs: int) -> None:
    """What 24,012 accepted answers add to a run that knows all of them already."""
    (scratch / "mmbench.toml").write_text("[benchmarks.shapes]\nper-axis = 1_334\n")
    (scratch / "other.json").write_text('{"answers": {}, "otherwise": "B"}')
    one, other = (
        (*PYTEST, f"--mm-model=scripted:{name}", "-k") for name in ("first", "other.json")
    )
    cases = "test_capability or test_snapshot"
    accept = (cases, "--snapshot-update")
    # Each accepts what the other has not said: every file is read, compared and written anew.
    wrote, rewrote, _ = in_turn((*one, *accept), (*other, *accept), (scratch, scratch), runs)
    scores = (*other, "test_capability")
    both, bare, more = in_turn((*other, cases), scores, (scratch, scratch), runs)
    accepted = Times(*map(max, zip(wrote, rewrote, strict=True)))
    added = Times(accepted.wall - bare.wall, accepted.cpu - bare.cpu)
    print(f"changed answers accepted {accepted}, scores alone {bare}: accepting takes {added} more")
    print(f"scores and answers {both}, scores alone {bare}: comparing takes {more} more")


def conditions(scratch: Path, runs: int, names: Sequence[str], pixels: int) -> None:
    """What asking again under conditions costs: twelve questions, by likelihood, on one thread."""
    bench = importlib.import_module("bench")  # it lies beside this file, and loads torch
    weights = bench.save(scratch / "bench", pixels=pixels)
    (scratch / "mmbench.toml").write_text(f"[benchmarks.shapes]\nper-axis = {bench.PER_AXIS}\n")
    plain = (*PYTEST, "--mm-model=bench", "--mm-fresh", "-k", bench.CAPABILITY)
    more = (*plain, *(f"--mm-condition={name}" for name in names))
    once, every, _ = in_turn(plain, more, (scratch, scratch), runs, warm=0)
    ratio = f"{every.wall / once.wall:.2f} (cpu {every.cpu / once.cpu:.2f})"
    print(f"{weights / 1e6:.0f} million weights, pictures of {pixels} pixels, {runs} pairs of runs")
    print(f"image {once}; with {', '.join(names)} {every}: ratio {ratio}")
    for name in ("image", *names):
        print(f"{name}: {bench.decoded(scratch / 'bench', name)} pictures decoded")


class Peak(NamedTuple):
    """What a command needed."""

    seconds: float
    bytes: int
    """Of memory, at most."""


def peak(command: Sequence[str], folder: Path) -> Peak:
    """Memory of a command that must not fail."""
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=ORDINARY) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(process.returncode)
    # Kilobytes, and bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return Peak(time.perf_counter() - started, used.ru_maxrss * unit)


def memory(scratch: Path, _: int) -> None:
    """What 24,000 questions about pictures of a megapixel take above the model that is asked."""
    small, large = scratch / "small", scratch / "large"
    small.mkdir()
    large.mkdir()
    shown = large_benchmark.write(large)
    (small / "conftest.py").write_text(large_benchmark.MODEL)
    (small / "mmbench.toml").write_text("[benchmarks.shapes]\nper-axis = 1\n")
    command = (*PYTEST, "--mm-model=decoding", "-k", "test_capability")
    few, many, again = (peak(command, folder) for folder in (small, large, large))
    above = [(each.bytes - few.bytes) / 2**20 for each in (many, again)]
    size = len(list((large / "data").rglob("*.jpg")))
    print(f"{shown} pictures of a megapixel in {size} files; the model and the plugin alone take")
    print(f"{few.bytes / 2**20:.0f} MB; asking {many.seconds:.0f} s, {above[0]:.0f} MB more;")
    print(f"running again {again.seconds:.0f} s, {above[1]:.0f} MB more")


def speed(scratch: Path, runs: int) -> None:
    """Seconds of the processor for pure work of a large benchmark, the least of several runs."""
    examples = importlib.import_module("large_work")
    for name, work in examples.works(scratch):
        times = []
        for _ in range(runs):
            started = time.process_time()
            work()
            times.append(time.process_time() - started)
        print(f"{min(times):7.3f} s  {name}")


VERBS = {
    "cost": cost,
    "collection": collection,
    "snapshots": snapshots,
    "memory": memory,
    "speed": speed,
}


def main() -> None:
    """Runs one measurement in a scratch folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=(*VERBS, "conditions"))
    parser.add_argument("--runs", type=int, default=0, help="pairs of runs; default 10, or 2")
    parser.add_argument("--conditions", nargs="+", default=["no-image", "mismatched"])
    parser.add_argument("--pixels", type=int, default=336, help="side of what the tower sees")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if chosen.what == "conditions":
            conditions(Path(scratch), chosen.runs or 2, chosen.conditions, chosen.pixels)
        else:
            VERBS[chosen.what](Path(scratch), chosen.runs or 10)


if __name__ == "__main__":
    main()
