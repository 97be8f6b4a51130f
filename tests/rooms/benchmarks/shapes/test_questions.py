"""Records: independent draws, balanced letters, and the wording of question and options."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.draws import LETTERS
from pytest_mmbench.benchmarks.shapes import load, questions
from pytest_mmbench.benchmarks.shapes.questions import (
    CAPABILITIES,
    CAPABILITY_OF,
    DEFAULT_PER_AXIS,
    DEFAULT_SEED,
    ShapesRecord,
    make_record,
    make_records,
)

AXES = tuple(CAPABILITY_OF)
MOST_SAMPLES = 100_000

seeds = st.integers(min_value=0, max_value=2**64)
axes = st.sampled_from(AXES)
numbers = st.integers(min_value=0, max_value=MOST_SAMPLES)


@given(seeds, axes, numbers)
def test_a_record_depends_on_seed_axis_and_number_alone(seed: int, axis: str, number: int) -> None:
    """Drawing other records in between changes nothing."""
    first = make_record(seed, axis, number)
    make_record(seed, axis, number + 1)
    make_record(seed + 1, axis, number)
    make_record.cache_clear()
    assert make_record(seed, axis, number) == first


@given(seeds, axes, numbers)
def test_options_are_four_different_single_words(seed: int, axis: str, number: int) -> None:
    """Each option is one word without a comma, so the options can be told apart in the text."""
    options = make_record(seed, axis, number).options
    assert len(set(options)) == len(LETTERS)
    assert all(option.isalnum() for option in options)


@given(seeds, axes, numbers)
def test_text_and_answer_agree_with_the_options(seed: int, axis: str, number: int) -> None:
    """The MMStar text lists the options under their letters, the right one under the answer."""
    record = make_record(seed, axis, number)
    stem, listed = record.text.split("\nOptions: ")
    pairs = dict(part.split(": ") for part in listed.split(", "))
    assert stem == record.question
    assert tuple(pairs.values()) == record.options
    assert tuple(pairs) == LETTERS
    assert pairs[record.answer] == record.answer_text


@given(seeds, axes, st.integers(min_value=0, max_value=MOST_SAMPLES // 4))
@settings(max_examples=50)
def test_each_block_of_four_uses_every_letter(seed: int, axis: str, block: int) -> None:
    """Letters are balanced exactly, not only on average."""
    letters = [make_record(seed, axis, 4 * block + place).answer for place in range(4)]
    assert sorted(letters) == list(LETTERS)


def test_an_unknown_axis_is_refused() -> None:
    """A name outside the tree is an error, not a record of something else."""
    with pytest.raises(KeyError, match="geometry"):
        make_record(5, "geometry", 0)


def test_the_default_set_has_one_text_per_sample() -> None:
    """At least 97 in 100 default samples differ in question or options."""
    records = list(make_records(DEFAULT_SEED, DEFAULT_PER_AXIS))
    assert len(records) == 18 * 40
    assert len({record.text for record in records}) >= 0.97 * len(records)


def test_seeds_name_different_sets() -> None:
    """Another seed shares almost no question, options and answer with the default set."""
    default, fresh = (
        {(record.text, record.answer) for record in make_records(seed, DEFAULT_PER_AXIS)}
        for seed in (DEFAULT_SEED, DEFAULT_SEED + 1)
    )
    assert len(default & fresh) <= 0.03 * len(default)


def test_the_largest_set_is_drawn() -> None:
    """A hundred thousand records."""
    assert sum(1 for _ in make_records(1, MOST_SAMPLES // len(AXES) + 1)) >= MOST_SAMPLES


def _fingerprint(record: ShapesRecord) -> str:
    cells = ";".join(
        f"{cell.kind},{cell.value},{cell.colour},{cell.size}" for cell in record.scene.cells
    )
    text = f"{record.text}|{record.answer}|{cells}|{record.scene.ground}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("axis", "text", "answer", "fingerprint"),
    [
        (
            "counting",
            ("How many squares are there?\nOptions: A: 1, B: 3, C: 5, D: 6"),
            "D",
            "14797a1c17d62d19",
        ),
        (
            "relations",
            (
                "What colour is the shape above the circle?\n"
                "Options: A: yellow, B: blue, C: pink, D: purple"
            ),
            "C",
            "4c9726f98188fbc9",
        ),
        (
            "symmetry",
            (
                "Which colour breaks the left-right mirror image?\n"
                "Options: A: purple, B: green, C: blue, D: orange"
            ),
            "A",
            "17b25aae2471a196",
        ),
        (
            "addition",
            ("What do the two digits add up to?\nOptions: A: 8, B: 9, C: 7, D: 4"),
            "D",
            "002ccbc28ee491e7",
        ),
    ],
)
def test_published_records_never_change(
    axis: str, text: str, answer: str, fingerprint: str
) -> None:
    """Scores of different days compare only if the default set stays what it was."""
    record = make_record(DEFAULT_SEED, axis, 7)
    assert (record.text, record.answer) == (text, answer)
    assert _fingerprint(record) == fingerprint


def test_the_tree_has_six_capabilities_of_three_axes() -> None:
    """Six capabilities of three axes give eighteen leaves with names of their own."""
    assert [len(axes) for axes in CAPABILITIES.values()] == [3] * 6
    assert len({*CAPABILITIES, *CAPABILITY_OF}) == 24


def test_names_are_kebab_case() -> None:
    """Every name can stand in a dimension path without quoting."""
    for name in (*CAPABILITIES, *CAPABILITY_OF):
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)


def test_every_axis_can_be_asked_and_shown() -> None:
    """The leaves of the tree are exactly the axes that questions are written for."""
    assert set(questions.AXES) == set(CAPABILITY_OF)


def test_default_set_is_balanced() -> None:
    """Every letter can be right equally often within each axis of the default set."""
    assert DEFAULT_PER_AXIS % 4 == 0


def test_questions_load_no_imaging() -> None:
    """Collecting dimensions and drawing records never imports PIL, numpy or torch."""
    program = (
        "import sys, pytest_mmbench.benchmarks.shapes.questions; "
        "print(sorted({'PIL', 'numpy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_drawn_data_have_no_bad_rows() -> None:
    """What shall become of them, which the whole run is told, is no mistake here."""
    skipping = load({"per-axis": 2, "bad-rows": "skip"})

    assert skipping.revision == load({"per-axis": 2}).revision
