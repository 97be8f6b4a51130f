"""Pictures that cannot be shown, or of which little is seen; one picture under several names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pytest_mmbench.images.fingerprint import PictureFacts, picture_facts
from pytest_mmbench.lint.findings import LintFinding, QuestionSet, Severity, sample_findings
from pytest_mmbench.lint.lookalikes import picture_groups
from pytest_mmbench.records import Picture, Sample

SMALLEST: Final = 28
"""Pixels of the shorter side: two patches of 14, the least that common encoders cut."""
LARGEST: Final = 20_000_000
"""Pixels in all: processors shrink such pictures many times over."""
LONGEST: Final = 10
"""Times that a picture may be longer than it is wide, or wider than long."""


def read_pictures(
    samples: Sequence[Sample], progress: Callable[[int, int], None]
) -> dict[str, tuple[PictureFacts, ...]]:
    """The facts of all pictures, by sample: those of one identity are read once.

    `progress` is called after each sample, with the number that is done and that of all.
    """
    known: dict[str, PictureFacts] = {}
    facts: dict[str, tuple[PictureFacts, ...]] = {}

    def of(picture: Picture, sample: str) -> PictureFacts:
        identity = picture.identity()
        if not identity:
            return picture_facts(picture, sample=sample)
        if identity not in known:
            known[identity] = picture_facts(picture, sample=sample)
        return known[identity]

    for done, sample in enumerate(samples, start=1):
        facts[sample.id] = tuple(of(picture, sample.id) for picture in sample.pictures)
        progress(done, len(samples))
    return facts


def broken_pictures(questions: QuestionSet) -> list[LintFinding]:
    """Pictures that are not there, or cannot be decoded."""
    broken = _cases(questions, lambda fact: fact.problem)
    return sample_findings(
        "unreadable-picture",
        Severity.ERROR,
        broken,
        "a picture is missing, or cannot be read",
        "copy or download the pictures again; until then leave these samples out",
        excluded=True,
    )


EXTREMES: Final[Mapping[str, tuple[str, Callable[[PictureFacts], bool]]]] = {
    "tiny-picture": (
        f"a side of a picture is below {SMALLEST} pixels",
        lambda fact: min(fact.width, fact.height) < SMALLEST,
    ),
    "huge-picture": (
        f"a picture has more than {LARGEST:,} pixels",
        lambda fact: fact.width * fact.height > LARGEST,
    ),
    "long-picture": (
        f"a picture is {LONGEST} times as long as it is wide, or more",
        lambda fact: max(fact.width, fact.height) >= LONGEST * min(fact.width, fact.height),
    ),
    "plain-picture": (
        "a picture has one colour throughout",
        lambda fact: fact.is_plain,
    ),
}
"""By check, what is extreme about a picture that could be read."""


def extreme_pictures(questions: QuestionSet) -> list[LintFinding]:
    """Pictures of which a model sees little: tiny, huge, long, of one colour, or clear."""
    findings: list[LintFinding] = []
    for check, (problem, is_extreme) in EXTREMES.items():
        extreme = {
            id: f"{fact.name}: {fact.width} x {fact.height}"
            for id, facts in questions.pictures.items()
            for fact in facts
            if fact.digest and is_extreme(fact)
        }
        remedy = "look at them: a processor may refuse such a picture, or leave nothing to see"
        findings += sample_findings(check, Severity.WARNING, extreme, problem, remedy)
    clear = _cases(questions, lambda fact: "is clear in parts" if fact.is_transparent else "")
    return [
        *findings,
        *sample_findings(
            "transparent-picture",
            Severity.NOTE,
            clear,
            "a picture is transparent in parts",
            "put it on the ground that it was made for: here that is white, elsewhere black",
        ),
    ]


def _cases(questions: QuestionSet, fact_text: Callable[[PictureFacts], str]) -> dict[str, str]:
    """By id, what a function says of the first picture of a sample of which it says anything."""
    cases: dict[str, str] = {}
    for id, facts in questions.pictures.items():
        texts = [f"{fact.name}: {text}" for fact in facts if (text := fact_text(fact))]
        if texts:
            cases[id] = texts[0]
    return cases


def shared_pictures(questions: QuestionSet) -> list[LintFinding]:
    """One picture under several names: samples that depend on each other, and nobody knows it."""
    if not questions.pictures:
        return []
    names = picture_groups(questions)
    same = _apart(questions.samples, names.pixels)
    alike = _apart(questions.samples, names.appearances)
    remedy = "give them the same cluster: intervals and tests count pictures then, not samples"
    return [
        *sample_findings(
            "same-picture",
            Severity.WARNING,
            same,
            "the same picture as an earlier sample, in another cluster",
            remedy,
        ),
        *sample_findings(
            "similar-picture",
            Severity.NOTE,
            {id: text for id, text in alike.items() if id not in same},
            "a picture that looks like that of an earlier sample, in another cluster",
            remedy,
        ),
    ]


def _apart(samples: Sequence[Sample], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """By id, the first sample that shows the same picture and is in another cluster."""
    first: dict[str, Sample] = {}
    apart: dict[str, str] = {}
    for sample in samples:
        for name in names[sample.id]:
            earlier = first.setdefault(name, sample)
            is_joined = bool(sample.cluster) and sample.cluster == earlier.cluster
            if earlier is not sample and not is_joined:
                apart.setdefault(sample.id, f"as {earlier.id}")
    return apart
