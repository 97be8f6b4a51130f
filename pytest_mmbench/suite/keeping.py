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

from pytest_mmbench import runs, writing
from pytest_mmbench.examinee import Examinee
from pytest_mmbench.judging import Claim, Role
from pytest_mmbench.records import Dimension
from pytest_mmbench.runs import RunFile
from pytest_mmbench.session import Run
from pytest_mmbench.store import make

DESCRIBED: Final = ("dtype", "device")
"""What a model may say of itself."""
FAMILIES: Final = "families"
"""First part of the names of files that say what a process has judged together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run leaves, in one process or in several."""

    models: Mapping[Role, RunFile]
    """What each model said."""
    families: Mapping[Claim, Sequence[Dimension]]
    """The dimensions that were judged together, also those whose cases the run did not come to."""


def kept(run: Run, facts: Mapping[str, str]) -> Left:
    """What this process has found so far; models that were not loaded are left out."""
    models = {
        role: _file(run, examinee, facts)
        for role, examinee in run.examinees.items()
        if examinee.loaded
    }
    return Left(models=models, families={claim: run.among(claim) for claim in Claim})


def _file(run: Run, examinee: Examinee, facts: Mapping[str, str]) -> RunFile:
    own = {name: str(getattr(examinee.model, name, "")) for name in DESCRIBED}
    tolerances = examinee.tolerances
    return RunFile(
        model=examinee.name,
        fingerprint=examinee.model.fingerprint,
        tolerance=max(tolerances.values(), default=0.0),
        tolerances=tolerances,
        made=datetime.fromtimestamp(run.started, UTC).isoformat(timespec="seconds"),
        facts={**facts, **{name: told for name, told in own.items() if told}},
        trees={each.name: each.tree for each in run.selected.values()},
        sheets=tuple(examinee.sheets()),
    )


def leave(run: Run, facts: Mapping[str, str], worker: str) -> None:
    """Leaves this process' part of a run that several share, in place of what it left before."""
    left = kept(run, facts)
    if not left.models:
        return
    # The process that started this one has no models, and could not tell what they can be asked.
    families = {claim: [node.path for node in nodes] for claim, nodes in left.families.items()}
    writing.write(_folder(run) / f"{FAMILIES}.{worker}.json", json.dumps(families).encode())
    for role, part in left.models.items():
        runs.write(part, _folder(run) / f"{role}.{worker}.json")


def collect(run: Run) -> Left:
    """Puts together the parts that were left, and takes them away."""
    found: dict[Role, RunFile] = {}
    for role in run.examinees:
        paths = sorted(_folder(run).glob(f"{role}.*.json"))
        parts = [runs.read(path) for path in paths]
        if parts:
            found[role] = runs.merged(parts)
    families = _families(run, _folder(run).glob(f"{FAMILIES}.*.json"))
    # A worker that died may have left the half of a part, too.
    shutil.rmtree(_folder(run), ignore_errors=True)
    return Left(models=found, families=families)


def _families(run: Run, paths: Iterable[Path]) -> dict[Claim, list[Dimension]]:
    """What any of the processes knew: all that know a family know the same."""
    told = [json.loads(path.read_bytes()) for path in paths]
    known = {claim: {path for each in told for path in each[claim]} for claim in Claim}
    return {
        claim: [node for path, node in run.dimensions.items() if path in known[claim]]
        for claim in Claim
    }


def keep(run: Run, file: RunFile) -> Path:
    """Keeps the latest run in the store's folder, and says where."""
    make(run.settings.store)
    path = run.settings.store / runs.LAST
    runs.write(file, path)
    return path


def _folder(run: Run) -> Path:
    # The moment at which a run began is the same in all its processes, and no other run's.
    return run.settings.store / runs.PARTS / f"{run.started:.6f}"
