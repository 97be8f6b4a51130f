"""What a run leaves behind: everything that its models said, in files that can be judged again.

Processes that share a run each leave a part. The one that started them puts the parts together.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pytest_mmbench import runs
from pytest_mmbench.examinee import Examinee
from pytest_mmbench.judging import Role
from pytest_mmbench.runs import RunFile
from pytest_mmbench.session import Run
from pytest_mmbench.store import make

DESCRIBED: Final = ("dtype", "device")
"""What a model may say of itself."""


def kept(run: Run, facts: Mapping[str, str]) -> dict[Role, RunFile]:
    """What each model of this process has said so far; models that were not loaded are left out."""
    return {
        role: _file(run, examinee, facts)
        for role, examinee in run.examinees.items()
        if examinee.loaded
    }


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
    for role, part in kept(run, facts).items():
        runs.write(part, _folder(run) / f"{role}.{worker}.json")


def collect(run: Run) -> dict[Role, RunFile]:
    """Puts together the parts that were left, and takes them away."""
    found: dict[Role, RunFile] = {}
    for role in run.examinees:
        paths = sorted(_folder(run).glob(f"{role}.*.json"))
        parts = [runs.read(path) for path in paths]
        if parts:
            found[role] = runs.merged(parts)
    # A worker that died may have left the half of a part, too.
    shutil.rmtree(_folder(run), ignore_errors=True)
    return found


def keep(run: Run, file: RunFile) -> Path:
    """Keeps the latest run in the store's folder, and says where."""
    make(run.settings.store)
    path = run.settings.store / runs.LAST
    runs.write(file, path)
    return path


def _folder(run: Run) -> Path:
    # The moment at which a run began is the same in all its processes, and no other run's.
    return run.settings.store / runs.PARTS / f"{run.started:.6f}"
