"""Questions that are asked twice: in the same words, or nearly so, about the same picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from pytest_mmbench.lint.findings import LintFinding, QuestionSet, Severity, sample_findings
from pytest_mmbench.lint.lookalikes import picture_groups
from pytest_mmbench.lint.similarity import groups, is_slip, nearly_contained
from pytest_mmbench.lint.text import fold, target_text, words
from pytest_mmbench.records import Sample

LEAST_SHARE: Final = Fraction(3, 4)
"""Of the words of a question that another one has as well: it adds one in four at most."""
_FUNCTION_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a an are at did do does following has have is it its of please that the then there these "
        "this those was were what which who you your",
    )
)
"""Words that another phrasing of a question has and lacks."""
_TURNING_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "except first fourth last least less more most never no not only second third without",
    )
)
"""Words that make another question of it."""
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?=[^\W\d_])")
_EXACT: Final = re.compile(r"\w*\d\w*|\b[^\W\d_]\b|[^\w\s.,;:?!'\"()\[\]\u2018\u2019\u201c\u201d]")
"""Numbers, single letters and signs of formulas: those of one question have to be another's."""
Pictures = Mapping[str, tuple[str, ...]]


def duplicates(questions: QuestionSet) -> list[LintFinding]:
    """Questions that an earlier one repeats: the same picture, the same words, the same options.

    What a benchmark asks of many pictures in the same words is no duplicate. Where the target
    differs, one of the two is wrong.
    """
    pictures = picture_groups(questions)
    same, contradicted = _exact(questions.samples, pictures.pixels)
    known = {*same, *contradicted}
    rest = [sample for sample in questions.samples if sample.id not in known]
    return [
        *sample_findings(
            "contradiction",
            Severity.ERROR,
            contradicted,
            "the same question as an earlier one, and another answer",
            "correct the key of one of the two, and drop the other",
            excluded=True,
        ),
        *sample_findings(
            "duplicate",
            Severity.WARNING,
            same,
            "the same question as an earlier one, of the same picture",
            "drop all but the first: what is asked twice counts twice",
            excluded=True,
        ),
        *sample_findings(
            "near-duplicate",
            Severity.WARNING,
            _near(rest, pictures.pixels),
            "nearly the same question as an earlier one, of the same picture, with the same answer",
            "look at them: drop one of the two, or give both the same cluster",
        ),
    ]


def _exact(samples: Sequence[Sample], pictures: Pictures) -> tuple[dict[str, str], dict[str, str]]:
    """By id, which earlier question it repeats; and those of them that contradict it."""
    first: dict[object, Sample] = {}
    same: dict[str, str] = {}
    contradicted: dict[str, str] = {}
    for sample in samples:
        options = tuple(sorted(map(fold, sample.options)))
        earlier = first.setdefault((pictures[sample.id], fold(sample.question), options), sample)
        if earlier is sample:
            continue
        if _answers(sample) & _answers(earlier):
            same[sample.id] = f"repeats {earlier.id}"
        else:
            answers = f"{target_text(earlier)!r} there and {target_text(sample)!r} here"
            contradicted[sample.id] = f"repeats {earlier.id}: {answers}"
    return same, contradicted


def _answers(sample: Sample) -> frozenset[str]:
    return frozenset(map(fold, (target_text(sample), *sample.accepted)))


def _near(samples: Sequence[Sample], pictures: Pictures) -> dict[str, str]:
    """By id, which earlier question it nearly repeats."""
    candidates: dict[object, list[Sample]] = {}
    for sample in samples:
        plain = _HYPHEN.sub(" ", fold(sample.question))
        exact = tuple(sorted(_EXACT.findall(plain)))
        key = (pictures[sample.id], fold(target_text(sample)), exact)
        candidates.setdefault(key, []).append(sample)
    near: dict[str, str] = {}
    for alike in candidates.values():
        if len(alike) > 1:
            texts = [
                [word for word in words(sample.question) if word not in _FUNCTION_WORDS]
                for sample in alike
            ]
            pairs = nearly_contained([*map(frozenset, texts)], LEAST_SHARE)
            close = ((one, other) for one, other in pairs if _rephrases(texts[one], texts[other]))
            for first, *others in groups(len(alike), close):
                near |= {alike[at].id: f"nearly repeats {alike[first].id}" for at in others}
    return {sample.id: near[sample.id] for sample in samples if sample.id in near}


def _rephrases(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one question has all words of the other, in their order, up to a slip of the pen.

    A word in the place of another one makes another question, and so do two that change places.
    """
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    further: list[str] = []
    for word in short:
        for candidate in rest:
            if word == candidate or is_slip(word, candidate):
                break
            further.append(candidate)
        else:
            return False
    return _TURNING_WORDS.isdisjoint([*further, *rest])
