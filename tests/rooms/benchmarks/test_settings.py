from collections.abc import Mapping

import pytest

from pytest_mmbench.benchmarks.settings import BAD_ROWS, BenchmarkOptions
from pytest_mmbench.errors import SettingsError
from pytest_mmbench.records import BadRows

KNOWN = ("data", "scoring")


def told(**options: object) -> BenchmarkOptions:
    return BenchmarkOptions(benchmark="mmstar", options=options, known=KNOWN)


def test_what_was_said() -> None:
    """A path, a word, and the first word where nothing was said."""
    assert told(data=" here ").data(published_as="") == "here"
    assert told(scoring="official").word("scoring", ("strict", "official")) == "official"
    assert told().word("scoring", ("strict", "official")) == "strict"


def test_an_option_that_is_not_known() -> None:
    """It is answered with the nearest that is."""
    with pytest.raises(SettingsError) as caught:
        told(dta="x")

    assert str(caught.value).splitlines() == [
        "mmbench: mmstar has no option 'dta'.",
        "  asked for by   [benchmarks.mmstar]",
        "  did you mean   'data'?",
        "  options        data, scoring",
    ]


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
        told(**options).data(published_as="set data")

    assert caught.value.problem == problem
    assert caught.value.facts["what to do"] == "set data"


def test_a_word_that_is_not_known() -> None:
    """It is answered with those that are."""
    with pytest.raises(SettingsError, match="scoring = 'strct' is not known") as caught:
        told(scoring="strct").word("scoring", ("strict", "official"))

    assert caught.value.facts["did you mean"] == "'strict'?"


def test_what_becomes_of_bad_rows() -> None:
    """They are errors unless it is said otherwise, in one of two words."""

    def bad_rows(options: Mapping[str, object]) -> BadRows:
        return BenchmarkOptions(benchmark="mmstar", options=options, known=(BAD_ROWS,)).bad_rows()

    assert bad_rows({}) is BadRows.ERROR
    assert bad_rows({"bad-rows": "skip"}) is BadRows.SKIP
    with pytest.raises(SettingsError) as caught:
        bad_rows({"bad-rows": "skipp"})

    assert caught.value.problem == "bad-rows = 'skipp' is not known."
    assert caught.value.facts["did you mean"] == "'skip'?"


def splitting(**options: object) -> BenchmarkOptions:
    return BenchmarkOptions(benchmark="mmmu", options=options, known=("split",))


def test_the_split_that_is_asked() -> None:
    """The first of those with answers, or the one that was said."""
    assert splitting().split(("validation", "dev")) == "validation"
    assert splitting(split="dev").split(("validation", "dev")) == "dev"


@pytest.mark.parametrize(
    ("split", "problem"),
    [
        ("tset", "split = 'tset' is not known."),
        (
            "test",
            "mmmu's answers of the split 'test' are not published: nothing can be scored.",
        ),
    ],
)
def test_a_split_that_cannot_be_asked(split: str, problem: str) -> None:
    """A wrong name is one thing, answers that are kept back another."""
    with pytest.raises(SettingsError) as caught:
        splitting(split=split).split(("validation", "dev"))

    assert caught.value.problem == problem
    assert "validation" in caught.value.facts["known"]


def test_a_split_may_have_another_name() -> None:
    """MMBench's are editions: option and errors say so."""
    told = BenchmarkOptions(benchmark="mmbench", options={"edition": "TEST_EN"}, known=("edition",))

    with pytest.raises(SettingsError) as caught:
        told.split(("DEV_EN",), withheld=("TEST_EN",), option="edition")

    assert caught.value.problem.startswith("mmbench's answers of the edition 'TEST_EN' are not")
    assert caught.value.facts["what to do"].endswith("or ask another edition")
