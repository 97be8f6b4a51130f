"""The results of a run as files: a part for each process, and the latest run as a whole.

Processes that share a run each write a part; the one that started them merges the parts.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.store.folder import make_folder
from pytest_mmbench.records import Role
from pytest_mmbench.results import run_file
from pytest_mmbench.results.run_file import DESCRIBED, SavedRun


def current_results(run: Run, versions: Mapping[str, str]) -> dict[Role, SavedRun]:
    """The results of each model that this process has loaded, as far as the run has come."""
    return {
        role: _saved_run(run, evaluator, versions)
        for role, evaluator in run.evaluators.items()
        if evaluator.loaded
    }


def _saved_run(run: Run, evaluator: ModelEvaluator, versions: Mapping[str, str]) -> SavedRun:
    for benchmark in evaluator.tolerances:
        evaluator.measure_noise(benchmark)
    tolerances = evaluator.tolerances
    own = {name: getattr(evaluator.features, name) for name in DESCRIBED}
    return SavedRun(
        model=evaluator.name,
        fingerprint=evaluator.model.fingerprint,
        tolerance=max(tolerances.values(), default=0.0),
        tolerances=tolerances,
        created=datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds"),
        facts={**versions, **{name: fact for name, fact in own.items() if fact}},
        trees=run.trees,
        tasks=tuple(evaluator.task_results()),
    )


def write_worker_part(run: Run, versions: Mapping[str, str], worker: str) -> None:
    """Writes this process' part of a shared run, in place of what it wrote before."""
    for role, part in current_results(run, versions).items():
        run_file.write(part, _folder(run) / f"{role}.{worker}.json")


def merge_worker_parts(run: Run) -> dict[Role, SavedRun]:
    """Merges the parts that were written, and removes them."""
    merged: dict[Role, SavedRun] = {}
    for role in run.evaluators:
        parts = [run_file.read(path) for path in sorted(_folder(run).glob(f"{role}.*.json"))]
        if parts:
            merged[role] = run_file.merged(parts)
    # A worker that died may have left the half of a part, too.
    shutil.rmtree(_folder(run), ignore_errors=True)
    return merged


def save_last_run(run: Run, saved: SavedRun) -> Path:
    """Keeps the latest run in the store's folder, and gives its path."""
    make_folder(run.settings.store)
    path = run.settings.store / run_file.LAST
    run_file.write(saved, path)
    return path


def _folder(run: Run) -> Path:
    # The moment at which a run began is the same in all its processes, and no other run's.
    return run.settings.store / run_file.PARTS / f"{run.started:.6f}"
