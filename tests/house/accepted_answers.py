"""Answers of a snapshot that are drawn at random, or written in a line."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hypothesis import strategies as st

from pytest_mmbench.records import Mark, Method
from pytest_mmbench.results.rows import SampleResult, ScoredAnswer, TaskResults, TaskSpec
from pytest_mmbench.results.snapshots import SnapshotAnswers, snapshot_of

LEAF = "b.d"
MARKS = {"r": Mark.CORRECT, "w": Mark.INCORRECT, "u": Mark.UNPARSEABLE}


def accepted(
    answers: str,
    *,
    margin: float = 9.0,
    tolerance: float = 0.01,
    wording: str = "b-1",
    start: int = 0,
) -> SnapshotAnswers:
    """Answers such as `Ar Bw -u`: what was chosen, or `-`, and its mark."""
    scored = {
        f"s{start + at}": ScoredAnswer(
            sample=f"s{start + at}",
            mark=MARKS[each[-1]],
            answer=each[:-1].replace("-", ""),
            margin=margin,
        )
        for at, each in enumerate(answers.split())
    }
    return SnapshotAnswers(
        dimension=LEAF,
        identity=wording,
        method_and_scoring="rank",
        model="old",
        tolerance=tolerance,
        answers=scored,
    )


def task_results(rows: Mapping[str, SampleResult]) -> TaskResults:
    """The results of a task with these rows in its one leaf."""
    spec = TaskSpec(
        benchmark="b",
        revision="b-1",
        method=Method.RANK,
        scoring="",
        condition="image",
        condition_used="image",
    )
    return TaskResults(spec=spec, rows={LEAF: tuple(rows.values())})


margins = st.floats(0, 50) | st.just(math.inf)
ids = st.text(min_size=1, max_size=8)


@st.composite
def drawn(draw: st.DrawFn, known: st.SearchStrategy[str] = ids) -> SnapshotAnswers:
    """Answers to any samples, as a model gives them."""
    samples = draw(st.lists(known, unique=True, min_size=1, max_size=12))
    rows = {
        sample: SampleResult(
            sample=sample,
            mark=draw(st.sampled_from(Mark)),
            answer=draw(st.sampled_from("ABC") | st.text()),
            target="A",
            options=3,
            option_logprobs=draw(st.just(()) | st.lists(st.floats(-50, 0), min_size=2).map(tuple)),
            text="what it said",
        )
        for sample in samples
    }
    model = draw(st.sampled_from(["one", "another"]))
    tolerance = draw(st.sampled_from([0.001, 0.5]))
    return snapshot_of(task_results(rows), LEAF, model=model, tolerance=tolerance)
