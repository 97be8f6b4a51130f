"""Whether a model looks, in one dimension: its rows under every condition, joined and judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_mmbench.config.tables import VisionSettings as Rules
from pytest_mmbench.gates.position_bias import unrotated_letter
from pytest_mmbench.gates.shortcuts import BlindOutcome
from pytest_mmbench.gates.vision.measures import Vision, measure
from pytest_mmbench.gates.vision.outcomes import (
    SampleViews,
    View,
    ViewState,
    count_outcomes,
    join_views,
    shared_pictures,
)
from pytest_mmbench.gates.vision.text_only import TextOnly, text_only
from pytest_mmbench.gates.vision.verdicts import (
    VisionVerdict,
    explanation,
    judge_gain,
    judge_leakage,
)
from pytest_mmbench.records import Dimension, Outcome, Unit
from pytest_mmbench.results.rows import IMAGE, SampleResult
from pytest_mmbench.scorers.likelihood import margin

NO_IMAGE: Final = "no-image"


MISMATCHED: Final = "mismatched"


VIEWS: Final[Mapping[View, str]] = {
    View.WITH_IMAGE: IMAGE,
    View.WITHOUT_IMAGE: NO_IMAGE,
    View.MISMATCHED: MISMATCHED,
}
"""Under which condition the candidate is asked for each view."""


_SEVERITY: Final = (Outcome.INVALID, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionResult:
    """What a look at one dimension shows."""

    vision: Vision
    verdicts: tuple[VisionVerdict, ...]
    """What the picture adds; and what leaked, if the base model was asked."""
    text: tuple[TextOnly, ...]
    """What its questions give away, if they have options."""
    conditions: Mapping[str, float]
    """Share right under each condition; `image` first."""
    substitute: str
    """The condition that stood in for `no-image`, as the model needs a picture; empty if none."""

    @property
    def outcome(self) -> Outcome:
        """The gravest of the verdicts."""
        found = {each.outcome for each in self.verdicts}
        return next(outcome for outcome in _SEVERITY if outcome in found)

    @property
    def explanation(self) -> str:
        """The sentences of the gravest verdicts."""
        told = [explanation([each for each in self.verdicts if each.outcome is self.outcome])]
        if self.substitute:
            told.append(f"{self.substitute} pictures stood in for none, as the model needs one")
        return "; ".join(told)

    @property
    def warnings(self) -> list[str]:
        """What questions give away, where that is more than luck and habit explain."""
        return [each.explanation for each in self.text if each.warns]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionInput:
    """What was asked of one dimension."""

    dimension: Dimension
    unit: Unit
    results: Mapping[str, Sequence[SampleResult]]
    """The candidate's rows by condition."""
    text_model: Sequence[SampleResult]
    """The base model's rows; none if it was not asked."""
    substitute: str

    @property
    def views(self) -> list[SampleViews]:
        """The samples, and what became of them in every view."""
        rows = {view: self.results[name] for view, name in VIEWS.items() if name in self.results}
        if self.text_model:
            rows[View.LLM_TEXT] = self.text_model
        return join_views(rows, self.unit)


def judge_vision(
    inputs: Sequence[VisionInput],
    rules: Rules,
    *,
    alpha: float,
    unparseable_limit: float,
    seed: int,
) -> dict[str, VisionResult]:
    """What a look at each of these dimensions shows; their questions are one family of tests.

    Raises:
        DataError: nothing of a dimension was asked both with its picture and without.
    """
    looks = {glance.dimension.path: glance.views for glance in inputs}
    fates = {path: count_outcomes(each) for path, each in looks.items()}
    told = {each.dimension: each for each in text_only(fates, alpha=alpha, seed=seed)}
    found = {}
    for glance in inputs:
        path = glance.dimension.path
        vision = measure(path, fates[path], shared_pictures(looks[path]))
        verdicts = _verdicts(glance, vision, rules, alpha, unparseable_limit)
        found[path] = VisionResult(
            vision=vision,
            verdicts=tuple(verdicts),
            text=tuple(told[path] for _ in range(path in told)),
            conditions={name: _share(rows, glance.unit) for name, rows in glance.results.items()},
            substitute=glance.substitute,
        )
    return found


def _verdicts(
    glance: VisionInput, vision: Vision, rules: Rules, alpha: float, unreadable_limit: float
) -> list[VisionVerdict]:
    gain = judge_gain(
        vision,
        min_gain=rules.min_gain,
        min_share=rules.min_share,
        alpha=alpha,
        unparseable_limit=unreadable_limit,
    )
    if not glance.text_model:
        return [gain]
    leakage = judge_leakage(
        vision, max_leakage=rules.max_leakage, alpha=alpha, unparseable_limit=unreadable_limit
    )
    # As with regressions, only the whole has to be told apart from noise: among 18 axes of 40
    # samples some always look as if a little had leaked.
    unclear = leakage.outcome is Outcome.INCONCLUSIVE and "." in vision.dimension
    return [gain, replace(leakage, outcome=Outcome.PASS) if unclear else leakage]


def _share(rows: Sequence[SampleResult], unit: Unit) -> float:
    """Share right of what counts once, as in the verdict beside it."""
    states = [each.outcomes.with_image.state for each in join_views({View.WITH_IMAGE: rows}, unit)]
    return states.count(ViewState.CORRECT) / len(states)


def blind_outcome(
    result: SampleResult, rotated: Sequence[SampleResult], changed: Sequence[SampleResult]
) -> BlindOutcome:
    """What one sample got where no picture could have helped.

    Args:
        result: without the picture, as its options were published.
        rotated: the same under each rotation of the options, the published order first. Where one
            has moved nothing, the same question was asked again, which shows no more than once.
        changed: under each condition.
    """
    passes = rotated[: result.options]
    if any(
        unrotated_letter(each.target, by, result.options) != result.target
        for by, each in enumerate(passes)
    ):
        passes = []
    meant = {unrotated_letter(each.answer, by, result.options) for by, each in enumerate(passes)}
    return BlindOutcome(
        sample=result.sample,
        options=result.options,
        rotations=tuple(each.mark for each in passes),
        same_option=len(meant) == 1 and "" not in meant,
        margin=min((margin(each.option_logprobs) for each in passes), default=math.inf),
        conditions=tuple(each.mark for each in changed),
    )
