"""Runs that were kept: files with everything that a model said and scored, to be judged again.

A run file is a baseline, the old or the new side of `mmbench diff`, and what a report is made of.
It needs neither the data nor the model that it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from pytest_mmbench import pins, writing
from pytest_mmbench.errors import DataError, SettingsError, near
from pytest_mmbench.paths import expanded
from pytest_mmbench.sheets import IMAGE, Row, Sheet, Tree

SCHEMA: Final = 1
"""Of a run file; grows when a field is renamed, removed, or means something else."""
BASELINES: Final = "mm_baselines"
"""Folder of the rootdir that holds baselines by name; it is meant to be committed."""
LAST: Final = "last-run.json"
"""File of the store's folder that holds the latest run."""
PARTS: Final = "run-parts"
"""Folder of the store in which processes that share a run leave what each has scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """What one model said and scored in one run."""

    model: str
    fingerprint: str
    tolerance: float
    """Widest margin (nats) that the model's noise may turn in any benchmark."""
    made: str
    """When, as ISO 8601 in UTC."""
    facts: Mapping[str, str]
    """What else is known of the run: versions, device, number format ..."""
    trees: Mapping[str, Tree]
    """By benchmark."""
    sheets: tuple[Sheet, ...]
    schema: int = SCHEMA
    tolerances: Mapping[str, float] = field(default_factory=dict)
    """The same by benchmark, as margins per token are narrower; of one that is not among them, and
    in files of earlier versions, the widest holds."""

    @property
    def name(self) -> str:
        """What people call the model."""
        return self.model

    @property
    def asked(self) -> tuple[str, ...]:
        """The benchmarks that it was asked as they were published."""
        return tuple(each.benchmark for each in self.sheets if each.condition == IMAGE)

    def tolerance_of(self, benchmark: str) -> float:
        """Widest margin (nats) that the model's noise may turn in a benchmark."""
        return self.tolerances.get(benchmark, self.tolerance)

    def rows(
        self, benchmark: str, condition: str, *, solved: bool = False
    ) -> Mapping[str, tuple[Row, ...]]:
        """The rows of each leaf.

        Raises:
            DataError: the run has none of this benchmark under this condition.
        """
        return self.sheet(benchmark, condition, solved=solved).rows

    def shown(self, benchmark: str, condition: str) -> str:
        """The condition that stood for another one with this model."""
        return self.sheet(benchmark, condition).shown

    def sheet(self, benchmark: str, condition: str, *, solved: bool = False) -> Sheet:
        """The sheet of a benchmark under a condition.

        Raises:
            DataError: the run has none.
        """
        # A benchmark without solved questions was asked without them, whoever asks for them.
        for wanted in ((benchmark, condition, solved), (benchmark, condition, False)):
            for each in self.sheets:
                if (each.benchmark, each.condition, each.solved) == wanted:
                    return each
        has = ", ".join(f"{each.benchmark} ({each.condition})" for each in self.sheets)
        raise DataError(
            f"the saved run of {self.model} has no answers to {benchmark} ({condition}).",
            it_has=has or "none at all",
        )


def write(run: RunFile, path: Path) -> None:
    """Writes a run file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    writing.write(path, msgspec.json.encode(run))


def read(path: Path) -> RunFile:
    """A run file.

    Raises:
        DataError: there is none, it is none, a later pytest-mmbench wrote it, or it is pinned and
            has changed since.
    """
    try:
        content = path.read_bytes()
        pins.check(path, content)
        schema = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).get("schema", b"0")
        if int(bytes(schema)) > SCHEMA:
            raise DataError(
                f"{path} was written by a later pytest-mmbench.",
                its_schema=bytes(schema).decode(),
                known=str(SCHEMA),
                what_to_do="upgrade pytest-mmbench",
            )
        return _whole(msgspec.json.decode(content, type=RunFile))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{path} is not a saved run.",
            reason=getattr(error, "strerror", None) or str(error),
            what_to_do="name one that `mmbench baseline save` or --mm-store has written",
        ) from error


def _whole(run: RunFile) -> RunFile:
    if without := {each.benchmark for each in run.sheets} - {*run.trees}:
        raise ValueError(f"it has answers to {', '.join(sorted(without))} and no such tree")
    return run


def baselines(rootdir: Path) -> dict[str, Path]:
    """The baselines that are kept by name."""
    folder = rootdir / BASELINES
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def find(spec: str, rootdir: Path) -> Path | None:
    """The run file that a baseline's spec means; None if it means a checkpoint.

    A name of a kept baseline comes first, then a path that ends with `.json`.

    Raises:
        DataError: it ends so, and there is no such file; or the baseline is pinned and gone.
    """
    kept = baselines(rootdir)
    if not spec:
        return None
    if spec in kept:
        return kept[spec]
    pins.check_there(rootdir / BASELINES, f"{spec}.json")
    path = expanded(spec)
    if path.suffix != ".json" or spec.startswith("scripted:"):
        return None
    found = path if path.is_absolute() else rootdir / path
    if not found.is_file():
        names = [*kept, *(each.name for each in rootdir.glob("*.json"))]
        raise DataError(f"there is no saved run {spec}.", **near(spec, names, label="baselines"))
    return found


def check_same(saved: RunFile, asked: Iterable[Sheet], *, asked_for_by: str) -> None:
    """Accepts a saved run that was asked the same questions in the same way.

    Args:
        saved: the run.
        asked: empty sheets of what is asked now.
        asked_for_by: where the saved run was named, for messages.

    Raises:
        SettingsError: a benchmark is missing, or its data, wording, method or scoring differ.
    """
    for sheet in asked:
        has = [each.benchmark for each in saved.sheets]
        if sheet.benchmark not in has:
            raise SettingsError(
                f"the baseline {saved.model} was not asked {sheet.benchmark}.",
                asked_for_by=asked_for_by,
                it_was_asked=", ".join(dict.fromkeys(has)) or "nothing",
            )
        then = saved.sheet(sheet.benchmark, sheet.condition)
        if (then.wording, then.how) != (sheet.wording, sheet.how):
            raise SettingsError(
                f"the baseline {saved.model} was not asked the same {sheet.benchmark}.",
                asked_for_by=asked_for_by,
                then=f"{then.wording} ({then.how})",
                now=f"{sheet.wording} ({sheet.how})",
                what_to_do="compare with a run of the same data, wording, method and scoring",
            )


def merged(parts: Iterable[RunFile]) -> RunFile:
    """One run of what several processes have scored of the same one."""
    first, *others = parts
    tolerances: dict[str, float] = {}
    sheets: dict[tuple[str, str, bool], Sheet] = {}
    for part in (first, *others):
        tolerances = {**part.tolerances, **tolerances}
        for sheet in part.sheets:
            key = (sheet.benchmark, sheet.condition, sheet.solved)
            known = sheets.get(key, sheet)
            sheets[key] = replace(
                sheet,
                rows={**known.rows, **sheet.rows},
                left_out={**known.left_out, **sheet.left_out},
            )
    widest = max((first.tolerance, *tolerances.values()))
    return replace(first, sheets=tuple(sheets.values()), tolerance=widest, tolerances=tolerances)
