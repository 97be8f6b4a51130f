"""One model of a run: what it is asked, and how its answers were scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from pytest_mmbench.errors import CheckpointError, DataError
from pytest_mmbench.protocols import Model, Progress, Store
from pytest_mmbench.records import Answer, Dimension, Mark, Score, Tally, Unit
from pytest_mmbench.runner import Asking, Claims, Effort, Planned
from pytest_mmbench.selected import Series
from pytest_mmbench.tally import combined, tally

PARTS: Final = ("name", "fingerprint", "batch_size", "generate", "rank")
"""What a model has to have."""
MANY: Final = 1 << 30
"""Pictures that a model takes which does not say how many."""
EXAMPLES: Final = 3
"""Unreadable answers that are remembered for each leaf."""
NOTHING: Final = Effort(asked=0, kept=0, failed=0, seconds=0.0)


class Examinee:
    """Asks one model, and remembers what its answers were worth.

    Args:
        store: opened when the first answer is wanted.
        batch_size: prompts at once; 0: as many as the model prefers.
        fresh: whether the store counts for nothing.
        lenient: whether samples whose picture cannot be read are left out.
        claims: of a run that several processes share.
        progress: is told how far the asking has come.
    """

    def __init__(
        self,
        *,
        store: Callable[[], Store],
        batch_size: int,
        fresh: bool,
        lenient: bool,
        claims: Claims | None,
        progress: Progress,
    ) -> None:
        self._open_store = store
        self._batch_size = batch_size
        self._fresh = fresh
        self._lenient = lenient
        self._claims = claims
        self._progress = progress
        self._models: list[Model] = []
        self._wanted: list[Planned] = []
        self._scores: dict[tuple[str, str], tuple[Score, ...]] = {}
        self._unreadable: dict[tuple[str, str], tuple[Answer, ...]] = {}
        self._shown: dict[tuple[str, str], int] = {}

    @property
    def loaded(self) -> bool:
        """Whether there is a model to ask."""
        return bool(self._models)

    @property
    def model(self) -> Model:
        """The model that is asked."""
        return self._models[0]

    def use(self, model: Model, *, given_by: str) -> None:
        """The model that is asked; the first one stays for the whole run.

        Raises:
            CheckpointError: it has not the shape of a model.
        """
        if self._models:
            return
        missing = [part for part in PARTS if not hasattr(model, part)]
        if missing:
            raise CheckpointError(
                f"{given_by} gave {type(model).__name__!r}, which has no {', '.join(missing)}.",
                what_to_do="give it the shape of pytest_mmbench.protocols.Model",
            )
        self._models.append(model)

    def want(self, planned: Planned) -> None:
        """Says what will be asked, before anything is."""
        self._wanted.append(planned)

    @cached_property
    def _asking(self) -> Asking:
        return Asking(
            model=lambda: self._models[0],
            store=self._open_store(),
            plan=self._wanted,
            batch_size=self._batch_size,
            fresh=self._fresh,
            progress=self._progress,
            claims=self._claims,
        )

    @property
    def effort(self) -> Effort:
        """What it has cost so far; opens no store only to say that it was nothing."""
        return self._asking.effort if "_asking" in vars(self) else NOTHING

    def too_many(self, series: Series, dimension: Dimension) -> str:
        """Why the model cannot be shown what a dimension shows; empty if it can."""
        most = getattr(self.model, "most_pictures", MANY)
        shown = max((self._most_shown(series, leaf) for leaf in dimension.leaves), default=0)
        if shown <= most:
            return ""
        takes = {0: "no picture", 1: "one picture"}.get(most, f"{most} pictures")
        return f"{dimension.path} shows {shown} at once, and {self.model.name} takes {takes}"

    def _most_shown(self, series: Series, leaf: str) -> int:
        key = (series.name, leaf)
        if key not in self._shown:
            requests = (series.request(id) for id in series.selected.ids[leaf])
            shown = (len(request.prompt.pictures) for request in requests)
            self._shown[key] = max(shown, default=0)
        return self._shown[key]

    def scores(self, series: Series, leaf: str) -> tuple[Score, ...]:
        """The scores of a leaf, in the order of its samples; asks for answers that are missing.

        Raises:
            DataError: a picture cannot be read.
            AnswerError: the model broke its contract.
        """
        key = (series.name, leaf)
        if key not in self._scores:
            self._score(series, leaf)
        return self._scores[key]

    def _score(self, series: Series, leaf: str) -> None:
        answers = self.answers(series, series.selected.ids[leaf])
        scorer = series.selected.benchmark.scorer(series.selected.method)
        scores = tuple(scorer(series.sample(id), answer) for id, answer in answers.items())
        self._scores[series.name, leaf] = scores
        self._unreadable[series.name, leaf] = _examples(scores, answers)

    def answers(self, series: Series, ids: Iterable[str]) -> dict[str, Answer]:
        """What the model said, by sample."""
        return self._asking.answers(series.name, ids, lenient=self._lenient)

    def failures(self, series: Series) -> dict[str, DataError]:
        """Samples that could not be asked, and why."""
        return self._asking.failures(series.name) if "_asking" in vars(self) else {}

    def tally(self, series: Series, dimension: Dimension, nodes: Mapping[str, Dimension]) -> Tally:
        """The scores of a dimension by the benchmark's own aggregate; `nodes` has its leaves."""
        leaves = {
            leaf: tally(nodes[leaf], _units(series, nodes[leaf], self.scores(series, leaf)))
            for leaf in dimension.leaves
        }
        return combined(dimension, leaves)

    def unreadable(self, series: Series, dimension: Dimension) -> list[Answer]:
        """A few answers of a dimension that no scorer could read, once it was counted."""
        found = [self._unreadable.get((series.name, leaf), ()) for leaf in dimension.leaves]
        return [answer for few in found for answer in few][:EXAMPLES]


def _units(series: Series, leaf: Dimension, scores: Sequence[Score]) -> list[list[Mark]]:
    """The marks of the samples that count together."""
    if leaf.unit is Unit.SAMPLE:
        return [[score.mark] for score in scores]
    together: dict[str, list[Mark]] = {}
    for score in scores:
        unit = series.selected.benchmark.sample(score.sample).unit or score.sample
        together.setdefault(unit, []).append(score.mark)
    return list(together.values())


def _examples(scores: Iterable[Score], answers: Mapping[str, Answer]) -> tuple[Answer, ...]:
    lost = [score.sample for score in scores if score.mark is Mark.UNREADABLE]
    return tuple(answers[sample] for sample in lost[:EXAMPLES])
