from statistics import pstdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stat_vectors import vectors

from pytest_mmbench.conditions.text import rotated
from pytest_mmbench.errors import DataError
from pytest_mmbench.gates.position_bias import (
    RotatedAnswers,
    circular_score,
    first_option_scores,
    notes,
    position_bias,
    unrotated_letter,
)
from pytest_mmbench.records import Dimension, Mark, Method, Sample, Unit
from pytest_mmbench.results.rows import DimensionTree, SampleResult, TaskResults, TaskSpec

LETTERS = "ABCDE"


def rotated_letter(letter: str, by: int, options: int) -> str:
    """The letter of an option once the first `by` of them have moved behind the others."""
    return unrotated_letter(letter, -by, options)


def result(answer: str, target: str) -> SampleResult:
    mark = Mark.CORRECT if answer == target else Mark.INCORRECT
    return SampleResult(sample="1", mark=mark, answer=answer, target=target, options=len(LETTERS))


def rotations(samples: list[RotatedAnswers]) -> list[SampleResult]:
    """Every answer under every rotation."""
    return [
        result(letter, rotated_letter(sample.target, by, sample.options))
        for sample in samples
        for by, letter in enumerate(sample.answers)
    ]


def chose(texts: list[int], target: int, sample: str = "1") -> RotatedAnswers:
    """A sample in which, under each rotation, the text with that number was chosen."""
    options = len(texts)
    chosen = tuple(rotated_letter(LETTERS[text], by, options) for by, text in enumerate(texts))
    return RotatedAnswers(sample=sample, target=LETTERS[target], answers=chosen)


questions = st.integers(2, 5).flatmap(
    lambda options: st.builds(
        RotatedAnswers,
        sample=st.just("1"),
        target=st.sampled_from(LETTERS[:options]),
        answers=st.tuples(*[st.sampled_from(["", *LETTERS[:options]])] * options),
    )
)


