"""What a run leaves behind: everything that its models said, in files that can be judged again.

Processes that share a run each leave a part. The one that started them puts the parts together.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pytest_mmbench import files
from pytest_mmbench.evaluation.evaluator import ModelEvaluator
from pytest_mmbench.evaluation.run import Run
from pytest_mmbench.evaluation.store.folder import make_folder
from pytest_mmbench.records import Dimension, Gate, Role
from pytest_mmbench.results import run_file
from pytest_mmbench.results.run_file import DESCRIBED, SavedRun

FAMILIES: Final = "families"
"""First part of the names of files that say what a process has judged together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResults:
    """What a run leaves, in one process or in several."""

    models: Mapping[Role, SavedRun]
    """What each model said."""
    families: Mapping[Gate, Sequence[Dimension]]
    """The dimensions that were judged together, also those whose cases the run did not come to."""


def current_results(run: Run, facts: Mapping[str, str]) -> RunResults:
    """What this process has found so far; models that were not loaded are left out."""
    models = {
        role: _saved_run(run, examinee, facts)
        for role, examinee in run.evaluators.items()
        if examinee.loaded
    }
    return RunResults(models=models, families={claim: run.family(claim) for claim in Gate})


def _saved_run(run: Run, examinee: ModelEvaluator, facts: Mapping[str, str]) -> SavedRun:
    own = {name: getattr(examinee.features, name) or "" for name in DESCRIBED}
    tolerances = examinee.tolerances
    return SavedRun(
        model=examinee.name,
        fingerprint=examinee.model.fingerprint,
        tolerance=max(tolerances.values(), default=0.0),
        tolerances=tolerances,
        created=datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds"),
        facts={**facts, **{name: told for name, told in own.items() if told}},
        trees={each.name: each.tree for each in run.selected.values()},
        tasks=tuple(examinee.task_results()),
    )


def write_worker_part(run: Run, facts: Mapping[str, str], worker: str) -> None:
    """Leaves this process' part of a run that several share, in place of what it left before."""
    left = current_results(run, facts)
    if not left.models:
        return
    # The process that started this one has no models, and could not tell what they can be asked.
    families = {claim: [node.path for node in nodes] for claim, nodes in left.families.items()}
    files.replace_file(_folder(run) / f"{FAMILIES}.{worker}.json", json.dumps(families).encode())
    for role, part in left.models.items():
        run_file.write(part, _folder(run) / f"{role}.{worker}.json")


def merge_worker_parts(run: Run) -> RunResults:
    """Puts together the parts that were left, and takes them away."""
    found: dict[Role, SavedRun] = {}
    for role in run.evaluators:
        paths = sorted(_folder(run).glob(f"{role}.*.json"))
        parts = [run_file.read(path) for path in paths]
        if parts:
            found[role] = run_file.merged(parts)
    families = _families(run, _folder(run).glob(f"{FAMILIES}.*.json"))
    # A worker that died may have left the half of a part, too.
    shutil.rmtree(_folder(run), ignore_errors=True)
    return RunResults(models=found, families=families)


def _families(run: Run, paths: Iterable[Path]) -> dict[Gate, list[Dimension]]:
    """What any of the processes knew: all that know a family know the same."""
    told = [json.loads(path.read_bytes()) for path in paths]
    known = {claim: {path for each in told for path in each[claim]} for claim in Gate}
    return {
        claim: [node for path, node in run.dimensions.items() if path in known[claim]]
        for claim in Gate
    }


def save_last_run(run: Run, file: SavedRun) -> Path:
    """Keeps the latest run in the store's folder, and says where."""
    make_folder(run.settings.store)
    path = run.settings.store / run_file.LAST
    run_file.write(file, path)
    return path


def _folder(run: Run) -> Path:
    # The moment at which a run began is the same in all its processes, and no other run's.
    return run.settings.store / run_file.PARTS / f"{run.started:.6f}"
