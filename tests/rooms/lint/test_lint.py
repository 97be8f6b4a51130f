"""One fault among clean questions: it is found, and nothing is said of the rest."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest
from clean_questions import changed, clean, encoded, noise, question_set, shown

from pytest_mmbench.errors import DataError
from pytest_mmbench.lint import lint
from pytest_mmbench.lint.findings import Severity
from pytest_mmbench.records import Sample

PAGE = (Path(__file__).parents[3] / "docs" / "lint.md").read_text(encoding="utf-8")
CLEAN = clean()
FIRST, SECOND, THIRD = CLEAN[:3]
Samples = Sequence[Sample]


def again(**fields: object) -> Samples:
    """The clean questions, and the first of them once more, with other values in these fields."""
    return (*CLEAN, replace(FIRST, id="again", **fields))  # type: ignore[arg-type]


def third(**fields: object) -> Samples:
    """The clean questions, the third of which has other values in these fields."""
    return changed({2: fields})


def picture(content: bytes) -> Samples:
    """The same, with another picture."""
    return third(pictures=(shown("other.png", content),))


def absent() -> bytes:
    raise DataError("no picture.", reason="there is no file other.png")


def twins(target: str) -> Samples:
    """The same, with two options that are the same to a reader."""
    options = ("amber", "Amber.", "cedar", "delta")
    return third(question=worded("outside"), options=options, target=target)


def worded(text: str) -> str:
    return f"Which name stands below the sign {text} and left of the door?"


CLEAR = PIL.Image.new("RGBA", (64, 64))
CLEAR.paste(noise(900, size=(32, 32)), (16, 16))
FAULTS: dict[str, tuple[Callable[[], Samples], list[str]]] = {
    "duplicate": (lambda: again(question=f" {FIRST.question.upper()}  "), ["again"]),
    "near-duplicate": (
        lambda: again(question=FIRST.question.replace("Which", "What is the") + " Please say."),
        ["again"],
    ),
    "contradiction": (
        lambda: again(target="ABCD"[("ABCD".index(FIRST.target) + 1) % 4]),
        ["again"],
    ),
    "same-picture": (
        lambda: third(pictures=(shown("copy.bmp", encoded(noise(0), "BMP")),)),
        [THIRD.id],
    ),
    "similar-picture": (
        lambda: third(pictures=(shown("copy.jpg", encoded(noise(0), "JPEG", quality=70)),)),
        [THIRD.id],
    ),
    "unreadable-picture": (
        lambda: changed(
            {
                2: {"pictures": (shown("other.png", absent),)},
                4: {"pictures": (shown("cut.png", encoded(noise(4))[:200]),)},
            }
        ),
        [THIRD.id, CLEAN[4].id],
    ),
    "tiny-picture": (lambda: picture(encoded(noise(901, size=(40, 27)))), [THIRD.id]),
    "long-picture": (lambda: picture(encoded(noise(902, size=(400, 40)))), [THIRD.id]),
    "plain-picture": (lambda: picture(encoded(PIL.Image.new("L", (64, 64), 9))), [THIRD.id]),
    "transparent-picture": (lambda: picture(encoded(CLEAR)), [THIRD.id]),
    "no-such-answer": (lambda: third(target="E"), [THIRD.id]),
    "empty-option": (
        lambda: third(options=(*THIRD.options, " ")),
        [THIRD.id],
    ),
    "two-correct": (
        lambda: twins(target="A"),
        [THIRD.id],
    ),
    "twin-options": (
        lambda: twins(target="C"),
        [THIRD.id],
    ),
    "lettered-options": (
        lambda: third(options=("A. amber", "B. basil", "C. cedar", "D. delta")),
        [THIRD.id],
    ),
    "named-answer": (
        lambda: (
            third(question=worded("cedar"), options=("amber", "basil", "cedar", "delta")[:4])
            if THIRD.target == "C"
            else third(
                question=worded("cedar"), options=("amber", "basil", "cedar", "delta"), target="C"
            )
        ),
        [THIRD.id],
    ),
    "no-picture": (
        lambda: third(question="What does the first picture show?", pictures=(), cluster=""),
        [THIRD.id],
    ),
    "marked-picture": (lambda: third(question="What is on <image 2>?"), [THIRD.id]),
    "empty-question": (lambda: third(question=" ", pictures=(), cluster=""), [THIRD.id]),
    "similar-ids": (lambda: third(id=FIRST.id.upper()), [FIRST.id.upper()]),
    "numbered-ids": (lambda: changed({at: {"id": str(at)} for at in range(len(CLEAN))}), []),
    "mojibake": (lambda: third(question=worded("\u00c3\u00a9t\u00c3\u00a9")), [THIRD.id]),
    "html": (lambda: third(question=worded("one<br/>two")), [THIRD.id]),
    "control-characters": (lambda: third(question=worded("one\u200btwo")), [THIRD.id]),
    "mixed-scripts": (lambda: third(question="\u8fd9\u662f\u4ec0\u4e48?"), [THIRD.id]),
    "key-balance": (
        lambda: changed({at: {"target": "B"} for at in range(0, 72, 2)}),
        [],
    ),
    "clusters": (lambda: changed({at: {"cluster": "one"} for at in range(36)}), []),
    "few-samples": (lambda: third(dimension="acme.maps"), []),
}


def test_clean_questions_give_no_finding() -> None:
    """Nothing is said of a set with which nothing is wrong."""
    assert lint(question_set(CLEAN)) == ()


@pytest.mark.parametrize("check", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(check: str) -> None:
    """Exactly the samples with the fault are named, under its name, with what to do."""
    make, samples = FAULTS[check]

    (finding,) = lint(question_set(make()))

    assert finding.check == check
    assert list(finding.samples) == samples
    assert finding.count >= max(1, len(samples))
    assert finding.examples
    assert finding.remedy
    assert {*finding.excluded} <= {*samples}


def test_options_that_are_longer_when_right() -> None:
    """A habit of whole sets, with what chance would have it."""
    samples = [
        replace(
            sample,
            options=tuple(
                f"{option} in full" if letter == sample.target else option
                for letter, option in zip("ABCD", sample.options, strict=True)
            ),
        )
        for sample in CLEAN
    ]

    (finding,) = lint(question_set(samples))

    assert finding.check == "longest-option"
    assert finding.examples[0].text.startswith("72 of 72, where chance is 18")


def test_the_gravest_come_first() -> None:
    """Errors, then warnings, then notes."""
    samples = changed(
        {2: {"target": "E"}, 4: {"id": "ACME"}, 6: {"id": "acme"}, 8: {"question": ""}}
    )

    severities = [finding.severity for finding in lint(question_set(samples))]

    assert severities == sorted(severities, key=lambda severity: severity.place)
    assert {*severities} == {Severity.ERROR, Severity.WARNING}


@pytest.mark.parametrize(
    "check", [*FAULTS, "bad-row", "huge-picture", "longest-option", "mixed-answers", "solved-blind"]
)
def test_every_check_is_documented(check: str) -> None:
    """The page says what each finding is about."""
    assert f"`{check}`" in PAGE


def test_no_samples_at_all() -> None:
    """An empty set has no fault of its own."""
    assert lint(question_set([])) == ()
