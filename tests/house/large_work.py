"""Pure work of a large benchmark, whose time `tests/measure.py speed` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from accepted_answers import LEAF, accepted

from pytest_mmbench.benchmarks.shapes.questions import make_records
from pytest_mmbench.gates.comparison import compare_answers
from pytest_mmbench.gates.stats import clusters
from pytest_mmbench.gates.stats.clusters import Cluster
from pytest_mmbench.records import Mark
from pytest_mmbench.results import snapshots
from pytest_mmbench.results.rows import ScoredAnswer
from pytest_mmbench.results.snapshots import updated
from pytest_mmbench.scorers.choice import read_choice

SAMPLES = 24_000


def works(scratch: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each kind of work, and what it is called."""
    counts = np.random.default_rng(5).integers(0, 3, size=(SAMPLES // 3, 2))
    pictures = [
        Cluster(size=4, regressed=int(one), fixed=int(other)) for one, other in counts.tolist()
    ]
    yield "sign flips of 8,000 pictures", lambda: clusters.sign_flip_worse(pictures)
    before = [
        ScoredAnswer(
            sample=f"s{at}", mark=Mark.CORRECT, answer="A", margin=1.0, cluster=f"p{at // 3}"
        )
        for at in range(SAMPLES)
    ]
    after = [
        row if at % 5 else replace(row, mark=Mark.INCORRECT, answer="B")
        for at, row in enumerate(before)
    ]
    yield (
        "24,000 answers compared, one in five changed",
        lambda: compare_answers("b", before, after, tolerance=0.01),
    )
    answers = accepted("Ar Bw Cw -u " * (SAMPLES // 4), margin=1.23)
    path = snapshots.path(scratch, LEAF)

    def snapshot() -> None:
        accept = updated(replace(answers, answers={}), answers, answers.answers.keys())
        snapshots.write(path, snapshots.encode(accept))
        updated(snapshots.read(path, dimension=LEAF), answers, answers.answers.keys())

    yield "24,000 answers of a snapshot written, read and updated", snapshot
    yield (
        "100,008 records of shapes drawn",
        lambda: sum(1 for _ in make_records(1, 5_556)),
    )
    for row in ("a", "(", "answer ", 'The answer is "'):
        text = row * (10**6 // len(row))
        yield f"a megabyte of {row!r} read", partial(read_choice, text, "abcd")
