"""Records: the text says nothing about the answer, and every answer can be read strictly."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mmbench.benchmarks.documents import Documents, load
from pytest_mmbench.benchmarks.documents.questions import AXES, make_record, place_answer
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import Answer, Mark, Method
from pytest_mmbench.testing import samples

axes = st.sampled_from(tuple(AXES))


@given(st.integers(min_value=0), axes, st.integers(min_value=0))
def test_the_text_is_the_same_whichever_option_is_correct(
    seed: int, axis: str, number: int
) -> None:
    """Question and options do not depend on the answer, and the page does."""
    records = [place_answer(seed, axis, number, place) for place in range(4)]

    assert len({(record.question, record.options) for record in records}) == 1
    assert len({record.page for record in records}) == 4
    assert len(set(records[0].options)) == 4


@pytest.mark.parametrize("axis", AXES)
def test_letters_are_balanced(axis: str) -> None:
    """Every four numbers in a row have each letter once."""
    letters = Counter(make_record(5, axis, number).answer for number in range(40))

    assert letters == dict.fromkeys("ABCD", 10)


def test_every_answer_is_read_as_itself_and_as_no_other_option() -> None:
    """The strict rule for open answers takes each target for correct, and distractors for wrong."""
    benchmark = Documents(per_axis=20, answer="text")
    scorer = benchmark.scorer(Method.GENERATE)
    for sample in samples(benchmark):
        axis, _, number = sample.id.rpartition("-")
        options = make_record(20261129, axis, int(number)).options
        marks = {
            option: scorer(sample, Answer(sample=sample.id, text=option)).mark for option in options
        }
        assert marks == {
            option: Mark.CORRECT if option == sample.target else Mark.INCORRECT
            for option in options
        }


def test_an_open_question_does_not_show_its_options() -> None:
    """Asked for a text, a model sees the question alone; ranked by text, too."""
    record = make_record(20261129, "shops", 0)
    choice, text = Documents(per_axis=1), Documents(per_axis=1, answer="text")

    assert text.methods() == (Method.GENERATE,)
    assert choice.sample("shops-0000").options == record.options
    for benchmark, method, is_shown in (
        (text, Method.GENERATE, False),
        (choice, Method.RANK, False),
        (choice, Method.RANK_LETTER, True),
        (choice, Method.GENERATE, True),
    ):
        (turn,) = benchmark.request(benchmark.sample("shops-0000"), method).prompt.turns
        words = str(turn.parts[-1])
        assert record.question in words
        assert [option in words for option in record.options] == [is_shown] * 4


def test_settings_are_read() -> None:
    """Seed, size and the form of the answer make three revisions; what is wrong is named."""
    revisions = {
        load(options).revision
        for options in ({}, {"seed": 7}, {"per-axis": 2}, {"answer": "text", "bad-rows": "skip"})
    }

    assert len(revisions) == 4
    with pytest.raises(SettingsError, match="answer = 'texts' is not known") as caught:
        load({"answer": "texts"})
    assert caught.value.facts["did you mean"] == "'text'?"
    with pytest.raises(SettingsError, match="documents has no option 'answers'") as caught:
        load({"answers": "text"})
    assert caught.value.facts["did you mean"] == "'answer'?"


def test_questions_load_no_imaging() -> None:
    """Collecting dimensions and drawing records never imports PIL, numpy or torch."""
    program = (
        "import sys, pytest_mmbench.benchmarks.documents; "
        "print(sorted({'PIL', 'numpy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
