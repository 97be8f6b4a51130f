from collections.abc import Mapping

import pytest

from pytest_mmbench.benchmarks.settings import BenchmarkOptions
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import BadRows


def mmstar(**options: object) -> BenchmarkOptions:
    return BenchmarkOptions(
        benchmark="mmstar",
        options=options,
        words={"scoring": ("strict", "official")},
        published_as="set data",
    )


def test_what_was_said() -> None:
    """A path, a word, and the first word where nothing was said."""
    assert mmstar(data=" here ").data() == "here"
    assert mmstar(scoring="official").word("scoring") == "official"
    assert mmstar(scoring="official").official
    assert mmstar().word("scoring") == "strict"


def test_an_option_that_is_not_known() -> None:
    """It is answered with the nearest that is."""
    with pytest.raises(SettingsError) as caught:
        mmstar(dta="x")

    assert str(caught.value).splitlines() == [
        "mmbench: mmstar has no option 'dta'.",
        "  asked for by   [benchmarks.mmstar]",
        "  did you mean   'data'?",
        "  options        bad-rows, data, picture-folders, scoring",
    ]


def test_questions_of_ones_own_need_a_name_of_their_own() -> None:
    """Whoever calls a file by the name of a published benchmark is told so."""
    with pytest.raises(SettingsError, match="give your own questions a name that is not") as caught:
        mmstar(questions="questions.csv")

    assert caught.value.problem == "mmstar has no option 'questions'."


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "mmstar does not know where its data lie."),
        ({"data": " "}, "data = ' ' is no path and no hub id."),
        ({"data": 7}, "data = 7 is no path and no hub id."),
    ],
)
def test_data_that_were_not_named(options: dict[str, object], problem: str) -> None:
    """Nothing is downloaded unasked: the error says what to set."""
    with pytest.raises(SettingsError) as caught:
        mmstar(**options).data()

    assert caught.value.problem == problem
    assert caught.value.facts["what to do"] == "set data"


def test_a_word_that_is_not_known() -> None:
    """It is answered with those that are."""
    with pytest.raises(SettingsError, match="scoring = 'strct' is not known") as caught:
        mmstar(scoring="strct")

    assert caught.value.facts["did you mean"] == "'strict'?"


def test_what_becomes_of_bad_rows() -> None:
    """They are errors unless it is said otherwise, in one of two words."""

    def bad_rows(options: Mapping[str, object]) -> BadRows:
        return BenchmarkOptions(benchmark="mmstar", options=options).bad_rows()

    assert bad_rows({}) is BadRows.ERROR
    assert bad_rows({"bad-rows": "skip"}) is BadRows.SKIP
    with pytest.raises(SettingsError) as caught:
        bad_rows({"bad-rows": "skipp"})

    assert caught.value.problem == "bad-rows = 'skipp' is not known."
    assert caught.value.facts["did you mean"] == "'skip'?"


def mmmu(**options: object) -> BenchmarkOptions:
    return BenchmarkOptions(
        benchmark="mmmu",
        options=options,
        words={"split": ("validation", "dev")},
        withheld={"split": ("test",)},
    )


def test_the_split_that_is_asked() -> None:
    """The first of those with answers, or the one that was set."""
    assert mmmu().word("split") == "validation"
    assert mmmu(split="dev").word("split") == "dev"


@pytest.mark.parametrize(
    ("split", "problem"),
    [
        ("tset", "split = 'tset' is not known."),
        ("test", "mmmu's answers of the split 'test' are not published: nothing can be scored."),
    ],
)
def test_a_split_that_cannot_be_asked(split: str, problem: str) -> None:
    """A wrong name is one thing, answers that are kept back another."""
    with pytest.raises(SettingsError) as caught:
        mmmu(split=split)

    assert caught.value.problem == problem
    assert "validation" in caught.value.facts["known"]


def test_words_may_depend_on_the_data() -> None:
    """MMBench's editions do: their words are checked when they are known, and so are withheld."""
    options = BenchmarkOptions(
        benchmark="mmbench",
        options={"edition": "TEST_EN"},
        words={"edition": ()},
        withheld={"edition": ("TEST_EN",)},
    )

    with pytest.raises(SettingsError) as caught:
        options.word("edition", ("DEV_EN",))

    assert caught.value.problem.startswith("mmbench's answers of the edition 'TEST_EN' are not")
    assert caught.value.facts["what to do"].endswith("or ask another edition")