@pytest.mark.parametrize(("inputs", "expected"), vectors("circular_eval", "vision.json"))
def test_the_vectors_are_met(inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    """Four samples: right as published, on average, under every rotation, and consistent."""
    samples = [
        chose(texts, target)
        for texts, target in zip(
            inputs["chosen_original_option_per_rotation"], inputs["gold"], strict=True
        )
    ]

    found = circular_score(samples)

    assert [set(each.published_letters) == {each.target} for each in samples] == [
        bool(hit) for hit in expected["item_correct"]
    ]
    assert found.circular == expected["circular_acc"]
    assert found.vanilla == expected["vanilla_acc_rotation0"]
    assert found.mean == expected["rotation_mean_acc"]
    assert found.consistency == expected["consistency"]


@pytest.mark.parametrize("by", range(6))
@pytest.mark.parametrize("options", [2, 3, 4])
def test_letters_turn_as_the_condition_turns_them(by: int, options: int) -> None:
    """An option's letter after the condition `rotated` is what this room takes it for."""
    texts = ("red", "green", "blue", "grey")[:options]
    for place, letter in enumerate(LETTERS[:options]):
        sample = Sample(
            id="1", dimension="b", question="Which?", options=texts, target=letter, pictures=()
        )

        (asked,) = rotated(by)([sample], seed=0)

        assert asked.target == rotated_letter(letter, by, options)
        assert asked.options[LETTERS.index(asked.target)] == texts[place]
        assert unrotated_letter(asked.target, by, options) == letter


def test_a_favourite_letter_is_never_right_throughout() -> None:
    """Always A: once right in four, consistent never, and under no question circular."""
    samples = [RotatedAnswers(sample="1", target=letter, answers=("A",) * 4) for letter in "ABCD"]

    found = circular_score(samples)

    assert (found.vanilla, found.mean) == (0.25, 0.25)
    assert (found.circular, found.consistency) == (0.0, 0.0)


def test_a_favourite_text_is_consistent() -> None:
    """The same text wherever it stands: consistent, and right where it is the right one."""
    found = circular_score([chose([2, 2, 2, 2], 2), chose([2, 2, 2, 2], 0)])

    assert (found.circular, found.vanilla, found.mean, found.consistency) == (0.5, 0.5, 0.5, 1.0)


def test_silence_is_neither_right_nor_consistent() -> None:
    """An unreadable answer under one rotation takes both away."""
    found = circular_score(
        [
            RotatedAnswers(sample="1", target="A", answers=("A", "")),
            RotatedAnswers(sample="2", target="A", answers=("", "")),
        ]
    )

    assert (found.circular, found.consistency, found.mean) == (0.0, 0.0, 0.25)


@given(st.lists(questions, min_size=1, max_size=20))
def test_measures_stand_in_order(samples: list[RotatedAnswers]) -> None:
    """Right throughout is right as published, on average, and consistent."""
    found = circular_score(samples)

    assert 0 <= found.circular <= min(found.vanilla, found.mean, found.consistency)
    assert max(found.vanilla, found.mean, found.consistency) <= 1


@given(questions, st.integers(0, 9))
def test_turning_back_gives_the_letter(sample: RotatedAnswers, by: int) -> None:
    """Turned and turned back, a letter is itself, and silence is silence."""
    for letter in sample.answers:
        assert (
            unrotated_letter(rotated_letter(letter, by, sample.options), by, sample.options)
            == letter
        )


def test_a_missing_rotation_is_an_error() -> None:
    """An evaluation that overlooks it would make CircularEval easier without a word."""
    with pytest.raises(DataError) as told:
        circular_score([RotatedAnswers(sample="q7", target="D", answers=("D", "C"))])

    assert str(told.value) == (
        "mmbench: sample 'q7' has 2 rotations, and its target is 'D'.\n"
        "  what to do   give one answer for each rotation, an empty one if it is unparseable"
    )


def test_recall_by_letter() -> None:
    """How often each keyed letter was answered; a letter that is no key has no recall."""
    told = [("A", "A"), ("A", "A"), ("B", "B"), ("A", "B"), ("", "B")]

    found = position_bias(result(chosen, key) for chosen, key in told)

    assert found.recall == {"A": 1.0, "B": pytest.approx(1 / 3)}
    assert found.spread == pytest.approx(pstdev([1.0, 1 / 3]))


def test_a_favourite_letter_spreads_the_recalls() -> None:
    """Always A under every rotation: recall 1 and 0, although the mean is at chance."""
    samples = [RotatedAnswers(sample="1", target="C", answers=("A",) * 4)] * 5

    found = position_bias(rotations(samples))

    assert found.recall == {"A": 1.0, "B": 0.0, "C": 0.0, "D": 0.0}
    assert found.spread == pytest.approx(3**0.5 / 4)


def test_what_is_known_has_no_bias() -> None:
    """Right under every rotation: every letter is recalled."""
    found = position_bias(rotations([chose([1, 1, 1], 1), chose([0, 0, 0], 0)]))

    assert (found.recall, found.spread) == ({"A": 1.0, "B": 1.0, "C": 1.0}, 0.0)


def row(sample: str, chosen: str, target: str, unit: str = "", options: int = 2) -> SampleResult:
    mark = Mark.CORRECT if chosen == target else Mark.INCORRECT
    return SampleResult(
        sample=sample, mark=mark, answer=chosen, target=target, options=options, unit=unit
    )


def results(*rows: SampleResult, condition: str = "image") -> TaskResults:
    spec = TaskSpec(
        benchmark="b",
        revision="b-1",
        method=Method.RANK,
        scoring="",
        condition=condition,
        condition_used=condition,
    )
    return TaskResults(spec=spec, rows={"b": rows})


def tree(unit: Unit) -> DimensionTree:
    return DimensionTree(nodes=(Dimension(path="b", leaves=("b",), size=4, unit=unit),), views={})


def test_recall_is_told_by_letter() -> None:
    """A model that always says A recalls A and nothing else."""
    found = results(row("1", "A", "A"), row("2", "A", "B"), row("3", "A", "A"), row("4", "A", "B"))

    first = "A, the first of two options, is"
    assert list(notes(found, tree(Unit.SAMPLE))) == [
        "b: recall by letter A 1.000, B 0.000; standard deviation 0.500",
        f"b: {first} 1.000 of the answers; F1 0.667, precision 0.500, recall 1.000",
    ]


@given(st.lists(st.tuples(st.sampled_from(["A", "B", ""]), st.sampled_from("AB")), min_size=1))
def test_precision_and_recall_are_counted(pairs: list[tuple[str, str]]) -> None:
    """Beside counts of true and false ones; what could not be read is no yes."""
    scores = first_option_scores([row(str(at), *pair) for at, pair in enumerate(pairs)])

    true, false = pairs.count(("A", "A")), pairs.count(("A", "B"))
    missing = pairs.count(("B", "A")) + pairs.count(("", "A"))
    assert scores.share == (true + false) / len(pairs)
    assert scores.f1 == pytest.approx(2 * true / max(1, 2 * true + false + missing))


def test_circles_are_told_beside_it() -> None:
    """One question of two is right wherever its option stands, and the other by its letter."""
    found = results(
        row("1@0", "A", "A", "1"),
        row("1@1", "B", "B", "1"),
        row("2@0", "A", "A", "2"),
        row("2@1", "A", "B", "2"),
    )

    assert list(notes(found, tree(Unit.ALL_CORRECT)))[1] == (
        "b: correct as published 1.000, on average over rotations 0.750, under every rotation"
        " 0.500; the same option chosen under every rotation in 0.500"
    )


def test_nothing_to_tell() -> None:
    """Open questions have no letters, and other conditions are no score."""
    assert list(notes(results(row("1", "4", "4", options=0)), tree(Unit.SAMPLE))) == []
    assert list(notes(results(row("1", "A", "A"), condition="grey"), tree(Unit.SAMPLE))) == []


def test_a_question_that_lacks_a_rotation_is_not_judged() -> None:
    """A limit cannot make the evaluation easier."""
    found = results(row("1@0", "A", "A", "1"))

    assert len(list(notes(found, tree(Unit.ALL_CORRECT)))) == 1
