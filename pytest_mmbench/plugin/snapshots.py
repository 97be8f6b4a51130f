"""Snapshots in a run: which benchmarks have one, and what a case makes of its leaf."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from pytest_mmbench.errors import DataError, MMBenchWarning, SettingsError
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.selection import BenchmarkSelection
from pytest_mmbench.gates import snapshot
from pytest_mmbench.gates.verdicts import SnapshotVerdict
from pytest_mmbench.records import Dimension, Outcome
from pytest_mmbench.results import snapshots
from pytest_mmbench.results.rows import IMAGE
from pytest_mmbench.results.snapshots import SnapshotAnswers

SYRUPY: Final = "syrupy"
"""The plugin through which answers are accepted."""


def snapshot_benchmarks(
    config: pytest.Config, selected: Sequence[BenchmarkSelection]
) -> tuple[str, ...]:
    """The benchmarks whose answers are compared: those with a folder, or all that are to get one.

    Warns of a folder that nothing is compared with, as that could look like a pass.
    """
    names = [each.name for each in selected]
    kept = [name for name in names if snapshots.folder(config.rootpath, name).is_dir()]
    if config.pluginmanager.hasplugin(SYRUPY):
        return tuple(names if accepts(config) else kept)
    for name in kept:
        folder = snapshots.folder(config.rootpath, name)
        problem = f"the snapshot in {folder} is not compared: syrupy is not active.\n"
        warnings.warn(
            MMBenchWarning(f"{problem}  what to do   pip install syrupy, without -p no:syrupy"),
            stacklevel=2,
        )
    return ()


def updates(config: pytest.Config) -> bool:
    """Whether every answer of this run is accepted."""
    return bool(getattr(config.option, "update_snapshots", False))


def adds(config: pytest.Config) -> bool:
    """Whether the answers to leaves without a file are accepted."""
    return bool(getattr(config.option, "update_new_snapshots_only", False))


def accepts(config: pytest.Config) -> bool:
    """Whether any answers of this run are to be accepted."""
    return updates(config) or adds(config)


def judge_leaf(request: pytest.FixtureRequest, run: Run, leaf: Dimension) -> SnapshotVerdict:
    """What became of the answers of a leaf; updates the snapshot if that was asked for.

    Raises:
        SettingsError: it is no leaf, or syrupy is not active.
        DataError: its file is damaged, or cannot be replaced by a part of the answers.
    """
    _check(request, run, leaf)
    selection = run.benchmark_of(leaf)
    path = snapshots.path(run.rootdir, leaf.path)
    updated = updates(request.config) or (adds(request.config) and not path.exists())
    known = selection.benchmark.ids(leaf.path)
    complete = len(selection.sample_ids(leaf)) == len(known)
    actual = _actual(run, leaf)
    expected = _expected(path, actual, replaceable=updated and complete)
    if updated and not complete and expected.answers and expected.question != actual.question:
        verdict = snapshot.judge_snapshot(expected, actual)
        raise DataError(verdict.explanation, what_to_do="accept it without a limit")
    verdict = snapshot.judge_snapshot(
        expected, actual, settings=run.settings.snapshots, updated=updated
    )
    if updated or verdict.outcome is not Outcome.PASS:
        text = snapshots.encode(snapshots.updated(expected, actual, frozenset(known)))
    else:
        text = path.read_text(encoding="utf-8")
    problem = _asserted(request, leaf, text)
    if updated and problem:
        raise DataError(f"{path} cannot be written.", reason=problem)
    return verdict


def _check(request: pytest.FixtureRequest, run: Run, leaf: Dimension) -> None:
    if leaf.path not in run.benchmark_of(leaf).leaves:
        raise SettingsError(
            f"snapshots are kept leaf by leaf, and {leaf.path} is none.",
            asked_for_by=request.node.nodeid,
            what_to_do="ask for mm_snapshot without a parametrize of your own",
        )
    if not request.config.pluginmanager.hasplugin(SYRUPY):
        raise SettingsError(
            "snapshots are compared through syrupy, which is not active.",
            asked_for_by=request.node.nodeid,
            what_to_do="pip install syrupy, without -p no:syrupy",
        )


def _actual(run: Run, leaf: Dimension) -> SnapshotAnswers:
    """The candidate's answers, in the form in which a snapshot keeps them."""
    results = run.candidate.results(leaf.benchmark, IMAGE)[leaf.path]
    return snapshots.snapshot_of(
        run.tasks.task(leaf.benchmark, IMAGE).results({leaf.path: results}),
        leaf.path,
        model=run.candidate.name,
        tolerance=run.candidate.tolerance_of(leaf.benchmark),
    )


def _expected(path: Path, actual: SnapshotAnswers, *, replaceable: bool) -> SnapshotAnswers:
    """The snapshot: empty if there is no file, or a damaged one that is about to be replaced."""
    empty = replace(actual, answers={})
    if not path.exists():
        return empty
    try:
        return snapshots.read(path, dimension=actual.dimension)
    except DataError:
        if not replaceable:
            raise
        return empty


def _asserted(request: pytest.FixtureRequest, leaf: Dimension, text: str) -> str:
    """Lets syrupy compare a text with the file, count that, and write it if that was asked for.

    Gives what went wrong; syrupy itself says nothing of it.
    """
    # Whoever never compares answers shall not need it.
    from pytest_mmbench.plugin.syrupy_extension import SnapshotExtension  # noqa: PLC0415

    snapshot = request.getfixturevalue("snapshot").use_extension(SnapshotExtension)
    same = snapshot(name=leaf.path) == text
    errors = (each.exception for each in snapshot.executions.values())
    return "" if same else "; ".join(repr(error) for error in errors if error)
