"""The composition root: what one run judges, and the only object of it that changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

import pytest

from pytest_mmbench import gates
from pytest_mmbench.ablations import condition
from pytest_mmbench.config import Settings
from pytest_mmbench.errors import SettingsError, near
from pytest_mmbench.examinee import Examinee
from pytest_mmbench.protocols import Progress
from pytest_mmbench.records import Answer, Average, BadRows, Dimension, Rule, Tally, Verdict
from pytest_mmbench.runner import Effort
from pytest_mmbench.selected import IMAGE, Selected, Series
from pytest_mmbench.store import FileClaims, SqliteStore


class Run:
    """One run: its settings, its benchmarks, the questions that are open, and what was found.

    Args:
        settings: what was decided before the run.
        selected: the benchmarks, in the order of the settings.
        started: seconds since the epoch; the same in all processes that share the run.
        workers: how many processes share the asking.
        progress: is told how far the asking has come.
    """

    def __init__(
        self,
        settings: Settings,
        selected: Sequence[Selected],
        *,
        started: float,
        workers: int,
        progress: Progress,
    ) -> None:
        self.settings = settings
        self.selected = {each.name: each for each in selected}
        self.dimensions = {node.path: node for each in selected for node in each.dimensions}
        self.started = started
        self._shared = workers > 1
        self._progress = progress
        self._wanted: tuple[Dimension, ...] = ()
        self._verdicts: dict[str, Verdict] = {}
        self.candidate = self._examinee()

    def _examinee(self) -> Examinee:
        fresh, folder = self.settings.fresh, self.settings.store
        return Examinee(
            store=lambda: self._store,
            batch_size=self.settings.batch_size,
            fresh=fresh and not self._shared,
            lenient=self.settings.bad_rows is BadRows.SKIP,
            claims=FileClaims(folder) if self._shared else None,
            progress=self._progress,
        )

    def dimension(self, path: str, *, asked_for_by: str) -> Dimension:
        """The node of that path.

        Raises:
            SettingsError: no benchmark of this run has it.
        """
        if path not in self.dimensions:
            close = near(path, self.dimensions, label="")
            raise SettingsError(
                f"dimension {path!r} is not in this run.",
                asked_for_by=asked_for_by,
                did_you_mean=close.get("did_you_mean", ""),
                benchmarks=", ".join(self.selected),
                what_to_do="`mmbench dimensions` lists all of them",
            )
        return self.dimensions[path]

    def home(self, dimension: Dimension) -> Selected:
        """The benchmark that a dimension belongs to."""
        return self.selected[dimension.path.partition(".")[0]]

    def samples(self, path: str) -> set[tuple[str, str]]:
        """The samples of a dimension, each with its benchmark: ids are unique in one only."""
        node = self.dimensions[path]
        home = self.home(node)
        return {(home.name, id) for id in home.asked(node)}

    def series(self, dimension: Dimension) -> Series:
        """A dimension's benchmark as it was published, as a model is asked it."""
        home = self.home(dimension)
        return Series(selected=home, ablation=condition(IMAGE), seed=self.settings.seed)

    # What the selected cases need.

    def want(self, paths: Iterable[str]) -> None:
        """Says which dimensions the selected cases are about, before any of them is asked."""
        known = (path for path in dict.fromkeys(paths) if path in self.dimensions)
        nodes = [self.dimensions[path] for path in known]
        self._wanted = tuple(node for node in nodes if not self.home(node).skipped(node))
        for name in dict.fromkeys(self.home(node).name for node in self._wanted):
            inside = [node for node in self._wanted if self.home(node).name == name]
            leaves = dict.fromkeys(leaf for node in inside for leaf in node.leaves)
            self.candidate.want(self.series(inside[0]).planned(tuple(leaves)))

    @property
    def gates_nothing(self) -> bool:
        """Whether none of the selected cases has a threshold to reach."""
        return all(node.path not in self.settings.thresholds for node in self._wanted)

    def empty(self, dimension: Dimension) -> str:
        """Why nothing of a dimension is asked; empty if something is."""
        home = self.home(dimension)
        if home.skipped(dimension):
            return home.skipped(dimension)
        missing = [leaf for leaf in dimension.leaves if not home.ids[leaf]]
        if home.asked(dimension) and not (missing and dimension.average is Average.MACRO):
            return ""
        what = missing[0] if home.asked(dimension) else dimension.path
        if not self.dimensions[what].size:
            return f"the data hold none of {what}"
        return f"a limit of {self.settings.limit} leaves no sample of {what}"

    def refused(self, dimension: Dimension) -> str:
        """Why the candidate cannot be asked about a dimension; empty if it can."""
        return self.candidate.too_many(self.series(dimension), dimension)

    @cached_property
    def _store(self) -> SqliteStore:
        # Workers have to see what the others have asked, and to forget what is older than the run.
        since = self.started if self.settings.fresh and self._shared else 0.0
        return SqliteStore(self.settings.store, since=since)

    def close(self) -> None:
        """Lets go of the store, if it was opened."""
        if "_store" in vars(self):
            self._store.close()

    @property
    def effort(self) -> Effort:
        """What it has cost so far."""
        return self.candidate.effort

    # Counting and judging.

    def tally(self, dimension: Dimension) -> Tally:
        """The scores of a dimension, counted; asks the model for answers that are missing.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: the model broke its contract.
        """
        return self.candidate.tally(self.series(dimension), dimension, self.dimensions)

    def unreadable(self, dimension: Dimension) -> list[Answer]:
        """A few answers of a dimension that no scorer could read, once it was counted."""
        return self.candidate.unreadable(self.series(dimension), dimension)

    def verdict(self, dimension: Dimension) -> Verdict:
        """What the gate says of a dimension.

        Three-way gates are judged together with those of the selected dimensions of the same
        benchmark and depth: they are the family of Holm's procedure.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: the model broke its contract.
        """
        if dimension.path not in self._verdicts:
            tallies = [self.tally(node) for node in self._family(dimension)]
            verdicts = gates.judge(
                tallies,
                self.settings.thresholds,
                alpha=self.settings.alpha,
                unreadable_limit=self.settings.unreadable_limit,
            )
            self._verdicts |= {each.tally.dimension: each for each in verdicts}
        return self._verdicts[dimension.path]

    def _family(self, dimension: Dimension) -> list[Dimension]:
        if not self._three_way(dimension):
            return [dimension]
        return [
            node
            for node in dict.fromkeys((*self._wanted, dimension))
            if self._three_way(node)
            and self.home(node) is self.home(dimension)
            and node.path.count(".") == dimension.path.count(".")
            and not self.empty(node)
        ]

    def _three_way(self, dimension: Dimension) -> bool:
        threshold = self.settings.thresholds.get(dimension.path)
        return threshold is not None and threshold.rule is Rule.THREE_WAY


RUN: Final = pytest.StashKey[Run]()
"""Where a configuration keeps its run."""
