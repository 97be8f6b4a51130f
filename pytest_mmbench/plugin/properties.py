"""A verdict as properties of a test report, and back.

They travel from a worker process to the one that writes the summary, and pytest puts them into
JUnit files: so each is a plain value that people and other programs can read.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from pytest_mmbench.gates.regression import RegressionVerdict
from pytest_mmbench.gates.snapshot import SnapshotVerdict, explanation
from pytest_mmbench.gates.vision.contrast import NotMeasured
from pytest_mmbench.gates.vision.judge import VisionResult
from pytest_mmbench.records import CapabilityVerdict, Gate, Interval, Outcome, Stratum, Tally
from pytest_mmbench.report.document import Snapshot

KEY: Final = "mm_dimension"
"""The property that every verdict has."""


COMPARED: Final = "mm_compared"
"""The property that every comparison has: its dimension."""


ANSWERED: Final = "mm_answers"
"""The property that every comparison with accepted answers has: its leaf."""


SEEN: Final = "mm_seen"
"""The property that every look has: its dimension."""


CLAIMS: Final = {
    KEY: Gate.CAPABILITY,
    COMPARED: Gate.REGRESSION,
    ANSWERED: Gate.ANSWERS,
    SEEN: Gate.VISION,
}
"""What a property with a dimension says was judged of it."""


MODEL: Final = "mm_model"
"""The name of the model that was asked: an overridden fixture may give another than was typed."""


def capability_properties(verdict: CapabilityVerdict, model: str) -> list[tuple[str, object]]:
    """Names and values of exact built-in types: no others pass between processes."""
    tally = verdict.tally
    return [
        (KEY, str(tally.dimension)),
        (MODEL, str(model)),
        ("mm_outcome", verdict.outcome.value),
        ("mm_right", int(tally.correct)),
        ("mm_asked", int(tally.total)),
        ("mm_unreadable", int(tally.unparseable)),
        ("mm_accuracy", float(tally.accuracy)),
        ("mm_scale", int(tally.scale)),
        ("mm_strata", ", ".join(map(_stratum_text, tally.strata))),
        ("mm_low", float(verdict.interval.low)),
        ("mm_high", float(verdict.interval.high)),
        ("mm_threshold", str(verdict.threshold)),
        ("mm_rule", "".join(verdict.rule)),
        ("mm_because", str(verdict.explanation)),
    ]


def _stratum_text(stratum: Stratum) -> str:
    """Its four numbers, exactly: `1/22 3 3 5`."""
    return f"{stratum.weight} {stratum.credit} {stratum.credit_squares} {stratum.units}"


def _stratum(weight: str, earned: str, squares: str, units: str) -> Stratum:
    return Stratum(
        weight=Fraction(weight),
        credit=Fraction(earned),
        credit_squares=Fraction(squares),
        units=int(units),
    )


def regression_properties(verdict: RegressionVerdict, model: str) -> list[tuple[str, object]]:
    """The same of a comparison; the numbers that decide, and the sentence."""
    found = verdict.comparison
    return [
        (COMPARED, str(found.dimension)),
        (MODEL, str(model)),
        ("mm_outcome", verdict.outcome.value),
        ("mm_old", float(found.baseline_accuracy)),
        ("mm_new", float(found.candidate_accuracy)),
        ("mm_asked", int(found.total)),
        ("mm_lost", int(found.regressed)),
        ("mm_gained", int(found.fixed)),
        ("mm_near_ties", len(found.near_ties)),
        ("mm_difference", float(found.difference)),
        ("mm_low", float(verdict.interval.low)),
        ("mm_high", float(verdict.interval.high)),
        ("mm_p", float(verdict.p_value)),
        ("mm_p_adjusted", float(verdict.adjusted)),
        ("mm_smallest_drop", float(verdict.detectable_drop)),
        ("mm_because", str(verdict.explanation)),
    ]


def snapshot_properties(found: SnapshotVerdict, model: str) -> list[tuple[str, object]]:
    """The same of accepted answers. Their names differ, as a test may also have a verdict."""
    return [
        (ANSWERED, str(found.dimension)),
        (MODEL, str(model)),
        ("mm_answers_outcome", found.outcome.value),
        ("mm_answers_asked", int(found.total)),
        ("mm_answers_missing", int(found.missing)),
        ("mm_answers_lost", int(found.regressed)),
        ("mm_answers_gained", int(found.fixed)),
        ("mm_answers_other", int(found.other)),
        ("mm_answers_near_ties", len(found.near_ties)),
        ("mm_answers_because", explanation(found)),
    ]


def snapshots(properties: Iterable[tuple[str, object]]) -> list[Snapshot]:
    """What became of accepted answers, if the properties of a report say it."""
    found = {name: str(value) for name, value in properties}
    if ANSWERED not in found:
        return []
    counts = ("asked", "lost", "gained", "other", "near_ties")
    return [
        Snapshot(
            dimension=found[ANSWERED],
            outcome=Outcome(found["mm_answers_outcome"]),
            because=found["mm_answers_because"],
            **{name: int(found[f"mm_answers_{name}"]) for name in counts},
        )
    ]


def vision_properties(looked: VisionResult, model: str) -> list[tuple[str, object]]:
    """The same of a look; numbers that were not measured are left out."""
    vision = looked.vision
    numbers = {
        "mm_with_image": vision.with_image,
        "mm_without_image": vision.without_image,
        "mm_llm_text": vision.llm_text,
        "mm_gain": vision.gain,
        "mm_gain_above_chance": vision.gain_above_chance,
        "mm_leakage": vision.leakage,
        "mm_leakage_above_chance": vision.leakage_above_chance,
        "mm_vision_share": vision.share,
    }
    known = [
        (name, float(value))
        for name, value in numbers.items()
        if not isinstance(value, NotMeasured)
    ]
    return [
        (SEEN, str(vision.dimension)),
        (MODEL, str(model)),
        ("mm_outcome", looked.outcome.value),
        *known,
        ("mm_because", str(looked.explanation)),
    ]


def verdicts(properties: Iterable[tuple[str, object]]) -> list[CapabilityVerdict]:
    """The verdict among the properties of a report, if there is one.

    A test has at most one: it is about one dimension.
    """
    found = dict(properties)
    return [_verdict({name: str(value) for name, value in found.items()})] if KEY in found else []


def _verdict(found: dict[str, str]) -> CapabilityVerdict:
    tally = Tally(
        dimension=found[KEY],
        correct=int(found["mm_right"]),
        total=int(found["mm_asked"]),
        unparseable=int(found["mm_unreadable"]),
        strata=tuple(_stratum(*each.split()) for each in found["mm_strata"].split(", ") if each),
        scale=int(found["mm_scale"]),
    )
    return CapabilityVerdict(
        tally=tally,
        interval=Interval(low=float(found["mm_low"]), high=float(found["mm_high"])),
        outcome=Outcome(found["mm_outcome"]),
        threshold=found["mm_threshold"],
        rule=found["mm_rule"],
        explanation=found["mm_because"],
    )
