"""What a look at the picture shows, in the document's words."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_mmbench.config import Settings
from pytest_mmbench.looking import Looked
from pytest_mmbench.report.judgements import Condition, Measure, Sight
from pytest_mmbench.vision import Missing, Vision


def sight(looked: Looked, settings: Settings) -> Sight:
    """What a look at one dimension shows, as reports have it."""
    vision = looked.vision
    asked = vision.gain.asked
    conditions = [
        Condition(name=name, accuracy=share, asked=asked)
        for name, share in looked.conditions.items()
    ]
    if not isinstance(vision.llm_text, Missing):
        conditions.append(Condition(name="text model", accuracy=vision.llm_text, asked=asked))
    return Sight(
        dimension=vision.dimension,
        conditions=tuple(conditions),
        chance=vision.chance,
        measures=tuple(_measures(vision, settings)),
        outcome=looked.outcome,
        because=looked.because,
    )


def _measures(vision: Vision, settings: Settings) -> Iterable[Measure]:
    rules, alpha = settings.vision, settings.alpha
    gain = (vision.gain.bounds(alpha),)
    yield Measure(name="gain", value=vision.mg, interval=gain, limit=rules.min_gain)
    yield Measure(name="gain above chance", value=vision.floored_mg)
    if not isinstance(vision.share, Missing):
        yield Measure(
            name="share", value=vision.share, limit=rules.min_share * (float(rules.min_share) > 0)
        )
    leak = vision.ml_bounds(alpha)
    if not (isinstance(leak, Missing) or isinstance(vision.ml, Missing)):
        yield Measure(name="leak", value=vision.ml, interval=(leak,), limit=rules.max_leakage)
    if not isinstance(vision.floored_ml, Missing):
        yield Measure(name="leak above chance", value=vision.floored_ml)
    if isinstance(vision.swap, Missing):
        return
    for name, value in (
        ("insensitivity", vision.swap.insensitivity),
        ("still right with another picture", vision.swap.still_right_share),
    ):
        if not isinstance(value, Missing):
            yield Measure(name=name, value=value)
