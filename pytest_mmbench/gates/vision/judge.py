"""Whether a model uses the picture, in one dimension: its results in every view, judged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from pytest_mmbench.config.tables import VisionSettings
from pytest_mmbench.gates import verdicts
from pytest_mmbench.gates.position_bias import unrotated_letter
from pytest_mmbench.gates.shortcuts import BlindOutcome
from pytest_mmbench.gates.verdicts import ConditionScore, Measure
from pytest_mmbench.gates.vision.claims import (
    explanation,
    failure_levels,
    judge_gain,
    judge_leakage,
)
from pytest_mmbench.gates.vision.leakage_pool import pooled_leakage
from pytest_mmbench.gates.vision.measures import NotMeasured, Vision, measure
from pytest_mmbench.gates.vision.outcomes import (
    SampleViews,
    View,
    count_outcomes,
    join_views,
    shared_pictures,
)
from pytest_mmbench.gates.vision.text_only import text_only
from pytest_mmbench.records import NOTHING, Dimension, Unit
from pytest_mmbench.results.rows import IMAGE, NO_IMAGE, SampleResult
from pytest_mmbench.scorers.likelihood import margin

MISMATCHED: Final = "mismatched"
TEXT_MODEL: Final = "text model"
"""What reports call the accuracy of the base LLM."""
VIEWS: Final[Mapping[View, str]] = {
    View.WITH_IMAGE: IMAGE,
    View.WITHOUT_IMAGE: NO_IMAGE,
    View.MISMATCHED: MISMATCHED,
}
"""Under which condition the candidate is asked for each view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionInput:
    """The results of one dimension in every view."""

    dimension: Dimension
    unit: Unit
    results: Mapping[str, Sequence[SampleResult]]
    """The candidate's by condition; `image` first."""
    text_model: Sequence[SampleResult]
    """The base LLM's; none if it was not asked."""
    substitute: str | None
    """The condition used in place of `no-image`, where the model requires a picture."""

    @property
    def views(self) -> list[SampleViews]:
        """The samples with their outcome in every view."""
        results = {view: self.results[name] for view, name in VIEWS.items() if name in self.results}
        if self.text_model:
            results[View.LLM_TEXT] = self.text_model
        return join_views(results, self.unit)


def judge_vision(
    inputs: Sequence[VisionInput],
    rules: VisionSettings,
    *,
    alpha: float,
    unparseable_limit: float,
    seed: int,
) -> dict[str, verdicts.VisionVerdict]:
    """The verdict on each of these dimensions; their questions are one family of tests.

    1. `alpha` is spent once on failing: see `claims.failure_levels`.
    2. A dimension with too few samples to show how little leaked leaves that to the nearest one
       above it that has enough (`leakage_pool.samples_for_leakage`): it passes with that one, and
       is inconclusive if that one does not pass, or if none has enough. Enough leakage fails it
       however few they are.

    A dimension of which nothing was asked both with its picture and without is a `DataError`.
    """
    views = {data.dimension.path: data.views for data in inputs}
    counts = {path: count_outcomes(samples) for path, samples in views.items()}
    text = {result.dimension: result for result in text_only(counts, alpha=alpha, seed=seed)}
    visions = {
        path: measure(path, counts[path], shared_pictures(samples))
        for path, samples in views.items()
    }
    failures = failure_levels(
        [*visions.values()], min_gain=rules.min_gain, max_leakage=rules.max_leakage, alpha=alpha
    )
    leakages = {
        data.dimension.path: judge_leakage(
            visions[data.dimension.path],
            max_leakage=rules.max_leakage,
            alpha=alpha,
            unparseable_limit=unparseable_limit,
            failure=failures[data.dimension.path],
        )
        for data in inputs
        if data.text_model
    }
    by_path = {}
    for data in inputs:
        path = data.dimension.path
        vision = visions[path]
        claims = [
            judge_gain(
                vision,
                min_gain=rules.min_gain,
                min_share=rules.min_share,
                alpha=alpha,
                unparseable_limit=unparseable_limit,
                failure=failures[path],
            )
        ]
        if path in leakages:
            claims.append(pooled_leakage(path, leakages, rules.max_leakage, alpha))
        outcome = min((claim.outcome for claim in claims), key=attrgetter("severity"))
        sentence = explanation([claim for claim in claims if claim.outcome is outcome])
        if data.substitute:
            sentence += f"; {data.substitute} used instead of no-image"
            sentence += ", as the model requires a picture"
        by_path[path] = verdicts.VisionVerdict(
            dimension=path,
            outcome=outcome,
            explanation=sentence,
            conditions=tuple(_condition_scores(data, vision)),
            chance=vision.chance,
            measures=tuple(_measures(vision, rules, alpha)),
            warnings=(text[path].explanation,) if path in text and text[path].warns else (),
        )
    return by_path


def _condition_scores(data: VisionInput, vision: Vision) -> Iterator[ConditionScore]:
    """Share correct, or mean credit, of what counts once, as in the verdict beside it."""
    total = vision.gain_contrast.total
    for name, results in data.results.items():
        views = join_views({View.WITH_IMAGE: results}, data.unit)
        credits = [view.outcomes.with_image.credit for view in views]
        share = float(sum(credits, NOTHING) / len(credits))
        yield ConditionScore(name=name, accuracy=share, total=total)
    if not isinstance(vision.llm_text, NotMeasured):
        yield ConditionScore(name=TEXT_MODEL, accuracy=vision.llm_text, total=total)


def _measures(vision: Vision, rules: VisionSettings, alpha: float) -> Iterator[Measure]:
    gain = vision.gain_contrast.bounds(alpha)
    yield Measure(name="gain", value=vision.gain, interval=gain, limit=rules.min_gain)
    yield Measure(name="gain above chance", value=vision.gain_above_chance)
    if not isinstance(vision.share, NotMeasured):
        limit = rules.min_share if float(rules.min_share) > 0 else ""
        yield Measure(name="vision share", value=vision.share, limit=limit)
    bounds = vision.leakage_bounds(alpha)
    if not (isinstance(bounds, NotMeasured) or isinstance(vision.leakage, NotMeasured)):
        yield Measure(
            name=verdicts.LEAKAGE, value=vision.leakage, interval=bounds, limit=rules.max_leakage
        )
    if not isinstance(vision.leakage_above_chance, NotMeasured):
        yield Measure(name="leakage above chance", value=vision.leakage_above_chance)
    if isinstance(vision.swap, NotMeasured):
        return
    for name, value in (
        ("insensitivity", vision.swap.insensitivity),
        ("still correct with another picture", vision.swap.still_correct_share),
    ):
        if not isinstance(value, NotMeasured):
            yield Measure(name=name, value=value)


def blind_outcome(
    result: SampleResult, rotated: Sequence[SampleResult], changed: Sequence[SampleResult]
) -> BlindOutcome:
    """What one sample got without its picture: rotated, the published order first, and changed.

    Where a rotation has moved nothing, the same question was asked again, which shows no more.
    """
    options, passes = result.options, rotated[: result.options]
    targets = [unrotated_letter(each.target, by, options) for by, each in enumerate(passes)]
    if any(target != result.target for target in targets):
        passes = []
    answers = {unrotated_letter(each.answer, by, options) for by, each in enumerate(passes)}
    return BlindOutcome(
        sample=result.sample,
        options=options,
        rotations=tuple(each.mark for each in passes),
        same_option=len(answers) == 1 and "" not in answers,
        margin=min((margin(each.option_logprobs) for each in passes), default=math.inf),
        conditions=tuple(each.mark for each in changed),
    )
